import { setTimeout as wait } from "node:timers/promises";
import { pace } from "../../processes/pace.ts";
import { serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { ReturningClient } from "../returning-client.ts";
import type { Seat } from "../wires.ts";

export interface Comeback {
  port: number;
  seats: Seat[];
  /** Over how long they come back. */
  overMs: number;
  /** Events that each has missed before it comes, and those that it must have in the end. */
  missed: number;
  expected: number;
  /** How long the last ones may take. */
  withinMs: number;
}

const addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
const lookEveryMs = 20;
/** After the last event is there: whatever comes twice has come by then. */
const settleMs = 1_000;

const commands = {
  async comeBack({ port, seats, overMs, missed, expected, withinMs }: Comeback) {
    const clients: ReturningClient[] = [];
    const perSecond = seats.length / (overMs / 1_000);
    await pace({ perSecond, total: seats.length }, (index) => {
      const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
      const client = new ReturningClient({ port, localAddress, seat: seats[index] ?? {} }, missed);
      clients.push(client);
    });
    const endMs = performance.now() + withinMs;
    const hasAll = () => clients.every(({ received }) => received >= expected);
    while (!hasAll() && performance.now() < endMs) await wait(lookEveryMs);
    await wait(settleMs);
    const sum = (of: (client: ReturningClient) => number) => clients.reduce((total, each) => total + of(each), 0);
    for (const client of clients) client.leave();
    return {
      lost: sum(({ received }) => Math.max(0, expected - received)),
      doubled: sum(({ doubled }) => doubled),
      disordered: sum(({ disordered }) => disordered),
      "came again": sum(({ closes }) => closes),
      slowestMs: Math.max(...clients.map(({ caughtUpMs }) => caughtUpMs ?? withinMs)),
    };
  },
};
export type ReturningLoad = typeof commands;

serveCommands(commands);
tellReady();
