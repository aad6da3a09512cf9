import type { Echo } from "../echo.ts";
import type { OutgoingMessages } from "./outgoing.ts";
import type { People } from "./people.ts";
import type { ReadMarks } from "./read-marks.ts";

/** What the stores of one client share. */
export interface StoreContext {
  readonly echo: Echo;
  readonly people: People;
  readonly outgoing: OutgoingMessages;
  readonly reads: ReadMarks;
  /** Whose messages are one's own; null before the first connection. */
  readonly userId: string | null;
}
