/** What a driver tells of itself, for doctor and for whoever must know what it cannot promise. */
export interface DriverFacts {
  name: "memory" | "postgres" | "redis" | "kafka";
  /** Whether processes share what it holds; where not, each process counts or remembers for itself. */
  isShared: boolean;
}
