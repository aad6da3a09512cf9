import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { CliError } from "../cli-error.ts";

/** A new password: two equal answers at a terminal, which shows neither. @throws CliError */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CliError(
      "There is no terminal to ask for the password at: give it on standard input with --password-stdin.",
    );
  }
  const first = await askHidden("Password (15 characters or more): ");
  const second = await askHidden("The same again: ");
  if (first !== second) throw new CliError("The two passwords differ; nothing was made.");
  return first;
}

/** All of standard input, without the line end that `echo` and editors add. */
export const readPassword = async (): Promise<string> => (await text(process.stdin)).replace(/\r?\n$/, "");

function askHidden(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    reader.once("line", resolve);
    reader.once("close", () => reject(new CliError("Nothing was made.")));
  }).finally(() => {
    reader.close();
    process.stderr.write("\n");
  }) as Promise<string>;
}
