import { pauseUnless } from "@echo/platform";
import { CliError } from "../cli-error.ts";
import { askRedis, hasRedisServer, type RedisServer, startRedis } from "../services/index.ts";

const frozenMs = 10_000;

/** The Redis of one run. */
export interface ScratchRedis {
  url: string;
  /** For 10 s it answers nothing. */
  freeze(): void;
  /** It is gone for so long, and comes back empty on its port. */
  stopFor(ms: number): void;
  stop(): Promise<void>;
}

/**
 * The one that is given, or a redis-server of this machine for this run alone.
 * @throws CliError when there is neither
 */
export async function openScratchRedis(given: string | undefined, folder: string): Promise<ScratchRedis> {
  if (given) return withGiven(given);
  if (!(await hasRedisServer())) {
    throw new CliError(
      "--services needs Redis: set REDIS_URL, or install redis-server (apt-get install redis-server).",
    );
  }
  return withOwn(await startRedis({ folder }), folder);
}

function withOwn(first: RedisServer, folder: string): ScratchRedis {
  let server = first;
  let isOver = false;
  /** What is being done to it; one thing after the other, so that none is left running behind another. */
  let doing: Promise<void> = Promise.resolve();
  const ending = new AbortController();
  const then = (work: () => Promise<void>) => {
    doing = doing.then(() => (isOver ? undefined : work())).catch(() => undefined);
  };
  return {
    url: first.url,
    freeze: () =>
      then(async () => {
        server.signal("SIGSTOP");
        await pauseUnless(ending.signal, frozenMs);
        server.signal("SIGCONT");
      }),
    stopFor: (ms) =>
      then(async () => {
        await server.stop();
        await pauseUnless(ending.signal, ms);
        server = await startRedis({ folder, port: first.port });
      }),
    async stop() {
      isOver = true;
      ending.abort();
      await doing;
      await server.stop();
    },
  };
}

/** Not ours to stop: it holds its clients back instead. */
function withGiven(url: string): ScratchRedis {
  const stopFor = (ms: number) => void askRedis(url, ["CLIENT", "PAUSE", String(ms), "ALL"]).catch(() => undefined);
  return { url, freeze: () => stopFor(frozenMs), stopFor, stop: async () => undefined };
}
