/** Of one call. */
export interface CallOptions {
  /** Aborts it: the promise rejects, and nobody knows whether the server carried it out. */
  signal?: AbortSignal | undefined;
}

type Arguments<I> = undefined extends I ? [input?: I, options?: CallOptions] : [input: I, options?: CallOptions];

/** Reads. @throws an error for `errorCode` */
export interface Query<I, O> {
  query(...args: Arguments<I>): Promise<O>;
}

/** Changes something. @throws an error for `errorCode` */
export interface Mutation<I, O> {
  mutate(...args: Arguments<I>): Promise<O>;
}

interface Typed<Type extends string, I, O> {
  _def: { type: Type; $types: { input: I; output: O } };
}

/** The calls of a router's procedures, by their names; its subscriptions are kept by the client itself. */
export type CallsOf<R> = {
  readonly [K in keyof R as R[K] extends Typed<"subscription", unknown, unknown> ? never : K]: R[K] extends Typed<
    "query",
    infer I,
    infer O
  >
    ? Query<I, O>
    : R[K] extends Typed<"mutation", infer I, infer O>
      ? Mutation<I, O>
      : CallsOf<R[K]>;
};
