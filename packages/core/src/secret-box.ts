import { createSecretBox, type SecretBox } from "@echo/platform";
import type { Core } from "./core.ts";

const boxes = new WeakMap<Core["config"], SecretBox>();

/** Of the process's ECHO_SECRET; what the previous one sealed opens too. */
export function boxOf({ config }: Core): SecretBox {
  const box = boxes.get(config) ?? createSecretBox(config);
  boxes.set(config, box);
  return box;
}
