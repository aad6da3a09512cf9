import { z } from "zod";
import type { CliConfig } from "../config.ts";

/** What `start` supervises; each kind is a process of its own. */
export const ProcessKind = z.enum(["api", "realtime", "worker", "admin", "demo"]);
export type ProcessKind = z.infer<typeof ProcessKind>;

interface KindFacts {
  /** The module that is started. */
  main: string;
  /** Where it answers; `%` stands for host and port. */
  address: string;
  portVariable: string;
  /** Null: it has no port for operators beside that one. */
  internalPortVariable: string | null;
  /** Its one port is for operators. */
  isInternal?: boolean;
  /** What the program itself must be told, whatever the environment says. */
  environment?: Readonly<Record<string, string>>;
}

export const processKinds: Readonly<Record<ProcessKind, KindFacts>> = {
  api: {
    main: "@echo/api/main",
    address: "http://%/trpc",
    portVariable: "API_PORT",
    internalPortVariable: "API_INTERNAL_PORT",
  },
  realtime: {
    main: "@echo/realtime/main",
    address: "ws://%/trpc",
    portVariable: "REALTIME_PORT",
    internalPortVariable: "REALTIME_INTERNAL_PORT",
  },
  worker: {
    main: "@echo/worker/main",
    address: "http://%/ready",
    portVariable: "WORKER_INTERNAL_PORT",
    internalPortVariable: null,
    isInternal: true,
  },
  admin: {
    main: "@echo/admin/main",
    address: "http://%",
    portVariable: "ADMIN_PORT",
    internalPortVariable: null,
    // React chooses by it what it is made of.
    environment: { NODE_ENV: "production" },
  },
  demo: { main: "../demo/main.ts", address: "http://%", portVariable: "DEMO_PORT", internalPortVariable: null },
};

/** Where a kind opens its port. */
export const hostOf = (kind: ProcessKind, config: Pick<CliConfig, "ECHO_HOST" | "ECHO_INTERNAL_HOST">): string =>
  processKinds[kind].isInternal ? config.ECHO_INTERNAL_HOST : config.ECHO_HOST;

/** How others on this machine reach a port that was opened on `host`. */
export function hostAndPort(host: string, port: number): string {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${name.includes(":") ? `[${name}]` : name}:${port}`;
}
