import type { Core } from "@echo/core";
import type { Audience } from "../processes/live-server.ts";
import { insertPeople, type Person } from "./people.ts";
import { openConversation, type Speaker } from "./speaker.ts";

/** People, and in each room the one who speaks. */
export interface Scene {
  people: Person[];
  speakers: Speaker[];
}

/** The n-th person sits in the room n modulo their number, as the peers' clients do. */
export async function setScene(core: Core, { sockets, rooms }: Audience): Promise<Scene> {
  const people = await insertPeople(core, sockets);
  const speakers: Speaker[] = [];
  for (let room = 0; room < rooms; room++) {
    const members = people.filter((_, index) => index % rooms === room);
    speakers.push(await openConversation(core, members));
  }
  await core.events.appendNow();
  return { people, speakers };
}
