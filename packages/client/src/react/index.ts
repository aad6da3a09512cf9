export type { ShownMessage } from "../stores/shown-message.ts";
export type { Typist } from "../stores/typing-store.ts";
export type { Tick } from "../stores/watermarks.ts";
export { EchoProvider, type EchoProviderProps, useEcho } from "./echo-provider.tsx";
export { type UseConnection, useConnection } from "./use-connection.ts";
export { type UseConversations, useConversations } from "./use-conversations.ts";
export { type UseMessageScroll, useMessageScroll } from "./use-message-scroll.ts";
export { type NewMessage, type UseMessages, useMessages } from "./use-messages.ts";
export { type UseTyping, useTyping } from "./use-typing.ts";
