import type { Echo as Sdk } from "@echo/client";
import type { Conversation } from "@echo/contracts";
import type { Core } from "@echo/core";
import type { Db } from "@echo/db";
import { afterAll } from "vitest";
import { type ApiClient, createApiClient, createRealtimeClient, createSdk, type RealtimeClient } from "./clients.ts";
import { createTestDatabase } from "./create-test-database.ts";
import { addPerson, newSuffix, type Person } from "./people.ts";
import { createStaffClient, type StaffClient } from "./staff.ts";
import { type Node, startNode } from "./start-node.ts";
import type { TestConfig } from "./test-config.ts";

export interface EchoOptions {
  /** API and hub, so many of each. Default 1. */
  nodes?: number;
  config?: TestConfig;
  /** A migrated database of the test's own. */
  databaseUrl?: string;
}

/** A running Echo with people in it, who exist from the moment that a test names them. */
export interface Echo extends AsyncDisposable {
  core: Core;
  db: Db;
  /** For a process that a test starts by itself. */
  databaseUrl: string;
  nodes: readonly Node[];
  /** Of the first node. */
  apiUrl: string;
  realtimeUrl: string;
  /** A client of the API for that person; `node` chooses which one. */
  as(name: string, node?: number): ApiClient;
  /** A client for nobody. */
  anonymous(node?: number): ApiClient;
  /** A client of the hub, connected at its first call and closed with the test. */
  realtimeAs(name: string, node?: number): RealtimeClient;
  /** The SDK of that person, over all nodes; it connects when the test says so and is closed with the test. */
  sdk(name: string): Sdk;
  user(name: string): Promise<Person>;
  /** Somebody who signs in to the console; `node` chooses whose API answers. */
  staff(node?: number): Promise<StaffClient>;
  /** A direct conversation of two, a group of more; the first owns it. */
  conversationOf(owner: string, ...others: string[]): Promise<Conversation & { conversationId: string }>;
}

interface Stack {
  databaseUrl: string;
  nodes: Node[];
  close(): Promise<void>;
}

async function startStack({ nodes: count = 1, config, databaseUrl }: EchoOptions): Promise<Stack> {
  const database = databaseUrl === undefined ? await createTestDatabase({ poolMax: 1 }) : null;
  const url = databaseUrl ?? database?.url ?? "";
  const nodes: Node[] = [];
  const close = async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await database?.[Symbol.asyncDispose]();
  };
  try {
    for (let n = 0; n < count; n += 1) nodes.push(await startNode(url, config));
    return { databaseUrl: url, nodes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One for all tests of a file that ask for nothing special: it stands for as long as the file runs. */
let shared: Promise<Stack> | null = null;

afterAll(async () => {
  await (await shared)?.close();
});

function sharedStack(): Promise<Stack> {
  shared ??= startStack({});
  return shared;
}

/** People of one test, made when they are first named. */
function createPeople(core: Core): (name: string) => Promise<Person> {
  const suffix = newSuffix();
  const people = new Map<string, Promise<Person>>();
  return (name) => {
    const known = people.get(name) ?? addPerson(core, name, suffix);
    people.set(name, known);
    return known;
  };
}

function nodeOf(nodes: readonly Node[], index: number): Node {
  const node = nodes[index];
  if (node === undefined) throw new RangeError(`This Echo has ${nodes.length} nodes; there is no node ${index}`);
  return node;
}

function createClients(nodes: readonly Node[], user: (name: string) => Promise<Person>) {
  const closers: (() => Promise<void>)[] = [];
  const tokenOf = (name: string) => async () => (await user(name)).accessToken;
  const as = (name: string, node = 0) => createApiClient(nodeOf(nodes, node).api.url, tokenOf(name));
  return {
    as,
    anonymous: (node = 0) => createApiClient(nodeOf(nodes, node).api.url),
    realtimeAs(name: string, node = 0) {
      const { client, close } = createRealtimeClient(nodeOf(nodes, node).realtime.url, tokenOf(name));
      closers.push(close);
      return client;
    },
    sdk(name: string) {
      const apiUrl = nodes.map(({ api }) => api.url);
      const realtimeUrl = nodes.map(({ realtime }) => realtime.url);
      const { sdk, close } = createSdk({ apiUrl, realtimeUrl }, tokenOf(name));
      closers.push(close);
      return sdk;
    },
    async conversationOf(owner: string, ...others: string[]) {
      const members = await Promise.all(others.map(user));
      const memberIds = members.map(({ userId }) => userId);
      const type = others.length === 1 ? "direct" : "group";
      const conversation = await as(owner).conversations.create.mutate({ type, memberIds });
      return { ...conversation, conversationId: conversation.id };
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

/**
 * Real stores, API and hub in this process. Without options all tests of a file share one, each with people of its own;
 * with options a test gets a database and nodes for itself: `await using echo = await startEcho({ nodes: 2 })`.
 */
export async function startEcho(options: EchoOptions = {}): Promise<Echo> {
  const isOwn = Object.values(options).some((option) => option !== undefined);
  const stack = await (isOwn ? startStack(options) : sharedStack());
  const { core, api, realtime } = nodeOf(stack.nodes, 0);
  const user = createPeople(core);
  const { close, ...clients } = createClients(stack.nodes, user);
  return {
    core,
    db: core.db,
    databaseUrl: stack.databaseUrl,
    nodes: stack.nodes,
    apiUrl: api.url,
    realtimeUrl: realtime.url,
    user,
    staff: (node = 0) => createStaffClient(core, nodeOf(stack.nodes, node).api.url),
    ...clients,
    async [Symbol.asyncDispose]() {
      await close();
      if (isOwn) await stack.close();
    },
  };
}
