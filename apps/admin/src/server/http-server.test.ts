import { once } from "node:events";
import { connect } from "node:net";
import { listen } from "@echo/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { consoleDefaults } from "./config.ts";
import { closeServer, createHttpServer } from "./http-server.ts";

const server = createHttpServer({ headersMs: 300, requestMs: 600 });
let port = 0;

beforeAll(async () => {
  server.on("request", (req, res) => req.resume().on("end", () => res.end("read")));
  ({ port } = await listen(server, "127.0.0.1", 0));
});

afterAll(() => closeServer(server));

/** What comes back until the server hangs up. */
async function sent(text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  socket.write(text);
  await once(socket, "close");
  return answer;
}

test("headers that do not end are answered 408, and the connection is closed", async () => {
  const answer = await sent("GET / HTTP/1.1\r\nHost: x\r\n");

  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "").error.data).toMatchObject({ code: "TIMEOUT" });
});

test("so is a body that does not end", async () => {
  expect(await sent("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")).toMatch(/^HTTP\/1\.1 408 /);
});

test("what is no HTTP is answered 400, headers without end 413", async () => {
  expect(await sent("hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  expect(await sent(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
});

test("headers have 10 seconds, requests 30", () => {
  expect(consoleDefaults.timeouts).toEqual({ headersMs: 10_000, requestMs: 30_000 });
});
