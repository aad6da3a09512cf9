import { explain } from "../explain.ts";

export interface Finding {
  name: string;
  ok: boolean;
  detail: string;
}

/** Runs one look; what it throws is the finding. */
export async function look(name: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, detail: await work() };
  } catch (error) {
    return { name, ok: false, detail: explain(error).split("\n")[0] ?? "" };
  }
}
