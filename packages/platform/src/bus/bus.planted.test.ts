import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { type BusHarness, busConformance } from "./bus.conformance.ts";
import type { Bus, Subscription } from "./bus.ts";
import { openPostgresHarness } from "./postgres-transport.harness.ts";

type CaseName = (typeof busConformance)[number]["name"];
type Plant = (harness: BusHarness) => BusHarness;

const inBus =
  (change: (bus: Bus) => Partial<Bus>): Plant =>
  (harness) => ({
    ...harness,
    async open() {
      const bus = await harness.open();
      return { ...bus, ...change(bus) };
    },
  });

/** Some messages are never published. */
const losing = (isLost: (payload: unknown) => boolean): Plant =>
  inBus((bus) => ({
    publish: async (channel, payload) => (isLost(payload) ? undefined : bus.publish(channel, payload)),
  }));

const closing: Plant = inBus((bus) => ({ close: async () => undefined, publish: bus.publish }));

/** For each promise a driver that breaks it. */
const plants: Record<CaseName, Plant> = {
  "10,000 messages of 4 publishers reach 4 subscribers, each once and in its publisher's order": losing(
    (payload) => JSON.stringify(payload) === '{"from":2,"n":1234}',
  ),
  "a publisher that subscribes hears itself": inBus((bus) => {
    const own = new Set<string>();
    return {
      publish(channel, payload) {
        own.add(JSON.stringify(payload));
        return bus.publish(channel, payload);
      },
      subscribe: (channel, onMessage) =>
        bus.subscribe(channel, (payload) => own.has(JSON.stringify(payload)) || onMessage(payload)),
    };
  }),
  "a subscriber hears its channel and no other": inBus((bus) => ({
    publish: (channel, payload) => bus.publish(channel.slice(0, 1), payload),
    subscribe: (channel, onMessage) => bus.subscribe(channel.slice(0, 1), onMessage),
  })),
  "order holds when nobody waits between two messages": inBus((bus) => ({
    async publish(channel, payload) {
      if (payload === 250) await new Promise(setImmediate);
      await bus.publish(channel, payload);
    },
  })),
  "equal messages of one moment all arrive": inBus((bus) => {
    const ofThisMoment = new Set<string>();
    return {
      async publish(channel, payload) {
        const message = JSON.stringify([channel, payload]);
        if (ofThisMoment.has(message)) return;
        ofThisMoment.add(message);
        await bus.publish(channel, payload);
        ofThisMoment.clear();
      },
    };
  }),
  "any JSON arrives as it was": inBus((bus) => ({
    subscribe: (channel, onMessage) => bus.subscribe(channel, (payload) => onMessage(payload ?? undefined)),
  })),
  "the largest message arrives, a larger one is PAYLOAD_TOO_LARGE and takes no other with it": inBus((bus) => ({
    publish: (channel, payload) => bus.publish(channel, payload).catch(() => undefined),
  })),
  "a channel's name that cannot travel is refused": inBus((bus) => ({
    publish: (channel, payload) => bus.publish(channel, payload).catch(() => undefined),
  })),
  "a malformed record from outside is dropped, and what follows arrives": (harness) => {
    const state = { isDead: false };
    return {
      ...inBus((bus) => ({
        subscribe: (channel, onMessage) => bus.subscribe(channel, (payload) => state.isDead || onMessage(payload)),
      }))(harness),
      publishRaw: async () => {
        state.isDead = true;
      },
    };
  },
  "a handler that throws takes nothing from the others": inBus((bus) => {
    let hasThrown = false;
    return {
      subscribe: (channel, onMessage) =>
        bus.subscribe(channel, (payload) => {
          if (hasThrown && channel !== "settle") return;
          hasThrown = true;
          onMessage(payload);
        }),
    };
  }),
  "unsubscribing is final: not even what is being delivered arrives": inBus((bus) => ({
    async subscribe(channel, onMessage) {
      const subscription = await bus.subscribe(channel, onMessage);
      return { unsubscribe: async () => void setImmediate(() => void subscription.unsubscribe()) };
    },
  })),
  "ending one subscription of a channel leaves the others": inBus((bus) => {
    const subscriptions: Subscription[] = [];
    return {
      async subscribe(channel, onMessage) {
        subscriptions.push(await bus.subscribe(channel, onMessage));
        return {
          unsubscribe: async () => {
            for (const subscription of subscriptions) await subscription.unsubscribe();
          },
        };
      },
    };
  }),
  "a closed bus is UNAVAILABLE and silent, and the others go on": closing,
  "each reconnect is signalled, to those who still want to know, and what is published after it arrives": inBus(() => ({
    onReconnect: () => () => undefined,
  })),
  "a heartbeat is heard about every second": inBus(() => ({ heartbeatAgeMs: () => 0 })),
  "while the store is away no heartbeat is heard, calls are UNAVAILABLE, and it mends by itself": inBus((bus) => ({
    publish: (channel, payload) => bus.publish(channel, payload).catch(() => undefined),
  })),
  "ping answers in milliseconds": inBus(() => ({ ping: async () => -1 })),
};

test.each(busConformance)("a planted fault is found: $name", async ({ name, run }) => {
  await using database = await createTestDatabase({ migrated: false });
  await using harness = openPostgresHarness(database.url, 1_000);

  await expect(run(plants[name](harness))).rejects.toHaveProperty("name", "AssertionError");
});
