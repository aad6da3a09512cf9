import { authenticate } from "@echo/core/auth";
import { EchoError, unauthorized } from "@echo/platform";
import type { FastifyRequest } from "fastify";
import type { Deps, Step } from "./step.ts";

const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

async function identify({ core }: Deps, request: FastifyRequest, header: string): Promise<void> {
  const accessToken = bearer.exec(header)?.[1];
  try {
    if (accessToken === undefined) throw unauthorized("The Authorization header holds no bearer token");
    const { ip, requestId } = request.door;
    request.door.actor = await authenticate(core, { ip, requestId }, { accessToken, audience: "echo:api" });
  } catch (error) {
    if (!(error instanceof EchoError)) throw error;
    request.door.refusal = error;
  }
}

/** Finds out who calls. A bad token stops nobody here: public procedures run without one, the others say why. */
export const authentication: Step = {
  name: "auth",
  install(app, deps) {
    app.addHook("onRequest", async (request) => {
      const header = request.headers.authorization;
      if (header !== undefined && request.door.calls !== null) await identify(deps, request, header);
    });
  },
};
