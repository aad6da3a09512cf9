/** The platform's own: browsers, React Native, Deno, Bun. */
export const WebSocket = globalThis.WebSocket;
