import { mkdir } from "node:fs/promises";

/** Others may pass, as the user that PostgreSQL runs as must; what is secret inside is 0600. */
export const homeMode = 0o711;

/** ECHO_HOME, unless it is there. */
export async function makeHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: homeMode });
}
