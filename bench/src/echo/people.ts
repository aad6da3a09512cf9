import type { Core } from "@echo/core";
import { statement } from "@echo/db";

/** Somebody with an account and a session that lives. */
export interface Person {
  userId: string;
  sessionId: string;
}

const insert = statement<never>(
  "bench_insert_people",
  `WITH person AS (
     SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS p(user_id, session_id)
   ), account AS (
     INSERT INTO auth.users (id, email, email_normalized)
     SELECT user_id, user_id || '@example.org', user_id || '@example.org' FROM person
   ), profile AS (
     INSERT INTO users.profiles (user_id, username, display_name)
     SELECT user_id, 'bench_' || right(replace(user_id::text, '-', ''), 20), 'Somebody' FROM person
   )
   INSERT INTO auth.sessions (id, user_id, device, family_key, auth_time, expires_at, absolute_expires_at)
   SELECT session_id, user_id, '{"id":"","name":"","platform":"","os":"","model":""}', '\\x00', now(), now() + interval '7 days', now() + interval '90 days' FROM person`,
);
const peopleAtOnce = 1_000;

/** Inserts accounts and sessions; nobody signs in, and no password is hashed. */
export async function insertPeople(core: Core, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, () => ({ userId: core.ids.uuid(), sessionId: core.ids.uuid() }));
  for (let at = 0; at < count; at += peopleAtOnce) {
    const some = people.slice(at, at + peopleAtOnce);
    await core.db.query(insert, [some.map(({ userId }) => userId), some.map(({ sessionId }) => sessionId)]);
  }
  return people;
}

const touch = statement<never>(
  "bench_touch_sessions",
  "UPDATE auth.sessions SET last_seen_at = now() WHERE id = ANY ($1::uuid[])",
);

/** An access token each, as a refresh a moment ago gives it: nobody has verified it yet. */
export async function mintTokens(core: Core, people: readonly Person[]): Promise<string[]> {
  const now = core.clock.now();
  await core.db.query(touch, [people.map(({ sessionId }) => sessionId)]);
  const tokens: string[] = [];
  for (const { userId, sessionId } of people) {
    const claims = { userId, sessionId, gen: 0, authTime: now };
    tokens.push((await core.ports.keys.sign(claims, now)).accessToken);
  }
  return tokens;
}
