import { randomUUID } from "node:crypto";
import type { SendMessageInput } from "@echo/contracts";
import { createLimitPolicies, defaultLifetimes, EchoError, type RedisOptions } from "@echo/platform";
import type { Actor, Core } from "./core.ts";
import { createCore, stopCore } from "./create-core.ts";

/** A Core over a test's database, with people in it: for tests of slices, below any transport. */
export interface TestCore extends AsyncDisposable {
  core: Core;
  /** New people who have signed in; the name tells them apart in failures. */
  people<Name extends string>(...names: Name[]): Promise<Record<Name, Actor>>;
  /** The same person on another device. */
  otherDevice(actor: Actor): Actor;
}

/** Limits out of the way, except for those given. */
const generous = { send: { burst: 1_000_000, perSecond: 1_000_000 } };

export async function createTestCore(
  url: string,
  limits: Parameters<typeof createLimitPolicies>[0] = generous,
  redis: RedisOptions | null = null,
): Promise<TestCore> {
  const core = await createCore({
    service: "test",
    logLevel: "fatal",
    database: { url, directUrl: url, poolMax: 10, namedStatements: true },
    redis,
    kafka: null,
    secret: new Uint8Array(32).fill(7),
    previousSecret: null,
    issuer: "echo-test",
    emailVerification: "optional",
    argon2: { memoryKib: 64, passes: 1, parallelism: 1 },
    lifetimes: defaultLifetimes,
    limits: createLimitPolicies(limits),
    consoleUrl: "https://console.test",
    logDays: 7,
  });
  return {
    core,
    people: (...names) => insertPeople(core, names),
    otherDevice: (actor) => ({ ...actor, sessionId: core.ids.uuid() }),
    [Symbol.asyncDispose]: () => stopCore(core),
  };
}

const insertUsers = {
  name: "test_insert_people",
  text: `WITH given AS (SELECT * FROM unnest($1::uuid[], $2::text[]) AS i(id, name)),
    people AS (INSERT INTO auth.users (id, email, email_normalized) SELECT id, id || '@example.org', id || '@example.org' FROM given RETURNING id),
    profiles AS (INSERT INTO users.profiles (user_id, username, display_name) SELECT id, 'u' || right(replace(id::text, '-', ''), 20), name FROM given)
    INSERT INTO messages.user_streams (user_id) SELECT id FROM people`,
};

async function insertPeople<Name extends string>(core: Core, names: Name[]): Promise<Record<Name, Actor>> {
  const ids = names.map(() => core.ids.uuid());
  await core.db.query(insertUsers, [ids, names]);
  const people = names.map((name, i) => [name, actorOf(core, ids[i] ?? "")]);
  return Object.fromEntries(people) as Record<Name, Actor>; // fromEntries forgets the names
}

function actorOf(core: Core, userId: string): Actor {
  const now = core.clock.now();
  const expiresAt = new Date(now.getTime() + 900_000);
  return { userId, sessionId: core.ids.uuid(), ip: "127.0.0.1", requestId: "test", authTime: now, expiresAt };
}

export interface TestEvent {
  eventSeq: number;
  type: string;
  actorId: string | null;
  refId: string | null;
  data: Record<string, unknown> | null;
}

const events = {
  name: "test_events_of",
  text: `SELECT event_seq AS "eventSeq", type, actor_id AS "actorId", ref_id AS "refId", data
    FROM messages.event_log WHERE stream_id = $1 ORDER BY position`,
};

/** The events of a stream, as the log has them. */
export async function eventsOf(core: Core, streamId: string): Promise<TestEvent[]> {
  await core.events.appendNow();
  return core.db.query<TestEvent>(events, [streamId]);
}

/** A text message, ready to be sent. */
export function textTo(conversationId: string, text: string, more: Partial<SendMessageInput> = {}): SendMessageInput {
  const input = { conversationId, clientMessageId: randomUUID(), type: "text", content: { text }, ...more };
  return input as SendMessageInput; // the parts of a union's member, put together by hand
}

/** One answer to the question, whatever it is: what a test compares refusals by. */
export async function refusalOf(call: Promise<unknown>): Promise<{ code: string; message: string } | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (error instanceof EchoError) return { code: error.code, message: error.message };
    throw error;
  }
}

/** Numbers in [0, 1) that are the same on each run (mulberry32): what a property test draws from. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
