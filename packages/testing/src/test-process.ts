import { once } from "node:events";
import { launchProcess } from "@echo/cli/launch";

export type App = "api" | "realtime" | "worker";

/** Few people make many calls here, all from one address. */
const many = { burst: 100_000, perSecond: 100_000 };
const limits = { user: many, send: many, socket: many, socketsPerUser: 1_000, socketsPerIpUnauthenticated: 1_000 };

/** The process of an app. */
export interface AppProcess {
  app: App;
  pid: number;
  port: number;
  address: string;
  /** Resolves with the exit code; null when a signal ended it. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

interface ProcessOptions {
  /** Default: any free one. */
  port?: number;
  /** More of its variables. */
  env?: Readonly<Record<string, string>>;
}

/** Starts the process of an app as `npm start` does. */
export async function startTestProcess(
  app: App,
  databaseUrl: string,
  { port: wantedPort = 0, env: more = {} }: ProcessOptions = {},
): Promise<AppProcess> {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    ECHO_SECRET: Buffer.alloc(32, 7).toString("base64url"),
    ECHO_HOST: "127.0.0.1",
    LOG_LEVEL: "fatal",
    ECHO_LIMITS: JSON.stringify(limits),
    API_PORT: `${wantedPort}`,
    API_INTERNAL_PORT: "0",
    REALTIME_PORT: `${wantedPort}`,
    REALTIME_INTERNAL_PORT: "0",
    WORKER_INTERNAL_PORT: `${wantedPort}`,
    ...more,
  };
  const child = launchProcess(app, { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const gone = once(child, "exit").then(([code]) =>
    Promise.reject(new Error(`${app} ended at its start with ${code}`)),
  );
  const [{ port }] = (await Promise.race([once(child, "message"), gone])) as [{ port: number }];
  return {
    app,
    pid: child.pid ?? 0,
    port,
    address: `127.0.0.1:${port}`,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, "exit");
      }
      return child.exitCode;
    },
  };
}
