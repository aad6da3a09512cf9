import { createOriginCheck, isLoopback, isLoopbackUrl } from "@echo/platform";
import { hostAndPort } from "../stack/process-kinds.ts";
import { type Check, fault, fine, type Verdict, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** What decides who may call from where. */
export interface Addresses {
  isEmbedded: boolean;
  host: string;
  origins: readonly string[];
  consoleUrl: string;
  /** Where ECHO_CONSOLE_URL was given: only then can it be wrong. */
  isConsoleUrlGiven: boolean;
  /** The one that listens, or will; 0: not known. */
  consolePort: number;
  /** Of the demo's page, when it runs. */
  demoOrigin: string | null;
}

export function checkAddresses(patient: Patient): Check[] {
  const addresses = addressesOf(patient);
  return [
    { name: "origins", mend: exampleOrigins, work: () => judgeOrigins(addresses) },
    { name: "console address", mend: exampleConsole, work: () => judgeConsoleUrl(addresses) },
  ];
}

function addressesOf({ config, env, run }: Patient): Addresses {
  const demoPort = run?.ports.demo;
  return {
    isEmbedded: config.isEmbedded,
    host: config.ECHO_HOST,
    origins: config.ECHO_ORIGINS,
    consoleUrl: config.ECHO_CONSOLE_URL,
    isConsoleUrlGiven: Boolean(env.ECHO_CONSOLE_URL?.trim()),
    consolePort: run?.ports.admin ?? config.ADMIN_PORT,
    demoOrigin: demoPort ? `http://${hostAndPort(config.ECHO_HOST, demoPort)}` : null,
  };
}

const exampleOrigins = "export ECHO_ORIGINS=https://app.example.com";
const exampleConsole = "export ECHO_CONSOLE_URL=https://console.example.com";

export function judgeOrigins({ isEmbedded, origins, demoOrigin }: Addresses): Verdict {
  if (origins.length === 0) return warning("none: no page may call the API or the hub", exampleOrigins);
  const unsafe = origins.filter((origin) => origin.startsWith("http:") && !isLoopbackUrl(origin));
  if (!isEmbedded && unsafe.length > 0) {
    return fault(`${unsafe.join(", ")}: pages over plain http can be changed on their way`, exampleOrigins);
  }
  // A whole host trusts whatever listens there; this machine's ports are the embedded mode's default.
  const wide = origins.filter((origin) => (isLoopbackUrl(origin) ? !isEmbedded : origin.endsWith(":*")));
  if (wide.length > 0) return warning(`too wide: ${wide.join(", ")}`, exampleOrigins);
  if (demoOrigin && !createOriginCheck(origins)(demoOrigin)) {
    return fault(`the demo's page, ${demoOrigin}, is not among them`, "unset ECHO_ORIGINS");
  }
  return fine(origins.join(", "));
}

export function judgeConsoleUrl({ isEmbedded, host, consoleUrl, isConsoleUrlGiven, consolePort }: Addresses): Verdict {
  const { protocol, port } = new URL(consoleUrl);
  const isLocal = isEmbedded && isLoopback(host);
  if (protocol === "https:") return fine(consoleUrl);
  if (!isLocal) {
    return fault(`${consoleUrl}: staff sign in with a password over https alone`, exampleConsole);
  }
  if (!isLoopbackUrl(consoleUrl)) {
    return fault(`${consoleUrl}: plain http is for this machine alone`, exampleConsole);
  }
  if (isConsoleUrlGiven && consolePort > 0 && Number(port || 80) !== consolePort) {
    return fault(
      `${consoleUrl}, but the console listens on ${consolePort}: the API refuses what its pages send`,
      "unset ECHO_CONSOLE_URL",
    );
  }
  return fine(isConsoleUrlGiven || consolePort === 0 ? consoleUrl : `http://${hostAndPort(host, consolePort)}`);
}
