export { getProfile } from "./get-profile.ts";
export { insertProfile } from "./insert-profile.ts";
export { myProfile } from "./my-profile.ts";
export { findProfiles, findUserIds, profileOf, readProfiles } from "./profiles.ts";
export { upsertProfile } from "./upsert-profile.ts";
