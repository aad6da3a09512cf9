import { setTimeout as pause } from "node:timers/promises";
import { createDb, statement } from "@echo/db";
import { type KillPoint, killPoints } from "@echo/platform";
import type { ReplayFigures } from "../replay/ledger.ts";
import { seededRandom } from "../replay/random.ts";
import { areTopicsFlawless, isFlawless } from "../replay/report.ts";
import { runReplay } from "../replay/run-replay.ts";
import type { ScratchStack } from "../replay/scratch-stack.ts";
import type { TopicFigures } from "../replay/topic-ledger.ts";
import { openTopicReader, type TopicReader } from "../replay/topic-reader.ts";
import { freePort } from "../stack/free-port.ts";
import { planConversation } from "./drill-plan.ts";
import { killMigration } from "./kill-migrations.ts";
import { runVictim, type Seat, type VictimOptions } from "./victim.ts";

export interface KillDrillOptions {
  /** Kills in all, spread evenly over the points. */
  count: number;
  points: readonly KillPoint[];
  seed: number;
  note(line: string): void;
  /** What runs in the place of a kind's own main: for tests of the drill, which plant faults. */
  mains?: VictimOptions["mains"];
  /** As of a replay. */
  patienceMs?: number;
}

export interface KillDrillReport {
  /** By point; a drill that killed nobody at one of them shows nothing. */
  kills: Partial<Record<KillPoint, number>>;
  /** Attempts in which a process did not come to its point in time. */
  notReached: number;
  replays: number;
  faultyReplays: number;
  /** Migrations that the next run could not complete. */
  badMigrations: number;
  /** What was acknowledged to clients, what the log has, and what consumers counted of it. */
  acknowledged: Counted;
  logged: Counted;
  counted: Counted;
  /** What came by Kafka to somebody outside; null: without Kafka. */
  topics: TopicFigures | null;
}

interface Counted {
  messages: number;
  newUsers: number;
  newConversations: number;
}

/** Those of the relay, which is at work with Kafka alone. */
const relayPoints: readonly KillPoint[] = ["read>produce", "produce>commit"];

export const needsKafka = (point: KillPoint): boolean => relayPoints.includes(point);

/** Those that there are without Redis and Kafka. */
export const embeddedKillPoints = killPoints.filter((point) => !needsKafka(point));

/** Which process has the point, and until which passing of it chance decides. */
const places: Record<Exclude<KillPoint, "migrate">, { kind: Seat["kind"]; maxNth: number }> = {
  "commit>append": { kind: "api", maxNth: 30 },
  "append>wake": { kind: "api", maxNth: 30 },
  "read>produce": { kind: "worker", maxNth: 10 },
  "produce>commit": { kind: "worker", maxNth: 10 },
  "handle>commit": { kind: "worker", maxNth: 10 },
  "receipts>write": { kind: "realtime", maxNth: 5 },
  "attach>cutover": { kind: "realtime", maxNth: 4 },
  drain: { kind: "realtime", maxNth: 2 },
};
const maxMigrations = 5;
/** A machine that is busy with other things may not bring a process to its point in time; the next attempts ask for less. */
const maxAttempts = 3;
const drainWithinMs = 1_500;
const betweenStrikesMs = 13_000;

/** Kills processes at points of their work while people talk, and compares what everybody got with a ledger of its own. */
export async function runKillDrill(scratch: ScratchStack, options: KillDrillOptions): Promise<KillDrillReport> {
  const drill = new KillDrill(scratch, options, {
    api: { kind: "api", port: await freePort("127.0.0.1") },
    realtime: { kind: "realtime", port: await freePort("127.0.0.1") },
    worker: { kind: "worker", port: await freePort("127.0.0.1") },
  });
  return drill.run();
}

class KillDrill {
  readonly #scratch: ScratchStack;
  readonly #options: KillDrillOptions;
  readonly #seats: Record<Seat["kind"], Seat>;
  readonly #reader: TopicReader | null;
  readonly #random: () => number;
  readonly #kills: Partial<Record<KillPoint, number>>;
  #nextStrikeMs = 0;
  readonly #acknowledged: Counted = { messages: 0, newUsers: 0, newConversations: 0 };
  #isOver = false;
  #notReached = 0;
  #badMigrations = 0;
  #replays = 0;
  #faultyReplays = 0;

