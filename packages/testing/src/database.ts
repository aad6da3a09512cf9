export { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from "./create-test-database.ts";
export { fastestFolder } from "./fastest-folder.ts";
export { type OwnPostgres, startOwnPostgres } from "./own-postgres.ts";
export { describeWithPooler, startTestPooler, type TestPooler, type TestPoolerOptions } from "./pooler.ts";
