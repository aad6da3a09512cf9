import { randomUUID } from "node:crypto";
import { nowNs, pace } from "../../processes/pace.ts";
import { serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { getRequest, HttpClient, postRequest } from "../http-client.ts";
import { stampedText } from "../stamp.ts";

/** What is asked over and over; each connection has its own. */
export interface HttpTarget {
  port: number;
  path: string;
  headers: string[];
  /** JSON of a message without text and clientMessageId, which each request adds anew; null: a GET. */
  message: Record<string, unknown> | null;
}

function requestOf({ port, path, headers, message }: HttpTarget): string {
  if (message === null) return getRequest(path, port, headers);
  const body = JSON.stringify({ ...message, clientMessageId: randomUUID(), content: { text: stampedText(nowNs()) } });
  return postRequest({ port, path, headers, body });
}

async function ask(client: HttpClient, target: HttpTarget, request = requestOf(target)): Promise<void> {
  const status = await client.ask(request);
  if (status !== 200) throw new Error(`The server answered ${status} to ${target.path}`);
}

const commands = {
  /** Each connection asks again as soon as it was answered. Answers how many were answered in a second. */
  async hammer({ targets, durationMs }: { targets: HttpTarget[]; durationMs: number }): Promise<number> {
    const startedMs = performance.now();
    let answered = 0;
    const connection = async (target: HttpTarget): Promise<void> => {
      const client = new HttpClient(target.port);
      for (; performance.now() < startedMs + durationMs; answered++) await ask(client, target);
      client.close();
    };
    await Promise.all(targets.map(connection));
    return answered / ((performance.now() - startedMs) / 1_000);
  },
  /** At a steady pace over all connections; each waits for its own answers. */
  async send({ targets, perSecond, total }: { targets: HttpTarget[]; perSecond: number; total: number }) {
    const lanes = targets.map((target) => ({ target, client: new HttpClient(target.port), last: Promise.resolve() }));
    await pace({ perSecond, total }, (index) => {
      const lane = lanes[index % lanes.length];
      if (!lane) return;
      // Its time is now, even when it has to wait for the answer before it.
      const request = requestOf(lane.target);
      lane.last = lane.last.then(() => ask(lane.client, lane.target, request));
    });
    await Promise.all(lanes.map(({ last }) => last));
    for (const { client } of lanes) client.close();
  },
};
export type HttpLoad = typeof commands;

serveCommands(commands);
tellReady();
