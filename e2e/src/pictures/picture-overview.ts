import { createDb, statement } from "@echo/db";
import type { Page } from "@playwright/test";
import { createPlayer, type Player } from "../cast.ts";
import { readRunFile, type Stack } from "../stack.ts";

const names = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Barbara Liskov", "Tony Hoare"];
/** Messages of each hour of a day, UTC: people sleep, work, and eat. */
const dayOfMessages = [4, 2, 1, 1, 2, 5, 14, 31, 52, 64, 71, 66, 38, 44, 69, 73, 61, 42, 27, 22, 26, 24, 16, 9];
/** Of the hour that is not over, and of its last minute. */
const present = 24;
const hourMs = 3_600_000;

/** A day of a small company. */
export async function pictureOverview(page: Page, stack: Stack): Promise<Buffer> {
  const players = await Promise.all(names.map((name) => createPlayer(name, stack)));
  const [host, ...others] = players;
  if (!host) throw new Error("There is nobody");
  const { id: conversationId } = await host.echo.api.conversations.create.mutate({
    type: "group",
    title: "Harbour",
    memberIds: others.map(({ userId }) => userId),
  });
  const times = timesOfDay(new Date());
  const ids = await sendAll(players, conversationId, times.length);
  const seq = ids.length;
  await Promise.all(players.map(({ echo }) => echo.api.messages.markRead.mutate({ conversationId, seq })));
  await moveTo(ids, times, readRunFile(stack.home).databaseUrl);

  await Promise.all(players.map(({ echo }) => echo.connect()));
  await sendAll(players, conversationId, present);
  await page.setViewportSize({ width: 1_280, height: 832 });
  await page.goto(await stack.signInLink());
  await page.getByRole("row", { name: "127.0.0.1:8083 6 6" }).waitFor();
  const minute = page.locator("dl > div").filter({ hasText: "Deliveries / min" });
  await minute.getByText(String(present * others.length)).waitFor();
  await page.locator(".recharts-bar-rectangle").first().waitFor();
  const picture = await page.screenshot();
  for (const { echo } of players) echo.close();
  return picture;
}

/** Of the whole hours before the present one, from the oldest on. */
function timesOfDay(now: Date): Date[] {
  const thisHourMs = Math.floor(now.getTime() / hourMs) * hourMs;
  const hours = Array.from({ length: 23 }, (_, index) => thisHourMs - (23 - index) * hourMs);
  return hours.flatMap((startMs) => {
    const count = dayOfMessages[new Date(startMs).getUTCHours()] ?? 0;
    return Array.from({ length: count }, (_, index) => new Date(startMs + (index / count) * hourMs));
  });
}

/** Each in turn says a line; answers the messages' ids in their order. */
async function sendAll(players: readonly Player[], conversationId: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const content = { text: `Line ${n + 1}` };
    const message = await players[n % players.length]?.echo.send({ conversationId, type: "text", content });
    if (message) ids.push(message.id);
  }
  return ids;
}

const moveMessages = statement<never>(
  "pictures_move_messages",
  `UPDATE messages.messages SET created_at = moved.at
   FROM unnest($1::uuid[], $2::timestamptz[]) AS moved(id, at) WHERE messages.id = moved.id`,
);

const moveEvents = statement<never>(
  "pictures_move_events",
  `UPDATE messages.event_log SET created_at = moved.at
   FROM unnest($1::uuid[], $2::timestamptz[]) AS moved(id, at) WHERE ref_id = moved.id`,
);

/** What was counted is of other hours now: as `echoctl consumers rewind rollups --to 0`. */
const countAnew = statement<never>(
  "pictures_count_anew",
  "UPDATE messages.queue_checkpoints SET rewind_to = 0 WHERE group_name = 'rollups'",
);

const moveMarks = statement<never>(
  "pictures_move_marks",
  "UPDATE messages.delivery_status SET at = at - interval '1 hour'",
);

/** Nobody waits a day for a picture: what was sent now gets the times of the day that is over. */
async function moveTo(ids: readonly string[], times: readonly Date[], databaseUrl: string): Promise<void> {
  const db = createDb({ url: databaseUrl, poolMax: 1, applicationName: "pictures" });
  try {
    await db.query(moveMessages, [ids, times]);
    await db.query(moveMarks);
    await db.query(moveEvents, [ids, times]);
    await db.query(countAnew);
  } finally {
    await db.close();
  }
}
