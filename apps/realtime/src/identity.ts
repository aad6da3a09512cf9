import type { Actor } from "@echo/core";
import { authenticate, SessionEndedError } from "@echo/core/auth";
import { EchoError, forbidden } from "@echo/platform";
import { closeCodes } from "./close-codes.ts";
import type { Connection } from "./connection.ts";
import type { Node } from "./node.ts";

interface Shown {
  accessToken: string;
  requestId: string;
}

/** Who this token speaks for now: judged anew for each call, so that what is revoked ends with the next one. */
export function identify(node: Node, { ip }: Connection, { accessToken, requestId }: Shown): Promise<Actor> {
  return authenticate(node.core, { ip, requestId }, { accessToken, audience: "echo:realtime" });
}

/** Takes the token of the first message. Answers whether the socket may be served; if not, it is closed. */
export async function introduce(node: Node, connection: Connection, accessToken: string | null): Promise<boolean> {
  if (accessToken === null) {
    connection.close(closeCodes.unauthorized, "the first message is connectionParams with a token");
    return false;
  }
  try {
    const actor = await identify(node, connection, { accessToken, requestId: node.core.ids.uuid() });
    return admit(node, connection, { actor, accessToken });
  } catch (error) {
    refuse(node, connection, error);
    return false;
  }
}

/** Another token of the same user and session: the socket lives as long as it. */
export async function renew(node: Node, connection: Connection, shown: Shown): Promise<Actor> {
  const actor = await identify(node, connection, shown);
  const present = connection.identity?.actor;
  if (actor.userId !== present?.userId || actor.sessionId !== present.sessionId) {
    throw forbidden("This token is of another user or session");
  }
  connection.identity = { actor, accessToken: shown.accessToken };
  return actor;
}

function admit(node: Node, connection: Connection, identity: { actor: Actor; accessToken: string }): boolean {
  if (!connection.isOpen) return false;
  const { registry, core } = node;
  const { userId } = identity.actor;
  if (registry.ofUser(userId).size >= core.config.limits.socketsPerUser) {
    connection.close(closeCodes.policy, "too many sockets of this user");
    return false;
  }
  registry.dropStranger(connection.ip);
  registry.addTo(userId, connection);
  connection.identity = identity;
  return true;
}

function refuse(node: Node, connection: Connection, error: unknown): void {
  if (error instanceof SessionEndedError) {
    connection.close(closeCodes.revoked, "the session has ended");
  } else if (error instanceof EchoError && error.code === "UNAUTHORIZED") {
    connection.close(closeCodes.unauthorized, "the token is not valid");
  } else {
    node.core.logger.warn("a token could not be checked", { connectionId: connection.id, error });
    connection.close(closeCodes.tryAgain, "the token cannot be checked now; try again");
  }
}
