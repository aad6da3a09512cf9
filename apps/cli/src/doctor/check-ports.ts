import { join } from "node:path";
import { isProcessAlive } from "@echo/platform";
import { hostAndPort, hostOf, ProcessKind, processKinds } from "../stack/process-kinds.ts";
import { configuredPorts } from "../stack/stack.ts";
import { type Answer, ask } from "./ask.ts";
import { type Check, fault, fine, type Verdict, warning } from "./finding.ts";
import { type Listener, listListeners } from "./listeners.ts";
import type { Patient } from "./patient.ts";

/** A port that Echo has, or would take. */
interface Door {
  name: string;
  kind: ProcessKind;
  address: string;
  port: number;
  variable: string;
  /** Whom run.json names; null where it names nobody. */
  owner: Owner | null;
  /** A start would open it. */
  isWanted: boolean;
}

interface Owner {
  pid: number;
  isAlive: boolean;
  /** In development run.json names one process for all, which only started them. */
  isStarter: boolean;
  log: string;
}

/** What was found there. */
interface Sight {
  answer: Answer;
  listener: Listener | null;
  /** A process of Echo that has this database open may have been started by `echoctl run`, which leaves no run.json. */
  isKnownToDatabase: boolean;
}

/** One check per port. @param services those with connections to this database */
export function checkPorts(patient: Patient, services: ReadonlySet<string>): Check[] {
  const listeners = listListeners();
  return doorsOf(patient).map((door) => ({
    name: `port ${door.name}`,
    mend: `${door.variable}=0 npm start`,
    work: async () => {
      if (door.port === 0) return fine("any free one");
      const [answer, all] = await Promise.all([ask(door.address, pathOf(door.kind)), listeners]);
      const isKnownToDatabase = services.has(door.kind);
      return judgePort(door, { answer, listener: all.get(door.port) ?? null, isKnownToDatabase });
    },
  }));
}

const pathOf = (kind: ProcessKind): string => (kind === "demo" ? "/demo.json" : "/health");

function doorsOf(patient: Patient): Door[] {
  const running = (patient.run?.processes ?? []).flatMap((each, index, all) => {
    const nth = all.slice(0, index).filter(({ kind }) => kind === each.kind).length + 1;
    return doorsOfKind(patient, { ...each, name: nth > 1 ? `${each.kind}-${nth}` : each.kind });
  });
  const absent = ProcessKind.options.filter((kind) => !patient.run?.processes.some((each) => each.kind === kind));
  return [
    ...running,
    ...absent.flatMap((kind) => doorsOfKind(patient, { kind, name: kind, ...configuredPorts(patient.config)[kind] })),
  ];
}

interface Seat {
  kind: ProcessKind;
  name: string;
  port: number;
  internalPort: number;
  pid?: number;
}

function doorsOfKind({ config, run }: Patient, { kind, name, port, internalPort, pid }: Seat): Door[] {
  const { portVariable, internalPortVariable } = processKinds[kind];
  const isStarter = run !== null && run.processes.length > 1 && run.processes.every((each) => each.pid === pid);
  const log = join(config.home, "logs", `${name}.log`);
  const owner = pid === undefined ? null : { pid, isAlive: isProcessAlive(pid), isStarter, log };
  const shared = { kind, owner, isWanted: run === null && kind !== "demo" };
  const at = (host: string, number: number) => ({ port: number, address: hostAndPort(host, number) });
  return [
    { ...shared, ...at(hostOf(kind, config), port), name, variable: portVariable },
    ...(internalPortVariable
      ? [
          {
            ...shared,
            ...at(config.ECHO_INTERNAL_HOST, internalPort),
            name: `${name} internal`,
            variable: internalPortVariable,
          },
        ]
      : []),
  ];
}

function judgePort(door: Door, sight: Sight): Verdict {
  return door.owner ? judgeOwned(door, sight) : judgeUnowned(door, sight);
}

function judgeOwned({ kind, port, owner }: Door, { answer, listener }: Sight): Verdict {
  const { pid = 0, isStarter = false } = owner ?? {};
  const isOurs = answer.kind === "echo" && answer.service === kind;
  // Where the system does not say whose it is, the answer alone counts.
  if (isOurs && !isStarter && listener?.pid && listener.pid !== pid) {
    return fault(
      `${port}: the ${kind} of another Echo, ${nameOf(listener)}, answers where run.json says pid ${pid}`,
      endOf(listener),
    );
  }
  if (isOurs) return fine(`${port}: ours, ${nameOf(listener ?? { pid, program: null })}`);
  if (answer.kind === "wrong host") {
    return fault(
      `${port}: ${nameOf(listener)} refuses the Host of this machine (421): it is not our ${kind}`,
      endOf(listener),
    );
  }
  if (answer.kind !== "silent") {
    return fault(`${port}: ${strangerOf(answer, listener)} answers in the place of our ${kind}`, endOf(listener));
  }
  if (!owner?.isAlive) {
    return fault(`${port}: ${answer.reason}, and pid ${pid}, which run.json names, is gone`, "npm start");
  }
  return fault(`${port}: ${answer.reason}, though pid ${pid} lives`, `tail ${owner.log}`);
}

function judgeUnowned(
  { kind, port, variable, isWanted }: Door,
  { answer, listener, isKnownToDatabase }: Sight,
): Verdict {
  if (answer.kind === "silent" && listener === null) return fine(`${port}: free`);
  const isSameKind = answer.kind === "echo" && answer.service === kind;
  if (isSameKind && isKnownToDatabase) return fine(`${port}: ours, ${nameOf(listener)}, by "echoctl run"`);
  const who = isSameKind ? `the ${kind} of another Echo, ${nameOf(listener)},` : strangerOf(answer, listener);
  const said = `${port}: taken by ${who}`.replace(/,$/, "");
  return isWanted ? warning(said, `${variable}=0 npm start`) : fine(said);
}

const strangerOf = (answer: Answer, listener: Listener | null): string =>
  answer.kind === "echo" ? `Echo's ${answer.service}, ${nameOf(listener)},` : nameOf(listener);

const nameOf = (listener: Listener | null): string => {
  if (!listener?.pid) return "a program of another user";
  return listener.program ? `${listener.program} (pid ${listener.pid})` : `pid ${listener.pid}`;
};

const endOf = (listener: Listener | null): string => (listener?.pid ? `kill ${listener.pid}` : "npm start");
