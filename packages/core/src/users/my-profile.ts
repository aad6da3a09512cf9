import type { Profile } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { profileOf } from "./profiles.ts";

/** The caller's own profile. */
export const myProfile = (core: Core, actor: Actor): Promise<Profile> => profileOf(core, actor.userId);
