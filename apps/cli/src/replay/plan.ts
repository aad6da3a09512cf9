import type { LogAction, ParsedLog } from "./parse-log.ts";

/** Somebody of the log: a nick, and the ones that he renames himself to. */
interface Person {
  index: number;
  nick: string;
}

/** What the replay does, in order. A nick that speaks without a join becomes a member right before its first line. */
export type Step =
  | { kind: "join"; minute: number; person: number }
  | { kind: "leave"; minute: number; person: number }
  | { kind: "rename"; minute: number; person: number; displayName: string }
  | { kind: "say"; minute: number; person: number; line: number; text: string; replyToLine: number | null };

export interface Plan {
  people: Person[];
  steps: Step[];
  says: number;
}

class Planner {
  readonly people: Person[] = [];
  readonly steps: Step[] = [];
  readonly #byNick = new Map<string, number>();
  readonly #members = new Set<number>();
  readonly #said = new Set<number>();
  readonly #links: ReadonlyMap<number, number>;

  constructor(links: ReadonlyMap<number, number>) {
    this.#links = links;
  }

  take(action: LogAction): void {
    const person = this.#personOf(action.nick);
    const { minute } = action;
    switch (action.kind) {
      case "join":
        this.#join(person, minute);
        return;
      case "leave":
        if (this.#members.delete(person)) this.steps.push({ kind: "leave", minute, person });
        return;
      case "rename":
        this.#byNick.delete(action.nick);
        this.#byNick.set(action.to, person);
        this.steps.push({ kind: "rename", minute, person, displayName: action.to });
        return;
      case "say":
        this.#join(person, minute);
        this.#say(person, action);
    }
  }

  #say(person: number, action: Extract<LogAction, { kind: "say" }>): void {
    const linked = this.#links.get(action.line);
    const replyToLine = linked !== undefined && this.#said.has(linked) ? linked : null;
    this.#said.add(action.line);
    this.steps.push({ kind: "say", minute: action.minute, person, line: action.line, text: action.text, replyToLine });
  }

  #join(person: number, minute: number): void {
    if (this.#members.has(person)) return;
    this.#members.add(person);
    this.steps.push({ kind: "join", minute, person });
  }

  #personOf(nick: string): number {
    const known = this.#byNick.get(nick);
    if (known !== undefined) return known;
    const index = this.people.length;
    this.people.push({ index, nick });
    this.#byNick.set(nick, index);
    return index;
  }
}

/** Turns a log into steps. Of several links the nearest earlier message counts; a link to a line that says nothing is dropped. */
export function planReplay(log: ParsedLog, links: ReadonlyMap<number, number>): Plan {
  const planner = new Planner(links);
  for (const action of log.actions) planner.take(action);
  const says = planner.steps.filter((step) => step.kind === "say").length;
  return { people: planner.people, steps: planner.steps, says };
}
