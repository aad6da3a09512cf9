import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** A program that starts by `body`: what it wrote to standard error, and its exit code. */
async function run(body: string): Promise<{ code: unknown; errors: string }> {
  const program = `
    import { createServer } from "node:net";
    import { once } from "node:events";
    import { DbError } from "@echo/db";
    import { runMain } from ${from("./run-main.ts")};
    import { processSchema } from ${from("../config/process-schema.ts")};
    import { readConfig } from ${from("../config/read-config.ts")};
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    await runMain(async () => { ${body} });`;
  const cwd = new URL("../..", import.meta.url);
  const args = ["--import", "tsx", "--input-type=module", "-e", program];
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  const errors = text(child.stderr);
  const [code] = await once(child, "exit");
  return { code, errors: await errors };
}

test("a wrong configuration is one line that names every fault, and exit 1", async () => {
  const { code, errors } = await run(`readConfig(processSchema({}), { LOG_LEVEL: "loud" });`);

  expect(code).toBe(1);
  expect(errors).toMatch(/^The configuration is wrong: [^\n]+\n$/);
  expect(errors).toContain("ECHO_SECRET: ");
  expect(errors).toContain("LOG_LEVEL: ");
});

test("a taken port is one sentence, although the event loop still has work", async () => {
  const { code, errors } = await run(`
    const { port } = taken.address();
    await once(createServer().listen(port, "127.0.0.1"), "listening");`);

  expect(code).toBe(1);
  expect(errors).toMatch(/^Port \d+ of 127\.0\.0\.1 is taken by another program\n$/);
});

test("a database that cannot be used is one sentence without its password", async () => {
  const { code, errors } = await run(
    `throw new DbError("unavailable", "cannot reach postgresql://echo:canary@db/echo", { cause: null });`,
  );

  expect(code).toBe(1);
  expect(errors).toBe("The database cannot be used: cannot reach postgresql://echo:[redacted]@db/echo\n");
});

test("what nobody foresaw comes with its stack", async () => {
  const { code, errors } = await run(`throw new TypeError("out of the blue");`);

  expect(code).toBe(1);
  expect(errors).toMatch(/^TypeError: out of the blue\n {4}at /);
});
