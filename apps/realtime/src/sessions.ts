import { SessionsRevoked, sessionsChannel } from "@echo/core";
import { findEndedSessions } from "@echo/core/auth";
import type { Subscription as BusSubscription } from "@echo/platform";
import { closeCodes } from "./close-codes.ts";
import type { Connection } from "./connection.ts";
import { standing, writeEphemeral } from "./ephemeral.ts";
import type { Node } from "./node.ts";

/** Closes the sockets of sessions that ended: as the bus says it, and by a look at their rows for what the bus lost. */
export class Sessions {
  readonly #node: Node;
  #subscription: BusSubscription | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: () => void = () => undefined;
  #isSweeping = false;

  constructor(node: Node) {
    this.#node = node;
  }

  /** @throws EchoError UNAVAILABLE */
  async start(): Promise<void> {
    const { core, config } = this.#node;
    this.#subscription = await core.bus.subscribe(sessionsChannel, (payload) => this.#hear(payload));
    this.#stopListening = core.bus.onReconnect(() => void this.#sweep());
    this.#timer = setInterval(() => void this.#sweep(), config.timings.sessionSweepMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopListening();
    await this.#subscription?.unsubscribe();
  }

  #hear(payload: unknown): void {
    const revoked = SessionsRevoked.safeParse(payload);
    if (!revoked.success) return; // of a newer version
    const { userId, sessionIds } = revoked.data;
    const connections = [...this.#node.registry.ofUser(userId)];
    for (const sessionId of sessionIds) this.#tell(connections, sessionId);
    this.#end(connections, new Set(sessionIds));
  }

  /** All devices of the user, the ended one too: so that its people see why it is closed. */
  #tell(connections: readonly Connection[], sessionId: string): void {
    const at = this.#node.core.clock.now().toISOString();
    for (const subscription of connections.flatMap(({ subscriptions }) => [...subscriptions.values()])) {
      // Whoever still catches up has no place to be told at.
      if (!subscription.user.live.includes(subscription)) continue;
      const event = { type: "session.revoked" as const, at, data: { sessionId } };
      writeEphemeral(subscription, standing(this.#node, subscription), event);
    }
  }

  async #sweep(): Promise<void> {
    const { core, registry } = this.#node;
    const sessionIds = [...new Set([...registry.all].flatMap(({ identity }) => identity?.actor.sessionId ?? []))];
    if (this.#isSweeping || sessionIds.length === 0) return;
    this.#isSweeping = true;
    try {
      this.#end(registry.all, new Set(await findEndedSessions(core, sessionIds)));
    } catch (error) {
      core.logger.warn("sessions could not be looked up; the next look comes soon", { error });
    } finally {
      this.#isSweeping = false;
    }
  }

  #end(connections: Iterable<Connection>, ended: ReadonlySet<string>): void {
    for (const connection of [...connections]) {
      if (!connection.identity || !ended.has(connection.identity.actor.sessionId)) continue;
      connection.close(closeCodes.revoked, "the session has ended");
    }
  }
}
