import type { SendMessageInput } from "@echo/contracts";
import type { Storage } from "../tokens/storage.ts";
import { tabLock } from "../tokens/tab-lock.ts";
import { randomId } from "./random-id.ts";

const outboxKey = "echo.outbox";

interface Kept {
  userId: string;
  /** Who sends it. */
  tab: string;
  input: SendMessageInput;
}

interface KeptMessagesOptions {
  storage: Storage;
  /** Who is signed in, without asking the server. */
  userId(): Promise<string | null>;
}

/** Messages that were not sent yet, in storage that outlives this page. Each belongs to one tab, as long as it lives. */
export class KeptMessages {
  readonly #options: KeptMessagesOptions;
  readonly #tab = randomId();
  #tail: Promise<unknown> = Promise.resolve();
  #leave: () => void = () => undefined;

  constructor(options: KeptMessagesOptions) {
    this.#options = options;
    // A lock that is held until the page is gone tells the others that it is there.
    const gone = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    globalThis.navigator?.locks?.request(lockOf(this.#tab), () => gone).catch(() => undefined);
  }

  async add(input: SendMessageInput): Promise<void> {
    const userId = await this.#options.userId();
    if (userId !== null) await this.#change(async (kept) => [...kept, { userId, tab: this.#tab, input }]);
  }

  remove(clientMessageId: string): Promise<void> {
    return this.#change(async (kept) => kept.filter(({ input }) => input.clientMessageId !== clientMessageId));
  }

  removeAllOf(userId: string): Promise<void> {
    return this.#change(async (kept) => kept.filter((each) => each.userId !== userId));
  }

  /** Takes over what tabs that are gone did not send, in their order; what somebody else did not send is given up. */
  async adopt(userId: string): Promise<SendMessageInput[]> {
    const adopted: SendMessageInput[] = [];
    await this.#change(async (kept) => {
      const own = kept.filter((each) => each.userId === userId);
      const orphaned = await this.#findOrphaned(own);
      return own.map((each) => {
        if (!orphaned.has(each.tab)) return each;
        adopted.push(each.input);
        return { ...each, tab: this.#tab };
      });
    });
    return adopted;
  }

  close(): void {
    this.#leave();
  }

  async #findOrphaned(kept: Kept[]): Promise<Set<string>> {
    const others = new Set(kept.map(({ tab }) => tab).filter((tab) => tab !== this.#tab));
    for (const tab of others) if (!(await isGone(tab))) others.delete(tab);
    return others;
  }

  /** One change after the other, of all tabs. */
  #change(change: (kept: Kept[]) => Promise<Kept[]>): Promise<void> {
    const { storage } = this.#options;
    const changed = this.#tail.then(() =>
      tabLock(outboxKey, async () => {
        const kept = parseKept(await storage.get(outboxKey));
        const next = await change(kept);
        if (next.length > 0) await storage.set(outboxKey, JSON.stringify(next));
        else if (kept.length > 0) await storage.delete(outboxKey);
      }),
    );
    this.#tail = changed.catch(() => undefined);
    return changed;
  }
}

const lockOf = (tab: string) => `${outboxKey}.${tab}`;

/** Where there are no locks there is one process, and it is not the one that kept the message. */
async function isGone(tab: string): Promise<boolean> {
  const free = globalThis.navigator?.locks?.request(lockOf(tab), { ifAvailable: true }, (lock) => lock !== null);
  return (await free) ?? true;
}

function parseKept(text: string | null | undefined): Kept[] {
  try {
    const parsed: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
