import { randomBytes } from "node:crypto";
import { v7 } from "uuid";

/** What makes identifiers and secrets. */
export interface Ids {
  /** UUIDv7; each sorts after the one before, within a millisecond too. */
  uuid(): string;
  /** `bytes` (default 32, 256 bits) from the system's generator, as base64url: a bearer secret. */
  token(bytes?: number): string;
}

export const systemIds: Ids = {
  uuid: () => v7(),
  token: (bytes = 32) => randomBytes(bytes).toString("base64url"),
};
