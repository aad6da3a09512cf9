import { statement } from "@echo/db";
import type { ConsumeOptions } from "./queue.ts";

export const effectsTable =
  "CREATE TABLE IF NOT EXISTS effects (n bigserial, group_name text, key uuid, position int8, value jsonb)";

const insert = statement<never>(
  "test_effects",
  `INSERT INTO effects (group_name, key, position, value)
   SELECT $1, * FROM unnest($2::uuid[], $3::int8[], $4::jsonb[])`,
);

/** One row a record, so that what is doubled, lost or out of order shows. */
export const recordEffects =
  (group: string): ConsumeOptions["handle"] =>
  async (tx, records) => {
    const columns = [
      records.map(({ key }) => key),
      records.map(({ position }) => position),
      records.map(({ value }) => JSON.stringify(value)),
    ];
    await tx.query(insert, [group, ...columns]);
  };
