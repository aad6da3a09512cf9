import type { Lifetimes, LimitPolicies } from "@echo/platform";

/** What core needs of a process's configuration. */
export interface CoreConfig {
  /** 32 bytes or more; encrypts what is encrypted at rest. */
  secret: Uint8Array;
  previousSecret: Uint8Array | null;
  issuer: string;
  emailVerification: "optional" | "required";
  argon2: { memoryKib: number; passes: number; parallelism: number };
  lifetimes: Lifetimes;
  limits: LimitPolicies;
  /** Where staff reach the console: the one origin that admin.* accepts. */
  consoleUrl: string;
  /** How long the event log is kept. */
  logDays: number;
}
