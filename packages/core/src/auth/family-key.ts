import type { Core } from "../core.ts";
import { boxOf } from "../secret-box.ts";

const placeOf = (sessionId: string) => ({ purpose: "refresh-family", context: sessionId });

/** As the session's row keeps it. */
export const sealFamilyKey = (core: Core, sessionId: string, familyKey: Uint8Array): Uint8Array<ArrayBuffer> =>
  boxOf(core).seal(familyKey, placeOf(sessionId));

export const openFamilyKey = (core: Core, session: { id: string; familyKey: Uint8Array }): Uint8Array =>
  boxOf(core).open(session.familyKey, placeOf(session.id));
