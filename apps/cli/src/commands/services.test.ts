import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeWithRedisServer, startTestRedis } from "@echo/testing/redis";
import { expect, test } from "vitest";
import { askRedis } from "../services/ask-redis.ts";
import { createServicesHome, noEngine, readPid } from "../test-services-home.ts";

const timeoutMs = 60_000;

const isAway = (url: string) =>
  expect.poll(() => askRedis(url, ["PING"]).catch(String), { timeout: 10_000 }).toContain("ECONNREFUSED");

/** A docker that is no engine: it notes what it is asked, and its container is this machine's redis-server. */
const docker = `
echo "$@" >> "$0.asked"
case "$*" in
  *" up "*) redis-server --port "$ECHO_SERVICES_REDIS_PORT" --bind 127.0.0.1 --save "" --daemonize yes \\
              --pidfile "$0.pid" --dir "$ECHO_SERVICES_FOLDER/redis" > /dev/null
            for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$0.pid" ] && break; sleep 0.1; done ;;
  *" rm "*) kill "$(cat "$0.pid")" ;;
esac`;

describeWithRedisServer("the services of a machine that has redis-server and no engine", () => {
  const env = noEngine;

  test("one is started, outlives the command, and is found by the next", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();

    const first = await home.run(["services", "redis"], env);
    const [again] = await home.facts(["start", "redis"], env);

    expect(first).toMatchObject({ code: 0, stderr: "redis: redis-server of this machine\n" });
    expect(first.stdout).toBe(`export REDIS_URL=${again?.address}\n`);
    expect(again).toMatchObject({ by: "program", wasRunning: true });
    expect(await askRedis(again?.address ?? "", ["PING"])).toEqual(["PONG"]);
    expect(await readdir(join(home.home, "services/redis"))).toContain("redis.log");
  });

  test("its data and its port outlast a stop, and go with a reset", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    const [{ address: url } = { address: "" }] = await home.facts(["start", "redis"], env);
    await askRedis(url, ["SET", "colour", "blue"]);

    expect((await home.run(["services", "stop"])).stdout).toBe("Stopped: redis.\n");
    expect((await home.run(["services", "status", "redis"])).stdout).toBe("redis: does not run\n");
    await isAway(url);
    expect(await home.facts(["start", "redis"], env)).toMatchObject([{ address: url, wasRunning: false }]);
    expect(await askRedis(url, ["GET", "colour"])).toEqual(["blue"]);

    expect((await home.run(["services", "reset"])).code).toBe(0);
    expect(await readdir(join(home.home, "services"))).toEqual([]);
    const [anew] = await home.facts(["start", "redis"], env);
    expect(await askRedis(anew?.address ?? "", ["GET", "colour"])).toEqual([]);
  });

  test("one that was killed is started anew, and whoever has its pid now is left alone", {
    timeout: timeoutMs,
  }, async () => {
    await using home = await createServicesHome();
    const [{ address: url } = { address: "" }] = await home.facts(["start", "redis"], env);
    const pid = await readPid(home, "redis");
    process.kill(pid, "SIGKILL");
    await isAway(url);
    const record = await readFile(join(home.home, "services/redis.json"), "utf8");
    await writeFile(join(home.home, "services/redis.json"), record.replace(String(pid), String(process.pid)));

    expect((await home.run(["services", "stop"])).stdout).toBe("Nothing of ours runs.\n");
    expect(await home.facts(["start", "redis"], env)).toMatchObject([{ wasRunning: false }]);
    expect(await readPid(home, "redis")).not.toBe(process.pid);
  });

  test("one that is frozen is told apart, and can be stopped", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    const [{ address: url } = { address: "" }] = await home.facts(["start", "redis"], env);
    const pid = await readPid(home, "redis");
    process.kill(pid, "SIGSTOP");

    const { code, stderr } = await home.run(["services", "redis"], env);

    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `redis-server (pid ${pid}) runs and does not answer: npm run services -- stop\n`,
    });
    expect((await home.run(["services", "stop"])).stdout).toBe("Stopped: redis.\n");
    await isAway(url);
  });
});

