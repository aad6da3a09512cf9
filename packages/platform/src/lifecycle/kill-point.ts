/** What a drill may cut a process at (docs/architecture.md "Kills"): between the two named, or in the midst of the one. */
export const killPoints = [
  "commit>append",
  "append>wake",
  "read>produce",
  "produce>commit",
  "handle>commit",
  "receipts>write",
  "attach>cutover",
  "drain",
  "migrate",
] as const;
export type KillPoint = (typeof killPoints)[number];

export const isKillPoint = (word: string): word is KillPoint => (killPoints as readonly string[]).includes(word);

export interface KillAt {
  point: KillPoint;
  /** The process ends when it comes there for the nth time. */
  nth: number;
}

/** Of the process as a whole: it is this process that ends. */
let armed: KillAt | null = null;

/** ECHO_KILL_AT, which the configuration refuses unless NODE_ENV is test. */
export function armKillPoint(killAt: KillAt | null): void {
  armed = killAt === null ? null : { ...killAt };
}

/** Ends the process with kill -9 where a drill asked for it; otherwise nothing. */
export function passKillPoint(point: KillPoint): void {
  if (armed?.point !== point) return;
  armed.nth -= 1;
  if (armed.nth <= 0) process.kill(process.pid, "SIGKILL");
}
