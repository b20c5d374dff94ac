-- A lone event looks for its idempotency key by writing it: one look at the index instead of two.

-- One request of one event, with at most one item of a condition (null: none). What has to be
-- judged goes the way of all others.
CREATE OR REPLACE FUNCTION append_one(
    p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text,
    p_by text, p_item_types text, p_item_tags text, p_item_after bigint
) RETURNS batch_answer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    answer batch_answer;
    v_entered text;
    v_new boolean := false;
    v_told text;
BEGIN
    SELECT w.head, w.recorded_at, set_config('article20.workspace', p_workspace, true)
        INTO answer.head, answer.recorded_at, v_entered
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF v_entered IS NOT NULL AND p_item_tags IS DISTINCT FROM ''
        AND NOT EXISTS (
            SELECT FROM event_tag t
            WHERE t.workspace = p_workspace AND t.tag = split_part(p_item_tags, E'\x1f', 1)
                AND t.position > p_item_after)
    THEN
        INSERT INTO idempotency (workspace, key, request_hash, first, last)
            VALUES (p_workspace, p_key, p_hash, answer.head + 1, answer.head + 1)
            ON CONFLICT DO NOTHING;
        v_new := FOUND;
    END IF;
    IF NOT v_new THEN
        RETURN append_batch(
            p_workspace, NULL, ARRAY[p_key], ARRAY[p_hash], NULL, NULL, ARRAY[p_id],
            ARRAY[p_type], ARRAY[p_data], ARRAY[p_tags], ARRAY[p_by], NULL,
            array_remove(ARRAY[p_item_types], NULL), array_remove(ARRAY[p_item_tags], NULL),
            array_remove(ARRAY[p_item_after], NULL), NULL, NULL, NULL);
    END IF;
    answer.recorded_at := greatest(answer.recorded_at, clock_timestamp());
    INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
        VALUES (p_workspace, answer.head + 1, p_id, p_type, p_data, names(p_tags),
            answer.recorded_at, p_by);
    INSERT INTO event_tag (workspace, tag, position)
        SELECT p_workspace, unnest(names(p_tags) || posted_type(p_type)), answer.head + 1;
    UPDATE workspace w SET head = answer.head + 1, recorded_at = answer.recorded_at
        WHERE w.workspace = p_workspace;
    v_told := pg_notify('article20', p_workspace);  -- which costs less than to perform it
    RETURN answer;
END $$;
