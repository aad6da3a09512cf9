/** Where Kafka is and who we are there. */
export interface KafkaOptions {
  /** host:port; some of the cluster's brokers. */
  brokers: readonly string[];
  /** TLS; an authority of one's own is named in NODE_EXTRA_CA_CERTS. */
  isTls: boolean;
  sasl: { mechanism: "plain" | "scram-sha-256" | "scram-sha-512"; username: string; password: string } | null;
  /** Begins every topic, group and transactional id: two systems on one cluster do not meet. */
  prefix: string;
  /** How the broker names this process in its log. */
  clientId: string;
}
