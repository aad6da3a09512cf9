import { randomBytes } from "node:crypto";
import type { AuthResult } from "@echo/contracts";
import type { Core } from "@echo/core";
import { mintSession } from "@echo/core/auth";
import { statement } from "@echo/db";

/** The password of everybody in a test. */
export const testPassword = "correct horse battery staple";

/** Of testPassword, with the parameters of testConfigOf: no test waits for a hash that it does not ask about. */
const passwordHash = "$argon2id$v=19$m=64,t=1,p=1$ZWNobyB0ZXN0aW5nIHNhbA$cvdk/oB7QxmE+8veor/lUA25dwt+bH5RvH9uB1dTX9Q";

/** Somebody with an account and one session. */
export interface Person extends AuthResult {
  userId: string;
  email: string;
  username: string;
}

const insert = statement<never>(
  "testing_insert_person",
  `WITH account AS (
     INSERT INTO auth.users (id, email, email_normalized, password_hash) VALUES ($1, $2, $2, $3) RETURNING id)
   INSERT INTO users.profiles (user_id, username, display_name) SELECT id, $4, $5 FROM account`,
);

/** Inserts an account with a ready hash and signs it in without hashing. */
export async function addPerson(core: Core, name: string, suffix: string): Promise<Person> {
  const userId = core.ids.uuid();
  const username = `${name}_${suffix}`;
  const email = `${username}@example.org`;
  await core.db.query(insert, [userId, email, passwordHash, username, name]);
  return { ...(await mintSession(core, userId)), userId, email, username };
}

/** What keeps the people of one test apart from those of all others in its database. */
export const newSuffix = (): string => randomBytes(4).toString("hex");
