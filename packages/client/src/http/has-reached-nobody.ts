/** As Node's fetch names a connection that could not be made; a browser does not tell. */
const connectFaults = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** True when the call surely was not carried out: there was no connection on which it could have been sent. */
export function hasReachedNobody(error: unknown): boolean {
  for (let fault = error; fault instanceof Error; fault = fault.cause) {
    if ("code" in fault && typeof fault.code === "string" && connectFaults.has(fault.code)) return true;
  }
  return false;
}
