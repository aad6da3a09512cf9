import type { RawRecord } from "@echo/platform";

/** What somebody who reads the topics found, against what was acknowledged to senders. */
export interface TopicFigures {
  /** Of all types. */
  records: number;
  /** Messages that were acknowledged and did not come. */
  lost: number;
  /** Records that came again. */
  doubled: number;
  /** Records whose position is below that of an earlier one of their key, and messages that came before an earlier one. */
  orderErrors: number;
}

interface ReadRecord {
  id: string;
  topicAndKey: string;
  position: number;
  /** Of a message that was created. */
  messageId: string | null;
}

/** Kept outside Echo, by one who knows the records alone. */
export class TopicLedger {
  readonly #said: string[] = [];
  readonly #records: ReadRecord[] = [];
  readonly #messageIds = new Set<string>();

  /** In the order in which they were acknowledged. */
  said(messageId: string): void {
    this.#said.push(messageId);
  }

  read({ topic, key, value, headers }: RawRecord): void {
    const { refId } = JSON.parse(`${value}`) as { refId: string | null };
    const messageId = `${headers.type}` === "message.created" ? refId : null;
    if (messageId !== null) this.#messageIds.add(messageId);
    const position = Number(`${headers.position}`);
    this.#records.push({ id: `${headers["event-id"]}`, position, topicAndKey: `${topic} ${key}`, messageId });
  }

  /** Messages that are expected and have not come. */
  get missing(): number {
    return this.#said.filter((id) => !this.#messageIds.has(id)).length;
  }

  get records(): number {
    return this.#records.length;
  }

  compare(): TopicFigures {
    const order = new Map(this.#said.map((id, index) => [id, index]));
    const placeOf = ({ messageId }: ReadRecord) => order.get(messageId ?? "") ?? [];
    return {
      records: this.#records.length,
      lost: this.missing,
      doubled: this.#records.length - new Set(this.#records.map(({ id }) => id)).size,
      orderErrors: this.#byKey().reduce(
        (sum, own) => sum + countFalls(own.map(({ position }) => position)) + countFalls(own.flatMap(placeOf)),
        0,
      ),
    };
  }

  /** Records of different keys come in any order. */
  #byKey(): ReadRecord[][] {
    const byKey = new Map<string, ReadRecord[]>();
    for (const record of this.#records) {
      const own = byKey.get(record.topicAndKey) ?? [];
      own.push(record);
      byKey.set(record.topicAndKey, own);
    }
    return [...byKey.values()];
  }
}

const countFalls = (values: readonly number[]): number =>
  values.filter((value, index) => index > 0 && value < (values[index - 1] ?? value)).length;
