export type { EventLog, LoggedEvent, LogHead, NewEvent } from "./event-log.ts";
