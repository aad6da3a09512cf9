import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { programArgs } from "@echo/testing/program";
import { expect, test } from "vitest";

const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** A process of its own that says ready over IPC and then does what `body` says. */
function start(body: string): ChildProcess {
  const program = `
    import { createLifecycle } from ${from("./lifecycle.ts")};
    import { stopOnSignals } from ${from("./stop-on-signals.ts")};
    import { systemClock } from ${from("../clock/clock.ts")};
    import { createLogger } from ${from("../logger/create-logger.ts")};
    const logger = createLogger({ service: "drill" });
    const lifecycle = createLifecycle({ logger, clock: systemClock, timeoutMs: 1_000 });
    stopOnSignals({ lifecycle, logger });
    const alive = setInterval(() => undefined, 1_000);
    ${body}
    process.send("ready");`;
  return spawn(process.execPath, programArgs(program), { stdio: ["ignore", "pipe", "pipe", "ipc"] });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  const output = child.stdout ? text(child.stdout) : Promise.resolve("");
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, output: await output };
}

const closesWell = `lifecycle.onStop("high", "hub", () => logger.info("hub closed"));`;

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s stops in order and exits 0, and a second one changes nothing",
  async (signal) => {
    const child = start(`lifecycle.onStop("high", "hub", async () => {
    process.send("closing");
    await new Promise((resolve) => process.once("message", resolve));
    logger.info("hub closed");
  });`);
    const end = ended(child);
    await once(child, "message");

    child.kill(signal);
    await once(child, "message");
    child.kill("SIGTERM");
    child.send("go on");

    const { code, output } = await end;
    expect(code).toBe(0);
    expect(output).toContain("hub closed");
  },
);

test("a parent that is gone stops the process", async () => {
  const child = start(closesWell);
  const end = ended(child);
  await once(child, "message");

  child.disconnect();

  const { code, output } = await end;
  expect(code).toBe(0);
  expect(output).toContain("hub closed");
});

test("an exception that nobody caught is logged, stops in order and exits 1", async () => {
  const child = start(`${closesWell} setImmediate(() => Promise.reject(new Error("out of the blue")));`);

  const { code, output } = await ended(child);

  expect(code).toBe(1);
  expect(output).toContain('"reason":"uncaught exception: out of the blue"');
  expect(output).toContain("hub closed");
});

test("a step that stays stuck does not keep the process: it exits 1", async () => {
  const child = start(`lifecycle.onStop("high", "hub", () => new Promise(() => undefined));`);
  const end = ended(child);
  await once(child, "message");

  child.kill("SIGTERM");

  expect(await end).toMatchObject({ code: 1, output: expect.stringContaining('"stuck":["hub"]') });
});

test("a reader that goes away does not take the process with it", async () => {
  const child = start(`
    process.on("message", () => {
      for (let line = 0; line < 100; line += 1) { logger.info("x".repeat(4_096)); process.stderr.write("x".repeat(4_096)); }
      setImmediate(() => process.send("alive"));
    });`);
  await once(child, "message");

  child.stdout?.destroy();
  child.stderr?.destroy();
  child.send("write");

  expect(await once(child, "message")).toMatchObject(["alive", undefined]);
  const end = once(child, "exit");
  child.kill("SIGTERM");
  expect(await end).toEqual([0, null]);
});