describeWithRedisServer("the services of a machine whose engine answers", () => {
  test("a container is started once, and stopped as what it is", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    await home.plant("docker", docker);
    const env = { PATH: `${home.programs}:${process.env.PATH}` };

    expect(await home.facts(["start", "redis"], env)).toMatchObject([{ by: "docker", wasRunning: false }]);
    expect(await home.facts(["start", "redis"], env)).toMatchObject([{ by: "docker", wasRunning: true }]);
    expect((await home.run(["services", "stop"], env)).stdout).toBe("Stopped: redis.\n");

    const asked = (await readFile(join(home.programs, "docker.asked"), "utf8")).trim().split("\n");
    expect(asked).toEqual([
      "info",
      "compose version",
      expect.stringMatching(/deploy\/services\.compose\.yaml --project-name \S+ up --detach --wait redis$/),
      expect.stringMatching(/ rm --stop --force redis$/),
    ]);
    await home.run(["services", "reset"], env);
  });

  test("what compose says when it fails is the sentence", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    await home.plant("docker", 'case "$*" in *" up "*) echo "no space left on device" >&2; exit 1 ;; esac');

    const { code, stderr } = await home.run(["services", "redis"], { PATH: `${home.programs}:${process.env.PATH}` });

    expect({ code, stderr }).toEqual({ code: 1, stderr: "docker compose up failed: no space left on device\n" });
  });
});

describeWithRedisServer("a Redis that the environment names", () => {
  test("is taken when it answers, and its password is not shown", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    await using server = await startTestRedis({ args: ["--requirepass", "secret"] });
    const REDIS_URL = Object.assign(new URL(server.url), { password: "secret" }).href;

    expect(await home.run(["services", "redis"], { REDIS_URL })).toEqual({
      code: 0,
      stdout: "",
      stderr: "redis: given by the environment, and answers\n",
    });
    expect((await home.run(["services", "status", "redis"], { REDIS_URL })).stdout).not.toContain("secret");
  });
});

test("a Redis that is named and does not answer is one sentence", { timeout: timeoutMs }, async () => {
  await using home = await createServicesHome();

  const { code, stderr } = await home.run(["services", "redis"], { REDIS_URL: "redis://127.0.0.1:1" });

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "REDIS_URL is set, and what it names does not answer: connect ECONNREFUSED 127.0.0.1:1\n",
  });
});

test("a machine that has none of the ways is told what to get", { timeout: timeoutMs }, async () => {
  await using home = await createServicesHome();

  const { code, stdout, stderr } = await home.run(["services"], { PATH: home.programs });

  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr.split("\n")).toEqual([
    expect.stringMatching(/^There is no Redis: set REDIS_URL, .*apt-get install redis-server.*\.$/),
    expect.stringMatching(
      /^There is no Kafka: set KAFKA_BROKERS, .*apt-get install openjdk-17-jre-headless maven.*\.$/,
    ),
    "",
  ]);
});

test("a service that is none is named", { timeout: timeoutMs }, async () => {
  await using home = await createServicesHome();

  const { code, stderr } = await home.run(["services", "stop", "redis", "kfka"]);

  expect({ code, stderr }).toEqual({ code: 1, stderr: "There is no service named kfka: it is one of redis, kafka.\n" });
});

describeWithRedisServer("the services of a machine that can have one of two", () => {
  test("the one is started and printed, the other is said to be missing", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    await home.plant("redis-server", `PATH='${process.env.PATH}' exec redis-server "$@"`);
    await home.plant("java", `echo 'openjdk version "11.0.31" 2026-04-21' >&2`);

    const { code, stdout, stderr } = await home.run(["services"], { PATH: home.programs });

    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringMatching(/^export REDIS_URL=\S+\n$/) });
    expect(stderr).toMatch(/^redis: redis-server of this machine\nThere is no Kafka: .* or install Java 17 .*\n$/);
  });
});
