import type { AddressInfo } from "node:net";
import { initTRPC } from "@trpc/server";
import { fastifyTRPCPlugin } from "@trpc/server/adapters/fastify";
import Fastify from "fastify";
import { serveCommands, tellReady } from "../../processes/serve-commands.ts";

// tRPC on the server that Echo's API runs on: a query that asks nobody and answers at once.
const t = initTRPC.create();
const router = t.router({ me: t.procedure.query(() => ({ userId: "bare", email: "bare@example.org" })) });
const app = Fastify({ routerOptions: { maxParamLength: 4_096 } });

await app.register(fastifyTRPCPlugin, { prefix: "/trpc", trpcOptions: { router } });
serveCommands({});
await app.listen({ port: 0, host: "127.0.0.1" });
tellReady((app.server.address() as AddressInfo).port);
