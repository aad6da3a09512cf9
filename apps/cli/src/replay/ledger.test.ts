import { expect, test } from "vitest";
import { Ledger, percentile } from "./ledger.ts";

/** Two people, three messages for both; what each received is up to the test. */
function ledgerOf(received: [person: number, id: string][]): Ledger {
  const ledger = new Ledger(2);
  for (const id of ["a", "b", "c"]) {
    ledger.sending(id);
    ledger.acknowledged(id, [0, 1]);
  }
  for (const [person, id] of received) ledger.received(person, id);
  return ledger;
}
const all = (person: number): [number, string][] => ["a", "b", "c"].map((id) => [person, id]);

test("everything once and in order is flawless", () => {
  const ledger = ledgerOf([...all(0), ...all(1)]);

  expect(ledger.missing).toBe(0);
  expect(ledger.compare()).toMatchObject({ deliveries: 6, orderErrors: 0, lost: 0, doubled: 0, unexpected: 0 });
});

test("a lost, a doubled, a swapped and a foreign delivery are each reported", () => {
  expect(ledgerOf([...all(0), [1, "a"], [1, "b"]]).compare()).toMatchObject({ lost: 1, doubled: 0, orderErrors: 0 });
  expect(ledgerOf([...all(0), ...all(1), [1, "c"]]).compare()).toMatchObject({ lost: 0, doubled: 1, orderErrors: 0 });
  expect(ledgerOf([...all(0), [1, "b"], [1, "a"], [1, "c"]]).compare()).toMatchObject({ lost: 0, orderErrors: 1 });
  const foreign = ledgerOf([...all(0), ...all(1)]);
  foreign.sending("d");
  foreign.acknowledged("d", [0]);
  foreign.received(0, "d");
  foreign.received(1, "d");
  expect(foreign.compare()).toMatchObject({ lost: 0, unexpected: 1 });
});

test("what arrives before its acknowledgement is not missing", () => {
  const ledger = new Ledger(1);
  ledger.sending("a");
  ledger.received(0, "a");
  ledger.acknowledged("a", [0]);

  expect(ledger.missing).toBe(0);
});

test("percentiles are by nearest rank", () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => i + 1);

  expect([percentile(values, 0.5), percentile(values, 0.99), percentile(new Float64Array(), 0.5)]).toEqual([50, 99, 0]);
});
