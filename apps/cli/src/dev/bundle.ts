import { type BuildResult, context, type Plugin } from "esbuild";

export interface Bundler {
  /** Null when the sources do not build: esbuild has said why by then. */
  build(): Promise<string | null>;
  close(): Promise<void>;
}

/** Packages stay where they are installed; what is ours is bundled. */
const ours: Plugin = {
  name: "echo-sources",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./#]/ }, ({ kind, path }) =>
      kind === "entry-point" || path.startsWith("@echo/") ? undefined : { path, external: true },
    );
  },
};

/**
 * Bundles an app's own sources into one file, to be written to `outfile`. Loaded module by module they cost a start three
 * times the CPU, which is what one waits for after each change.
 */
export async function createBundler(main: string, outfile: string): Promise<Bundler> {
  const bundler = await context({
    entryPoints: [main],
    outfile,
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    sourcesContent: false,
    plugins: [ours],
    logLevel: "warning",
  });
  return {
    async build() {
      const result: BuildResult<{ write: false }> | null = await bundler.rebuild().catch(() => null);
      return result?.outputFiles[0]?.text ?? null;
    },
    close: () => bundler.dispose(),
  };
}
