import type { AuthResult, StepUpResult } from "@echo/contracts";
import type { Operation } from "@trpc/client";
import { errorCode } from "../errors.ts";
import type { SessionTokens } from "../tokens/session-tokens.ts";
import type { TokenSource } from "../tokens/token-source.ts";
import { type Answer, asyncLink, type Call } from "./async-link.ts";

const signsIn = new Set(["auth.register", "auth.login", "auth.secondFactor", "auth.refresh"]);

/** Sends the token along; when the server refuses it, once more with a fresh one. */
export function tokenLink(tokens: TokenSource) {
  return asyncLink(async (op, call) => {
    if (signsIn.has(op.path)) return call(op);
    const token = await tokens.current();
    try {
      return await call(withToken(op, token?.accessToken));
    } catch (error) {
      // A step-up is refused for its password, too, and a second try would count as a second guess.
      if (!token || errorCode(error) !== "UNAUTHORIZED" || op.path === "auth.stepUp") throw error;
      const renewed = await tokens.renew(token.accessToken);
      if (!renewed || renewed.accessToken === token.accessToken) throw error;
      return call(withToken(op, renewed.accessToken));
    }
  });
}

function withToken(op: Operation, accessToken: string | undefined): Operation {
  return accessToken === undefined ? op : { ...op, context: { ...op.context, accessToken } };
}

/** Keeps what sign-in, step-up and sign-out answer. */
export function sessionLink(tokens: SessionTokens) {
  const steps: Record<string, (op: Operation, call: Call) => Promise<Answer>> = {
    "auth.register": keepSession,
    "auth.secondFactor": keepSession,
    "auth.login": async (op, call) => keepSession(await withDevice(op), call),
    "auth.stepUp": async (op, call) => {
      const answer = await call(op);
      await tokens.keep(dataOf<StepUpResult>(answer));
      return answer;
    },
    "auth.logout": async (op, call) => {
      const answer = await call(op);
      if (!isObject(op.input) || op.input.scope !== "others") await tokens.clear();
      return answer;
    },
  };

  async function keepSession(op: Operation, call: Call): Promise<Answer> {
    const answer = await call(op);
    const result = dataOf<AuthResult | Record<string, unknown>>(answer);
    if ("refreshToken" in result) await tokens.keep(result as AuthResult);
    return answer;
  }

  /** A device that is known is not locked out by strangers' guesses. */
  async function withDevice(op: Operation): Promise<Operation> {
    const deviceToken = await tokens.deviceToken();
    return deviceToken && isObject(op.input) ? { ...op, input: { deviceToken, ...op.input } } : op;
  }

  return asyncLink((op, call) => steps[op.path]?.(op, call) ?? call(op));
}

/** The server's answer to a procedure whose output is T. */
function dataOf<T>({ result }: Answer): T {
  return (result as { data: T }).data;
}

function isObject(value: unknown): value is { scope?: unknown } {
  return typeof value === "object" && value !== null;
}
