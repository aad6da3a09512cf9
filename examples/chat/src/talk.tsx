import type { Profile } from "@echo/client";
import { type ShownMessage, useMessageScroll, useMessages, useTyping } from "@echo/client/react";
import type { KeyboardEvent } from "react";

type TalkProps = { label: string; conversationId: string; draft: string; setDraft(draft: string): void };

/** The open conversation: its messages, who types, and a field to write in. */
export function Talk({ label, conversationId, draft, setDraft }: TalkProps) {
  const conversation = useMessages(conversationId);
  const { messages, status, hasOlder, send, retry, discard } = conversation;
  const { typists, setTyping } = useTyping(conversationId);
  const { ref, isAtEnd, hasUnseen, goToEnd } = useMessageScroll(conversation);
  const heard = messages.findLast(({ isMine }) => !isMine);
  const typing = typists.map(({ profile }) => `${nameOf(profile)} is typing`).join(", ");

  function write(text: string): void {
    setDraft(text);
    setTyping(text !== "");
  }

  function submit(): void {
    if (draft.trim() !== "") send(draft.trim());
    setDraft("");
    goToEnd();
  }

  function sendOnEnter(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  }

  return (
    <div className="talk">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard scrolls it, too */}
      <section className="messages" ref={ref} tabIndex={0} aria-label={label}>
        <p className="edge">{hasOlder ? edges.loading : edges[status]}</p>
        {messages.map((message, index) => (
          <article
            key={message.key}
            data-key={message.key}
            data-mine={message.isMine}
            data-run={messages[index - 1]?.senderId === message.senderId}
          >
            <h3>{message.isMine ? "You" : nameOf(message.sender)}</h3>
            <p>{textOf(message)}</p>
            <time dateTime={message.createdAt}>{timeOf(message.createdAt)}</time>
            {message.state && <Ticks state={message.state} />}
            {message.state === "failed" && (
              <footer role="alert">
                Not sent.{" "}
                <button type="button" onClick={() => retry(message)}>
                  Try again
                </button>
                <button type="button" onClick={() => discard(message)}>
                  Discard
                </button>
              </footer>
            )}
          </article>
        ))}
      </section>
      <p aria-live="polite">{heard && `${nameOf(heard.sender)}: ${textOf(heard)}`}</p>
      {!isAtEnd && (
        <button type="button" className="jump" onClick={goToEnd}>
          {hasUnseen ? "New messages" : "To the newest"}
        </button>
      )}
      <p className="typing">{typing}</p>
      <form action={submit}>
        <textarea
          aria-label="Message"
          placeholder="Write a message"
          rows={1}
          maxLength={10_000}
          value={draft}
          onChange={(event) => write(event.target.value)}
          onKeyDown={sendOnEnter}
        />
        <button type="submit" disabled={draft.trim() === ""}>
          Send
        </button>
      </form>
    </div>
  );
}

const edges = { loading: "Loading …", failed: "This cannot be shown now.", ready: "The beginning of the conversation" };

const nameOf = (profile: Profile | null) => profile?.displayName ?? "Somebody";

export const textOf = ({ type, content }: Pick<ShownMessage, "type" | "content">) =>
  content === null ? "This message was deleted" : "text" in content ? content.text : type;

const timeOf = (at: string) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const labels = { sending: "Sending", failed: "Not sent", sent: "Sent", delivered: "Delivered", read: "Read" };

/** One grey: sent; two: delivered; two in the accent: read. */
function Ticks({ state }: { state: NonNullable<ShownMessage["state"]> }) {
  return (
    <svg className="ticks" data-state={state} viewBox="0 0 16 12" role="img" aria-label={labels[state]}>
      {state === "sending" && <circle cx="8" cy="6" r="4" />}
      {state !== "sending" && state !== "failed" && <path d="m1 6.5 3 3 6-7" />}
      {(state === "delivered" || state === "read") && <path d="m7 8.7.8.8 6-7" />}
    </svg>
  );
}
