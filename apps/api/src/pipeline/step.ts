import type { Core } from "@echo/core";
import type { FastifyInstance } from "fastify";
import type { ApiConfig } from "../config.ts";

/** What every step may use. */
export interface Deps {
  core: Core;
  config: ApiConfig;
  /** The port of operators: under known names alone wherever it is bound, and no page may read it. */
  isInternal: boolean;
}

/** One thing that happens to every request; `install` hangs it into Fastify's life cycle. */
export interface Step {
  name: string;
  install(app: FastifyInstance, deps: Deps): void | Promise<void>;
}
