import { createPreference } from "./preference.ts";

/** Whether single keys are shortcuts; who dictates to the computer turns them off (WCAG 2.1.4). */
export const singleKeys = createPreference("echo.singleKeys", ["on", "off"]);
