import { expect, test } from "vitest";
import { type Addresses, judgeConsoleUrl, judgeOrigins } from "./check-addresses.ts";
import { judgeSkew } from "./check-clock.ts";
import { judgeBuild } from "./check-console.ts";
import { type DataSizes, judgeData } from "./check-data.ts";
import { judgeKeys, type SigningKey } from "./check-keys.ts";
import { lifetimesText } from "./check-policy.ts";
import { judgeProcesses } from "./check-processes.ts";
import { type Connections, judgeConnections, judgeVersion } from "./check-server.ts";
import { judgeStaff } from "./check-staff.ts";
import { judgeMigrations } from "./examine-database.ts";
import { type Level, look, type Verdict } from "./finding.ts";
import { formatFindings } from "./format-findings.ts";
import { createPatient, given } from "./test-patient.ts";

/** Whatever is not fine names what mends it. */
function expectVerdict({ level, detail, mend }: Verdict, expected: [Level, RegExp, RegExp?]): void {
  expect({ level, detail, mend }).toEqual({
    level: expected[0],
    detail: expect.stringMatching(expected[1]),
    mend: expected[2] ? expect.stringMatching(expected[2]) : undefined,
  });
}

test.each<[number, Level, RegExp, RegExp?]>([
  [0, "fine", /^0\.000 s/],
  [-1_000, "fine", /^1\.0 s before the database/],
  [1_001, "warning", /^1\.0 s after the database/, /timedatectl/],
  [-5_000, "warning", /before/, /timedatectl/],
  [5_001, "fault", /more than the 5 s that tokens/, /timedatectl/],
  [-60_000, "fault", /^60\.0 s before/, /timedatectl/],
])("a clock that is %d ms away is %s", (skewMs, ...expected) => expectVerdict(judgeSkew(skewMs), expected));

test.each<[number, Level, RegExp, RegExp?]>([
  [140_012, "fault", /^14\.12: Echo is for PostgreSQL 15 to 18/, /pg_upgrade/],
  [150_000, "fine", /^15\.0$/],
  [180_004, "fine", /^18\.4$/],
  [190_000, "fault", /^19\.0/, /pg_upgrade/],
])("PostgreSQL %d is %s", (version, ...expected) => expectVerdict(judgeVersion(version), expected));

const twoProcesses: Connections = { available: 97, inUse: 12, wanted: { processes: 2, connections: 39 } };
test.each<[string, Partial<Connections>, Level, RegExp, RegExp?]>([
  ["fit", {}, "fine", /^2 processes may take 39 of 97; 12 in use$/],
  ["do not fit", { available: 20 }, "fault", /39 of 20/, /^export DB_POOL_MAX=8$/],
  ["fit, with others nearly all taken", { inUse: 90 }, "warning", /90 in use/, /pg_stat_activity/],
])("pools that %s", (_name, change, ...expected) =>
  expectVerdict(judgeConnections({ ...twoProcesses, ...change }), expected),
);

const gib = 1024 ** 3;
const roomy: DataSizes = {
  folder: "/data",
  freeBytes: 50 * gib,
  databaseBytes: 2 * gib,
  walBytes: gib,
  logBytes: 1024 ** 2,
  isLocal: true,
};
test.each<[string, Partial<DataSizes>, Level, RegExp, RegExp?]>([
  ["with room", {}, "fine", /^database 2\.0 GiB, WAL 1\.0 GiB, logs 1\.0 MiB, 50\.0 GiB free$/],
  ["on a full disk", { freeBytes: gib - 1 }, "fault", /stops when the disk is full/, /^du -xh \/data/],
  ["without room for a backup", { freeBytes: 2 * gib }, "warning", /a backup needs/, /^du /],
  ["elsewhere, beside little room", { freeBytes: 2 * gib, isLocal: false }, "fine", /free$/],
  ["whose WAL is held back", { walBytes: 5 * gib }, "warning", /replication slot/, /pg_replication_slots/],
  ["with logs that were not rotated", { logBytes: gib }, "warning", /logs are larger/, /^du /],
  ["that is not there", { databaseBytes: null, walBytes: null }, "fine", /^logs 1\.0 MiB, 50\.0 GiB free$/],
])("data %s", (_name, change, ...expected) => expectVerdict(judgeData({ ...roomy, ...change }), expected));

