import { setTimeout as pause } from "node:timers/promises";
import { Ledger, type ReplayFigures } from "./ledger.ts";
import type { Plan, Step } from "./plan.ts";
import { joinEcho, type ReplayClient } from "./replay-client.ts";

const registrationsAtOnce = 8;
const defaultPatienceMs = 60_000;

export interface ReplayOptions {
  apiUrls: readonly string[];
  realtimeUrls: readonly string[];
  plan: Plan;
  /** Times the log's own clock; null: as fast as answered. */
  speed: number | null;
  /** Without one more delivery for this long, what is missing is lost; default a minute. */
  patienceMs?: number;
  /** Before each message, with how many were acknowledged: where chaos strikes. */
  beforeMessage?(messages: number): void;
  /** Each message that was acknowledged, in their order. */
  onSaid?(messageId: string): void;
  onProgress?(phase: "people" | "messages" | "deliveries", done: number, total: number): void;
}

interface Scene {
  options: ReplayOptions;
  host: ReplayClient;
  people: ReplayClient[];
  conversationId: string;
  ledger: Ledger;
  members: Set<number>;
  /** Line of the log -> the message that it became. */
  messageIds: Map<number, string>;
}

async function joinAll(options: ReplayOptions): Promise<ReplayClient[]> {
  const clients: ReplayClient[] = [];
  const waiting = [...options.plan.people];
  const worker = async () => {
    for (let person = waiting.shift(); person; person = waiting.shift()) {
      clients[person.index] = await joinEcho(options, person.index, person.nick);
      options.onProgress?.("people", Object.keys(clients).length, options.plan.people.length);
    }
  };
  await Promise.all(Array.from({ length: registrationsAtOnce }, worker));
  return clients;
}

async function say(scene: Scene, step: Extract<Step, { kind: "say" }>): Promise<void> {
  const clientMessageId = `line-${step.line}`;
  const replyToId = step.replyToLine === null ? undefined : scene.messageIds.get(step.replyToLine);
  scene.options.beforeMessage?.(scene.messageIds.size);
  scene.ledger.sending(clientMessageId);
  const sender = scene.people[step.person];
  const id = await sender?.send({ conversationId: scene.conversationId, clientMessageId, text: step.text, replyToId });
  if (id !== undefined) scene.messageIds.set(step.line, id);
  scene.ledger.acknowledged(clientMessageId, scene.members);
  if (id !== undefined) scene.options.onSaid?.(id);
  scene.options.onProgress?.("messages", scene.messageIds.size, scene.options.plan.says);
}

async function take(scene: Scene, step: Step): Promise<void> {
  const person = scene.people[step.person];
  if (!person) return;
  switch (step.kind) {
    case "join":
      await scene.host.add(scene.conversationId, person.userId);
      scene.members.add(step.person);
      return;
    case "leave":
      await person.leave(scene.conversationId);
      scene.members.delete(step.person);
      return;
    case "rename":
      await person.rename(step.displayName);
      return;
    case "say":
      await say(scene, step);
  }
}

/** With a speed, the lines of one minute are spread evenly over it. */
function dueTimes(plan: Plan, speed: number): number[] {
  const first = plan.steps[0]?.minute ?? 0;
  const counts = new Map<number, number>();
  for (const { minute } of plan.steps) counts.set(minute, (counts.get(minute) ?? 0) + 1);
  const seen = new Map<number, number>();
  return plan.steps.map(({ minute }) => {
    const nth = seen.get(minute) ?? 0;
    seen.set(minute, nth + 1);
    return ((minute - first + nth / (counts.get(minute) ?? 1)) * 60_000) / speed;
  });
}

async function play(scene: Scene): Promise<void> {
  const { plan, speed } = scene.options;
  const due = speed === null ? null : dueTimes(plan, speed);
  const started = Date.now();
  for (const [index, step] of plan.steps.entries()) {
    const waitMs = started + (due?.[index] ?? 0) - Date.now();
    if (due && waitMs > 0) await pause(waitMs);
    await take(scene, step);
  }
}

/** Waits while deliveries still come, then for a fence: an event of each person's own that follows everything else. */
async function settle(scene: Scene): Promise<void> {
  const { patienceMs = defaultPatienceMs } = scene.options;
  let missing = scene.ledger.missing;
  const total = missing;
  for (let idleSince = Date.now(); missing > 0 && Date.now() - idleSince < patienceMs; ) {
    await pause(100);
    if (scene.ledger.missing !== missing) idleSince = Date.now();
    missing = scene.ledger.missing;
    scene.options.onProgress?.("deliveries", total - missing, total);
  }
  await Promise.all(scene.people.map((person) => person.fence(patienceMs)));
}

/** Lines of the file that history does not show in their place, with their text and what they answer. */
async function compareHistory(scene: Scene): Promise<number> {
  const wanted = scene.options.plan.steps.filter((step) => step.kind === "say");
  const history = await scene.host.history(scene.conversationId);
  const wrong = wanted.filter((step, index) => {
    const found = history[index];
    const replyTo = step.replyToLine === null ? null : (scene.messageIds.get(step.replyToLine) ?? null);
    return found?.text !== step.text || found.replyToId !== replyTo || found.seq !== index + 1;
  });
  return wrong.length + Math.max(0, history.length - wanted.length);
}

/** Plays the plan through the public doors and compares what everybody received with the ledger. */
export async function runReplay(options: ReplayOptions): Promise<ReplayFigures> {
  const ledger = new Ledger(options.plan.people.length);
  const host = await joinEcho(options, options.plan.people.length, "channel");
  const people = await joinAll(options);
  for (const [index, client] of people.entries()) {
    client.onMessage((clientMessageId) => ledger.received(index, clientMessageId));
  }
  try {
    const conversationId = await host.createGroup("#ubuntu");
    const scene: Scene = { options, host, people, conversationId, ledger, members: new Set(), messageIds: new Map() };
    await play(scene);
    await settle(scene);
    const resets = people.reduce((sum, person) => sum + person.resets, 0);
    return { ...ledger.compare(), resets, historyErrors: await compareHistory(scene) };
  } finally {
    for (const client of [host, ...people]) client.close();
  }
}
