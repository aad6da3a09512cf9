import { createSecretBox, type SecretBox } from "@echo/platform";
import type { Core } from "../core.ts";

const boxes = new WeakMap<Core, SecretBox>();

function boxOf(core: Core): SecretBox {
  const box = boxes.get(core) ?? createSecretBox(core.config);
  boxes.set(core, box);
  return box;
}

const placeOf = (sessionId: string) => ({ purpose: "refresh-family", context: sessionId });

/** As the session's row keeps it. */
export const sealFamilyKey = (core: Core, sessionId: string, familyKey: Uint8Array): Uint8Array<ArrayBuffer> =>
  boxOf(core).seal(familyKey, placeOf(sessionId));

export const openFamilyKey = (core: Core, session: { id: string; familyKey: Uint8Array }): Uint8Array =>
  boxOf(core).open(session.familyKey, placeOf(session.id));
