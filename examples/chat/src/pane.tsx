import type { Conversation } from "@echo/client";
import { useConnection, useConversations } from "@echo/client/react";
import { useActionState, useState } from "react";
import { attempt, gather, type Person } from "./people.ts";
import { Talk, textOf } from "./talk.tsx";

/** One person's screen: the conversations, and the one that is open. */
export function Pane({ person, people, isFront }: { person: Person; people: Person[]; isFront: boolean }) {
  const { conversations, status, loadMore } = useConversations();
  const [openId, setOpenId] = useState(person.conversationId);
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const create = async (form: FormData) => setOpenId(await gather(person, people, String(form.get("title"))));
  const [failure, submit] = useActionState((_: string, form: FormData) => attempt(() => create(form)), "");
  return (
    <section className="pane" data-front={isFront} aria-label={person.name}>
      <h2>{person.name}</h2>
      <Notice />
      <nav className="conversations" aria-label={`Conversations of ${person.name}`} onScroll={() => void loadMore()}>
        {status === "failed" && <p role="alert">The conversations cannot be shown now.</p>}
        {conversations.map((each) => (
          <button type="button" key={each.id} aria-current={each.id === openId} onClick={() => setOpenId(each.id)}>
            <strong>{titleOf(each)}</strong>
            <span>{previewOf(each, person)}</span>
            {each.mine.unread > 0 && (
              <span className="badge" role="img" aria-label={`${each.mine.unread} unread`}>
                {each.mine.unread}
              </span>
            )}
          </button>
        ))}
        <form action={submit}>
          <input name="title" required maxLength={200} placeholder="New group" aria-label="Name of a new group" />
          <button type="submit">Create</button>
          <p role="alert">{failure}</p>
        </form>
      </nav>
      <Talk
        key={openId}
        label={`Messages of ${person.name}`}
        conversationId={openId}
        draft={drafts[openId] ?? ""}
        setDraft={(draft) => setDrafts((all) => ({ ...all, [openId]: draft }))}
      />
    </section>
  );
}

const titleOf = ({ other, title }: Conversation) => other?.displayName ?? title ?? "Group";

function previewOf({ lastMessage }: Conversation, { userId }: Person): string {
  return lastMessage ? `${lastMessage.senderId === userId ? "You: " : ""}${textOf(lastMessage)}` : "No messages yet";
}

/** Says what happens to the connection, and to what is written meanwhile. */
function Notice() {
  const { status, nextAttemptAt, pending } = useConnection();
  const kept = "What you write is kept and sent when it is back.";
  const texts = {
    connecting: "",
    connected: pending > 0 ? "Sending takes longer than usual. What you wrote is kept." : "",
    reconnecting: `Connection lost. ${kept}`,
    offline: `You are offline. ${kept}`,
    signedOut: "You are signed out. Reload the page to sign in again.",
  };
  const waiting = pending > 0 ? ` Waiting to be sent: ${pending}.` : "";
  const next = nextAttemptAt ? ` Next attempt at ${new Date(nextAttemptAt).toLocaleTimeString()}.` : "";
  return <p role="status">{texts[status] && `${texts[status]}${waiting}${next}`}</p>;
}
