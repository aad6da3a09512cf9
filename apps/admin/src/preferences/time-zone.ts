import { createPreference } from "./preference.ts";

/** In which zone times are shown. */
export const timeZone = createPreference("echo.timeZone", ["local", "utc"]);
export type TimeZone = ReturnType<typeof timeZone.use>;
