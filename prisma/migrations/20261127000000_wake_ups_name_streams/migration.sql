-- What an append tells of its batch, so that a node reads only the streams that it has members of. The names are taken from
-- the very rows that were moved, in the same statement: a stream that they left out would be missed by its readers.
-- OUT columns cannot be added in place; who calls it for the first two alone goes on.
DROP FUNCTION messages.log_append(integer);
CREATE FUNCTION messages.log_append(
  p_max integer, OUT from_position bigint, OUT to_position bigint, OUT stream_ids uuid[], OUT user_ids text[]
) LANGUAGE plpgsql AS $f$
DECLARE
  head messages.log_head;
  oldest xid8;
  moved bigint;
  highest bigint;
BEGIN
  stream_ids := '{}';
  user_ids := '{}';
  PERFORM pg_advisory_xact_lock(4711);
  SELECT h.position, h.position INTO from_position, to_position FROM messages.log_head h
    WHERE NOT EXISTS (SELECT FROM messages.event_new n WHERE n.id >= h.low_id);
  IF FOUND THEN RETURN; END IF;
  SELECT * INTO head FROM messages.log_head FOR NO KEY UPDATE; -- the xid is taken here: after the previous appender committed
  oldest := pg_snapshot_xmin(pg_current_snapshot());           -- before the scan
  WITH taken AS (
    DELETE FROM messages.event_new WHERE id = ANY (ARRAY(
      SELECT id FROM messages.event_new WHERE id >= head.low_id ORDER BY id LIMIT p_max)) RETURNING *
  ), logged AS (
    INSERT INTO messages.event_log (position, stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data, created_at, logged_at)
    SELECT head.position + row_number() OVER (ORDER BY id), stream_id, event_seq, audience_user_id, type, actor_id, ref_id, data, created_at, clock_timestamp()
    FROM taken RETURNING stream_id, data
  )
  -- A damaged userId is text like any other: it must not keep the batch from being appended.
  SELECT count(*), (SELECT max(id) FROM taken), coalesce(array_agg(DISTINCT l.stream_id), '{}'),
    coalesce(array_agg(DISTINCT l.data->>'userId') FILTER (WHERE l.data->>'userId' IS NOT NULL), '{}')
    INTO moved, highest, stream_ids, user_ids FROM logged l;
  from_position := head.position;
  to_position := head.position + moved;
  -- low_id only saves work: it skips index entries of moved rows that an old snapshot keeps vacuum from removing.
  IF moved < p_max THEN
    IF head.pending_id IS NULL THEN head.pending_id := highest;
    ELSIF head.pending_xid IS NULL THEN head.pending_xid := pg_current_xact_id();
    ELSIF oldest >= head.pending_xid THEN
      head.low_id := head.pending_id + 1; head.pending_id := highest; head.pending_xid := NULL;
    END IF;
  END IF;
  UPDATE messages.log_head SET position = to_position, low_id = head.low_id, pending_id = head.pending_id, pending_xid = head.pending_xid;
END $f$;
