import type { Actor, Caller } from "@echo/core";
import type { StaffActor } from "@echo/core/staff";
import type { EchoError } from "@echo/platform";
import type { Calls } from "./calls.ts";

/** What the steps of the pipeline learn of a request, in their order. */
export interface Door extends Caller {
  correlationId: string;
  startedAt: number;
  /** Null where no procedure is asked for. */
  calls: Calls | null;
  /** The console's procedures are asked for: no user's token counts there, and no cookie elsewhere. */
  isConsole: boolean;
  /** Set once a token was verified. */
  actor: Actor | null;
  /** Set once a session of the console was found. */
  staff: StaffActor | null;
  /** Of the console's cookie, for the console's procedures alone. */
  consoleToken: string | null;
  /** Something that proves who calls was brought along, whatever it is worth. */
  hasCredential: boolean;
  /** Why the token or the cookie that came was not accepted. */
  refusal: EchoError | null;
}

declare module "fastify" {
  interface FastifyRequest {
    door: Door;
  }
  interface FastifyContextConfig {
    /** The address of procedures. */
    isTrpc?: boolean;
    /** Not counted by any limit: probes and keys. */
    isExempt?: boolean;
    /** Answers that anybody may keep for this long; everything else is no-store. */
    maxAgeSeconds?: number;
  }
}