  constructor(scratch: ScratchStack, options: KillDrillOptions, seats: Record<Seat["kind"], Seat>) {
    this.#scratch = scratch;
    this.#options = options;
    this.#seats = seats;
    this.#reader = scratch.kafka && openTopicReader(scratch.kafka.options);
    this.#random = seededRandom(options.seed);
    this.#kills = Object.fromEntries(options.points.map((point) => [point, 0]));
  }

  async run(): Promise<KillDrillReport> {
    const killing = this.#killAll().finally(() => {
      this.#isOver = true;
    });
    // Awaited below; a replay may take a while until then.
    killing.catch(() => undefined);
    try {
      while (!this.#isOver) await this.#replay();
      await killing;
      return await this.#report();
    } finally {
      this.#isOver = true;
      await killing;
      await this.#reader?.stop();
    }
  }

  async #report(): Promise<KillDrillReport> {
    return {
      kills: this.#kills,
      notReached: this.#notReached,
      replays: this.#replays,
      faultyReplays: this.#faultyReplays,
      badMigrations: this.#badMigrations,
      acknowledged: this.#acknowledged,
      ...(await readCounts(this.#scratch)),
      topics: this.#reader && (await this.#reader.settle()),
    };
  }

  async #replay(): Promise<void> {
    const plan = planConversation(this.#random);
    const { api, realtime } = this.#seats;
    const figures = await runReplay({
      apiUrls: [...this.#scratch.apiUrls, `http://127.0.0.1:${api.port}`],
      realtimeUrls: [...this.#scratch.realtimeUrls, `ws://127.0.0.1:${realtime.port}`],
      plan,
      speed: null,
      ...(this.#options.patienceMs ? { patienceMs: this.#options.patienceMs } : {}),
      onSaid: (messageId) => this.#reader?.said(messageId),
    });
    this.#replays += 1;
    this.#acknowledged.messages += plan.says;
    this.#acknowledged.newUsers += plan.people.length + 1;
    this.#acknowledged.newConversations += 1;
    if (isFlawless(figures) && figures.resets === 0) return;
    this.#faultyReplays += 1;
    this.#options.note(`replay ${this.#replays} found faults: ${describe(figures)}`);
  }

  /** Points of different processes at once, those of one after the other. */
  async #killAll(): Promise<void> {
    const { points, count } = this.#options;
    const each = Math.ceil(count / points.length);
    const lanes = new Map<string, KillPoint[]>();
    for (const point of points) {
      const lane = point === "migrate" ? "migrate" : places[point].kind;
      lanes.set(lane, [...(lanes.get(lane) ?? []), point]);
    }
    await Promise.all([...lanes.values()].map((own) => this.#killInTurn(own, each)));
  }

  async #killInTurn(points: readonly KillPoint[], each: number): Promise<void> {
    for (const point of Array.from({ length: each }, () => points).flat()) {
      for (let attempt = 1; attempt <= maxAttempts && !this.#isOver; attempt += 1) {
        if (await this.#strike(point, attempt)) break;
      }
    }
  }

  /** False when nobody came to the point. */
  async #strike(point: KillPoint, attempt: number): Promise<boolean> {
    const maxNth = point === "migrate" ? maxMigrations : places[point].maxNth;
    const nth = attempt === 1 ? 1 + Math.floor(this.#random() * maxNth) : 1;
    const isKilled = point === "migrate" ? await this.#killMigration(nth) : await this.#kill(point, nth);
    if (isKilled) this.#kills[point] = (this.#kills[point] ?? 0) + 1;
    else this.#notReached += 1;
    this.#tell();
    return isKilled;
  }

  async #kill(point: Exclude<KillPoint, "migrate">, nth: number): Promise<boolean> {
    const { kind } = places[point];
    const { environment, stack } = this.#scratch;
    const { mains } = this.#options;
    const killAt = { point, nth };
    try {
      return await runVictim({ seat: this.#seats[kind], environment, killAt, mains, onReady: this.#leadingTo(point) });
    } finally {
      if (needsKafka(point)) stack.of("worker")[0]?.kill("SIGCONT");
    }
  }

  /** What makes a process come to a point that traffic alone does not bring it to. */
  #leadingTo(point: KillPoint): VictimOptions["onReady"] {
    if (point === "drain") {
      const ms = this.#random() * drainWithinMs;
      return (victim) => void pause(ms).then(() => victim.kill("SIGTERM"));
    }
    // Whoever was connected to the other node comes here, with his cursor.
    if (point === "attach>cutover") return () => void this.#sendEverybodyAway();
    // Whoever relays is frozen, so that it is the victim's turn; thawed, it finds itself shut out.
    if (needsKafka(point)) return () => this.#scratch.stack.of("worker")[0]?.kill("SIGSTOP");
    return () => undefined;
  }

  /** Not too often: a supervisor gives up on a process that dies more than five times a minute. */
  async #sendEverybodyAway(): Promise<void> {
    const waitMs = this.#nextStrikeMs - Date.now();
    this.#nextStrikeMs = Math.max(Date.now(), this.#nextStrikeMs) + betweenStrikesMs;
    if (waitMs > 0) await pause(waitMs);
    this.#scratch.stack.of("realtime")[0]?.kill("SIGKILL");
  }

  async #killMigration(nth: number): Promise<boolean> {
    const killed = this.#scratch.finish(() => killMigration(this.#scratch, { point: "migrate", nth }));
    const { isReached, isWell } = await killed;
    if (!isWell) this.#badMigrations += 1;
    return isReached;
  }

  #tell(): void {
    const made = Object.values(this.#kills).reduce((sum, kills) => sum + kills, 0);
    if (made % 10 === 0) this.#options.note(`${made} kills, ${this.#replays} replays, ${this.#faultyReplays} faulty`);
  }
}

const describe = ({ lost, doubled, orderErrors, unexpected, historyErrors, resets }: ReplayFigures): string =>
  JSON.stringify({ lost, doubled, orderErrors, unexpected, historyErrors, resets });

const of = (source: string) =>
  `SELECT jsonb_build_object('messages', coalesce(sum(n) FILTER (WHERE what IN ('messages', 'message.created')), 0),
     'newUsers', coalesce(sum(n) FILTER (WHERE what IN ('newUsers', 'user.registered')), 0),
     'newConversations', coalesce(sum(n) FILTER (WHERE what IN ('newConversations', 'conversation.created')), 0))
   FROM (${source}) AS source`;

const counts = statement<Pick<KillDrillReport, "logged" | "counted">>(
  "drill_counts",
  `SELECT (${of("SELECT type AS what, count(*) AS n FROM messages.event_log GROUP BY type")}) AS logged,
     (${of("SELECT metric AS what, count AS n FROM analytics.hourly_counts")}) AS counted`,
);
const consumersWithinMs = 30_000;

/** Once consumers have had the time to come to what the log has. */
async function readCounts({ environment }: ScratchStack): Promise<Pick<KillDrillReport, "logged" | "counted">> {
  const db = createDb({ url: environment.DATABASE_URL ?? "", poolMax: 1 });
  try {
    for (const endMs = Date.now() + consumersWithinMs; ; await pause(200)) {
      const [row] = await db.query(counts);
      if (!row) throw new Error("sums have one row");
      if (isSame(row.logged, row.counted) || Date.now() > endMs) return row;
    }
  } finally {
    await db.close();
  }
}

const isSame = (a: Counted, b: Counted): boolean =>
  a.messages === b.messages && a.newUsers === b.newUsers && a.newConversations === b.newConversations;

/**
 * Somebody killed at each point, and nothing lost, doubled or out of order at clients and consumers. A registration that got
 * no answer may have been made: of people there may be more than were told so.
 */
export function isFaultless(report: KillDrillReport): boolean {
  const { kills, faultyReplays, badMigrations, acknowledged, logged, counted } = report;
  const isLogged = isSame(logged, { ...acknowledged, newUsers: Math.max(logged.newUsers, acknowledged.newUsers) });
  const isShown = Object.values(kills).every((made) => made > 0);
  const isConsumed = isSame(logged, counted) && areTopicsFlawless(report.topics);
  return isShown && faultyReplays + badMigrations === 0 && isLogged && isConsumed;
}
