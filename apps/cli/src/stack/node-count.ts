import { InvalidArgumentError } from "commander";

const most = 16;

/** Reads `--nodes`. */
export function nodeCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new InvalidArgumentError(`a whole number from 1 to ${most}`);
  }
  return count;
}
