export { type CreateDbOptions, createDb } from "./create-db.ts";
export type * from "./db.ts";
export { statement } from "./db.ts";
export { DbError, type DbErrorKind, isDbError } from "./db-error.ts";
export type { Log } from "./log.ts";
export { type MigrateOptions, migrate, pendingMigrations } from "./migrate/migrate.ts";
export { MigrationError } from "./migrate/migration-error.ts";
