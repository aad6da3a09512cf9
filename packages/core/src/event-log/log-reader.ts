import type { LogReader, QueueRecord } from "@echo/platform";
import type { EventLog, LoggedEvent } from "./event-log.ts";
import { listEvents } from "./repository/events.ts";
import { countWaiting, findPositionBefore, getHead, listEpochs, listInLane } from "./repository/records.ts";

/** The topic of each type of event that consumers get. */
type TopicOf = ReadonlyMap<string, string>;

interface Catalogue {
  topicOf: TopicOf;
  /** The first is there in every version. */
  topics: readonly string[];
}

/** The log as the queue reads it. */
export function createLogReader(events: EventLog, { topicOf, topics }: Catalogue): LogReader {
  const typesOf = (asked: readonly string[]) =>
    [...topicOf].flatMap(([type, topic]) => (asked.includes(topic) ? [type] : []));
  return {
    head: getHead,
    async read(db, { topics: asked, ...range }) {
      const rows = await listInLane(db, { ...range, types: typesOf(asked) });
      return rows.map((event) => recordOf(event, topicOf));
    },
    async readAll(db, range) {
      const rows = await listEvents(db, { ...range, to: Number.MAX_SAFE_INTEGER });
      return rows.map((event) => recordOf(event, topicOf));
    },
    backlog: (db, { topics: asked, positions }) => countWaiting(db, typesOf(asked), positions),
    positionBefore: findPositionBefore,
    epochs: listEpochs,
    topics,
    knows: (topic, type) => topicOf.get(type) === topic,
    onAdvance: (listener) => events.onAdvance((_head, batch) => listener(batch?.streamIds ?? null)),
  };
}

function recordOf(event: LoggedEvent, topicOf: TopicOf): QueueRecord {
  const { epoch, position, type, createdAt, loggedAt } = event;
  const { streamId, eventSeq, actorId, refId, audienceUserId, data } = event;
  const topic = topicOf.get(type) ?? "";
  return {
    topic,
    key: streamId,
    position,
    epoch,
    type,
    value: { eventSeq, actorId, refId, audienceUserId, data },
    createdAt,
    loggedAt,
  };
}
