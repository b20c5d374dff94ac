-- Pages of the log as columns: for whoever reads all of it, in order.

-- The events after a position, up to a limit, as one row: what belongs to them stands at the same
-- place of each column, and they stand at consecutive positions from `first` on. A row of its own
-- for each event would cost a reader more than to decode it does. Names are parted by the unit
-- separator (U+001F), moments are the eight bytes each of their binary form. The head is read in
-- the same snapshot; where no event follows, the columns are null. No row at all: there is no such
-- workspace.
CREATE FUNCTION read_page(p_workspace text, p_after bigint, p_limit bigint) RETURNS TABLE (
    head bigint, first bigint, last bigint, count bigint, types text, data bytea[], moments bytea,
    authors text[]
) LANGUAGE plpgsql STABLE
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('article20.workspace', p_workspace, true);
    RETURN QUERY
        SELECT w.head, p.*
        FROM workspace w
        CROSS JOIN (
            SELECT min(e.position), max(e.position), count(*), string_agg(e.type, E'\x1f'),
                array_agg(e.data), string_agg(timestamptz_send(e.recorded_at), ''),
                array_agg(e.recorded_by)
            FROM (
                SELECT e.position, e.type, e.data, e.recorded_at, e.recorded_by
                FROM event e
                WHERE e.workspace = p_workspace AND e.position > p_after
                ORDER BY e.position LIMIT p_limit
            ) AS e
        ) AS p
        WHERE w.workspace = p_workspace;
END $$;
