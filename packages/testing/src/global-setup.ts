import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { migrate, startEmbedded } from "@echo/db";
import type { TestProject } from "vitest/node";
import { fastestFolder } from "./fastest-folder.ts";
import { startPostgres15 } from "./postgres-15.ts";
import { openKafka } from "./run-kafka.ts";
import { openRedis } from "./run-redis.ts";
import { runAsAdmin, type TestPostgres, urlOf } from "./test-postgres.ts";
import { watchOver } from "./watch-over.ts";

/**
 * One PostgreSQL for the whole run, in a folder that goes with it, and a migrated database that tests copy.
 * ECHO_TEST_POSTGRES runs the tests on another server: a superuser's URL, or 15 for a PostgreSQL 15 of this machine. Beside
 * it a Redis, ECHO_TEST_REDIS or one of this machine, and likewise a Kafka, ECHO_TEST_KAFKA.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const [server, { redis, redisProgram, ...runRedis }, { kafka, kafkaProgram, ...runKafka }] = await Promise.all([
    openServer(process.env.ECHO_TEST_POSTGRES),
    openRedis(process.env.ECHO_TEST_REDIS),
    openKafka(process.env.ECHO_TEST_KAFKA),
  ]);
  const name = `echo_test_${randomBytes(4).toString("hex")}`;
  const postgres = { adminUrl: server.adminUrl, role: name, password: randomBytes(16).toString("hex"), template: name };
  await createTemplate(postgres);
  project.provide("postgres", postgres);
  project.provide("redis", redis);
  project.provide("redisProgram", redisProgram);
  project.provide("kafka", kafka);
  project.provide("kafkaProgram", kafkaProgram);
  project.provide("isStrict", Boolean(process.env.CI));
  if ("missing" in redis) process.stdout.write(`Suites on Redis are left out: ${redis.missing}.\n`);
  if ("missing" in kafka) process.stdout.write(`Suites on Kafka are left out: ${kafka.missing}.\n`);
  return async () => {
    await Promise.all([runRedis.close(), runKafka.close(), server.close(postgres)]);
  };
}

interface Server {
  adminUrl: string;
  /** Takes away what the run made. */
  close(postgres: TestPostgres): Promise<void>;
}

async function openServer(given: string | undefined): Promise<Server> {
  if (given === "15") {
    const cluster = await startPostgres15();
    return { adminUrl: cluster.adminUrl, close: async () => cluster[Symbol.asyncDispose]() };
  }
  if (given) return { adminUrl: given, close: dropTemplate };
  const home = await mkdtemp(join(await fastestFolder(), "echo-tests-"));
  // As root the server runs as another user, who has to pass.
  await chmod(home, 0o711);
  const endPostgres = 'kill -INT "$(head -n 1 "$1/postgres/data/postmaster.pid")"; sleep 1; rm -rf -- "$1"';
  const endWatch = watchOver(endPostgres, home);
  const embedded = await startEmbedded({ home, durable: false });
  return {
    adminUrl: embedded.adminUrl,
    async close() {
      await embedded.stop();
      await rm(home, { recursive: true, force: true });
      endWatch();
    },
  };
}

async function createTemplate(postgres: TestPostgres): Promise<void> {
  const { adminUrl, role, password, template } = postgres;
  await runAsAdmin(adminUrl, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  await runAsAdmin(adminUrl, `CREATE DATABASE ${template} OWNER ${role}`);
  await migrate({ url: urlOf(postgres, template) });
  await runAsAdmin(adminUrl, `ALTER DATABASE ${template} ALLOW_CONNECTIONS false`);
}

async function dropTemplate({ adminUrl, role, template }: TestPostgres): Promise<void> {
  await runAsAdmin(adminUrl, `DROP DATABASE IF EXISTS ${template}`);
  await runAsAdmin(adminUrl, `DROP ROLE ${role}`);
}
