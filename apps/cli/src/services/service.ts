/** A real part that Echo can stand on, and the ways to have one. */
export interface Service {
  /** Also what it is called in deploy/services.compose.yaml. */
  name: string;
  /** Where processes read its address. */
  variable: string;
  usualPort: number;
  urlOf(port: number): string;
  /** @throws Error that says why it does not answer */
  check(url: string): Promise<void>;
  /** The program that a distribution has of it. */
  program: {
    command: string;
    /** It keeps what it writes in `folder`, and stays in the foreground. */
    args(place: { port: number; folder: string }): string[];
    /** Whether a process, by its command line, is the one that listens on that port. */
    isTitle(title: string, port: number): boolean;
  };
  /** One sentence for a machine that has none of the ways. */
  missing: string;
}

export type Way = "environment" | "docker" | "program";

/** One that answers. */
export interface RunningService {
  name: string;
  variable: string;
  url: string;
  by: Way;
  /** It ran before it was asked for. */
  wasRunning: boolean;
}
