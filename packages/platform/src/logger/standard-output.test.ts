import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { programArgs } from "@echo/testing/program";
import { expect, onTestFinished, test } from "vitest";

const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

interface Drill {
  child: ChildProcess;
  stdin: NonNullable<ChildProcess["stdin"]>;
  stdout: Readable;
}

/** A process with a logger that does what `body` says. Its output does not block, as in all that listen to its errors. */
function start(body: string): Drill {
  const program = `
    import { readSync } from "node:fs";
    import { createLogger } from ${from("./create-logger.ts")};
    process.stdout.on("error", () => undefined);
    const logger = createLogger({ service: "drill" });
    const note = "x".repeat(1_000);
    const log = (lines) => { for (let line = 1; line <= lines; line += 1) logger.info(note, { line }); };
    ${body}`;
  const child = spawn(process.execPath, programArgs(program), {
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (!child.stdin || !child.stdout) throw new Error("a pipe has its stream");
  return { child, stdin: child.stdin, stdout: child.stdout };
}

function collect(stdout: Readable): () => number[] {
  let output = "";
  stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return () =>
    output
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { line: number }).line);
}

const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

test("what was logged just before the end is written", async () => {
  const { stdout } = start("log(500); process.exit(0);");
  const lines = collect(stdout);
  await once(stdout, "close");

  expect(lines()).toEqual(oneTo(500));
});

test("a process whose reader goes away while lines wait ends when it wants to", async () => {
  // It waits for a byte and ends, both without a turn of its loop: it meets the broken pipe while it ends.
  const { child, stdin, stdout } = start(
    `log(5_000); process.send("waits"); readSync(0, Buffer.alloc(1)); process.exit(0);`,
  );
  await once(child, "message");

  const gone = once(stdout, "close");
  stdout.destroy();
  await gone;
  stdin.end("x");

  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a reader that stands still holds a process neither at its work nor at its end", async () => {
  const { child } = start(
    `log(5_000); process.once("message", (message) => process.send(message, () => process.exit(0)));`,
  );
  child.send("are you there?");

  expect(await once(child, "message")).toEqual(["are you there?", undefined]);
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("lines are dropped while 16 MiB wait, and written again after", async () => {
  const { child, stdout } = start(`
    let line = 30_000;
    log(line);
    process.on("message", () => { line += 1; logger.info("again", { line }); });
    process.send("logged");`);
  await once(child, "message");

  const lines = collect(stdout);
  await expect.poll(() => child.send("more") && (lines().at(-1) ?? 0), { timeout: 20_000 }).toBeGreaterThan(30_000);

  const before = lines().filter((line) => line <= 30_000);
  expect(before).toEqual(oneTo(before.length));
  expect(before.length).toBeGreaterThan(10_000);
  expect(before.length).toBeLessThan(20_000);
});
