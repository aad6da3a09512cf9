import type { StoredSession } from "./stored-session.ts";

/** What a tab tells the others of their common session. */
export type TabNews =
  /** The session goes on with these tokens. */
  | { type: "renewed"; replaced: string; session: StoredSession }
  | { type: "begun" }
  | { type: "ended"; sessionId: string };

/** The other tabs of the origin. */
export interface Tabs {
  tell(news: TabNews): void;
  close(): void;
}

/** Null where a platform has no tabs, or none that can talk to each other. */
export function openTabs(name: string, hear: (news: TabNews) => void): Tabs | null {
  const Channel: typeof BroadcastChannel | undefined = globalThis.BroadcastChannel;
  if (!Channel) return null;
  const channel: BroadcastChannel & { unref?(): void } = new Channel(name);
  // Another script of the origin may have chosen the same name.
  channel.onmessage = ({ data }: { data: TabNews | null }) => {
    if (data?.type) hear(data);
  };
  channel.unref?.(); // in Node it would keep the process alive
  let isClosed = false;
  return {
    tell(news) {
      if (!isClosed) channel.postMessage(news);
    },
    close() {
      isClosed = true;
      channel.close();
    },
  };
}
