import type { FastifyInstance } from "fastify";
import { apiVersion } from "./api-version.ts";
import { authentication } from "./authentication.ts";
import { bodyLimit } from "./body-limit.ts";
import { cacheControl } from "./cache-control.ts";
import { completedLog } from "./completed-log.ts";
import { compression } from "./compression.ts";
import { consoleGuard } from "./console-guard.ts";
import { correlationId } from "./correlation-id.ts";
import { cors } from "./cors.ts";
import { ipLimit } from "./ip-limit.ts";
import { receivedLog } from "./received-log.ts";
import { recovery } from "./recovery.ts";
import { requestId } from "./request-id.ts";
import { securityHeaders } from "./security-headers.ts";
import type { Deps, Step } from "./step.ts";
import { userLimit } from "./user-limit.ts";

const before: readonly Step[] = [
  requestId,
  correlationId,
  receivedLog,
  recovery,
  securityHeaders,
  cors,
  ipLimit,
  consoleGuard,
  bodyLimit,
  authentication,
  userLimit,
];
const after: readonly Step[] = [cacheControl, apiVersion, compression, completedLog];

/** The order in which a request meets the steps, the procedure in their midst (docs/from-the-design.md). */
export const pipelineOrder: readonly string[] = [
  ...before.map((step) => step.name),
  "procedure",
  ...after.map((step) => step.name),
];

/** Routes are registered after it: compression hangs itself on each route. */
export async function installPipeline(app: FastifyInstance, deps: Deps): Promise<void> {
  for (const step of [...before, ...after]) await step.install(app, deps);
}
