export type { ApiClient, RealtimeClient } from "./clients.ts";
export { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from "./create-test-database.ts";
export { type Person, testPassword } from "./people.ts";
export { sendRaw } from "./raw-http.ts";
export { refusal } from "./refusal.ts";
export { consoleHeaders, type StaffClient } from "./staff.ts";
export { type Echo, type EchoOptions, startEcho } from "./start-echo.ts";
export type { Node } from "./start-node.ts";
export { type TestConfig, testConfigOf, testLimits } from "./test-config.ts";
