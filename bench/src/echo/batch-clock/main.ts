import pg from "pg";
import { findStamp } from "../../load/stamp.ts";
import { nowNs } from "../../processes/pace.ts";
import { serveCommands } from "../../processes/serve-commands.ts";

// Loaded into a realtime process before its own main (--import): notes when the bodies of a batch were read from the
// database. Messages are known by the time in their text.
const bodiesStatement = "messages_list_by_ids";
let reads: { sentNs: number; readNs: number }[] = [];

interface Rows {
  rows: { content?: { text?: unknown } }[];
}
type Callback = (error: Error | null, result: Rows) => void;

function note({ rows }: Rows): void {
  const readNs = nowNs();
  for (const { content } of rows) {
    const text = Buffer.from(String(content?.text ?? ""));
    const sentNs = findStamp(text, 0, text.length);
    if (sentNs !== null) reads.push({ sentNs, readNs });
  }
}

const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
function timedQuery(this: pg.Client, ...args: unknown[]): unknown {
  const [config] = args;
  const isBodies = typeof config === "object" && config !== null && "name" in config && config.name === bodiesStatement;
  const callback = args.at(-1);
  if (!isBodies || typeof callback !== "function") return query.apply(this, args);
  const timed: Callback = (error, result) => {
    if (!error) note(result);
    callback(error, result);
  };
  return query.apply(this, [...args.slice(0, -1), timed]);
}
// The overloads of query are pg's own.
pg.Client.prototype.query = timedQuery as typeof pg.Client.prototype.query;

const commands = {
  /** What was read since the last call. */
  takeReads(_: null): { sentNs: number; readNs: number }[] {
    const taken = reads;
    reads = [];
    return taken;
  },
};
export type BatchClock = typeof commands;

serveCommands(commands);
