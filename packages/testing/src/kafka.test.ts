import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { askKafka } from "@echo/cli/services";
import { expect, test } from "vitest";
import { describeOnKafka, describeWithKafkaProgram, startTestKafka } from "./kafka.ts";
import { programArgs } from "./program.ts";
import { openKafka } from "./run-kafka.ts";
import { createTestCertificate } from "./test-certificate.ts";

describeOnKafka("the run's Kafka", (kafka) => {
  test("answers, and nobody has another's prefix", async () => {
    await expect(askKafka(kafka.brokers)).resolves.toBeUndefined();
    expect(kafka.takePrefix()).not.toBe(kafka.takePrefix());
  });

  test("is the one that is given, where one is", async () => {
    const { kafka: supply } = await openKafka(kafka.brokers);

    expect(supply).toEqual({ brokers: kafka.brokers });
  });
});

const saslHandshake = 17;
const saslAuthenticate = 36;

/** A request of that key and version, and what follows the correlation id of its answer. */
async function request(socket: TLSSocket, [key, version]: [number, number], body: Buffer): Promise<Buffer> {
  const head = Buffer.alloc(14);
  head.writeInt32BE(head.length - 4 + body.length, 0);
  head.writeInt16BE(key, 4);
  head.writeInt16BE(version, 6);
  head.writeInt16BE(-1, 12);
  socket.write(Buffer.concat([head, body]));
  const [answer] = (await once(socket, "data")) as [Buffer];
  return answer.subarray(8);
}

/** The first step of SCRAM (RFC 5802): a server that knows the user answers with his salt. */
async function beginToSignIn(port: number, certFile: string, user: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, ca: await readFile(certFile) });
  try {
    const mechanism = Buffer.from("\0\x0dSCRAM-SHA-256");
    expect((await request(socket, [saslHandshake, 1], mechanism)).readInt16BE(0)).toBe(0);
    const first = Buffer.from(`\0\0\0\0n,,n=${user},r=${randomBytes(9).toString("base64")}`);
    first.writeInt32BE(first.length - 4, 0);
    return (await request(socket, [saslAuthenticate, 0], first)).toString("latin1");
  } finally {
    socket.destroy();
  }
}

describeWithKafkaProgram("a broker of one's own", () => {
  test("asks for its user by TLS, also after a stop, and is gone after the test", async () => {
    const folder = await mkdtemp(join(tmpdir(), "echo-certificate-"));
    const tls = await createTestCertificate(folder);
    const sasl = { mechanism: "SCRAM-SHA-256", user: "ada", password: "secret" } as const;
    await using kafka = await startTestKafka({ security: { sasl, tls } });
    const { port, pid } = kafka;
    expect(await beginToSignIn(port, tls.certFile, "ada")).toContain(",i=4096");
    expect(await beginToSignIn(port, tls.certFile, "eve")).not.toContain(",i=4096");

    await kafka.stop();
    await expect(askKafka(kafka.brokers)).rejects.toThrow("ECONNREFUSED");
    await kafka.start();
    expect(kafka.pid).not.toBe(pid);
    expect(await beginToSignIn(port, tls.certFile, "ada")).toContain(",i=4096");

    await kafka[Symbol.asyncDispose]();
    await expect(askKafka(kafka.brokers)).rejects.toThrow("ECONNREFUSED");
    await rm(folder, { recursive: true });
  });

  test("does not outlive a run that is killed", async () => {
    const run = `import { startTestKafka } from ${JSON.stringify(import.meta.resolve("./run-kafka.ts"))};
      process.stdout.write((await startTestKafka()).brokers);`;
    const child = spawn(process.execPath, programArgs(run));
    const [brokers] = (await once(child.stdout, "data")) as [Buffer];

    child.kill("SIGKILL");

    await expect.poll(() => askKafka(String(brokers)).catch(String), { timeout: 10_000 }).toContain("ECONNREFUSED");
  });
});
