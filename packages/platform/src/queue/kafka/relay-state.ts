import { type Queryable, statement } from "@echo/db";

/** How far the relay is, as the database knows it: at most a transaction behind what Kafka knows. */
export interface RelayPosition {
  /** Null: nothing was ever relayed. */
  epoch: string | null;
  position: number;
}

/** Who does not renew it for so long has lost it. */
const heldSeconds = 3;

const claim = statement<RelayPosition>(
  "relay_claim",
  `UPDATE messages.relay_state SET holder = $1, held_until = clock_timestamp() + make_interval(secs => ${heldSeconds})
   WHERE holder = $1 OR held_until IS NULL OR held_until < clock_timestamp() RETURNING epoch, position`,
);

/** Takes or renews the right to relay; null while another process has it. */
export async function claimRelay(db: Queryable, holder: string): Promise<RelayPosition | null> {
  const [row] = await db.query(claim, [holder]);
  return row ?? null;
}

const save = statement<never>(
  "relay_save",
  "UPDATE messages.relay_state SET epoch = $2, position = $3 WHERE holder = $1",
);

/** Unless another process has the right by now: it saves its own. */
export async function saveRelayed(
  db: Queryable,
  holder: string,
  { epoch, position }: { epoch: string; position: number },
): Promise<void> {
  await db.query(save, [holder, epoch, position]);
}

const release = statement<never>(
  "relay_release",
  "UPDATE messages.relay_state SET held_until = NULL WHERE holder = $1",
);

export async function releaseRelay(db: Queryable, holder: string): Promise<void> {
  await db.query(release, [holder]);
}

const read = statement<RelayPosition>("relay_read", "SELECT epoch, position FROM messages.relay_state");

export async function readRelayed(db: Queryable): Promise<RelayPosition> {
  const [row] = await db.query(read);
  return row ?? { epoch: null, position: 0 };
}
