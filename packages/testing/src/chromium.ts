import { accessSync, constants } from "node:fs";

/** Where distributions and macOS put a Chromium. */
const usualPaths = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Without a sandbox, which root has none of, and without calls to anybody else than the pages make. */
export const chromiumFlags: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why a test that needs a browser did not run. */
export const noChromium =
  "There is no Chromium on this machine: install one (apt-get install chromium) or name one in CHROMIUM_PATH";

/**
 * The Chromium to test pages in: CHROMIUM_PATH, else where one usually lies. Null: there is none, so skip for
 * `noChromium`.
 * @throws Error where none may be missing (CI is set), or CHROMIUM_PATH names none
 */
export function findChromium(
  environment: Partial<Record<string, string>>,
  paths: readonly string[] = usualPaths,
): string | null {
  const { CHROMIUM_PATH: named, CI: isStrict } = environment;
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, which cannot be run`);
  }
  const found = paths.find(isExecutable);
  if (found === undefined && isStrict) throw new Error(noChromium);
  return found ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
