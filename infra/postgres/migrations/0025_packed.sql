-- Pages of the log as few long values: to take an array of events apart costs a reader more than to
-- cut them out of one, and the server more to send it.

-- The events after a position, up to a limit of events and, but for the last one, of bytes, as one
-- row: what belongs to them stands at the same
-- place of each column, and they stand at consecutive positions from `first` on. Names and authors
-- are parted by the unit separator (U+001F), which neither may hold; the data stand one after the
-- other, with `lengths` of four bytes each; moments are the eight bytes each of their binary form.
-- The head is read in the same snapshot; where no event follows, the columns are null. No row at
-- all: there is no such workspace. (`read_page` is for the release before.)
CREATE FUNCTION read_packed(
    p_workspace text, p_after bigint, p_limit bigint, p_bytes bigint
) RETURNS TABLE (
    head bigint, first bigint, last bigint, count bigint, types text, lengths bytea, data bytea,
    moments bytea, authors text
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
                string_agg(int4send(octet_length(e.data)), ''), string_agg(e.data, ''),
                string_agg(timestamptz_send(e.recorded_at), ''),
                string_agg(e.recorded_by, E'\x1f')
            FROM (
                SELECT e.position, e.type, e.data, e.recorded_at, e.recorded_by,
                    sum(octet_length(e.data)) OVER (ORDER BY e.position ROWS UNBOUNDED PRECEDING)
                        - octet_length(e.data) AS bytes_before
                FROM event e
                WHERE e.workspace = p_workspace AND e.position > p_after
                ORDER BY e.position LIMIT p_limit
            ) AS e
            WHERE e.bytes_before < p_bytes
        ) AS p
        WHERE w.workspace = p_workspace;
END $$;
