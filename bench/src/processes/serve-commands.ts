import { z } from "zod";
import type { Commands } from "./start-child.ts";

const Question = z.object({ id: z.int(), command: z.string(), input: z.unknown() });

/** The child's end of `startChild`: answers commands over IPC, one message each. */
export function serveCommands(commands: Commands): void {
  process.on("message", (raw) => {
    const { data } = Question.safeParse(raw);
    // What is not in this table another one of this process answers.
    if (data && Object.hasOwn(commands, data.command)) void answer(commands, data);
  });
  process.on("disconnect", () => process.exit(0));
}

async function answer(commands: Commands, { id, command, input }: z.infer<typeof Question>): Promise<void> {
  try {
    // Both ends are compiled against the same table.
    process.send?.({ id, output: await commands[command]?.(input as never) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** Tells the one that started this process that it serves. */
export function tellReady(port = 0): void {
  process.send?.({ type: "ready", port });
}

/** What `startChild` was given as `config`. */
export function readChildConfig<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  return schema.parse(JSON.parse(process.argv[2] ?? "{}"));
}
