const acceptable = /^[A-Za-z0-9_-]{1,64}$/;

/** A request's or correlation's id from outside, where it may stand in a log line and a header as it came. */
export function acceptedId(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" && acceptable.test(header) ? header : undefined;
}
