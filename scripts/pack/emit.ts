import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OutputChunk, type RolldownOptions, rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { writeWireTypes } from "./wire-types.ts";

/** The workspaces that the client knows by their types alone, and what is written instead. */
const written = { "@echo/contracts": "contracts", "@echo/api": "routers", "@echo/realtime": "routers" };

interface Emission {
  /** Of the repository. */
  root: string;
  /** Entries of the package by name, as paths of their sources. */
  entries: Record<string, string>;
  /** Packages that whoever installs this one has. */
  external: string[];
  /** Folder of what is emitted. */
  into: string;
}

/** Emits the JavaScript for browsers and for Node, which differ in their WebSocket, and the declarations of both. */
export async function emitPackage(emission: Emission): Promise<void> {
  const { into } = emission;
  await emitScripts(emission, "browser", into);
  await emitScripts(emission, "node", join(into, "node"));
  await emitDeclarations(emission);
}

async function emitScripts(emission: Emission, platform: "browser" | "node", dir: string): Promise<void> {
  const bundle = await rolldown({ ...inputOf(emission), platform, transform: { target: "es2022" } });
  try {
    const { output } = await bundle.write({
      dir,
      format: "esm",
      sourcemap: true,
      entryFileNames: "[name].js",
      chunkFileNames: "shared.js",
    });
    assertSelfContained(
      output.filter((file) => file.type === "chunk"),
      emission,
    );
  } finally {
    await bundle.close();
  }
}

async function emitDeclarations(emission: Emission): Promise<void> {
  const { root, into, entries } = emission;
  // Inside the repository, so that what the types import is found.
  const parent = join(root, "packages/client/dist");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, ".types-"));
  const tsconfig = join(folder, "tsconfig.json");
  const alias = Object.fromEntries(Object.entries(written).map(([name, file]) => [name, join(folder, `${file}.d.ts`)]));
  const paths = Object.fromEntries(Object.entries(alias).map(([name, path]) => [name, [path]]));
  const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true, paths };
  const extended = join(root, "tsconfig.base.json");
  try {
    for (const [file, text] of Object.entries(writeWireTypes(root))) writeFileSync(join(folder, `${file}.d.ts`), text);
    writeFileSync(tsconfig, JSON.stringify({ extends: extended, compilerOptions, files: Object.values(entries) }));
    const bundle = await rolldown({
      ...inputOf(emission),
      resolve: { alias },
      plugins: [dts({ tsconfig, emitDtsOnly: true })],
    });
    try {
      const { output } = await bundle.write({ dir: into, format: "esm", chunkFileNames: "types.js" });
      assertSelfContained(
        output.filter((file) => file.type === "chunk"),
        emission,
      );
    } finally {
      await bundle.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inputOf({ entries, external, root }: Emission): RolldownOptions {
  const isExternal = (id: string) => external.some((name) => id === name || id.startsWith(`${name}/`));
  return {
    cwd: root,
    input: entries,
    external: isExternal,
    treeshake: { moduleSideEffects: false },
    experimental: { attachDebugInfo: "none" },
    checks: { pluginTimings: false },
  };
}

/** Whatever else they import, whoever installs the package would not have. */
function assertSelfContained(chunks: OutputChunk[], { external }: Emission): void {
  const own = new Set(chunks.map(({ fileName }) => fileName));
  for (const { fileName, imports, dynamicImports } of chunks) {
    for (const name of [...imports, ...dynamicImports]) {
      if (own.has(name) || external.some((each) => name === each || name.startsWith(`${each}/`))) continue;
      throw new Error(`${fileName} imports ${name}, which the package does not bring`);
    }
  }
}
