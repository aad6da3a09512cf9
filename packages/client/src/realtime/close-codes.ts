/** What a close asks of the client (docs/realtime-protocol.md). */
export type CloseMeaning = "resume" | "renew" | "end" | "back-off";

const meanings: Record<number, CloseMeaning> = {
  /** The node stops. */
  1001: "resume",
  /** Too many sockets of this user, or frames that the server could not read. */
  1008: "back-off",
  /** This client was too slow, or the node cannot serve it now. */
  1013: "resume",
  /** The token is missing, forged or expired. */
  4401: "renew",
  /** The session is revoked, signed out or suspended. */
  4403: "end",
};

export function closeMeaning(code: number): CloseMeaning {
  return meanings[code] ?? "resume";
}
