import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { programArgs } from "@echo/testing/program";
import { expect, test } from "vitest";

const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** A program that starts by `body`: its log lines, and its exit code. */
async function run(body: string) {
  const program = `
    import { createServer } from "node:net";
    import { once } from "node:events";
    import { DbError } from "@echo/db";
    import { startProcess } from ${from("./start-process.ts")};
    import { processSchema } from ${from("../config/process-schema.ts")};
    import { readConfig } from ${from("../config/read-config.ts")};
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    await startProcess("test", async () => { ${body} });`;
  const cwd = new URL("../..", import.meta.url);
  const child = spawn(process.execPath, programArgs(program), { cwd, stdio: ["ignore", "pipe", "ignore"] });
  const output = text(child.stdout);
  const [code] = await once(child, "exit");
  const lines = (await output).trim().split("\n");
  return { code, lines: lines.map((line) => JSON.parse(line)) };
}

test("a wrong configuration is one line that names every fault, and exit 1", async () => {
  const { code, lines } = await run(`readConfig(processSchema({}), { LOG_LEVEL: "loud" });`);

  expect(code).toBe(1);
  expect(lines).toEqual([expect.objectContaining({ level: "fatal", service: "test" })]);
  expect(lines[0].message).toMatch(/^The configuration is wrong: [^\n]+$/);
  expect(lines[0].message).toContain("ECHO_SECRET: ");
  expect(lines[0].message).toContain("LOG_LEVEL: ");
});

test("a taken port is one sentence, although the event loop still has work", async () => {
  const { code, lines } = await run(`
    const { port } = taken.address();
    await once(createServer().listen(port, "127.0.0.1"), "listening");`);

  expect(code).toBe(1);
  expect(lines).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/^The port 127\.0\.0\.1:\d+ is in use: [^\n]+$/) }),
  ]);
  expect(lines[0]).not.toHaveProperty("error");
});

test("a database that cannot be used is one sentence without its password", async () => {
  const { code, lines } = await run(
    `throw new DbError("unavailable", "cannot reach postgresql://echo:canary@db/echo", { cause: null });`,
  );

  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0].message).toBe("The database does not answer: cannot reach postgresql://echo:[redacted]@db/echo");
});

test("what nobody foresaw comes with its stack", async () => {
  const { code, lines } = await run(`throw new TypeError("out of the blue");`);

  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0].error.stack).toMatch(/^TypeError: out of the blue\n {4}at /);
});
