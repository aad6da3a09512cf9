import type { Profile } from "@echo/contracts";
import type { Echo } from "../echo.ts";

/** More people than a screen names; who is dropped is asked for again. */
const maxProfiles = 2_000;

/** The profiles that pages brought, kept up to date, and asked for when a message names somebody else. */
export class People {
  readonly #echo: Echo;
  readonly #profiles = new Map<string, Profile>();
  readonly #asked = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(echo: Echo) {
    this.#echo = echo;
    echo.on("user.updated", ({ data: { profile } }) => {
      if (this.#profiles.has(profile.userId)) this.learn([profile]);
    });
  }

  /** Null until it is known. */
  find(userId: string | null): Profile | null {
    return (userId !== null && this.#profiles.get(userId)) || null;
  }

  learn(profiles: readonly Profile[]): void {
    for (const profile of profiles) this.#profiles.set(profile.userId, profile);
    for (const userId of this.#profiles.keys()) {
      if (this.#profiles.size <= maxProfiles) break;
      this.#profiles.delete(userId);
    }
    if (profiles.length > 0) for (const listener of [...this.#listeners]) listener();
  }

  /** Asks for somebody who is not known; what comes is told to listeners. */
  ask(userId: string): void {
    if (this.#profiles.has(userId) || this.#asked.has(userId)) return;
    this.#asked.add(userId);
    this.#echo.api.users.profile.get.query({ userId }).then(
      (profile) => this.#answered(userId, [profile]),
      // A name that cannot be had now is missing, no more; the next message asks again.
      () => this.#answered(userId, []),
    );
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  clear(): void {
    this.#profiles.clear();
  }

  #answered(userId: string, profiles: readonly Profile[]): void {
    this.#asked.delete(userId);
    this.learn(profiles);
  }
}
