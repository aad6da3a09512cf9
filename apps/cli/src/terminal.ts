/** What a command gets of the world outside: no command reads `process.env` or writes to the terminal by itself. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  print(line: string): void;
  /** Warnings and progress: not part of what `--json` answers. */
  note(line: string): void;
}
