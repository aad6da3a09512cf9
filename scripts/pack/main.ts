// `npm run pack`: makes @echo/client a package that can be installed, in packages/client/dist or the folder that is named.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { emitPackage } from "./emit.ts";
import { type ClientManifest, entriesOf, externalOf, publishedManifest } from "./manifest.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const client = join(root, "packages/client");
const folder = join(resolve(process.argv[2] ?? join(client, "dist")), "package");

const manifest: ClientManifest = JSON.parse(readFileSync(join(client, "package.json"), "utf8"));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await emitPackage({
  root,
  entries: entriesOf(manifest, client),
  external: externalOf(manifest),
  into: folder,
});
writeFileSync(join(folder, "package.json"), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
copyFileSync(join(client, "README.md"), join(folder, "README.md"));
copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
copyFileSync(join(root, "node_modules/@trpc/client/LICENSE"), join(folder, "LICENSE.trpc"));

const [packed] = JSON.parse(
  execFileSync("npm", ["pack", "--json", "--pack-destination", dirname(folder), folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }),
);
const tarball = join(dirname(folder), packed.filename);
process.stdout.write(
  `${tarball.startsWith(root) ? relative(root, tarball) : tarball}: ${packed.entryCount} files, ${Math.ceil(packed.size / 1024)} KB packed\n`,
);
