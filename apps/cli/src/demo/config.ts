import { resolve } from "node:path";
import { baseUrl, port, processSchema, readConfig, webSocketUrl } from "@echo/platform";

const DemoEnvironment = processSchema({
  DEMO_PORT: port(3001),
  ECHO_API_URL: baseUrl.default("http://127.0.0.1:8080"),
  ECHO_REALTIME_URL: webSocketUrl.default("ws://127.0.0.1:8083"),
});

export interface DemoConfig {
  /** Absolute; the page's build and its people's passwords are kept there. */
  home: string;
  host: string;
  /** 0: any free one. */
  port: number;
  apiUrl: string;
  realtimeUrl: string;
}

/** @throws ConfigError that names every fault */
export function readDemoConfig(environment: Readonly<Record<string, string | undefined>>): DemoConfig {
  const read = readConfig(DemoEnvironment, environment);
  return {
    home: resolve(read.ECHO_HOME),
    host: read.ECHO_HOST,
    port: read.DEMO_PORT,
    apiUrl: read.ECHO_API_URL,
    realtimeUrl: read.ECHO_REALTIME_URL,
  };
}
