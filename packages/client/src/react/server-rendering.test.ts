import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { createEcho } from "../create-echo.ts";
import { storesOf } from "../stores/client-stores.ts";
import { EchoProvider } from "./echo-provider.tsx";
import { useConnection } from "./use-connection.ts";
import { useConversations } from "./use-conversations.ts";
import { useMessages } from "./use-messages.ts";
import { useTyping } from "./use-typing.ts";

function Page() {
  const { status } = useConnection();
  const list = useConversations();
  const talk = useMessages("c");
  const { typists } = useTyping("c");
  return createElement("p", null, [status, list.status, talk.status, typists.length].join(" "));
}

test("on a server everything is loading, nothing is begun, and the client is not needed", () => {
  const echo = createEcho({ apiUrl: "http://127.0.0.1:9", realtimeUrl: "ws://127.0.0.1:9" });

  const html = renderToString(createElement(EchoProvider, { echo }, createElement(Page)));

  expect(html).toBe("<p>offline loading loading 0</p>");
  expect(echo.connection).toEqual({ state: "ended", reason: "disconnected" });
  const { messages, conversations, typing } = storesOf(echo);
  expect([messages.size, conversations.size, typing.size]).toEqual([0, 0, 0]);
});

test("a hook outside of a provider says what is missing", () => {
  expect(() => renderToString(createElement(Page))).toThrow("No <EchoProvider> above this component");
});
