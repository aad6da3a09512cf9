import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const answerWithinMs = 3_000;

/**
 * Sends commands on a connection of their own and gives the answer to the last one: words, numbers and flat lists are all that
 * it reads. What runs all day has a client of its own; this asks a server once whether it is there.
 * @throws Error with the server's words, or why it was not reached within 3 s
 */
export async function askRedis(url: string, ...commands: string[][]): Promise<string[]> {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  const where = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 6379) };
  const socket = protocol === "rediss:" ? connectTls({ ...where, servername: where.host }) : connectPlain(where);
  const secret = password === "" ? [] : [decodeURIComponent(password)];
  const auth = secret.length === 0 ? [] : [["AUTH", ...(username ? [decodeURIComponent(username)] : []), ...secret]];
  const select = pathname.length > 1 ? [["SELECT", pathname.slice(1)]] : [];
  const all = [...auth, ...select, ...commands];
  socket.write(all.map(encode).join(""));
  try {
    return (await readAnswers(socket, all.length)).at(-1) ?? [];
  } finally {
    socket.destroy();
  }
}

const encode = (words: string[]): string =>
  [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ""].join("\r\n");

function readAnswers(socket: Socket, count: number): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setTimeout(answerWithinMs, () => reject(new Error(`no answer within ${answerWithinMs / 1_000} s`)));
    socket.on("error", reject).on("close", () => reject(new Error("the connection was closed")));
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      try {
        const answers = parse(text, count);
        if (answers) resolve(answers);
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Null: more is on its way. @throws Error with the server's words */
function parse(text: string, count: number): string[][] | null {
  const lines = text.split("\r\n").slice(0, -1);
  const answers: string[][] = [];
  while (answers.length < count) {
    const answer = takeAnswer(lines);
    if (answer === null) return null;
    answers.push(answer);
  }
  return answers;
}

function takeAnswer(lines: string[]): string[] | null {
  const line = lines.shift();
  if (line === undefined) return null;
  const rest = line.slice(1);
  if (line.startsWith("-")) throw new Error(rest);
  if (line.startsWith("$")) return rest === "-1" ? [] : takeLine(lines);
  if (!line.startsWith("*")) return [rest];
  const items: string[] = [];
  for (let left = Number(rest); left > 0; left -= 1) {
    const item = takeAnswer(lines);
    if (item === null) return null;
    items.push(...item);
  }
  return items;
}

function takeLine(lines: string[]): string[] | null {
  const line = lines.shift();
  return line === undefined ? null : [line];
}
