import type { StaffMe } from "@echo/contracts";
import type { Core } from "@echo/core";
import type { OpenedStaffSession, StaffCaller } from "@echo/core/staff";
import type { FastifyReply, FastifyRequest } from "fastify";
import { consoleCookieOf } from "./console-cookie.ts";

/** What procedures of the console need of HTTP. */
export interface ConsoleDoor {
  /** Who signs in, and with what browser. */
  caller: StaffCaller;
  /** Gives the browser the session that was opened; answers what its page may know of it. */
  open(opened: OpenedStaffSession): StaffMe;
  /** Takes it away; passes the answer through. */
  close<T>(answer: T): T;
}

export function createConsoleDoor(core: Core, request: FastifyRequest, reply: FastifyReply): ConsoleDoor {
  const cookie = consoleCookieOf(core.config.consoleUrl);
  const { ip, requestId } = request.door;
  return {
    caller: { ip, requestId, userAgent: request.headers["user-agent"] },
    open({ me, token, expiresAt }) {
      const maxAgeMs = expiresAt.getTime() - core.clock.now().getTime();
      reply.header("set-cookie", cookie.write(token, Math.floor(maxAgeMs / 1_000)));
      return me;
    },
    close(answer) {
      reply.header("set-cookie", cookie.clear());
      return answer;
    },
  };
}
