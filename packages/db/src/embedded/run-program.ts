import { spawn } from "node:child_process";

/** The operating system's account that a program runs under; null: the one of this process. */
export interface Account {
  uid: number;
  gid: number;
}

export interface Program {
  command: string;
  args: readonly string[];
  account: Account | null;
  input?: string;
}

export interface ProgramResult {
  /** Null when the program could not be started or was killed. */
  code: number | null;
  output: string;
}

/** Settings of a PostgreSQL client or of another server must not reach ours. */
export const programEnv: NodeJS.ProcessEnv = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  // Says nothing to them; where Next's types are known every environment must have it.
  NODE_ENV: "production",
};

/** Runs a program to its end. Never rejects: what kept it from starting is its output. */
export function runProgram({ command, args, account, input }: Program): Promise<ProgramResult> {
  return new Promise((resolve) => {
    // The account may not be able to pass the present folder.
    const child = spawn(command, args, { ...account, cwd: "/", env: programEnv });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
    child.on("error", (error) => resolve({ code: null, output: error.message }));
    child.on("close", (code) => resolve({ code, output: output.trim() }));
  });
}
