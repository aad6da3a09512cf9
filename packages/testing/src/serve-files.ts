import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const contentTypes: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Files of a page, by path, on an origin that servers of `startEcho` accept. */
export interface ServedFiles extends AsyncDisposable {
  url: string;
}

/** @param files content by path: `{ "/index.html": "..." }` */
export async function serveFiles(files: Record<string, string | Uint8Array>): Promise<ServedFiles> {
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? "/", "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    const body = files[path];
    res.writeHead(body === undefined ? 404 : 200, { "content-type": contentTypes[extname(path)] ?? "text/plain" });
    res.end(body);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
