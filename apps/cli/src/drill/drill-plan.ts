import type { Plan, Step } from "../replay/plan.ts";

const people = 12;
const says = 100;
/** Of the steps: who joins, leaves, renames himself; the others speak. */
const moves = 0.12;

/** A short conversation of a few people, of which some come and go. */
export function planConversation(random: () => number): Plan {
  const steps: Step[] = [];
  const members = new Set<number>();
  const anybody = (): number => Math.floor(random() * people);
  const join = (person: number) => {
    if (!members.has(person)) steps.push({ kind: "join", minute: 0, person });
    members.add(person);
  };
  for (let line = 0; line < says; ) {
    const person = anybody();
    const isMove = random() < moves;
    if (isMove && members.delete(person)) steps.push({ kind: "leave", minute: 0, person });
    else if (isMove) steps.push({ kind: "rename", minute: 0, person, displayName: `person ${person} at ${line}` });
    else {
      join(person);
      const replyToLine = line > 0 && random() < 0.2 ? Math.floor(random() * line) : null;
      steps.push({ kind: "say", minute: 0, person, line, text: `line ${line}`, replyToLine });
      line += 1;
    }
  }
  return { people: Array.from({ length: people }, (_, index) => ({ index, nick: `person ${index}` })), steps, says };
}
