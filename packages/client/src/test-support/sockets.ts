import { WebSocket } from "ws";

/** Real sockets that a test can watch and cut. */
export function createSockets() {
  const opened: WebSocket[] = [];
  const sent: string[] = [];

  class WatchedSocket extends WebSocket {
    constructor(url: string) {
      super(url);
      opened.push(this);
    }
    override send(text: string): void {
      sent.push(text);
      super.send(text);
    }
  }

  return {
    WebSocket: WatchedSocket,
    /** What the client sent, over all its sockets. */
    sent,
    get opened() {
      return opened.length;
    },
    get urls() {
      return opened.map((socket) => new URL(socket.url).host);
    },
    /** The network is gone from one moment to the next: what is on its way is lost. */
    cut() {
      opened.at(-1)?.terminate();
    },
  };
}
