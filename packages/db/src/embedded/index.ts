export { EmbeddedError } from "./embedded-error.ts";
export { type EmbeddedPostgres, type StartEmbeddedOptions, startEmbedded } from "./start-embedded.ts";
