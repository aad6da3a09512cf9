import { ipKey } from "@echo/platform";
import type { Connection } from "./connection.ts";

/** Every socket of this node: by user, and those without a token by address. */
export class Registry {
  /** Until the socket is gone. */
  readonly all = new Set<Connection>();
  /** Those without a token; the looks at them let go of who has shown one, or left. */
  readonly strangers = new Set<Connection>();
  readonly #ofUser = new Map<string, Set<Connection>>();
  readonly #strangersOfIp = new Map<string, number>();

  /** How many users have a socket here. */
  get users(): number {
    return this.#ofUser.size;
  }

  /** How many sockets have shown a token. */
  get signedIn(): number {
    let count = 0;
    for (const connections of this.#ofUser.values()) count += connections.size;
    return count;
  }

  /** How many of this address have not shown a token yet. */
  strangersOf(ip: string): number {
    return this.#strangersOfIp.get(ipKey(ip)) ?? 0;
  }

  /** A place for a socket that is about to be opened; given back by `dropStranger`. */
  addStranger(ip: string): void {
    this.#strangersOfIp.set(ipKey(ip), this.strangersOf(ip) + 1);
  }

  dropStranger(ip: string): void {
    const left = this.strangersOf(ip) - 1;
    if (left > 0) this.#strangersOfIp.set(ipKey(ip), left);
    else this.#strangersOfIp.delete(ipKey(ip));
  }

  ofUser(userId: string): ReadonlySet<Connection> {
    return this.#ofUser.get(userId) ?? new Set();
  }

  /** Its token was accepted. */
  addTo(userId: string, connection: Connection): void {
    const connections = this.#ofUser.get(userId) ?? new Set();
    this.#ofUser.set(userId, connections.add(connection));
  }

  removeFrom(userId: string, connection: Connection): void {
    const connections = this.#ofUser.get(userId);
    connections?.delete(connection);
    if (connections?.size === 0) this.#ofUser.delete(userId);
  }
}
