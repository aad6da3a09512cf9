import { once } from "node:events";
import { z } from "zod";
import { launchModule } from "../stack/launch-process.ts";
import { type Check, fine, type Verdict, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** The build that the console serves, against its sources. */
const BuildState = z.enum(["fresh", "stale", "missing"]);
export type BuildState = z.infer<typeof BuildState>;

const build = "npm run build --workspace @echo/admin";

export function checkConsole(patient: Patient): Check {
  return { name: "console build", mend: build, work: async () => judgeBuild(await readState(patient), patient) };
}

export function judgeBuild(state: BuildState, { config, run }: Pick<Patient, "config" | "run">): Verdict {
  const isServed = run?.processes.some(({ kind }) => kind === "admin") ?? false;
  if (state === "fresh") return fine("of the present sources");
  if (state === "stale" && isServed) return warning("what is served is older than its sources", "npm start");
  const said = state === "stale" ? "older than its sources" : "not built";
  // There every start builds it.
  return config.isEmbedded ? fine(`${said}; the next start builds it`) : warning(said, build);
}

/** Asks the builder, which alone knows what goes into a build. */
async function readState({ env }: Patient): Promise<BuildState> {
  const child = launchModule("@echo/admin/build", { env, stdio: ["ignore", "pipe", "ignore"] }, ["--state"]);
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child, "close");
  return BuildState.parse(said.trim());
}
