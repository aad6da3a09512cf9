/** What a socket shows and asks for when it opens. */
export interface Seat {
  /** Where the server has rooms by name. */
  room?: number;
  token?: string;
  /** The place from which Echo goes on. */
  cursor?: string;
}

/** How a server is spoken to, up to the point where it delivers. */
interface Wire {
  path(seat: Seat): string;
  /** Sent once the upgrade is there. */
  greet(seat: Seat): string[];
  /** What a frame of the server is answered with. */
  reply(text: string): string | null;
  /** A frame that contains it says that the socket is served; null: the upgrade itself does. */
  readyMark: string | null;
}

const roomOf = ({ room }: Seat): string => `room=${room ?? 0}`;

/** tRPC's protocol, which Echo speaks too: README of @echo/client, and @trpc/client's wsLink. */
const subscribeTo = (path: string, input: unknown, lastEventId?: string): string =>
  JSON.stringify({ id: 1, method: "subscription", params: { path, input, lastEventId } });

export const wires = {
  echo: {
    path: () => "/trpc?connectionParams=1",
    greet: ({ token, cursor }) => [
      JSON.stringify({ method: "connectionParams", data: { token } }),
      subscribeTo("events.subscribe", {}, cursor),
    ],
    reply: (text) => (text === "PING" ? "PONG" : null),
    readyMark: '"connection.ack"',
  },
  raw: { path: (seat) => `/?${roomOf(seat)}`, greet: () => [], reply: () => null, readyMark: null },
  rawWithToken: {
    path: (seat) => `/?${roomOf(seat)}`,
    greet: ({ token }) => [token ?? ""],
    reply: () => null,
    readyMark: "welcome",
  },
  /** engine.io 4 and socket.io 5, without the polling that comes before by default. */
  socketIo: {
    path: (seat) => `/socket.io/?EIO=4&transport=websocket&${roomOf(seat)}`,
    greet: () => [],
    reply: (text) => (text.startsWith("0{") ? "40" : text === "2" ? "3" : null),
    readyMark: "40{",
  },
  trpc: {
    path: () => "/",
    greet: ({ room }) => [subscribeTo("events", { room: room ?? 0 })],
    reply: (text) => (text === "PING" ? "PONG" : null),
    readyMark: '"started"',
  },
} satisfies Record<string, Wire>;

export type WireName = keyof typeof wires;
