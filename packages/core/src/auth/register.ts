import type { AuthResult, RegisterInput } from "@echo/contracts";
import { conflict, ipKey, takeOrThrow } from "@echo/platform";
import type { Caller, Core } from "../core.ts";
import { emitOnUserStreams } from "../event-log/index.ts";
import { insertProfile } from "../users/index.ts";
import { type Address, parseAddress } from "./address.ts";
import { toAuthResult } from "./auth-result.ts";
import { toDevice } from "./device.ts";
import { ipOrNull, openSession } from "./open-session.ts";
import { requireAcceptablePassword } from "./password-policy.ts";
import { findAccountByAddress, insertAccount } from "./repository/accounts.ts";
import { insertLoginRecord } from "./repository/history.ts";

/**
 * Makes an account, its profile and its first session.
 * @throws EchoError BAD_REQUEST (address, password), CONFLICT (the address is taken), TOO_MANY_REQUESTS `register`, `hashing`
 */
export async function register(core: Core, caller: Caller, input: RegisterInput): Promise<AuthResult> {
  const address = parseAddress(input.email);
  requireAcceptablePassword(input.password, address);
  await takeOrThrow(core.limits, core.config.limits.register, ipKey(caller.ip));
  if (await findAccountByAddress(core.db, address.normalized)) throw addressTaken();
  const passwordHash = await hashOrRefund(core, caller, input.password);
  const created = await insert(core, caller, { ...input, address, passwordHash });
  core.events.appendSoon();
  return toAuthResult(core, { ...created, gen: 0 });
}

type Registration = Omit<RegisterInput, "email" | "password"> & { address: Address; passwordHash: string };

function insert(core: Core, caller: Caller, { address, passwordHash, phone, displayName, device }: Registration) {
  const now = core.clock.now();
  const id = core.ids.uuid();
  return core.db.transaction(async (tx) => {
    const account = await insertAccount(tx, {
      id,
      email: address.email,
      emailNormalized: address.normalized,
      passwordHash,
      phone: phone ?? null,
      createdAt: now,
    });
    if (account === null) throw addressTaken();
    await insertProfile(tx, { userId: id, displayName: displayName ?? "" });
    const event = { type: "user.registered", actorId: id, refId: id, data: null };
    await emitOnUserStreams(tx, [{ userId: id, event }]);
    const opened = await openSession(core, tx, { userId: id, device: toDevice(device), caller });
    await insertLoginRecord(tx, {
      id: core.ids.uuid(),
      userId: id,
      sessionId: opened.session.id,
      result: "success",
      reason: null,
      ip: ipOrNull(caller),
      device: opened.session.device,
      createdAt: now,
    });
    return { account, ...opened };
  });
}

/** A registration that only found the queue full does not count. */
async function hashOrRefund(core: Core, { ip }: Caller, password: string): Promise<string> {
  try {
    return await core.ports.passwords.hash(password, { ip, hasDeviceToken: false });
  } catch (error) {
    await core.limits.refund(core.config.limits.register, ipKey(ip));
    throw error;
  }
}

const addressTaken = () => conflict("This e-mail address has an account already");
