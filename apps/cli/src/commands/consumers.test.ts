import { createEcho } from "@echo/client";
import { createDb, statement } from "@echo/db";
import { expect, test, vi } from "vitest";
import { createTestHome, type Started } from "../test-echoctl.ts";

const timeoutMs = 120_000;
const patience = { timeout: 20_000, interval: 100 };

const plant = statement<never>(
  "test_plant_letter",
  `INSERT INTO messages.dead_letters (id, group_name, topic, key, position, record, error, attempts, failed_at)
   SELECT '00000000-0000-4000-8000-000000000001', 'rollups', 'user.registered', stream_id, position,
     jsonb_build_object('topic', 'user.registered', 'key', stream_id, 'position', position, 'epoch', 'e', 'type', 'none',
       'value', '{}'::jsonb, 'createdAt', '2026-01-01T00:00:00Z', 'loggedAt', '2026-01-01T00:00:00Z'), 'Error: planted', 5, now()
   FROM messages.event_log ORDER BY position LIMIT 1`,
);

async function registerSomebody({ run }: Started): Promise<void> {
  const { ports } = run;
  const client = createEcho({
    apiUrl: `http://127.0.0.1:${ports.api}`,
    realtimeUrl: `ws://127.0.0.1:${ports.realtime}`,
  });
  await client.api.auth.register.mutate({ email: "ada@example.org", password: "a long enough pass phrase" });
  client.close();
}

test("consumers are listed and rewound, and dead letters listed and tried again, beside a running system", {
  timeout: timeoutMs,
}, async () => {
  await using home = await createTestHome();
  const started = await home.start();
  const consumers = async () => JSON.parse((await home.run(["consumers", "list", "--json"])).stdout).items;
  const letters = async () => JSON.parse((await home.run(["dead-letters", "list", "--json"])).stdout).items;
  await registerSomebody(started);
  await vi.waitFor(async () => expect(await consumers()).toMatchObject([{ group: "rollups", events: 0 }]), patience);

  const time = new Date(Date.now() - 60_000).toISOString();
  const rewound = await home.run(["consumers", "rewind", "rollups", "--to", time, "--json"]);
  expect(JSON.parse(rewound.stdout)).toEqual({ group: "rollups", position: 0 });
  await vi.waitFor(async () => expect(await consumers()).toMatchObject([{ events: 0, rewindTo: null }]), patience);

  expect((await home.run(["dead-letters", "list"])).stdout).toBe("There is none.\n");
  await using db = Object.assign(createDb({ url: started.run.databaseUrl ?? "" }), {
    async [Symbol.asyncDispose]() {
      await db.close();
    },
  });
  await db.query(plant);
  const [letter] = await letters();
  expect(letter).toMatchObject({ group: "rollups", error: "Error: planted", attempts: 5, isReplayRequested: false });
  expect((await home.run(["dead-letters", "list"])).stdout).toContain("Error: planted");
  expect((await home.run(["dead-letters", "replay", letter.id])).stdout).toBe("1 will be tried again.\n");
  await vi.waitFor(async () => expect(await letters()).toEqual([]), patience);
  await started.stop();
});

test("what cannot be meant is refused in one sentence", { timeout: timeoutMs }, async () => {
  await using home = await createTestHome();
  expect((await home.run(["migrate"])).code).toBe(0);

  const refusals = [
    { args: ["consumers", "rewind", "nobody", "--to", "0"], says: /No group "nobody" ever consumed/ },
    { args: ["consumers", "rewind", "rollups", "--to", "yesterday"], says: /a position of the log/ },
    { args: ["consumers", "rewind", "rollups", "--to", "-1"], says: /a position of the log/ },
    { args: ["dead-letters", "replay"], says: /Name one dead letter, or say --all/ },
    { args: ["dead-letters", "replay", "7"], says: /an id as dead-letters list names it/ },
    { args: ["dead-letters", "replay", "00000000-0000-4000-8000-00000000000f"], says: /No dead letter has this id/ },
    { args: ["dead-letters", "list", "--limit", "0"], says: /1 to 1,000/ },
  ];
  for (const { args, says } of refusals) {
    const { code, stderr } = await home.run(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
  }
});
