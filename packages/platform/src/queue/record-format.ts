import { z } from "zod";
import type { LogReader } from "./log-reader.ts";
import type { QueueRecord } from "./queue.ts";

/** Of the format below. Who reads a higher one leaves the record alone. */
const schemaVersion = 1;

/** What a broker keeps of one record. */
export interface WireRecord {
  key: string;
  value: string;
  headers: Record<string, string>;
  timestamp: string;
}

/** A record as it came. */
export interface RawRecord {
  topic: string;
  partition: number;
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

interface Placed {
  record: QueueRecord;
  /** The position of the record before it in its partition; null when its sender did not know. */
  previous: number | null;
}

interface Faulty {
  raw: RawRecord;
  /** A sentence. */
  fault: string;
}

export type Readable = { kind: "record" } & Placed;
/** A record of the log that another version can read; `record` says where it is. */
export type Deferred = { kind: "deferred" } & Placed & Faulty;
/** None of Echo's. */
export type Unreadable = { kind: "unreadable" } & Faulty;

/** What came by Kafka. */
export type Incoming = Readable | Deferred | Unreadable;

/** What a record says beside the event. */
interface Surroundings {
  /** As in `Readable`. */
  previous: number | null;
  /** What is still true of earlier epochs: `epoch.position`, separated by spaces. Empty in the first. */
  earlierEpochs: string;
}

/**
 * Key: the stream. Value: JSON, ids and small data. Headers: where it is in the log, which record of the partition comes
 * before it, up to where earlier epochs count, its type, and the version of this format.
 */
export function formatRecord(record: QueueRecord, { previous, earlierEpochs }: Surroundings): WireRecord {
  const { key, position, epoch, type, value, createdAt, loggedAt } = record;
  return {
    key,
    value: JSON.stringify({ ...value, createdAt, loggedAt }),
    timestamp: String(loggedAt.getTime()),
    headers: {
      "event-id": `${epoch}.${position}`,
      epoch,
      position: String(position),
      ...(previous === null ? {} : { previous: String(previous) }),
      ...(earlierEpochs === "" ? {} : { "earlier-epochs": earlierEpochs }),
      type,
      "schema-version": String(schemaVersion),
    },
  };
}

const position = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .pipe(z.int().nonnegative());

const Headers = z.object({
  epoch: z.string().min(1).max(64),
  position,
  previous: position.optional(),
  type: z.string().min(1).max(64),
  "schema-version": position,
});
const Key = z.uuid();
const Value = z.looseObject({ createdAt: z.iso.datetime(), loggedAt: z.iso.datetime() });

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Never throws. */
export function parseRecord(raw: RawRecord, log: Pick<LogReader, "knows">): Incoming {
  try {
    return parse(raw, log);
  } catch (error) {
    return { kind: "unreadable", raw, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Those that are Echo's, by name: going through all that came would be the slowest part of reading a record. */
const headersOf = ({ headers }: RawRecord) => ({
  epoch: textOf(headers.epoch),
  position: textOf(headers.position),
  previous: textOf(headers.previous),
  type: textOf(headers.type),
  "schema-version": textOf(headers["schema-version"]),
});

const textOf = (header: RawRecord["headers"][string]): string | undefined =>
  Buffer.isBuffer(header) || typeof header === "string" ? header.toString() : undefined;

function parse(raw: RawRecord, log: Pick<LogReader, "knows">): Incoming {
  const headers = Headers.safeParse(headersOf(raw));
  if (!headers.success) throw new Error(`Its header ${headers.error.issues[0]?.path.join(".")} is none of Echo's`);
  const { epoch, position, previous = null, type, "schema-version": version } = headers.data;
  const { topic } = raw;
  const place = { topic, position, epoch };
  const defer = (fault: string): Deferred => {
    const record = { ...outlineOf(raw), ...place };
    return { kind: "deferred", record, previous, raw, fault };
  };
  if (version > schemaVersion) return defer(`Its schema version is ${version}, and this one reads ${schemaVersion}`);
  if (!log.knows(topic, type)) return defer(`Its type is not known here: ${JSON.stringify(type)}`);
  const key = Key.safeParse(raw.key?.toString());
  if (!key.success) throw new Error("Its key is no UUID");
  const { createdAt, loggedAt, ...value } = Value.parse(jsonOf(raw.value));
  const times = { createdAt: new Date(createdAt), loggedAt: new Date(loggedAt) };
  return { kind: "record", record: { ...place, key: key.data, type, value, ...times }, previous };
}

function jsonOf(value: Buffer | null): unknown {
  if (value === null) throw new Error("It has no value");
  const text = utf8.decode(value);
  // PostgreSQL stores no NUL.
  if (text.includes("\\u0000")) throw new Error("Its value holds a NUL");
  return JSON.parse(text);
}

const nobody = "00000000-0000-0000-0000-000000000000";

/** What is shown of a record that cannot be read. */
export function outlineOf({ topic, partition, offset, timestamp, key }: RawRecord): QueueRecord {
  const at = new Date(Number(timestamp));
  const known = Key.safeParse(key?.toString());
  const times = { createdAt: at, loggedAt: at };
  const value = { partition, offset };
  return { topic, key: known.data ?? nobody, position: 0, epoch: "", type: "unreadable", value, ...times };
}

/** Of what nobody can read no more is kept. */
const maxKeptBytes = 65_536;

const Packed = z.object({
  topic: z.string(),
  partition: z.int(),
  offset: z.string(),
  timestamp: z.string(),
  key: z.base64().nullable(),
  value: z.base64().nullable(),
  headers: z.array(z.tuple([z.string(), z.base64()])),
});

const base64Of = (bytes: Buffer | null) => bytes?.subarray(0, maxKeptBytes).toString("base64") ?? null;

/** For the dead letters, whatever bytes it is of. */
export function packRecord({ key, value, headers, ...raw }: RawRecord): Buffer {
  const first = Object.entries(headers).flatMap(([name, value]) => {
    const [one] = Array.isArray(value) ? value : [value];
    return one === undefined ? [] : [[name, base64Of(Buffer.from(one))]];
  });
  return Buffer.from(JSON.stringify({ ...raw, key: base64Of(key), value: base64Of(value), headers: first }));
}

/** @throws when it is none */
export function unpackRecord(packed: Buffer): RawRecord {
  const { key, value, headers, ...raw } = Packed.parse(JSON.parse(packed.toString()));
  const bytesOf = (text: string | null) => (text === null ? null : Buffer.from(text, "base64"));
  const all = headers.map(([name, text]) => [name, Buffer.from(text, "base64")] as const);
  return { ...raw, key: bytesOf(key), value: bytesOf(value), headers: Object.fromEntries(all) };
}
