export { createEventLog, type EventLogOptions } from "./create-event-log.ts";
export type { AdvanceListener, Batch, EventLog, LoggedEvent, LogHead, LogRange, NewEvent } from "./event-log.ts";
export { emitOnUserStreams, insertEvents, type LockedStream } from "./insert-events.ts";
export { createLogReader } from "./log-reader.ts";
export { LogAdvanced, logChannel } from "./wake-up.ts";
