import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { type Echo as Servers, serveFiles, startEcho } from "@echo/testing";
import { chromiumFlags, findChromium, noChromium } from "@echo/testing/chromium";
import { chromium } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "./test-support/eventually.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const executablePath = findChromium(process.env);
const hello = "The blue rope came loose";
const timeout = 120_000;

/** The ten lines, word for word as the package's own README has them. */
async function readTenLines(): Promise<string> {
  const readme = await readFile(join(root, "packages/client/README.md"), "utf8");
  const [, lines] = /## Ten lines\n\n```ts\n([^`]*)```/.exec(readme) ?? [];
  if (lines === undefined) throw new Error("The README has no ten lines");
  return lines;
}

/** The same for servers of a test, and for people whom nobody has registered. */
async function tenLinesFor({ apiUrl, realtimeUrl }: Servers): Promise<string> {
  const names = { "http://localhost:8080": apiUrl, "ws://localhost:8083": realtimeUrl };
  const lines = (await readTenLines()).replaceAll("@example.org", `@${crypto.randomUUID()}.example.org`);
  return Object.entries(names).reduce((text, [from, to]) => {
    expect(text).toContain(`"${from}"`);
    return text.replace(from, to);
  }, lines);
}

/** What a user of another language's habits gets wrong: each line must fail to compile. */
const mistakes = `
import { createEcho, type Message } from "@echo/client";
const echo = createEcho({ apiUrl: "http://localhost:8080", realtimeUrl: "ws://localhost:8083" });
// @ts-expect-error there is no such procedure
echo.api.messages.sent;
// @ts-expect-error a query is no mutation
echo.api.messages.list.mutate;
// @ts-expect-error no such field
echo.api.messages.list.query({ conversationID: "1" });
// @ts-expect-error a text message has a text
echo.send({ conversationId: "1", type: "text", content: {} });
// @ts-expect-error no such event
echo.on("message.creatd", () => undefined);
// @ts-expect-error the console is not for applications
echo.api.admin;
// @ts-expect-error a session of its own, or the application's token: not both
createEcho({ apiUrl: "", realtimeUrl: "", token: "t", storage: { get: () => null, set: () => 0, delete: () => 0 } });
echo.on("message.created", ({ data }) => {
  // @ts-expect-error no such field
  data.contents;
  if (data.type === "text") data.content?.text satisfies string | undefined;
});
const seqOf = ({ seq }: Message): number => seq;
export const page = echo.api.messages.list.query({ conversationId: "1", limit: 20 }).then(({ items }) => items.map(seqOf));
`;

const component = `
import { EchoProvider, useMessages, useTyping } from "@echo/client/react";
import { type Echo } from "@echo/client";
export function Page({ echo, id }: { echo: Echo; id: string }) {
  return <EchoProvider echo={echo}><Messages id={id} /></EchoProvider>;
}
function Messages({ id }: { id: string }) {
  const { messages, send } = useMessages(id);
  const { setTyping } = useTyping(id);
  // @ts-expect-error no such field
  messages[0]?.contents;
  return <button type="button" onFocus={() => setTyping(true)} onClick={() => send("hello")}>{messages.length}</button>;
}
`;

const strictest = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};

let folder = "";
/** The empty folder of somebody who installs the package. */
const inFolder = (...path: string[]) => join(folder, "app", ...path);

async function run(command: string, ...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd: inFolder() })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}

const install = (...names: string[]) =>
  run(
    "npm",
    "install",
    "--prefix",
    inFolder(),
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--save-exact",
    ...names,
  );
const tool = (path: string, ...args: string[]) => run(process.execPath, inFolder("node_modules", path), ...args);

async function write(files: Record<string, string | object>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(inFolder(name)), { recursive: true });
    await writeFile(inFolder(name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** Builds a page of one script as an application does, and answers its files by path. */
async function buildPage(script: string): Promise<Record<string, Uint8Array>> {
  await write({
    "index.html": '<link rel="icon" href="data:,"><script type="module" src="/page.ts"></script>',
    "page.ts": script,
  });
  await tool("vite/bin/vite.js", "build", "--logLevel", "error", "--sourcemap");
  const names = await readdir(inFolder("dist"), { recursive: true });
  const files = names.filter((name) => /\.(html|js|map)$/.test(name));
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [`/${name}`, await readFile(inFolder("dist", name))] as const)),
  );
}

const scriptsOf = (files: Record<string, Uint8Array>) =>
  Object.entries(files).flatMap(([name, content]) => (name.endsWith(".js") ? [Buffer.from(content).toString()] : []));

