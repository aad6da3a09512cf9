import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { askKafka, findKafkaLack, type KafkaServer, type KafkaServerOptions, startKafka } from "@echo/cli/services";
import "vitest";
import { fastestFolder } from "./fastest-folder.ts";
import { watchOver } from "./watch-over.ts";

/** Where it is, where to ask for it, or the reason for which the suites that need it are skipped. */
type Supply = { brokers: string } | { askPort: number } | { missing: string };

declare module "vitest" {
  interface ProvidedContext {
    /** The run's Kafka, for suites that share one. */
    kafka: Supply;
    /** Whether a test can start a broker of its own, to freeze, crash or secure it. */
    kafkaProgram: { missing: string | null };
  }
}

export interface RunKafka {
  kafka: Supply;
  kafkaProgram: { missing: string | null };
  close(): Promise<void>;
}

/** ECHO_TEST_KAFKA when it is given, else a broker of this machine that starts with the first suite that asks for it. */
export async function openKafka(given: string | undefined): Promise<RunKafka> {
  const lack = await findKafkaLack();
  const missing = lack === null ? null : `there is no Kafka on this machine: install ${lack}`;
  const close = async () => undefined;
  if (given) {
    await askKafka(given);
    return { kafka: { brokers: given }, kafkaProgram: { missing }, close };
  }
  if (missing !== null) {
    return { kafka: { missing: `${missing}, or name one in ECHO_TEST_KAFKA` }, kafkaProgram: { missing }, close };
  }
  return { ...(await openWhenAsked()), kafkaProgram: { missing } };
}

/** Java takes 3 s and 250 MB: a run without a suite on Kafka goes without. Suites ask from their workers, at a port. */
async function openWhenAsked(): Promise<{ kafka: { askPort: number }; close(): Promise<void> }> {
  let starting: Promise<TestKafka> | undefined;
  const answer = async (socket: Socket) => {
    starting ??= startTestKafka();
    const said = await starting.then(
      ({ brokers }) => ({ brokers }),
      (error: Error) => ({ fault: error.message }),
    );
    socket.end(JSON.stringify(said));
  };
  const desk = createServer((socket) => void answer(socket)).listen(0, "127.0.0.1");
  await once(desk, "listening");
  return {
    kafka: { askPort: (desk.address() as AddressInfo).port },
    async close() {
      desk.close();
      await starting?.then(
        (kafka) => kafka[Symbol.asyncDispose](),
        () => undefined,
      );
    },
  };
}

/** The brokers of the run's Kafka, from wherever the suites run. @throws Error that says why it did not start */
export async function askForKafka(port: number): Promise<string> {
  const said = JSON.parse(await text(connect(port, "127.0.0.1"))) as { brokers: string } | { fault: string };
  if ("fault" in said) throw new Error(said.fault);
  return said.brokers;
}

export interface TestKafka extends KafkaServer, AsyncDisposable {}

/** A broker of its own, which a test may freeze, crash, stop or secure; it goes with this process, however that ends. */
export async function startTestKafka(options: Omit<KafkaServerOptions, "folder"> = {}): Promise<TestKafka> {
  const folder = await mkdtemp(join(await fastestFolder(), "echo-kafka-"));
  const endWatch = watchOver('kill -s KILL -- "-$(cat "$1/kafka.pid")"; rm -rf -- "$1"', folder);
  const clean = async () => {
    await rm(folder, { recursive: true, force: true });
    endWatch();
  };
  try {
    const server = await startKafka({ folder, ...options });
    return Object.assign(server, {
      async [Symbol.asyncDispose]() {
        await server.stop();
        await clean();
      },
    });
  } catch (error) {
    await clean();
    throw error;
  }
}
