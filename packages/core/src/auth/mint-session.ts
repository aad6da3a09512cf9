import type { AuthResult, DeviceInput } from "@echo/contracts";
import { notFound } from "@echo/platform";
import type { Core } from "../core.ts";
import { announceRevocation } from "./announce-revocation.ts";
import { toAuthResult } from "./auth-result.ts";
import { toDevice } from "./device.ts";
import { openSession } from "./open-session.ts";
import { lockAccount } from "./repository/accounts.ts";

/**
 * A session without a credential, for tests, replay and demo; no procedure calls it.
 * @throws EchoError NOT_FOUND
 */
export async function mintSession(core: Core, userId: string, device?: DeviceInput): Promise<AuthResult> {
  const caller = { ip: "127.0.0.1", requestId: "minted" };
  const minted = await core.db.transaction(async (tx) => {
    const account = await lockAccount(tx, userId);
    if (account === null) throw notFound("There is no such user");
    return { account, ...(await openSession(core, tx, { userId, device: toDevice(device), caller })) };
  });
  await announceRevocation(core, userId, minted.endedSessionIds);
  return toAuthResult(core, { ...minted, gen: 0 });
}