/** As this repository has it, which is in npm's cache. */
async function versioned(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "node_modules", name, "package.json"), "utf8"));
  return `${name}@${version}`;
}

/** What the package alone brought. */
let installed: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "echo-package-"));
  await write({ "package.json": { private: true, type: "module" } });
  await run(process.execPath, "--import", import.meta.resolve("tsx"), join(root, "scripts/pack/main.ts"), folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  await install(join(folder, tarball ?? ""));
  installed = await readdir(inFolder("node_modules"));
  await install(...(await Promise.all(["typescript", "vite", "@types/node"].map(versioned))));
}, timeout);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("who installs it installs one more package", async () => {
  expect(installed.filter((name) => !name.startsWith(".")).sort()).toEqual(["@echo", "ws"]);
});

test("what is published names no workspace, and nothing that is not installed with it", async () => {
  const published = inFolder("node_modules/@echo/client");
  const files = (await readdir(published, { recursive: true })).filter((name) => /\.(js|d\.ts)$/.test(name));
  const imported = new Set<string>();
  for (const name of files) {
    const text = await readFile(join(published, name), "utf8");
    for (const [, from] of text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)";|\bimport\("([^"]+)"\)/gm)) {
      imported.add(from ?? "");
    }
  }

  expect([...imported].filter((name) => !name.startsWith("./")).sort()).toEqual(["react", "react/jsx-runtime", "ws"]);
  expect(await readdir(published)).toEqual(expect.arrayContaining(["README.md", "LICENSE", "LICENSE.trpc"]));
});

test.each([
  ["a bundler", { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"], types: [] }],
  ["Node", { module: "nodenext", lib: ["es2022"], types: ["node"] }],
])("its types check strictly for %s, and what is wrong fails to compile", { timeout }, async (_, options) => {
  await write({
    "lines.ts": await readTenLines(),
    "mistakes.ts": mistakes,
    "tsconfig.json": {
      compilerOptions: { ...strictest, ...options, target: "es2022", noEmit: true },
      files: ["lines.ts", "mistakes.ts"],
    },
  });

  expect(await tool("typescript/bin/tsc", "-p", "tsconfig.json")).toBe("");
});

test("its hooks' types check with React's", { timeout }, async () => {
  await install(...(await Promise.all(["react", "@types/react"].map(versioned))));
  const options = { module: "esnext", moduleResolution: "bundler", jsx: "react-jsx", types: [], noEmit: true };
  await write({
    "page.tsx": component,
    "tsconfig.json": { compilerOptions: { ...strictest, ...options, target: "es2022" }, files: ["page.tsx"] },
  });

  expect(await tool("typescript/bin/tsc", "-p", "tsconfig.json")).toBe("");
});

test("in an application's page it is below 15 KB, and less where less is used", { timeout }, async () => {
  const whole = scriptsOf(await buildPage(await readTenLines()));
  const codes = scriptsOf(await buildPage('import { errorCode } from "@echo/client"; console.log(errorCode(null));'));

  expect(whole).toHaveLength(1);
  expect(gzipSync(whole.join(), { level: 9 }).length).toBeLessThan(15 * 1_024);
  expect(gzipSync(codes.join(), { level: 9 }).length).toBeLessThan(3 * 1_024);
});

test("the ten lines run in a browser: two people exchange a message", { timeout }, async ({ skip }) => {
  skip(!executablePath, noChromium);
  await using servers = await startEcho();
  await using site = await serveFiles(await buildPage(await tenLinesFor(servers)));
  const browser = await chromium.launch({ executablePath: executablePath ?? "", args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    const errors: Error[] = [];
    page.on("console", (line) => said.push(line.text()));
    page.on("pageerror", (error) => errors.push(error));

    await page.goto(site.url);

    await eventually(() => expect([...said, ...errors]).not.toEqual([]));
    expect([...said, ...errors]).toEqual([`Bob reads {text: ${hello}}`]);
  } finally {
    await browser.close();
  }
});

test("the ten lines run in plain Node", { timeout }, async () => {
  await using servers = await startEcho();
  const compilerOptions = { target: "es2022", module: "nodenext", types: ["node"] };
  await write({
    "main.ts": await tenLinesFor(servers),
    "tsconfig.json": { compilerOptions, files: ["main.ts"] },
  });
  await tool("typescript/bin/tsc", "-p", "tsconfig.json");
  const child = spawn(process.execPath, ["main.js"], { cwd: inFolder(), stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  try {
    await eventually(() => expect(said).toContain(`Bob reads { text: '${hello}' }`));
  } finally {
    child.kill();
    await once(child, "exit");
  }
});
