import { get } from "node:http";
import { z } from "zod";

const answerMs = 3_000;
const maxBytes = 64 * 1_024;

/** What a port says for itself. */
export type Answer =
  | { kind: "silent"; reason: string }
  | { kind: "wrong host" }
  | { kind: "echo"; service: string; status: number; body: unknown }
  | { kind: "stranger" };

const Liveness = z.object({ service: z.string() });
/** What the demo's page tells its own pages. */
const DemoFacts = z.object({ people: z.array(z.unknown()), conversationId: z.string() });

/** @param path of a probe, or of what else an Echo alone answers */
export async function ask(address: string, path: string): Promise<Answer> {
  try {
    const { status, text } = await read(`http://${address}${path}`);
    if (status === 421) return { kind: "wrong host" };
    const body = parse(text);
    const live = Liveness.safeParse(body);
    if (live.success) return { kind: "echo", service: live.data.service, status, body };
    return DemoFacts.safeParse(body).success ? { kind: "echo", service: "demo", status, body } : { kind: "stranger" };
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    // It is there, and speaks something else.
    if (code.startsWith("HPE_") || code === "ECONNRESET") return { kind: "stranger" };
    return { kind: "silent", reason: code === "ECONNREFUSED" ? "nothing listens" : message };
  }
}

/** Not fetch: it refuses ports that browsers refuse. */
function read(url: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: answerMs }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.length > maxBytes) response.destroy();
      });
      response.on("close", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${answerMs / 1_000} s`)));
    request.on("error", reject);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
