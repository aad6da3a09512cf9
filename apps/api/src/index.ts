export { type ApiConfig, apiDefaults, readApiConfig } from "./config.ts";
export type { AppRouter } from "./routers/index.ts";
export { type RunningApi, startApi } from "./start-api.ts";