const now = new Date("2026-11-25T00:00:00.000Z");
const ago = (ms: number): Date => new Date(now.getTime() - ms);
const hourMs = 3_600_000;
const currentKey: SigningKey = {
  kid: "one",
  state: "current",
  since: ago(48 * hourMs),
  retiresAt: null,
  isRevoked: false,
  isSealedOld: false,
};
const old = { ...currentKey, kid: "two" };
test.each<[string, SigningKey[], Level, RegExp, RegExp?]>([
  ["none at all", [], "fine", /^none yet/],
  ["one", [currentKey], "fine", /^current one, 2 days old; 1 in use$/],
  ["none current", [{ ...old, state: "retired" }], "fault", /^none is current/, /^curl x$/],
  ["a revoked current one", [{ ...currentKey, isRevoked: true }], "fault", /^none is current/, /^curl x$/],
  ["one stuck in next", [currentKey, { ...old, state: "next" }], "fault", /^two is next since/, /kid = 'two'$/],
  ["one stuck in verifying", [currentKey, { ...old, state: "verifying" }], "fault", /^two is verifying/, /'two'$/],
  ["a rotation that goes on", [currentKey, { ...old, state: "next", since: ago(60_000) }], "fine", /2 in use$/],
  ["one that retires later", [currentKey, { ...old, state: "verifying", retiresAt: ago(-1_000) }], "fine", /2 in use$/],
  ["a revoked one in verifying", [currentKey, { ...old, state: "verifying", isRevoked: true }], "fine", /1 in use$/],
  ["one under the old secret", [{ ...currentKey, isSealedOld: true }], "warning", /under ECHO_SECRET_PREVIOUS/, /keep/],
  ["one of a year", [{ ...currentKey, since: ago(365 * 24 * hourMs) }], "warning", /older than a year/, /^SQL: UPDATE/],
])("signing keys: %s", (_name, keys, ...expected) => expectVerdict(judgeKeys(keys, now, "curl x"), expected));

const local: Addresses = {
  isEmbedded: true,
  host: "127.0.0.1",
  origins: ["http://localhost:*", "http://127.0.0.1:*"],
  consoleUrl: "http://127.0.0.1:3000",
  isConsoleUrlGiven: false,
  consolePort: 3000,
  demoOrigin: null,
};
const real: Addresses = {
  ...local,
  isEmbedded: false,
  host: "0.0.0.0",
  origins: ["https://app.example.com"],
  consoleUrl: "https://console.example.com",
  isConsoleUrlGiven: true,
};
test.each<[string, Addresses, Level, RegExp, RegExp?]>([
  ["the embedded default", local, "fine", /^http:\/\/localhost:\*/],
  ["of a real infrastructure", real, "fine", /^https:\/\/app\.example\.com$/],
  ["none", { ...real, origins: [] }, "warning", /^none/, /^export ECHO_ORIGINS=/],
  ["plain http", { ...real, origins: ["http://app.example.com"] }, "fault", /plain http/, /^export ECHO_ORIGINS=/],
  ["any port of a host", { ...real, origins: ["https://app.example.com:*"] }, "warning", /^too wide/, /^export/],
  [
    "this machine, where people are not",
    { ...real, origins: ["http://localhost:*"] },
    "warning",
    /^too wide/,
    /^export/,
  ],
  ["with the demo", { ...local, demoOrigin: "http://127.0.0.1:3001" }, "fine", /localhost/],
  [
    "without the demo",
    { ...local, origins: ["https://app.example.com"], demoOrigin: "http://127.0.0.1:3001" },
    "fault",
    /3001, is not among them/,
    /^unset ECHO_ORIGINS$/,
  ],
])("origins: %s", (_name, addresses, ...expected) => expectVerdict(judgeOrigins(addresses), expected));

