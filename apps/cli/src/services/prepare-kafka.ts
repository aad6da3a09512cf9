import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../stack/free-port.ts";
import { fetchKafkaJars } from "./kafka-jars.ts";
import type { Launch, Spot } from "./service.ts";

const script = fileURLToPath(new URL("../../../../deploy/kafka/run.sh", import.meta.url));
const loopback = "127.0.0.1";

/** What a broker asks of its clients; default: nothing. */
export interface KafkaSecurity {
  /** The one user: letters and digits. For SCRAM the folder keeps the one of its first start. */
  sasl?: { mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"; user: string; password: string };
  /** PEM files, the key in PKCS #8. */
  tls?: { keyFile: string; certFile: string };
}

export interface KafkaSpot extends Spot {
  security?: KafkaSecurity | undefined;
  /** More of the broker's own settings: `{ "message.max.bytes": "1000" }`. */
  settings?: Readonly<Record<string, string>> | undefined;
}

/** Fetches what is missing, and says how to start the broker of that spot. @throws CliError */
export async function prepareKafka(spot: KafkaSpot, note: (line: string) => void): Promise<Launch> {
  const { port, folder, security = {}, settings = {} } = spot;
  const jars = await fetchKafkaJars(note);
  if (security.tls) await writeKeyStore(folder, security.tls);
  const all = { ...(await listenersOn(port)), ...settingsOf(security), ...settings };
  const words = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return { command: "/bin/sh", args: [script, resolve(folder), jars, scramUserOf(security), ...words] };
}

async function listenersOn(port: number): Promise<Record<string, string>> {
  const [clients, internal] = [`CLIENTS://${loopback}:${port}`, `INTERNAL://${loopback}:${await freePort(loopback)}`];
  const controller = `${loopback}:${await freePort(loopback)}`;
  return {
    listeners: `${clients},${internal},CONTROLLER://${controller}`,
    "advertised.listeners": `${clients},${internal}`,
    "controller.quorum.voters": `1@${controller}`,
  };
}

const keyStore = "keystore.pem";

/** Kafka takes both from one file. */
async function writeKeyStore(folder: string, { keyFile, certFile }: { keyFile: string; certFile: string }) {
  const both = [await readFile(keyFile, "utf8"), await readFile(certFile, "utf8")].join("\n");
  await writeFile(join(folder, keyStore), both, { mode: 0o600 });
}

function settingsOf({ sasl, tls }: KafkaSecurity): Record<string, string> {
  const protocol = `${sasl ? "SASL_" : ""}${tls ? "SSL" : "PLAINTEXT"}`;
  return {
    "listener.security.protocol.map": `CLIENTS:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    ...(tls && { "ssl.keystore.type": "PEM", "ssl.keystore.location": keyStore }),
    ...(sasl && {
      "sasl.enabled.mechanisms": sasl.mechanism,
      [`listener.name.clients.${sasl.mechanism.toLowerCase()}.sasl.jaas.config`]: loginOf(sasl),
    }),
  };
}

const modules = "org.apache.kafka.common.security";

const loginOf = ({ mechanism, user, password }: NonNullable<KafkaSecurity["sasl"]>): string =>
  mechanism === "PLAIN"
    ? `${modules}.plain.PlainLoginModule required user_${user}="${password}";`
    : `${modules}.scram.ScramLoginModule required;`;

/** Its users are in the cluster's metadata, from the format on. */
const scramUserOf = ({ sasl }: KafkaSecurity): string =>
  sasl && sasl.mechanism !== "PLAIN" ? `${sasl.mechanism}=[name=${sasl.user},password=${sasl.password}]` : "";
