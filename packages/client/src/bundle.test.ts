import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

const bundleFor = async (platform: "browser" | "node") => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL("./index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform,
    write: false,
    metafile: true,
    logLevel: "silent",
    external: platform === "node" ? ["ws"] : [],
  });
  const packages = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return {
    code: outputFiles[0]?.contents ?? new Uint8Array(),
    packages: [...new Set(packages)].filter((name) => name !== undefined).sort(),
  };
};

test("in a browser it is below 15 KB, needs no Node, and brings tRPC's client alone", async () => {
  const { code, packages } = await bundleFor("browser");

  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(15 * 1_024);
  expect(packages).toEqual(["@trpc/client", "@trpc/server"]);
});

test("in Node 20 it brings the WebSocket that is missing there", async () => {
  const { code } = await bundleFor("node");

  expect(new TextDecoder().decode(code)).toMatch(/from"ws"/);
});
