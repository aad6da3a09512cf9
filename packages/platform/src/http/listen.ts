import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Resolves with what was taken: another port than 0. @throws when the port or the address can't be had */
export async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return server.address() as AddressInfo;
}

/** As it stands in a URL: `host:port`. */
export const addressOf = ({ address, family, port }: AddressInfo): string =>
  `${family === "IPv6" ? `[${address}]` : address}:${port}`;
