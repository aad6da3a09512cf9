import { randomBytes } from "node:crypto";
import { type Clock, ipKey } from "@echo/platform";
import { argon2id, hash, verify } from "argon2";
import type { CoreConfig } from "../config.ts";
import type { Passwords } from "../ports.ts";
import { createHashingQueue } from "./hashing-queue.ts";

import { isHashable, normalizePassword } from "./password-policy.ts";

type Argon2Parameters = CoreConfig["argon2"];

interface PasswordsOptions {
  argon2: Argon2Parameters;
  queue: CoreConfig["limits"]["hashing"];
  clock: Clock;
}

/** Measured: with two at a time a token is verified in 0.6 ms beside a login flood, uncapped it waits 1.5 s. */
const concurrency = 2;
const saltBytes = 16;
const hashBytes = 32;
/** PHC string of Argon2id, version 19; the parameters may come in any order. */
const phc = /^\$argon2id\$v=19\$(?=[^$]*\bm=(\d+))(?=[^$]*\bt=(\d+))(?=[^$]*\bp=(\d+))[^$]+\$[^$]+\$[^$]+$/;

/** Argon2id (OWASP Password Storage) behind the process's one queue. */
export function createPasswords({ argon2, queue: limits, clock }: PasswordsOptions): Passwords {
  const queue = createHashingQueue({
    concurrency,
    places: limits.places,
    perNetwork: limits.perIp,
    monotonicMs: () => clock.monotonicMs(),
  });
  const nobodysHash = createNobodysHash(argon2);
  const options = {
    type: argon2id,
    memoryCost: argon2.memoryKib,
    timeCost: argon2.passes,
    parallelism: argon2.parallelism,
    hashLength: hashBytes,
  };

  return {
    hash: (password, { ip, hasDeviceToken }) =>
      queue.run({ network: ipKey(ip), hasDeviceToken }, () =>
        hash(normalizePassword(password), { ...options, salt: randomBytes(saltBytes) }),
      ),
    verify: (password, stored, { ip, hasDeviceToken }) =>
      queue.run({ network: ipKey(ip), hasDeviceToken }, async () => {
        const known = stored !== null && phc.test(stored) && isHashable(password);
        const judged = known
          ? { stored, password: normalizePassword(password) }
          : { stored: nobodysHash, password: "" };
        const matches = (await verify(judged.stored, judged.password)) && known;
        return { matches, needsRehash: matches && isWeaker(judged.stored, argon2) };
      }),
  };
}

/** A hash of nothing, in today's parameters: to verify against it takes as long as against anybody's. */
function createNobodysHash({ memoryKib, passes, parallelism }: Argon2Parameters): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(saltBytes)}$${base64(hashBytes)}`;
}

/** Stronger parameters, left by an earlier configuration, are kept. */
function isWeaker(stored: string, { memoryKib, passes }: Argon2Parameters): boolean {
  const [, memory, time] = phc.exec(stored) ?? [];
  return Number(memory) < memoryKib || Number(time) < passes;
}
