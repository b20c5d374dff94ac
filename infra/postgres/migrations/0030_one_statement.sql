-- A lone event is one statement: each further one costs an append as much as a row does.

-- One request of one event, with at most one item of a condition (null: none). The head only moves
-- if it is still where this statement sees it: then everything appended is seen, and what is looked
-- for here and not found is not there. Where others appended meanwhile, or where there may be
-- something to judge, `append_one` takes over. The workspace is entered before anything is looked
-- for: what a CASE depends on comes before what it gives. A key that is remembered while the head is
-- waited for is the one thing not seen: its index refuses it then, and nothing is appended.
CREATE FUNCTION append_alone(
    p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text,
    p_by text, p_item_types text, p_item_tags text, p_item_after bigint
) RETURNS batch_answer LANGUAGE sql SECURITY DEFINER
    SET search_path = article20, pg_temp SET plan_cache_mode = force_generic_plan AS $$
    WITH moved AS (
        UPDATE workspace w
            SET head = w.head + 1, recorded_at = greatest(w.recorded_at, clock_timestamp())
            WHERE w.workspace = p_workspace
                AND p_item_tags IS DISTINCT FROM ''
                AND w.head = (SELECT s.head FROM workspace s WHERE s.workspace = p_workspace)
                AND CASE WHEN set_config('article20.workspace', p_workspace, true) <> '' THEN
                    NOT EXISTS (
                        SELECT FROM event_tag t
                        WHERE t.workspace = p_workspace
                            AND t.tag = split_part(p_item_tags, E'\x1f', 1)
                            AND t.position > p_item_after)
                    AND NOT EXISTS (
                        SELECT FROM idempotency k
                        WHERE k.workspace = p_workspace AND k.key = p_key)
                END
            RETURNING w.head, w.recorded_at, pg_notify('article20', p_workspace)
    ), keyed AS (
        INSERT INTO idempotency (workspace, key, request_hash, first, last)
            SELECT p_workspace, p_key, p_hash, m.head, m.head FROM moved m
    ), tagged AS (
        INSERT INTO event_tag (workspace, tag, position)
            SELECT p_workspace, unnest(names(p_tags) || posted_type(p_type)), m.head FROM moved m
    ), stored AS (
        INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
            SELECT p_workspace, m.head, p_id, p_type, p_data, names(p_tags), m.recorded_at, p_by
            FROM moved m
    )
    SELECT coalesce(
        (
            SELECT ROW(m.head - 1, m.recorded_at, NULL, NULL, NULL, NULL)::batch_answer
            FROM moved m
        ),
        append_one(
            p_workspace, p_key, p_hash, p_id, p_type, p_data, p_tags, p_by, p_item_types,
            p_item_tags, p_item_after))
$$;

REVOKE ALL ON FUNCTION append_alone FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_alone TO article20_app;
