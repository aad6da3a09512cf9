import { serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { Crowd, type OpenCrowd } from "../crowd.ts";

const crowd = new Crowd();

const commands = {
  open: (input: OpenCrowd) => crowd.open(input),
  reset: (_: null) => crowd.reset(),
  until: ({ events, withinMs }: { events: number; withinMs: number }) => crowd.until(events, withinMs),
  events: (_: null) => crowd.events,
  arrivals: (_: null) => [...crowd.arrivals],
  close: (_: null) => crowd.close(),
};
export type SocketLoad = typeof commands;

serveCommands(commands);
tellReady();
