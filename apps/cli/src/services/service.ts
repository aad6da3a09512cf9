/** A real part that Echo can stand on, and the ways to have one. */
export interface Service {
  /** Also what it is called in deploy/services.compose.yaml. */
  name: string;
  /** What people call it. */
  title: string;
  /** Where processes read its address. */
  variable: string;
  usualPort: number;
  /** What the variable says of one on this machine. */
  addressOf(port: number): string;
  /** An address as anybody may see it. */
  show(address: string): string;
  /** @throws Error that says why it does not answer; `env` has what the environment says of it beside its address */
  check(address: string, env?: NodeJS.ProcessEnv): Promise<void>;
  program: Program;
}

/** What runs it on this machine without a container. */
interface Program {
  command: string;
  /** What to install before it can run; null: nothing. */
  findLack(): Promise<string | null>;
  /** It is to keep what it writes in its folder, where it is started, and stay in the foreground. @throws CliError */
  prepare(spot: Spot, note: (line: string) => void): Promise<Launch>;
  /** Whether a process, by its command line, is the one of that spot. */
  isTitle(title: string, spot: Spot): boolean;
}

/** Where one listens, and keeps what it writes. */
export interface Spot {
  port: number;
  folder: string;
}

export interface Launch {
  command: string;
  args: readonly string[];
}

export type Way = "environment" | "docker" | "program";

/** One that answers. */
export interface RunningService {
  name: string;
  variable: string;
  address: string;
  by: Way;
  /** It ran before it was asked for. */
  wasRunning: boolean;
}
