/** An access token and what this client knows of it. */
export interface Token {
  accessToken: string;
  /** The subject; null when the token cannot be read. */
  userId: string | null;
  /** By this client's clock: from then on get another one. */
  staleAt: number;
}

/** Where calls and the socket take their token from. */
export interface TokenSource {
  /** Null: nobody is signed in. @throws a NETWORK error when a stale one cannot be renewed now */
  current(): Promise<Token | null>;
  /** After the server refused this one. Null: there is none that could be better. */
  renew(refused: string): Promise<Token | null>;
  /** Who is signed in, as far as it is known without asking a server. */
  userId(): Promise<string | null>;
}
