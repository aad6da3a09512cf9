import type { Echo } from "../echo.ts";
import { ConnectionStore } from "./connection-store.ts";
import type { StoreContext } from "./context.ts";
import { ConversationsStore, noConversations } from "./conversations-store.ts";
import { noMessages } from "./message-rows.ts";
import { MessagesStore } from "./messages-store.ts";
import { OutgoingMessages } from "./outgoing.ts";
import { People } from "./people.ts";
import { ReadMarks } from "./read-marks.ts";
import { SharedStores } from "./shared-stores.ts";
import { nobodyTypes, TypingStore } from "./typing-store.ts";

/** The stores of one client: what it sends and reads for as long as it lives, the rest while somebody looks. */
function createClientStores(echo: Echo) {
  const context: StoreContext = {
    echo,
    people: new People(echo),
    outgoing: new OutgoingMessages(echo),
    reads: new ReadMarks(echo),
    get userId() {
      return echo.userId;
    },
  };
  const conversations = new SharedStores(noConversations, () => new ConversationsStore(context));
  const messages = new SharedStores(noMessages, (id) => new MessagesStore(context, id));
  const typing = new SharedStores(nobodyTypes, (id) => new TypingStore(context, id));
  let userId: string | null = null;

  function forget(): void {
    context.people.clear();
    context.outgoing.clear();
    context.reads.clear();
    for (const live of [...conversations.all(), ...messages.all(), ...typing.all()]) live.forget();
  }

  echo.onSignedOut(forget);
  echo.onReset(() => context.reads.clear());
  echo.onConnection(() => {
    // Somebody else signed in: known to nobody until the first connection.
    if (userId !== null && userId !== echo.userId) forget();
    userId = echo.userId;
  });

  const { outgoing, reads } = context;
  return { conversations, messages, typing, outgoing, reads, connection: new ConnectionStore(echo, outgoing) };
}

export type ClientStores = ReturnType<typeof createClientStores>;

const known = new WeakMap<Echo, ClientStores>();

/** The same ones for the same client, whoever asks. */
export function storesOf(echo: Echo): ClientStores {
  const stores = known.get(echo) ?? createClientStores(echo);
  known.set(echo, stores);
  return stores;
}
