import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface SlowProxy extends AsyncDisposable {
  port: number;
  /** Where connections lead that are made from now on. */
  to: number;
  /** Of each direction, from now on. */
  delayMs: number;
}

/** A way to a server of this machine that takes its time. */
export async function openSlowProxy(to: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(proxy.to, "127.0.0.1");
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => setTimeout(() => into.write(chunk), proxy.delayMs));
      from.on("error", () => undefined).on("close", () => into.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: SlowProxy = {
    port: (server.address() as AddressInfo).port,
    to,
    delayMs: 0,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
  return proxy;
}
