import { once } from "node:events";
import { connect } from "node:net";
import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";

/** One connection that is kept open between requests. */
async function keepAlive(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let received = "";
  socket.on("data", (chunk) => {
    received += String(chunk);
  });
  return {
    socket,
    /** Answers what came for it, in lower case. */
    async request(line: string, body = ""): Promise<string> {
      received = "";
      const headers = `Host: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
      socket.write(`${line} HTTP/1.1\r\n${headers}\r\n\r\n${body}`);
      await vi.waitUntil(() => /\r\n\r\n.*\}/s.test(received));
      return received.toLowerCase();
    },
  };
}

test("a stopping API is unhealthy, answers what comes on open connections and closes each with its answer", async () => {
  await using echo = await startEcho({ nodes: 1, config: { api: { drainMs: 20_000 } } });
  const connections = await Promise.all([keepAlive(echo.apiUrl), keepAlive(echo.apiUrl)]);
  for (const { request } of connections) expect(await request("GET /ready")).toMatch(/^http\/1.1 200/);

  const startedMs = performance.now();
  const closed = echo.nodes[0]?.api.close();
  const [asked, called] = connections;
  const ready = await asked?.request("GET /ready");
  const login = JSON.stringify({ email: "nobody@example.org", password: "not the password" });
  const answer = await called?.request("POST /trpc/auth.login", login);

  expect(ready).toMatch(/^http\/1.1 503/);
  expect(answer).toMatch(/^http\/1.1 401/);
  for (const head of [ready, answer]) expect(head).toMatch(/\r\nconnection: close\r\n/);
  await Promise.all(connections.map(({ socket }) => vi.waitUntil(() => socket.destroyed || socket.readableEnded)));
  await closed;
  // Nobody is connected any more, so it need not wait.
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  const refused = connect(Number(new URL(echo.apiUrl).port), "127.0.0.1");
  expect(await once(refused, "error")).toMatchObject([{ code: "ECONNREFUSED" }]);
});

test("a connection on which nothing more comes is closed when the time is up", async () => {
  await using echo = await startEcho({ nodes: 1, config: { api: { drainMs: 300 } } });
  const { request, socket } = await keepAlive(echo.apiUrl);
  expect(await request("GET /health")).toMatch(/^http\/1.1 200/);

  await echo.nodes[0]?.api.close();

  await vi.waitUntil(() => socket.destroyed || socket.readableEnded);
});
