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

/** A position or a version; undefined for anything else. */
function wholeOf(text: string | undefined): number | undefined {
  const number = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

function timeOf(value: unknown, name: string): Date {
  const time = new Date(typeof value === "string" ? value : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new Error(`Its ${name} is no time`);
  return time;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const maxWord = 64;

function wordOf(header: RawRecord["headers"][string], name: string): string {
  const word = textOf(header) ?? "";
  if (word === "" || word.length > maxWord) throw foreign(name);
  return word;
}

const foreign = (name: string): Error => new Error(`Its header ${name} is none of Echo's`);

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Never throws. */
export function parseRecord(raw: RawRecord, log: Pick<LogReader, "knows">): Incoming {
  try {
    return parse(raw, log);
  } catch (error) {
    return { kind: "unreadable", raw, fault: error instanceof Error ? error.message : String(error) };
  }
}

const textOf = (header: RawRecord["headers"][string]): string | undefined =>
  Buffer.isBuffer(header) || typeof header === "string" ? header.toString() : undefined;

/** Empty when it has none. */
export const typeOf = ({ headers }: RawRecord): string => textOf(headers.type) ?? "";

/** By hand: it is done for each record, and a schema would be most of what a record costs. */
function parse(raw: RawRecord, log: Pick<LogReader, "knows">): Incoming {
  const { topic, headers } = raw;
  const epoch = wordOf(headers.epoch, "epoch");
  const type = wordOf(headers.type, "type");
  const position = wholeOf(textOf(headers.position));
  const version = wholeOf(textOf(headers["schema-version"]));
  const previous = headers.previous === undefined ? null : wholeOf(textOf(headers.previous));
  if (position === undefined) throw foreign("position");
  if (version === undefined) throw foreign("schema-version");
  if (previous === undefined) throw foreign("previous");
  const fault = version > schemaVersion ? newer(version) : log.knows(topic, type) ? null : unknown(type);
  if (fault !== null) {
    return { kind: "deferred", record: { ...outlineOf(raw), position, epoch }, previous, raw, fault };
  }
  const key = raw.key?.toString() ?? "";
  if (!uuid.test(key)) throw new Error("Its key is no UUID");
  const { createdAt, loggedAt, ...value } = objectOf(raw.value);
  const [created, logged] = [timeOf(createdAt, "createdAt"), timeOf(loggedAt, "loggedAt")];
  const record = { topic, key, position, epoch, type, value, createdAt: created, loggedAt: logged };
  return { kind: "record", record, previous };
}

const newer = (version: number): string => `Its schema version is ${version}, and this one reads ${schemaVersion}`;
const unknown = (type: string): string => `Its type is not known here: ${JSON.stringify(type)}`;

function objectOf(bytes: Buffer | null): Record<string, unknown> {
  if (bytes === null) throw new Error("It has no value");
  const text = utf8.decode(bytes);
  // PostgreSQL stores no NUL.
  if (text.includes("\\u0000")) throw new Error("Its value holds a NUL");
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("Its value is no object");
  return value as Record<string, unknown>;
}

const nobody = "00000000-0000-0000-0000-000000000000";

/** What is shown of a record that cannot be read. */
export function outlineOf({ topic, partition, offset, timestamp, key }: RawRecord): QueueRecord {
  const at = new Date(Number(timestamp));
  const known = key?.toString() ?? "";
  const times = { createdAt: at, loggedAt: at };
  const value = { partition, offset };
  return { topic, key: uuid.test(known) ? known : nobody, position: 0, epoch: "", type: "unreadable", value, ...times };
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
