import { type IncomingHttpHeaders, request } from "node:http";

interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request with any header whatever, Host included, which fetch would not send. */
export function ask(port: number, path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, async (res) => {
      let text = "";
      for await (const chunk of res.setEncoding("utf8")) text += chunk;
      resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text });
    });
    req.on("error", reject);
    req.end(body);
  });
}
