/** Calls back when the platform says that the network is back, where it can. Answers how to stop. */
export function onlineAgain(callback: () => void): () => void {
  const target: Partial<EventTarget> = globalThis;
  target.addEventListener?.("online", callback);
  return () => target.removeEventListener?.("online", callback);
}
