import type { AppRouter } from "@echo/api";
import { createEcho, type Echo as Sdk } from "@echo/client";
import type { RealtimeRouter } from "@echo/realtime";
import { createTRPCClient, createWSClient, httpLink, type TRPCClient, wsLink } from "@trpc/client";
import { WebSocket } from "ws";

export type ApiClient = TRPCClient<AppRouter>;
export type RealtimeClient = TRPCClient<RealtimeRouter>;

/** Stock tRPC, one request a call; without a token nobody is signed in. */
export function createApiClient(url: string, token?: () => Promise<string>): ApiClient {
  const headers = async () => (token === undefined ? {} : { authorization: `Bearer ${await token()}` });
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] });
}

/** A `ws` socket has what a browser's has of what clients use. */
const NodeWebSocket = WebSocket as unknown as typeof globalThis.WebSocket;

/** The SDK, signed in by the given token; it tries the nodes in turn. */
export function createSdk(
  nodes: { apiUrl: string[]; realtimeUrl: string[] },
  token: () => Promise<string>,
): { sdk: Sdk; close(): Promise<void> } {
  const sdk = createEcho({ ...nodes, token, WebSocket: NodeWebSocket });
  return { sdk, close: async () => sdk.close() };
}

/** Stock tRPC over one socket. */
export function createRealtimeClient(
  url: string,
  token: () => Promise<string>,
): { client: RealtimeClient; close(): Promise<void> } {
  const socket = createWSClient({
    url: `${url}/trpc`,
    WebSocket: NodeWebSocket,
    connectionParams: async () => ({ token: await token() }),
    retryDelayMs: () => 50,
  });
  const client = createTRPCClient<RealtimeRouter>({ links: [wsLink({ client: socket })] });
  return { client, close: () => socket.close() };
}
