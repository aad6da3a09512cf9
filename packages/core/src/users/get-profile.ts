import type { GetProfileInput, Profile } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { profileOf } from "./profiles.ts";

/** Anybody's profile. @throws EchoError NOT_FOUND */
export const getProfile = (core: Core, _actor: Actor, { userId }: GetProfileInput): Promise<Profile> =>
  profileOf(core, userId);
