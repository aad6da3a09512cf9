import { EchoProvider } from "@echo/client/react";
import { useActionState, useState } from "react";
import { Pane } from "./pane.tsx";
import { attempt, type Demo, gather, type Person, signIn } from "./people.ts";

/** Everybody side by side; on a narrow screen one at a time. */
export function Table({ demo, seated }: { demo: Demo; seated: Person[] }) {
  const [people, setPeople] = useState(seated);
  const [front, setFront] = useState(seated[0]?.name);
  const [failure, join, isJoining] = useActionState(() => attempt(welcome), "");
  const late = demo.people.find(({ role, name }) => role === "late" && !people.some((each) => each.name === name));

  /** Who is late signs in, and whoever was first makes the group of everyone, or takes the newcomer into it. */
  async function welcome(): Promise<void> {
    if (!late || !people[0]) return;
    const newcomer = await signIn(demo, late);
    const conversationId = await gather(people[0], [...people, newcomer], "Everyone");
    setPeople([...people, { ...newcomer, conversationId }]);
    setFront(late.name);
  }

  return (
    <main>
      <form className="top" action={join}>
        <h1>Echo</h1>
        <p role="alert">{failure}</p>
        {late && (
          <button type="submit" disabled={isJoining}>
            {late.name} joins
          </button>
        )}
      </form>
      <nav className="tabs" aria-label="Whose screen is shown">
        {people.map(({ name }) => (
          <button type="button" key={name} aria-pressed={name === front} onClick={() => setFront(name)}>
            {name}
          </button>
        ))}
      </nav>
      <div className="table">
        {people.map((person) => (
          <EchoProvider key={person.name} echo={person.echo}>
            <Pane person={person} people={people} isFront={person.name === front} />
          </EchoProvider>
        ))}
      </div>
    </main>
  );
}
