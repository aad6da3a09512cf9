import { setTimeout as pause } from "node:timers/promises";
import { createEcho, type Echo, errorCode, type Message } from "@echo/client";

const firstRetryMs = 50;
const maxRetryMs = 1_000;
const retryForMs = 60_000;

interface Doors {
  apiUrls: readonly string[];
  realtimeUrls: readonly string[];
}

interface HistoryLine {
  seq: number;
  text: string | null;
  replyToId: string | null;
}

/** One person of the log, connected by the SDK like any user. */
export interface ReplayClient {
  readonly userId: string;
  createGroup(title: string): Promise<string>;
  add(conversationId: string, userId: string): Promise<void>;
  leave(conversationId: string): Promise<void>;
  rename(displayName: string): Promise<void>;
  /** Answers the message's id. */
  send(line: {
    conversationId: string;
    clientMessageId: string;
    text: string;
    replyToId?: string | undefined;
  }): Promise<string>;
  onMessage(listener: (clientMessageId: string) => void): void;
  /** How often the client was told to list anew instead of being given what it missed. */
  readonly resets: number;
  /** Resolves when an event of this person's own, written now, has arrived: everything before it has then, too. */
  fence(withinMs: number): Promise<void>;
  history(conversationId: string): Promise<HistoryLine[]>;
  close(): void;
}

/** A call that may be repeated: what got no answer, or found its server restarting, is asked again. */
async function repeated<T>(call: () => Promise<T>): Promise<T> {
  const end = Date.now() + retryForMs;
  for (let waitMs = firstRetryMs; ; waitMs = Math.min(2 * waitMs, maxRetryMs)) {
    try {
      return await call();
    } catch (error) {
      const mayPass = ["NETWORK", "UNAVAILABLE", "TIMEOUT"].includes(errorCode(error) ?? "");
      if (!mayPass || Date.now() > end) throw error;
    }
    await pause(waitMs);
  }
}

async function readHistory(echo: Echo, conversationId: string): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = [];
  for (let hasMore = true, afterSeq = 0; hasMore; ) {
    const page = await repeated(() => echo.api.messages.list.query({ conversationId, afterSeq, limit: 200 }));
    lines.push(...page.items.map(lineOf));
    afterSeq = page.items.at(-1)?.seq ?? afterSeq;
    hasMore = page.hasMoreAfter;
  }
  return lines;
}

function lineOf({ seq, type, content, replyTo }: Message): HistoryLine {
  return { seq, text: type === "text" ? (content?.text ?? null) : null, replyToId: replyTo?.messageId ?? null };
}

/** Writes an event on one's own stream and waits until it comes by the socket. */
async function passFence(echo: Echo, withinMs: number): Promise<void> {
  const status = `fence-${Math.random().toString(36).slice(2)}`;
  let stop: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    stop = echo.on("user.updated", ({ data }) => {
      if (data.profile.status === status) resolve();
    });
  });
  await repeated(() => echo.api.users.profile.upsert.mutate({ status }));
  await Promise.race([arrived, pause(withinMs, undefined, { ref: false })]);
  stop();
}

/** The list begun at another place for each, so that the nodes share the people. */
const turned = (urls: readonly string[], by: number): string[] =>
  urls.map((_, i) => urls[(i + by) % urls.length] ?? "");

/** Registers somebody by the public door, under an address of his own, and connects him. */
export async function joinEcho(doors: Doors, index: number, displayName: string): Promise<ReplayClient> {
  const echo = createEcho({ apiUrl: turned(doors.apiUrls, index), realtimeUrl: turned(doors.realtimeUrls, index) });
  const { api } = echo;
  // Under another address each time: one that got no answer may be registered.
  const auth = await repeated(() => {
    const email = `person-${index}-${crypto.randomUUID()}@replay.example`;
    return api.auth.register.mutate({ email, password: `replay ${index} of a conversation`, displayName });
  });
  if (!("user" in auth)) throw new Error("a replay wants ECHO_EMAIL_VERIFICATION=optional");
  let resets = 0;
  echo.onReset(() => {
    resets += 1;
  });
  await echo.connect();
  return {
    userId: auth.user.userId,
    get resets() {
      return resets;
    },
    createGroup: async (title) => (await api.conversations.create.mutate({ type: "group", title })).id,
    add: async (conversationId, userId) => {
      await repeated(() => api.conversations.members.add.mutate({ conversationId, userIds: [userId] }));
    },
    leave: async (conversationId) => {
      await repeated(() => api.conversations.leave.mutate({ conversationId }));
    },
    rename: async (name) => {
      await repeated(() => api.users.profile.upsert.mutate({ displayName: name }));
    },
    send: async ({ text, ...line }) => (await echo.send({ ...line, type: "text", content: { text } })).id,
    onMessage: (listener) => {
      echo.on("message.created", ({ data }) => listener(data.clientMessageId ?? ""));
    },
    fence: (withinMs) => passFence(echo, withinMs),
    history: (conversationId) => readHistory(echo, conversationId),
    close: () => echo.close(),
  };
}
