import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { removeEmbedded, stopUnusedEmbedded } from "@echo/db";
import type { KillAt } from "@echo/platform";
import type { ScratchStack } from "../replay/scratch-stack.ts";
import { launchModule } from "../stack/launch-process.ts";
import { homeMode } from "../stack/make-home.ts";
import { endsByItself, killEnvironment } from "./victim.ts";

/**
 * Kills `echoctl migrate` in the midst of a migration and runs it once more on what it left.
 * @returns whether it was killed there, and whether the next run put everything right
 */
export async function killMigration(
  { home, environment }: Pick<ScratchStack, "home" | "environment">,
  killAt: KillAt,
): Promise<{ isReached: boolean; isWell: boolean }> {
  const own = join(home, `migrate-${crypto.randomUUID()}`);
  await mkdir(own, { mode: homeMode });
  const { DATABASE_URL: _, DATABASE_DIRECT_URL: __, ECHO_SECRET: ___, ...inherited } = environment;
  const migrate = (more: Record<string, string>) =>
    launchModule("@echo/cli", { env: { ...inherited, ECHO_HOME: own, POSTGRES_PORT: "0", ...more }, stdio: "ignore" }, [
      "migrate",
    ]);
  try {
    const killed = migrate(killEnvironment(killAt));
    const isReached = await endsByItself(killed);
    const [code] = await once(migrate({}), "exit");
    return { isReached, isWell: code === 0 };
  } finally {
    await stopUnusedEmbedded({ home: own });
    await removeEmbedded({ home: own });
  }
}
