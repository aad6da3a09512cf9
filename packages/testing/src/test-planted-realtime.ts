import { createCore } from "@echo/core";
import type { LoggedEvent, LogRange } from "@echo/core/event-log";
import { reportReady } from "@echo/platform";
import { readRealtimeConfig, startRealtime } from "@echo/realtime";

/** A hub with a fault, for tests of drills: it believes what it is told, and passes by what it cannot read yet. */
const config = readRealtimeConfig(process.env);
const core = await createCore(config.core);
const read = core.events.read.bind(core.events);

const nothingAt = (position: number, epoch: string): LoggedEvent => ({
  epoch,
  position,
  streamId: "00000000-0000-7000-8000-000000000000",
  eventSeq: 1,
  audienceUserId: null,
  type: "user.updated",
  actorId: null,
  refId: null,
  data: null,
  createdAt: new Date(),
  loggedAt: new Date(),
});

core.events.read = async (range: LogRange) => {
  const events = await read(range);
  const { epoch } = await core.events.head();
  const isThere = events[0]?.position === range.from + 1;
  return isThere ? events : [nothingAt(range.from + 1, epoch), ...events];
};

const realtime = await startRealtime({ core, config: config.realtime });
reportReady({ port: Number(new URL(realtime.url).port), internalPort: Number(new URL(realtime.internalUrl).port) });
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
