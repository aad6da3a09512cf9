import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeWithRedisServer, startTestRedis } from "@echo/testing/redis";
import { expect, test } from "vitest";
import { askRedis } from "../services/ask-redis.ts";
import { createTestHome, type TestHome } from "../test-echoctl.ts";

const timeoutMs = 60_000;

interface Facts {
  services: { url: string; by: string; wasRunning: boolean }[];
}

/** What was started goes with the test. */
async function createServicesHome() {
  const home = await createTestHome();
  /** A machine whose only programs are these. */
  const programs = join(home.home, "programs");
  await mkdir(programs);
  return {
    ...home,
    programs,
    async plant(name: string, script: string) {
      await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(programs, name), 0o755);
    },
    async facts(args: string[] = [], env: Record<string, string> = {}) {
      const { stdout } = await home.run(["services", ...args, "--json"], env);
      return (JSON.parse(stdout) as Facts).services;
    },
    async [Symbol.asyncDispose]() {
      await home.run(["services", "reset"]);
      await home[Symbol.asyncDispose]();
    },
  };
}

const readPid = async ({ home }: TestHome) =>
  (JSON.parse(await readFile(join(home, "services/redis.json"), "utf8")) as { pid: number }).pid;

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
  const env = { DOCKER_HOST: "tcp://127.0.0.1:1" };

  test("one is started, outlives the command, and is found by the next", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();

    const first = await home.run(["services"], env);
    const [again] = await home.facts(["start"], env);

    expect(first).toMatchObject({ code: 0, stderr: "redis: redis-server of this machine\n" });
    expect(first.stdout).toBe(`export REDIS_URL=${again?.url}\n`);
    expect(again).toMatchObject({ by: "program", wasRunning: true });
    expect(await askRedis(again?.url ?? "", ["PING"])).toEqual(["PONG"]);
    expect(await readdir(join(home.home, "services/redis"))).toContain("redis.log");
  });

  test("its data and its port outlast a stop, and go with a reset", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    const [{ url } = { url: "" }] = await home.facts(["start"], env);
    await askRedis(url, ["SET", "colour", "blue"]);

    expect((await home.run(["services", "stop"])).stdout).toBe("Stopped: redis.\n");
    expect((await home.run(["services", "status"])).stdout).toBe("redis: does not run\n");
    await isAway(url);
    expect(await home.facts(["start"], env)).toMatchObject([{ url, wasRunning: false }]);
    expect(await askRedis(url, ["GET", "colour"])).toEqual(["blue"]);

    expect((await home.run(["services", "reset"])).code).toBe(0);
    expect(await readdir(join(home.home, "services"))).toEqual([]);
    const [anew] = await home.facts(["start"], env);
    expect(await askRedis(anew?.url ?? "", ["GET", "colour"])).toEqual([]);
  });

  test("one that was killed is started anew, and whoever has its pid now is left alone", {
    timeout: timeoutMs,
  }, async () => {
    await using home = await createServicesHome();
    const [{ url } = { url: "" }] = await home.facts(["start"], env);
    const pid = await readPid(home);
    process.kill(pid, "SIGKILL");
    await isAway(url);
    const record = await readFile(join(home.home, "services/redis.json"), "utf8");
    await writeFile(join(home.home, "services/redis.json"), record.replace(String(pid), String(process.pid)));

    expect((await home.run(["services", "stop"])).stdout).toBe("Nothing of ours runs.\n");
    expect(await home.facts(["start"], env)).toMatchObject([{ wasRunning: false }]);
    expect(await readPid(home)).not.toBe(process.pid);
  });

  test("one that is frozen is told apart, and can be stopped", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    const [{ url } = { url: "" }] = await home.facts(["start"], env);
    const pid = await readPid(home);
    process.kill(pid, "SIGSTOP");

    const { code, stderr } = await home.run(["services"], env);

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

    expect(await home.facts(["start"], env)).toMatchObject([{ by: "docker", wasRunning: false }]);
    expect(await home.facts(["start"], env)).toMatchObject([{ by: "docker", wasRunning: true }]);
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

    const { code, stderr } = await home.run(["services"], { PATH: `${home.programs}:${process.env.PATH}` });

    expect({ code, stderr }).toEqual({ code: 1, stderr: "docker compose up failed: no space left on device\n" });
  });
});

describeWithRedisServer("a Redis that the environment names", () => {
  test("is taken when it answers, and its password is not shown", { timeout: timeoutMs }, async () => {
    await using home = await createServicesHome();
    await using server = await startTestRedis({ args: ["--requirepass", "secret"] });
    const REDIS_URL = Object.assign(new URL(server.url), { password: "secret" }).href;

    expect(await home.run(["services"], { REDIS_URL })).toEqual({
      code: 0,
      stdout: "",
      stderr: "redis: given by the environment, and answers\n",
    });
    expect((await home.run(["services", "status"], { REDIS_URL })).stdout).not.toContain("secret");
  });
});

test("a Redis that is named and does not answer is one sentence", { timeout: timeoutMs }, async () => {
  await using home = await createServicesHome();

  const { code, stderr } = await home.run(["services"], { REDIS_URL: "redis://127.0.0.1:1" });

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "REDIS_URL is set, and what it names does not answer: connect ECONNREFUSED 127.0.0.1:1\n",
  });
});

test("a machine that has none of the ways is told what to get", { timeout: timeoutMs }, async () => {
  await using home = await createServicesHome();

  const { code, stdout, stderr } = await home.run(["services"], { PATH: home.programs });

  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^There is no Redis: set REDIS_URL, .*apt-get install redis-server.*\n$/);
});
