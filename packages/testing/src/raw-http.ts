import { connect } from "node:net";

/** Writes the pieces as they are to a server's port and answers all that it says until it hangs up. */
export function sendRaw(url: string, ...pieces: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      answer += text;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    for (const piece of pieces) socket.write(piece, "latin1");
  });
}
