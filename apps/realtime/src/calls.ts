import { SessionEndedError } from "@echo/core/auth";
import { badRequest, EchoError, tooManyRequests, withRequestContext } from "@echo/platform";
import { callTRPCProcedure } from "@trpc/server";
import { type Call, type ClientMessage, type RequestId, readFrame } from "./client-frame.ts";
import { closeCodes } from "./close-codes.ts";
import type { Connection } from "./connection.ts";
import type { CallContext } from "./context.ts";
import { errorShape } from "./fault.ts";
import { identify, renew } from "./identity.ts";
import type { Node } from "./node.ts";
import { realtimeRouter } from "./router.ts";
import { stopSubscription, subscribe } from "./subscribe.ts";

type NumberedCall = Call & { requestId: string };

/** Serves what an authenticated client sent: each call is answered on its own id. */
export function serveFrame(node: Node, connection: Connection, text: string): void {
  const messages = readFrame(text);
  for (const message of messages) serveMessage(node, connection, message);
  if (messages.some(({ kind }) => kind === "refused")) connection.countBadFrame();
}

function serveMessage(node: Node, connection: Connection, message: ClientMessage): void {
  if (message.kind === "stop") {
    stopSubscription(node, connection, message.id);
    return;
  }
  const requestId = node.core.ids.uuid();
  const refusal = message.kind === "refused" ? message.error : judgeCall(node, connection, message);
  if (refusal) {
    answerError(connection, { id: message.id, requestId }, refusal);
  } else if (message.kind === "call") {
    const call = { ...message, requestId };
    withRequestContext({ requestId, correlationId: requestId }, () => void serveCall(node, connection, call));
  }
}

function judgeCall(node: Node, connection: Connection, call: Call): EchoError | null {
  const retryAfterMs = connection.bucket.take(node.core.clock.monotonicMs());
  if (retryAfterMs > 0) return tooManyRequests("socket", retryAfterMs);
  if (connection.subscriptions.has(call.id)) return badRequest(`The id ${call.id} is in use by a subscription`);
  return null;
}

async function serveCall(node: Node, connection: Connection, call: NumberedCall): Promise<void> {
  connection.beginCall();
  try {
    if (call.type === "subscription" && call.path === "events.subscribe") subscribe(node, connection, call);
    else answer(connection, call, await run(node, connection, call));
  } catch (error) {
    answerError(connection, call, error);
    if (error instanceof SessionEndedError) connection.close(closeCodes.revoked, "the session has ended");
    else if (!(error instanceof EchoError)) node.core.logger.debug("a call was refused", { path: call.path, error });
  } finally {
    connection.endCall();
  }
}

async function run(node: Node, connection: Connection, call: NumberedCall): Promise<unknown> {
  const { path, type, input, requestId } = call;
  const accessToken = connection.identity?.accessToken ?? "";
  const ctx: CallContext = {
    core: node.core,
    actor: await identify(node, connection, { accessToken, requestId }),
    renew: (token) => renew(node, connection, { accessToken: token, requestId }),
  };
  const getRawInput = async () => input;
  return callTRPCProcedure({ router: realtimeRouter, path, type, ctx, getRawInput, signal: undefined, batchIndex: 0 });
}

function answer(connection: Connection, { id }: Call, data: unknown): void {
  connection.send(`{"id":${id},"result":{"type":"data","data":${JSON.stringify(data)}}}`);
}

function answerError(connection: Connection, to: { id: RequestId; requestId: string }, error: unknown): void {
  connection.send(`{"id":${to.id},"error":${JSON.stringify(errorShape(error, to.requestId))}}`);
}
