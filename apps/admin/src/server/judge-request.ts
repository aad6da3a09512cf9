import type { IncomingMessage } from "node:http";
import { createHostCheck, isLoopback } from "@echo/platform";
import type { Refusal } from "./answers.ts";
import type { ConsoleConfig } from "./config.ts";

/** What becomes of a request. */
export type Verdict =
  | { kind: "serve" }
  | { kind: "probe"; path: "/health" | "/ready" }
  | { kind: "redirect"; location: string }
  | { kind: "refuse"; refusal: Refusal };

type Config = Pick<ConsoleConfig, "host" | "consoleUrl" | "maxBodyBytes">;

const refuse = (refusal: Refusal): Verdict => ({ kind: "refuse", refusal });
const serve: Verdict = { kind: "serve" };

export const pathOf = (req: IncomingMessage): string => (req.url ?? "").split("?", 1)[0] ?? "";
const isRead = ({ method }: IncomingMessage): boolean => method === "GET" || method === "HEAD";

/** Judges by address, method and head alone; nothing is read from the body. */
export function createJudge(config: Config): (req: IncomingMessage) => Verdict {
  const hostFault = createHostFault(config);
  const elsewhere = createRedirect(config.consoleUrl);
  return (req) => {
    const path = pathOf(req);
    const fault = hostFault(req, path);
    if (fault) return refuse(fault);
    if (path === "/trpc" || path.startsWith("/trpc/")) return judgeCall(req, config.maxBodyBytes);
    if (!isRead(req)) return refuse(methodFault("GET, HEAD"));
    if (isProbe(path)) return { kind: "probe", path };
    return elsewhere(req) ?? serve;
  };
}

const isProbe = (path: string): path is "/health" | "/ready" => path === "/health" || path === "/ready";

/** Balancers probe by address; on loopback nobody does, and a stranger's page must not either. */
function createHostFault({
  host: boundTo,
  consoleUrl,
}: Config): (req: IncomingMessage, path: string) => Refusal | null {
  const isKnown = createHostCheck([consoleUrl]);
  const areProbesOpen = !isLoopback(boundTo);
  return ({ headers: { host } }, path) => {
    if (host === undefined || !path.startsWith("/")) return noHost;
    if (areProbesOpen && isProbe(path)) return null;
    return isKnown(host) ? null : unknownHost;
  };
}

/**
 * The cookie and the Origin that admin.* accepts belong to one name: whoever typed another name of this machine is sent
 * to it. Behind a proxy the Host header is the proxy's choice, so there nothing is redirected.
 */
function createRedirect(consoleUrl: string): (req: IncomingMessage) => Verdict | null {
  const { hostname } = new URL(consoleUrl);
  const isOfThisMachine = createHostCheck([])(hostname);
  return ({ headers: { host = "" }, url = "/" }) => {
    const asked = host.replace(/:\d{1,5}$/, "").toLowerCase();
    return isOfThisMachine && asked !== hostname ? { kind: "redirect", location: `${consoleUrl}${url}` } : null;
  };
}

/** Next holds a body in memory before the API sees it: what the API would refuse does not get that far. */
function judgeCall(req: IncomingMessage, maxBodyBytes: number): Verdict {
  if (isRead(req)) return serve;
  if (req.method !== "POST") return refuse(methodFault("GET, HEAD, POST"));
  const length = req.headers["content-length"];
  if (length === undefined) return refuse(noLength);
  if (Number(length) > maxBodyBytes) return refuse(tooLarge(maxBodyBytes));
  return serve;
}

const noHost: Refusal = { status: 400, code: "BAD_REQUEST", message: "The request names no host, or no path" };
const unknownHost: Refusal = {
  status: 421,
  code: "BAD_REQUEST",
  message: "The console does not answer under that host name; ECHO_CONSOLE_URL says under which",
};
const noLength: Refusal = { status: 411, code: "BAD_REQUEST", message: "The request does not tell its length" };
const tooLarge = (maxBodyBytes: number): Refusal => ({
  status: 413,
  code: "PAYLOAD_TOO_LARGE",
  message: `The body is larger than ${maxBodyBytes} bytes`,
});
const methodFault = (allowed: string): Refusal => ({
  status: 405,
  code: "BAD_REQUEST",
  message: `This method is not answered here: use ${allowed}`,
  headers: { allow: allowed },
});
