import { type RunningApi, startApi } from "@echo/api";
import { type Core, createCore, stopCore } from "@echo/core";
import { type RunningRealtime, startRealtime } from "@echo/realtime";
import { type TestConfig, testConfigOf } from "./test-config.ts";

/** An API and a hub as two processes would be: each with a core of its own, so that only the stores join them. */
export interface Node {
  api: RunningApi;
  realtime: RunningRealtime;
  /** The API's. */
  core: Core;
  realtimeCore: Core;
  close(): Promise<void>;
}

/** Starts one on free ports of this machine. */
export async function startNode(databaseUrl: string, testConfig?: TestConfig): Promise<Node> {
  const config = testConfigOf(databaseUrl, testConfig);
  const core = await createCore(config.core);
  const realtimeCore = await createCore(config.core);
  const api = await startApi({ core, config: config.api });
  const realtime = await startRealtime({
    core: realtimeCore,
    config: config.realtime,
    overrides: testConfig?.overrides,
  });
  return {
    api,
    realtime,
    core,
    realtimeCore,
    async close() {
      await realtime.close();
      await api.close();
      await Promise.all([stopCore(core), stopCore(realtimeCore)]);
    },
  };
}
