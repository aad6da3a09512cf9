import kafkajs, { type Admin } from "kafkajs";
import type { Logger } from "../../logger/logger.ts";
import { laneCount } from "../log-reader.ts";
import { createClient } from "./create-client.ts";
import type { KafkaOptions } from "./kafka-options.ts";

const dayMs = 24 * 3_600_000;
const maxReplicas = 3;

/** Where what groups could not handle is told. */
export const deadTopic = (topic: string): string => `${topic}.dead`;

interface TopicSpec {
  /** Without the prefix. */
  name: string;
  partitions: number;
  /** By the names of Kafka's documentation. */
  config: Readonly<Record<string, string>>;
}

/** The table of topics: one for records and one for dead letters each. */
function topicTable(names: readonly string[]): TopicSpec[] {
  const shared = { "cleanup.policy": "delete", "compression.type": "producer" };
  return names.flatMap((name) => [
    // A partition is a lane: with another number of them records of one key would be in two.
    { name, partitions: laneCount, config: { ...shared, "retention.ms": String(7 * dayMs) } },
    { name: deadTopic(name), partitions: 1, config: { ...shared, "retention.ms": String(30 * dayMs) } },
  ]);
}

/** What is not as the table says. */
export interface TopicFault {
  topic: string;
  /** `missing` is mended by `create`. */
  fault: string;
}

export interface Topics {
  /** Those that are missing; answers their names. @throws KafkaJSError */
  create(): Promise<string[]>;
  /** @throws KafkaJSError */
  check(): Promise<TopicFault[]>;
}

/** Looks after the topics of a system, for as long as `work` takes. @throws KafkaJSError when Kafka does not answer */
export async function withTopics<T>(
  { kafka, names, logger }: { kafka: KafkaOptions; names: readonly string[]; logger: Logger },
  work: (topics: Topics) => Promise<T>,
): Promise<T> {
  const admin = createClient(kafka, logger).admin();
  await admin.connect();
  try {
    const table = topicTable(names).map((spec) => ({ ...spec, topic: `${kafka.prefix}${spec.name}` }));
    return await work({ create: () => create(admin, table), check: () => check(admin, table) });
  } finally {
    await admin.disconnect();
  }
}

type Placed = TopicSpec & { topic: string };

async function create(admin: Admin, table: readonly Placed[]): Promise<string[]> {
  const there = new Set(await admin.listTopics());
  const missing = table.filter(({ topic }) => !there.has(topic));
  if (missing.length === 0) return [];
  const { brokers } = await admin.describeCluster();
  const replicationFactor = Math.min(maxReplicas, brokers.length);
  // One of three may be away.
  const minIsr = { name: "min.insync.replicas", value: String(Math.max(1, replicationFactor - 1)) };
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [minIsr, ...Object.entries(config).map(([name, value]) => ({ name, value }))],
    })),
  });
  return missing.map(({ topic }) => topic);
}

async function check(admin: Admin, table: readonly Placed[]): Promise<TopicFault[]> {
  const there = new Set(await admin.listTopics());
  const [missing, present] = [
    table.filter(({ topic }) => !there.has(topic)),
    table.filter(({ topic }) => there.has(topic)),
  ];
  const faults: TopicFault[] = missing.map(({ topic }) => ({ topic, fault: "missing" }));
  if (present.length === 0) return faults;
  const { topics } = await admin.fetchTopicMetadata({ topics: present.map(({ topic }) => topic) });
  const { brokers } = await admin.describeCluster();
  for (const { topic, partitions } of present) {
    const found = topics.find(({ name }) => name === topic)?.partitions ?? [];
    if (found.length !== partitions)
      faults.push({ topic, fault: `it has ${found.length} partitions and not ${partitions}` });
    const replicas = Math.min(...found.map((partition) => partition.replicas.length));
    const wanted = Math.min(maxReplicas, brokers.length);
    if (replicas < wanted) faults.push({ topic, fault: `it has ${replicas} replicas and not ${wanted}` });
  }
  return [...faults, ...(await checkSettings(admin, present))];
}

async function checkSettings(admin: Admin, present: readonly Placed[]): Promise<TopicFault[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: present.map(({ topic, config }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: topic,
      configNames: Object.keys(config),
    })),
  });
  return present.flatMap(({ topic, config }) => {
    const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
    return Object.entries(config).flatMap(([name, value]) => {
      const found = entries.find(({ configName }) => configName === name)?.configValue;
      return found === value ? [] : [{ topic, fault: `its ${name} is ${found} and not ${value}` }];
    });
  });
}
