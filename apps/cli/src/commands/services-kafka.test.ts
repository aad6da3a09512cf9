import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describeOnKafka, describeWithKafkaProgram } from "@echo/testing/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askKafka } from "../services/ask-kafka.ts";
import { createServicesHome, noEngine as env, readPid } from "../test-services-home.ts";

const timeoutMs = 90_000;

/** Another when the data is. */
const clusterOf = async (home: string): Promise<string | undefined> => {
  const properties = await readFile(join(home, "services/kafka/data/meta.properties"), "utf8");
  return /^cluster\.id=(.+)$/m.exec(properties)?.[1];
};

const isAway = (brokers: string) =>
  expect.poll(() => askKafka(brokers).catch(String), { timeout: 10_000 }).toContain("ECONNREFUSED");

// A start takes 3 s, so that they share one: each finds it running as the one before has left it.
describeWithKafkaProgram("the Kafka of a machine that has Java and no engine", () => {
  let home: Awaited<ReturnType<typeof createServicesHome>>;
  let address: string;
  const start = () => home.facts(["start", "kafka"], env);

  beforeAll(async () => {
    home = await createServicesHome();
  });
  afterAll(() => home[Symbol.asyncDispose]());

  test("it is started, outlives the command, and is found by the next", { timeout: timeoutMs }, async () => {
    const first = await home.run(["services", "kafka"], env);
    const again = await start();

    address = /^export KAFKA_BROKERS=(127\.0\.0\.1:\d+)\n$/.exec(first.stdout)?.[1] ?? "";
    expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/kafka: java of this machine\n$/) });
    expect(again).toMatchObject([{ address, by: "program", wasRunning: true }]);
    await expect(askKafka(address)).resolves.toBeUndefined();
    expect(await readdir(join(home.home, "services/kafka"))).toContain("kafka.log");
  });

  test("its data and its port outlast a stop", { timeout: timeoutMs }, async () => {
    const cluster = await clusterOf(home.home);

    expect((await home.run(["services", "stop"])).stdout).toBe("Stopped: kafka.\n");
    expect((await home.run(["services", "status"])).stdout).toBe("redis: does not run\nkafka: does not run\n");
    await isAway(address);

    expect(await start()).toMatchObject([{ address, wasRunning: false }]);
    expect(await clusterOf(home.home)).toBe(cluster);
  });

  test("one that was killed is started anew, and whoever has its pid now is left alone", {
    timeout: timeoutMs,
  }, async () => {
    const pid = await readPid(home, "kafka");
    process.kill(pid, "SIGKILL");
    await isAway(address);
    const record = await readFile(join(home.home, "services/kafka.json"), "utf8");
    await writeFile(join(home.home, "services/kafka.json"), record.replace(String(pid), String(process.pid)));

    expect((await home.run(["services", "stop"])).stdout).toBe("Nothing of ours runs.\n");
    expect(await start()).toMatchObject([{ address, wasRunning: false }]);
    expect(await readPid(home, "kafka")).not.toBe(process.pid);
  });

  test("one that is frozen is told apart, can be stopped, and goes with a reset", { timeout: timeoutMs }, async () => {
    const pid = await readPid(home, "kafka");
    process.kill(pid, "SIGSTOP");

    const { code, stderr } = await home.run(["services", "kafka"], env);

    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `java (pid ${pid}) runs and does not answer: npm run services -- stop\n`,
    });
    expect((await home.run(["services", "stop"])).stdout).toBe("Stopped: kafka.\n");
    await isAway(address);
    expect((await home.run(["services", "reset"])).code).toBe(0);
    expect(await readdir(join(home.home, "services"))).toEqual([]);
  });
});

/** A docker that is no engine: its container answers as Kafka does, with the question's correlation id and no error. */
const docker = `
echo "$@" >> "$0.asked"
case "$*" in
  *" up "*) node -e '
      require("node:net").createServer((socket) => socket.on("data", (question) =>
        socket.write(Buffer.concat([Buffer.from([0, 0, 0, 6]), question.subarray(8, 12), Buffer.alloc(2)])),
      )).listen(process.env.ECHO_SERVICES_KAFKA_PORT, "127.0.0.1", () =>
        require("node:fs").writeFileSync(process.argv[1], String(process.pid)));
    ' "$0.pid" > /dev/null 2>&1 &
    until [ -s "$0.pid" ]; do sleep 0.1; done ;;
  *" rm "*) kill "$(cat "$0.pid")" ;;
esac`;

test("where an engine answers, a container of Kafka is started once", { timeout: timeoutMs }, async () => {
  await using home = await createServicesHome();
  await home.plant("docker", docker);
  const env = { PATH: `${home.programs}:${process.env.PATH}` };

  expect(await home.facts(["start", "kafka"], env)).toMatchObject([{ by: "docker", wasRunning: false }]);
  expect(await home.facts(["start", "kafka"], env)).toMatchObject([{ by: "docker", wasRunning: true }]);
  expect((await home.run(["services", "stop"], env)).stdout).toBe("Stopped: kafka.\n");

  expect((await readFile(join(home.programs, "docker.asked"), "utf8")).trim().split("\n")).toEqual([
    "info",
    "compose version",
    expect.stringMatching(/ up --detach --wait kafka$/),
    expect.stringMatching(/ rm --stop --force kafka$/),
  ]);
  await home.run(["services", "reset"], env);
});

describeOnKafka("a Kafka that the environment names", (kafka) => {
  test("is taken when one of its brokers answers", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    const KAFKA_BROKERS = `127.0.0.1:1,${kafka.brokers}`;

    expect(await home.run(["services", "kafka"], { KAFKA_BROKERS })).toEqual({
      code: 0,
      stdout: "",
      stderr: "kafka: given by the environment, and answers\n",
    });
  });
});

test("a Kafka that is named and does not answer is one sentence", { timeout: timeoutMs }, async () => {
  await using home = await createServicesHome();

  const { code, stderr } = await home.run(["services", "kafka"], { KAFKA_BROKERS: "127.0.0.1:1" });

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "KAFKA_BROKERS is set, and what it names does not answer: connect ECONNREFUSED 127.0.0.1:1\n",
  });
});

test("what answers otherwise is no Kafka", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await expect.poll(() => server.listening).toBe(true);

  await expect(askKafka(`127.0.0.1:${(server.address() as AddressInfo).port}`)).rejects.toThrow("it is no Kafka");
  server.close();
});
