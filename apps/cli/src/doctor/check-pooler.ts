import { type PoolerFacts, probePooler } from "@echo/db";
import type { CliConfig } from "../config.ts";
import type { OpenDatabase } from "../stack/database.ts";
import { type Check, fault, fine, type Verdict, warning } from "./finding.ts";

const direct = "export DATABASE_DIRECT_URL=postgresql://user:password@host:port/database";

/** What stands before the database, and whether what does not pass it goes round it. */
export function checkPooler(patient: { config: CliConfig; database: OpenDatabase }): Check {
  const { url, directUrl } = patient.database;
  const work = async () => {
    const through = await probePooler(url);
    return judgePooler({
      through,
      around: url === directUrl ? null : await probePooler(directUrl),
      areStatementsNamed: patient.config.DB_NAMED_STATEMENTS,
    });
  };
  return { name: "pooler", mend: direct, work };
}

interface Ways {
  /** DATABASE_URL. */
  through: PoolerFacts;
  /** DATABASE_DIRECT_URL; null: not set. */
  around: PoolerFacts | null;
  areStatementsNamed: boolean;
}

function judgePooler({ through, around, areStatementsNamed }: Ways): Verdict {
  const { keepsSessions } = around ?? through;
  if (!keepsSessions) return fault(`${lost(around !== null)}: LISTEN and locks are lost there`, direct);
  if (!through.keepsNamedStatements && areStatementsNamed) {
    return fault("a pooler that keeps no prepared statements: calls fail", "export DB_NAMED_STATEMENTS=off");
  }
  if (!through.isPooled) return fine("none");
  if (through.keepsSessions) return fine("one that keeps sessions");
  if (through.unbounded.length > 0) {
    return warning(`connections of the pooler lack ${through.unbounded.join(", ")}`, "echoctl migrate");
  }
  return fine("one that shares connections; LISTEN and locks go round it");
}

const lost = (isSet: boolean): string =>
  isSet
    ? "DATABASE_DIRECT_URL leads through a pooler that keeps no session"
    : "DATABASE_URL leads through a pooler that keeps no session, and DATABASE_DIRECT_URL is not set";
