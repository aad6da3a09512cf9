import type { Message, SendMessageInput } from "@echo/contracts";
import type { Echo } from "../echo.ts";
import { randomId } from "../sending/random-id.ts";

/** A message of one's own that the server does not have yet. */
export interface Outgoing {
  clientMessageId: string;
  conversationId: string;
  input: SendMessageInput;
  /** ISO 8601, by this client's clock. */
  at: string;
  state: "sending" | "failed";
  /** Why it failed; null while it is on its way. */
  error: unknown;
}

/** Something became of what is sent in a conversation; `message` once the server has it. */
type Listener = (conversationId: string, message: Message | null) => void;

const none: readonly Outgoing[] = [];

/** What this client sends and has not sent, whether or not somebody looks: a conversation is left and entered again. */
export class OutgoingMessages {
  readonly #echo: Echo;
  readonly #byConversation = new Map<string, readonly Outgoing[]>();
  readonly #listeners = new Set<Listener>();

  constructor(echo: Echo) {
    this.#echo = echo;
    echo.on("send.pending", ({ at, data }) => {
      this.#remove(data);
      const { clientMessageId, conversationId, input } = data;
      this.#add({ clientMessageId, conversationId, input, at, state: "sending", error: null });
    });
    echo.on("send.sent", ({ data }) => {
      this.#remove(data);
      this.#tell(data.conversationId, data.message);
    });
    echo.on("send.failed", ({ data: { clientMessageId, conversationId, error } }) => {
      const known = this.listOf(conversationId);
      const next = known.map((each) =>
        each.clientMessageId === clientMessageId ? { ...each, state: "failed" as const, error } : each,
      );
      this.#byConversation.set(conversationId, next);
      this.#tell(conversationId, null);
    });
  }

  /** How many are on their way. */
  get pending(): number {
    return [...this.#byConversation.values()].flat().filter(({ state }) => state === "sending").length;
  }

  /** In the order of the calls; the same array until something changed. */
  listOf(conversationId: string): readonly Outgoing[] {
    return this.#byConversation.get(conversationId) ?? none;
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Sends it; what it is refused with is in the list, and thrown by nobody. */
  send(input: SendMessageInput | Omit<SendMessageInput, "clientMessageId">): void {
    const whole = { clientMessageId: randomId(), ...input } as SendMessageInput;
    const { clientMessageId, conversationId } = whole;
    this.#echo.send(whole).catch((error: unknown) => {
      // A client over its outboxCapacity refuses without having told of it.
      if (!(error instanceof RangeError)) return;
      this.#remove(whole);
      const at = new Date().toISOString();
      this.#add({ clientMessageId, conversationId, input: whole, at, state: "failed", error });
    });
  }

  /** Sends a failed one again, as the same message. */
  retry(conversationId: string, clientMessageId: string): void {
    const failed = this.#findFailed(conversationId, clientMessageId);
    if (failed) this.send(failed.input);
  }

  /** Forgets a failed one. */
  discard(conversationId: string, clientMessageId: string): void {
    if (!this.#findFailed(conversationId, clientMessageId)) return;
    this.#remove({ conversationId, clientMessageId });
    this.#tell(conversationId, null);
  }

  clear(): void {
    const conversationIds = [...this.#byConversation.keys()];
    this.#byConversation.clear();
    for (const conversationId of conversationIds) this.#tell(conversationId, null);
  }

  #findFailed(conversationId: string, clientMessageId: string): Outgoing | undefined {
    return this.listOf(conversationId).find(
      (each) => each.clientMessageId === clientMessageId && each.state === "failed",
    );
  }

  #add(outgoing: Outgoing): void {
    this.#byConversation.set(outgoing.conversationId, [...this.listOf(outgoing.conversationId), outgoing]);
    this.#tell(outgoing.conversationId, null);
  }

  #remove({ conversationId, clientMessageId }: { conversationId: string; clientMessageId: string }): void {
    const rest = this.listOf(conversationId).filter((each) => each.clientMessageId !== clientMessageId);
    if (rest.length > 0) this.#byConversation.set(conversationId, rest);
    else this.#byConversation.delete(conversationId);
  }

  #tell(conversationId: string, message: Message | null): void {
    for (const listener of [...this.#listeners]) listener(conversationId, message);
  }
}
