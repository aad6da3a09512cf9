/** One promise of an interface, tried on a driver: rejects with an AssertionError when it is not kept. */
export interface ConformanceCase<Harness> {
  /** The promise. */
  name: string;
  run(harness: Harness): Promise<void>;
}
