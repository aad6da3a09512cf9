import { authenticate } from "@echo/core/auth";
import { authenticateStaff } from "@echo/core/staff";
import { toEchoError, unauthorized } from "@echo/platform";
import type { FastifyRequest } from "fastify";
import type { Deps, Step } from "./step.ts";

const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

async function identifyUser({ core }: Deps, { door, headers }: FastifyRequest): Promise<void> {
  const accessToken = bearer.exec(headers.authorization ?? "")?.[1];
  if (accessToken === undefined) throw unauthorized("The Authorization header holds no bearer token");
  const { ip, requestId } = door;
  door.actor = await authenticate(core, { ip, requestId }, { accessToken, audience: "echo:api" });
}

async function identifyStaff({ core }: Deps, { door }: FastifyRequest): Promise<void> {
  if (door.consoleToken !== null) door.staff = await authenticateStaff(core, door, door.consoleToken);
}

async function identify(deps: Deps, request: FastifyRequest): Promise<void> {
  try {
    await (request.door.isConsole ? identifyStaff : identifyUser)(deps, request);
  } catch (error) {
    const refusal = toEchoError(error);
    if (refusal === null) throw error;
    request.door.refusal = refusal;
  }
}

/** Finds out who calls: a user by token, staff by cookie. A bad one stops nobody here: public procedures run without one, the others say why. */
export const authentication: Step = {
  name: "auth",
  install(app, deps) {
    app.addHook("onRequest", async (request) => {
      if (request.door.hasCredential && request.door.calls !== null) await identify(deps, request);
    });
  },
};
