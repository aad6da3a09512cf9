// `npm run pictures`: README's pictures, from a stack as a user starts it. A chat and a day that look the same each time.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromiumFlags, findChromium, noChromium } from "@echo/testing/chromium";
import { chromium } from "@playwright/test";
import { stackOf } from "../stack.ts";
import { startStack } from "../start-stack.ts";
import { pictureChat } from "./picture-chat.ts";
import { pictureOverview } from "./picture-overview.ts";

const folder = fileURLToPath(new URL("../../../docs/pictures", import.meta.url));
/** They are read on a page that is loaded by everybody who looks. */
const maxBytes = 150 * 1_024;

const look = {
  viewport: { width: 1_280, height: 720 },
  colorScheme: "light",
  reducedMotion: "reduce",
  locale: "en-GB",
  timezoneId: "UTC",
} as const;

const executablePath = findChromium(process.env);
if (!executablePath) throw new Error(noChromium);
// On their usual ports, which a picture shows.
const started = await startStack({ ADMIN_PORT: "3000", DEMO_PORT: "3001", REALTIME_PORT: "8083" });
const browser = await chromium.launch({ executablePath, args: [...chromiumFlags] });
try {
  const stack = stackOf(started.home);
  await mkdir(folder, { recursive: true });
  for (const [name, take] of Object.entries({ overview: pictureOverview, chat: pictureChat })) {
    const context = await browser.newContext(look);
    const picture = await take(await context.newPage(), stack);
    if (picture.byteLength > maxBytes) throw new Error(`${name}.png has ${picture.byteLength} bytes`);
    await writeFile(`${folder}/${name}.png`, picture);
    await context.close();
    process.stdout.write(`${folder}/${name}.png, ${Math.ceil(picture.byteLength / 1_024)} KiB\n`);
  }
} finally {
  await browser.close();
  await started.stop();
}
