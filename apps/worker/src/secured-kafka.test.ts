import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openQueueOperations } from "@echo/core";
import { startEcho, startTestProcess } from "@echo/testing";
import { createTestCertificate } from "@echo/testing/certificate";
import { describeWithKafkaProgram, startTestKafka } from "@echo/testing/kafka";
import { expect, test, vi } from "vitest";

const timeout = 90_000;
const patience = { timeout: 30_000, interval: 100 };
const root = join(import.meta.dirname, "../../..");

const echoctl = (args: readonly string[], env: Record<string, string>) =>
  promisify(execFile)(join(root, "node_modules/.bin/echoctl"), [...args], { env: { ...process.env, ...env } });

const ready = async (address: string) => (await fetch(`http://${address}/ready`)).json();

const ways = [
  { mechanism: "PLAIN", isTls: false },
  { mechanism: "SCRAM-SHA-256", isTls: true },
] as const;

describeWithKafkaProgram("a Kafka that asks who comes", () => {
  test.each(ways)("the worker comes in by $mechanism, TLS: $isTls", { timeout }, async ({ mechanism, isTls }) => {
    const folder = await mkdtemp(join(tmpdir(), "echo-secured-"));
    const tls = isTls ? await createTestCertificate(folder) : undefined;
    const sasl = { mechanism, user: "echo", password: "opensesame" };
    await using kafka = await startTestKafka({ security: { sasl, ...(tls ? { tls } : {}) } });
    await using echo = await startEcho();
    const env = {
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_SASL: `${mechanism.toLowerCase()}:echo:opensesame`,
      ...(tls ? { KAFKA_SSL: "on", NODE_EXTRA_CA_CERTS: tls.certFile } : {}),
    };
    expect((await echoctl(["topics"], env)).stdout).toContain("The topics are as they must be.");
    await expect(
      echoctl(["topics"], { ...env, KAFKA_SASL: `${mechanism.toLowerCase()}:echo:guess` }),
    ).rejects.toMatchObject({
      stderr: expect.stringMatching(/^Kafka at .* does not do what it is asked: .*[Aa]uthentication/),
    });

    const worker = await startTestProcess("worker", echo.databaseUrl, { env });
    await echo.conversationOf("ada", "bob");
    await echo.core.events.appendNow();
    await vi.waitFor(async () => {
      expect(await openQueueOperations(echo.core).groups()).toMatchObject([{ group: "rollups", events: 0 }]);
      expect(await ready(worker.address)).toMatchObject({ status: "healthy", checks: { queue: { status: "up" } } });
    }, patience);
    await worker.end("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  });
});
