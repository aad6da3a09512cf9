import { randomBytes } from "node:crypto";
import { startEmbedded } from "@echo/db";
import { processEnvironment } from "../config.ts";
import { migrateDatabase } from "../stack/database.ts";
import { anyPorts, type Stack, startStack } from "../stack/stack.ts";
import type { Terminal } from "../terminal.ts";

/** Hundreds of people on one address who type faster than people: counted, and never refused for it. */
const limits = {
  anonymous: { limit: 100_000, windowMs: 60_000 },
  ipCeiling: { limit: 100_000_000, windowMs: 60_000 },
  user: { burst: 100_000, perSecond: 100_000 },
  send: { burst: 100_000, perSecond: 100_000 },
  socket: { burst: 10_000, perSecond: 10_000 },
  register: { limit: 100_000, windowMs: 3_600_000 },
  hashing: { places: 32, perIp: 32 },
  socketsPerIpUnauthenticated: 1_000,
};
/** RFC 9106's least: hundreds of registrations are not what a replay measures. */
const argonMemoryKib = 19_456;

export interface ScratchStack {
  stack: Stack;
  apiUrls: string[];
  realtimeUrls: string[];
  stop(): Promise<void>;
}

/** Everything anew in `home`, on free ports: no other Echo on this machine is touched. */
export async function openScratchStack(terminal: Terminal, home: string, nodes: number): Promise<ScratchStack> {
  terminal.note(`limits of this run: ${JSON.stringify(limits)}`);
  const embedded = await startEmbedded({ home });
  try {
    await migrateDatabase({ url: embedded.url, directUrl: embedded.url }, () => undefined);
    const secret = randomBytes(32).toString("base64url");
    const environment = {
      ...processEnvironment(terminal.env, { databaseUrl: embedded.url, secret, isEmbedded: true }),
      ECHO_LIMITS: JSON.stringify(limits),
      ARGON2_MEMORY_KIB: String(argonMemoryKib),
    };
    let giveUp: (error: Error) => void = () => undefined;
    const gaveUp = new Promise<never>((_resolve, reject) => {
      giveUp = reject;
    });
    const stack = startStack({
      home,
      nodes,
      ports: anyPorts,
      environment,
      onWarning: terminal.note,
      onReady: () => undefined,
      onDeath: () => undefined,
      onGiveUp: giveUp,
    });
    await Promise.race([stack.whenReady(), gaveUp]);
    gaveUp.catch((error: Error) => terminal.note(error.message));
    return {
      stack,
      apiUrls: stack.of("api").map(({ ports }) => `http://127.0.0.1:${ports.port}`),
      realtimeUrls: stack.of("realtime").map(({ ports }) => `ws://127.0.0.1:${ports.port}`),
      async stop() {
        await stack.stop();
        await embedded.stop();
      },
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
