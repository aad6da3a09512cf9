import { createRoot } from "react-dom/client";
import { type Demo, signIn } from "./people.ts";
import { Table } from "./table.tsx";

const root = createRoot(document.getElementById("root") as HTMLElement);
root.render(<p className="splash">Signing in …</p>);
try {
  const demo: Demo = await (await fetch("/demo.json")).json();
  const seats = demo.people.filter(({ role }) => role === "seat");
  root.render(<Table demo={demo} seated={await Promise.all(seats.map((seat) => signIn(demo, seat)))} />);
} catch (error) {
  root.render(<p className="splash">{`The demo did not start (${error}). Reload the page to try again.`}</p>);
}
