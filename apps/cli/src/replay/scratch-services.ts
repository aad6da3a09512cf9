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
  let thaw: NodeJS.Timeout | undefined;
  let isOver = false;
  const startAgain = async () => {
    if (!isOver) server = await startRedis({ folder, port: first.port });
  };
  return {
    url: first.url,
    freeze() {
      server.signal("SIGSTOP");
      thaw = setTimeout(() => server.signal("SIGCONT"), frozenMs);
    },
    stopFor(ms) {
      void server.stop();
      thaw = setTimeout(() => void startAgain(), ms);
    },
    async stop() {
      isOver = true;
      clearTimeout(thaw);
      await server.stop();
    },
  };
}

/** Not ours to stop: it holds its clients back instead. */
function withGiven(url: string): ScratchRedis {
  return {
    url,
    freeze: () => void askRedis(url, ["CLIENT", "PAUSE", String(frozenMs), "ALL"]).catch(() => undefined),
    stopFor: (ms) => void askRedis(url, ["CLIENT", "PAUSE", String(ms), "ALL"]).catch(() => undefined),
    stop: async () => undefined,
  };
}
