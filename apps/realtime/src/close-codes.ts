/** RFC 6455, 7.4, and Echo's own from 4400 on; 1002, 1007 and 1009 are sent by `ws`. */
export const closeCodes = {
  /** This node stops: connect again, anywhere, with the cursor. */
  goingAway: 1001,
  binary: 1003,
  /** Too many sockets, too many bad frames. */
  policy: 1008,
  /** Too slow, or the node cannot serve it now: connect again with the cursor. */
  tryAgain: 1013,
  /** Token missing, garbage, forged or expired. */
  unauthorized: 4401,
  /** The session is revoked, logged out or suspended. */
  revoked: 4403,
  /** No connectionParams in time. */
  silent: 4408,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
