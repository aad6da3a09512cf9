import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const answerWithinMs = 3_000;
/** ApiVersions, the one question that a broker answers to whoever has not signed in: https://kafka.apache.org/protocol */
const apiVersions = 18;
const correlationId = 0x6563686f;
/** Size, correlation id, error. */
const answerBytes = 10;

export interface AskKafkaOptions {
  isTls?: boolean;
}

/**
 * Asks each of `host:port,host:port` whether it is a Kafka that answers; one that does is enough. What runs all day has a client
 * of its own. @throws Error of the last of them, when none answers within 3 s
 */
export async function askKafka(brokers: string, { isTls = false }: AskKafkaOptions = {}): Promise<void> {
  const asked = brokers.split(",").map((broker) => askBroker(broker.trim(), isTls));
  const answers = await Promise.allSettled(asked);
  const faults = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  if (faults.length === asked.length) throw faults.at(-1);
}

async function askBroker(broker: string, isTls: boolean): Promise<void> {
  const { hostname, port } = new URL(`kafka://${broker}`);
  const where = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 9092) };
  const socket = isTls ? connectTls(where) : connectPlain(where);
  socket.write(question());
  try {
    const answer = await readAnswer(socket);
    if (answer.readInt32BE(4) !== correlationId || answer.readInt16BE(8) !== 0) throw new Error("it is no Kafka");
  } finally {
    socket.destroy();
  }
}

/** Its first version, which every broker answers: size, key, version, correlation id, no client id. */
function question(): Buffer {
  const request = Buffer.alloc(14);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(apiVersions, 4);
  request.writeInt32BE(correlationId, 8);
  request.writeInt16BE(-1, 12);
  return request;
}

function readAnswer(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    socket.setTimeout(answerWithinMs, () => reject(new Error(`no answer within ${answerWithinMs / 1_000} s`)));
    socket.on("error", reject).on("close", () => reject(new Error("the connection was closed")));
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= answerBytes) resolve(answer);
    });
  });
}
