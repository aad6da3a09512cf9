import { join } from "node:path";

/** The client's package.json, as far as packing reads it. */
export interface ClientManifest {
  version: string;
  license: string;
  exports: Record<string, string>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
}

/**
 * tRPC's client is part of the package, in the version that was tested, rather than a dependency: it would bring its
 * server, TypeScript as a peer of that one, and types that do not check without the DOM's.
 */
const bundled: readonly string[] = ["@trpc/client", "@trpc/server"];

/** What is installed beside it, or by whoever wants React. */
export function externalOf({ dependencies, peerDependencies }: ClientManifest): string[] {
  return [...Object.keys(dependencies).filter((name) => !bundled.includes(name)), ...Object.keys(peerDependencies)];
}

/** `.` is `index`, `./react` is `react`. */
const nameOf = (subpath: string) => (subpath === "." ? "index" : subpath.replace("./", ""));

/** Entries by name, as paths of their sources. */
export function entriesOf({ exports }: ClientManifest, folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(exports).map(([subpath, path]) => [nameOf(subpath), join(folder, path)]));
}

/** The package.json that is published. */
export function publishedManifest(manifest: ClientManifest): object {
  const { version, license, peerDependencies, peerDependenciesMeta } = manifest;
  const entries = Object.keys(manifest.exports).map((subpath) => {
    const name = nameOf(subpath);
    return [subpath, { types: `./${name}.d.ts`, node: `./node/${name}.js`, default: `./${name}.js` }];
  });
  return {
    name: "@echo/client",
    version,
    description: "The client of Echo: typed calls, one socket that survives, and messages that are sent once",
    keywords: ["chat", "messaging", "realtime", "websocket", "trpc", "react"],
    license,
    type: "module",
    engines: { node: ">=20.19" },
    exports: { ...Object.fromEntries(entries), "./package.json": "./package.json" },
    main: "./index.js",
    types: "./index.d.ts",
    sideEffects: false,
    files: ["*.js", "*.js.map", "*.d.ts", "node", "LICENSE.*"],
    dependencies: Object.fromEntries(
      Object.entries(manifest.dependencies)
        .filter(([name]) => !bundled.includes(name))
        .map(([name, version]) => [name, `^${version}`]),
    ),
    peerDependencies,
    peerDependenciesMeta,
  };
}
