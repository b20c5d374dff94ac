-- Pages of the log in one pass over their events; adding up their bytes beforehand took a third.

-- The events after a position, up to a limit of events and, but for the last one, of bytes, as one
-- row: what belongs to them stands at the same
-- place of each column, and they stand at consecutive positions from `first` on. Names and authors
-- are parted by the unit separator (U+001F), which neither may hold; the data stand one after the
-- other, with `lengths` of four bytes each; moments are the eight bytes each of their binary form.
-- The head is read in the same snapshot; where no event follows, the columns are null. No row at
-- all: there is no such workspace. Where no event has more than its share of the bytes, all of them
-- together are not too many; only else, which is rare, how many there may be is looked for.
CREATE OR REPLACE FUNCTION read_packed(
    p_workspace text, p_after bigint, p_limit bigint, p_bytes bigint
) RETURNS TABLE (
    head bigint, first bigint, last bigint, count bigint, types text, lengths bytea, data bytea,
    moments bytea, authors text
) LANGUAGE plpgsql STABLE
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
    v_fair bigint := p_bytes / greatest(p_limit, 1);
    v_narrowed bigint;
BEGIN
    PERFORM set_config('article20.workspace', p_workspace, true);
    RETURN QUERY
        SELECT w.head, p.*
        FROM workspace w
        CROSS JOIN (
            SELECT min(e.position), max(e.position), count(*), string_agg(e.type, E'\x1f'),
                string_agg(int4send(e.bytes), ''),
                string_agg(e.data, '') FILTER (WHERE e.bytes <= v_fair),
                string_agg(timestamptz_send(e.recorded_at), ''),
                string_agg(e.recorded_by, E'\x1f')
            FROM (
                SELECT e.position, e.type, octet_length(e.data) AS bytes, e.data, e.recorded_at,
                    e.recorded_by
                FROM event e
                WHERE e.workspace = p_workspace AND e.position > p_after
                ORDER BY e.position LIMIT p_limit
            ) AS e
            HAVING count(*) FILTER (WHERE e.bytes > v_fair) = 0
        ) AS p
        WHERE w.workspace = p_workspace;
    IF FOUND THEN
        RETURN;
    END IF;
    SELECT count(*) INTO v_narrowed FROM (
        SELECT sum(octet_length(e.data)) OVER (ORDER BY e.position ROWS UNBOUNDED PRECEDING)
            - octet_length(e.data) AS bytes_before
        FROM (
            SELECT position, data FROM event
            WHERE workspace = p_workspace AND position > p_after ORDER BY position LIMIT p_limit
        ) AS e
    ) AS e
    WHERE e.bytes_before < p_bytes;
    IF v_narrowed > 0 THEN
        RETURN QUERY
            SELECT * FROM read_packed(p_workspace, p_after, v_narrowed, v_narrowed << 30);
    END IF;
END $$;