const givenUrl = (consoleUrl: string): Addresses => ({ ...local, consoleUrl, isConsoleUrlGiven: true });
test.each<[string, Addresses, Level, RegExp, RegExp?]>([
  ["the embedded default", { ...local, consolePort: 4000 }, "fine", /^http:\/\/127\.0\.0\.1:4000$/],
  ["the same, given", givenUrl("http://localhost:3000"), "fine", /^http:\/\/localhost:3000$/],
  ["https", real, "fine", /^https:/],
  ["another port", givenUrl("http://127.0.0.1:3999"), "fault", /listens on 3000/, /^unset ECHO_CONSOLE_URL$/],
  ["plain http elsewhere", givenUrl("http://console.test"), "fault", /this machine alone/, /ECHO_CONSOLE_URL=https/],
  ["http on real infrastructure", { ...real, consoleUrl: local.consoleUrl }, "fault", /https alone/, /=https:/],
  ["http where others reach it", { ...local, host: "0.0.0.0" }, "fault", /https alone/, /=https:/],
])("the console's address: %s", (_name, addresses, ...expected) => expectVerdict(judgeConsoleUrl(addresses), expected));

const admin = [{ kind: "admin" as const, pid: 1, port: 3000, internalPort: 0 }];
test.each<[string, Parameters<typeof judgeBuild>, Level, RegExp, RegExp?]>([
  ["fresh", ["fresh", createPatient(given)], "fine", /present sources/],
  ["missing, where start makes it", ["missing", createPatient()], "fine", /^not built; the next start/],
  ["missing on real infrastructure", ["missing", createPatient(given)], "warning", /^not built/, /^npm run build/],
  ["stale, where start makes it", ["stale", createPatient()], "fine", /^older than its sources; the next start/],
  ["stale on real infrastructure", ["stale", createPatient(given)], "warning", /^older/, /^npm run build/],
  ["stale and served", ["stale", createPatient({}, admin)], "warning", /is served/, /^npm start$/],
])("a console's build that is %s", (_name, args, ...expected) => expectVerdict(judgeBuild(...args), expected));

test.each<[string, Verdict, Level, RegExp, RegExp?]>([
  ["no staff, with links", judgeStaff(0, true), "fine", /echoctl staff link/],
  ["no staff", judgeStaff(0, false), "fault", /^none/, /^echoctl staff bootstrap/],
  ["staff", judgeStaff(2, false), "fine", /^2 may sign in/],
  ["no migration pending", judgeMigrations([]), "fine", /^none pending$/],
  ["migrations pending", judgeMigrations(["a", "b"]), "fault", /^pending: a, b$/, /^echoctl migrate$/],
  ["processes that are ready", judgeProcesses(3, [], "/h"), "fine", /^3 ready$/],
  ["processes that are not", judgeProcesses(3, ["api on x is degraded"], "/h"), "fault", /degraded/, /^tail \/h\/logs/],
])("%s", (_name, verdict, ...expected) => expectVerdict(verdict, expected));

test("lifetimes are said in their units, and those that were shortened beside the normal ones", () => {
  const { config } = createPatient({ ECHO_LIFETIMES: '{"accessMs":60000,"staffIdleMs":1500}' });

  expect(lifetimesText(config.ECHO_LIFETIMES)).toMatch(
    /^access 1 min \(not 15 min\), refresh 7 d, .*, staffIdle 1500 ms \(not 30 min\), staffSession 12 h,/,
  );
});

test("a check that throws or hangs is a fault with the command that mends it", async () => {
  const hang = () => new Promise<Verdict>(() => undefined);
  const boom = () => Promise.reject(new TypeError("boom\nsecond line"));

  await expect(look({ name: "a", mend: "mend a", work: hang, timeoutMs: 20 })).resolves.toEqual({
    name: "a",
    ok: false,
    level: "fault",
    detail: "no answer within 0.02 s",
    mend: "mend a",
  });
  const thrown = await look({ name: "b", mend: "mend b", work: boom });
  expect(thrown).toMatchObject({ ok: false, detail: "TypeError: boom", mend: "mend b" });
});

test("people read one aligned line a check, with a mark, a word and the command", () => {
  const text = formatFindings([
    { name: "node", ok: true, level: "fine", detail: "22.0.0" },
    { name: "clock", ok: false, level: "warning", detail: "2 s away", mend: "mend it" },
    { name: "data", ok: false, level: "fault", detail: "full", mend: "make room" },
  ]);

  expect(text.split("\n")).toEqual([
    "✓ fine     node   22.0.0",
    "! warning  clock  2 s away → mend it",
    "✗ fault    data   full → make room",
  ]);
});
