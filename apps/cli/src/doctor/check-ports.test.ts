import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../stack/free-port.ts";
import type { ProcessKind } from "../stack/process-kinds.ts";
import { checkPorts } from "./check-ports.ts";
import { type Finding, lookAtAll } from "./finding.ts";
import { createPatient, given } from "./test-patient.ts";

interface Listening extends AsyncDisposable {
  port: number;
}

async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const serve = (answer: RequestListener) => listen(createServer(answer));
const serveEcho = (service: string) =>
  serve((_req, res) => void res.setHeader("connection", "close").end(JSON.stringify({ status: "healthy", service })));
const serveStatus = (status: number) =>
  serve((_req, res) => void res.writeHead(status, { connection: "close" }).end("hi"));

const allZero = {
  API_PORT: "0",
  API_INTERNAL_PORT: "0",
  REALTIME_PORT: "0",
  REALTIME_INTERNAL_PORT: "0",
  WORKER_INTERNAL_PORT: "0",
  ADMIN_PORT: "0",
  DEMO_PORT: "0",
};
const me = `node (pid ${process.pid})`;
/** Above the largest pid that Linux gives. */
const nobody = 4_194_305;

interface Configured {
  env?: Record<string, string>;
  services?: string[];
}

/** The finding on the API's public port, which nobody here started. */
async function lookAtConfigured(
  port: number,
  { env = {}, services = [] }: Configured = {},
): Promise<Finding | undefined> {
  const patient = createPatient({ ...allZero, ...env, API_PORT: String(port), ECHO_HOST: "127.0.0.1" });
  const findings = await lookAtAll(checkPorts(patient, new Set(services)));
  return findings.find(({ name }) => name === "port api");
}

/** The finding on the port of a process that run.json names. */
async function lookAtOwned(kind: ProcessKind, port: number, pid = process.pid): Promise<Finding | undefined> {
  const others = { kind: "realtime" as const, pid: 1, port: 0, internalPort: 0 };
  const patient = createPatient(allZero, [{ kind, pid, port, internalPort: 0 }, others]);
  return (await lookAtAll(checkPorts(patient, new Set()))).find(({ name }) => name === `port ${kind}`);
}

test("a port that nobody has is free, and one that is not fixed is any", async () => {
  const port = await freePort("127.0.0.1");

  expect(await lookAtConfigured(port)).toMatchObject({ ok: true, detail: `${port}: free` });
  expect(await lookAtConfigured(0)).toMatchObject({ ok: true, detail: "any free one" });
});

test("every port of every kind is looked at, the internal ones too", async () => {
  const findings = await lookAtAll(checkPorts(createPatient(allZero), new Set()));

  const names = [
    "port api",
    "port api internal",
    "port realtime",
    "port realtime internal",
    "port worker",
    "port admin",
    "port demo",
  ];
  expect(findings.map(({ name }) => name)).toEqual(names);
});

test("a foreign program on a port that a start would take is named, with the variable that moves the port", async () => {
  await using http = await serveStatus(200);
  await using garbage = await listen(createTcpServer((socket) => void socket.end("SSH-2.0-nothing\r\n")));

  for (const { port } of [http, garbage]) {
    const finding = await lookAtConfigured(port);
    expect(finding).toMatchObject({ ok: false, level: "warning", detail: `${port}: taken by ${me}` });
    expect(finding?.mend).toBe("API_PORT=0 npm start");
  }
});

test("another Echo on that port is told apart from one that has this database open", async () => {
  await using api = await serveEcho("api");
  await using hub = await serveEcho("realtime");

  expect(await lookAtConfigured(api.port)).toMatchObject({
    ok: false,
    detail: expect.stringContaining("another Echo"),
  });
  expect(await lookAtConfigured(hub.port)).toMatchObject({
    ok: false,
    detail: expect.stringContaining("Echo's realtime"),
  });
  const ours = await lookAtConfigured(api.port, { env: given, services: ["api"] });
  expect(ours).toMatchObject({ ok: true, detail: `${api.port}: ours, ${me}, by "echoctl run"` });
});

test("the process that run.json names is ours", async () => {
  await using api = await serveEcho("api");
  await using demo = await serve((_req, res) => {
    res.setHeader("connection", "close").end('{"people":[],"conversationId":"x"}');
  });

  expect(await lookAtOwned("api", api.port)).toMatchObject({ ok: true, detail: `${api.port}: ours, ${me}` });
  expect(await lookAtOwned("demo", demo.port)).toMatchObject({ ok: true, detail: `${demo.port}: ours, ${me}` });
});

test("whoever answers in its place is named: another Echo, another kind, a stranger, one that refuses the Host", async () => {
  await using api = await serveEcho("api");
  await using hub = await serveEcho("realtime");
  await using stranger = await serveStatus(200);
  await using refusing = await serveStatus(421);

  const findings = await Promise.all([
    lookAtOwned("api", api.port, nobody),
    lookAtOwned("api", hub.port),
    lookAtOwned("api", stranger.port),
    lookAtOwned("api", refusing.port),
  ]);

  expect(findings.map((finding) => finding?.level)).toEqual(["fault", "fault", "fault", "fault"]);
  expect(findings.map((finding) => finding?.mend)).toEqual(Array(4).fill(`kill ${process.pid}`));
  expect(findings.map((finding) => finding?.detail)).toEqual([
    `${api.port}: the api of another Echo, ${me}, answers where run.json says pid ${nobody}`,
    `${hub.port}: Echo's realtime, ${me}, answers in the place of our api`,
    `${stranger.port}: ${me} answers in the place of our api`,
    `${refusing.port}: ${me} refuses the Host of this machine (421): it is not our api`,
  ]);
});

test("nobody where run.json names somebody: he is gone, or he lives and is silent", async () => {
  const port = await freePort("127.0.0.1");
  await using mute = await listen(createTcpServer(() => undefined));

  const gone = await lookAtOwned("api", port, nobody);
  expect(gone).toMatchObject({
    level: "fault",
    mend: "npm start",
    detail: expect.stringMatching(/nothing listens.*is gone$/),
  });
  const silent = await lookAtOwned("api", mute.port);
  expect(silent).toMatchObject({ level: "fault", mend: expect.stringMatching(/^tail .*api\.log$/) });
  expect(silent?.detail).toMatch(/no answer within 3 s, though pid \d+ lives$/);
});
