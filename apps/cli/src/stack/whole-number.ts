import { InvalidArgumentError } from "commander";

/** Reads an option such as `--seed`: up to nine digits. */
export function wholeNumberOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number");
  return Number(text);
}
