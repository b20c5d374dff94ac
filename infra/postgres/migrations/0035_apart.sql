-- Ids and tags of a sheaf are read before the head is locked, too, while others append.

-- Append one request of many events. Lists come as texts, as to append_lists. p_absent: tags that no
-- event may carry yet, null for none; p_follows: the key of a request that must stand in the log
-- before this one, or this one is a conflict, null for none. p_own: a tag of each event that no other
-- one carries, null where some have none; p_names, p_lasts and p_earlier are the postings of all
-- other names, with the positions the events have if the head is p_head.
-- The first row of the first statement has all lists taken apart, and only then asks for the head:
-- whoever appends meanwhile is not waited for until there is nothing left to do but to insert.
CREATE OR REPLACE FUNCTION append_sheaf(
    p_workspace text, p_key text, p_hash bytea, p_ids text, p_types text, p_data bytea[],
    p_tags text, p_by text, p_absent text, p_follows text, p_head bigint, p_own text,
    p_names text, p_lasts text, p_earlier text
) RETURNS batch_answer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    answer batch_answer;
    v_count int := cardinality(p_data);
    v_absent int;
    v_shift bigint;
BEGIN
    PERFORM set_config('article20.workspace', p_workspace, true);
    INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
    WITH apart AS MATERIALIZED (
        SELECT e.number, e.id::uuid AS id, e.type, e.data, names(coalesce(e.tags, '')) AS tags
        FROM ROWS FROM (
                string_to_table(p_ids, ' '), string_to_table(p_types, E'\x1d'), unnest(p_data),
                string_to_table(p_tags, E'\x1d'))
            WITH ORDINALITY AS e (id, type, data, tags, number)
    )
    SELECT p_workspace, (e.begun).head + e.number, e.id, e.type, e.data, e.tags,
        (e.begun).recorded_at, p_by
    FROM (
        SELECT a.*, (
                -- Counting them has all of them made before the head is locked.
                SELECT begin_sheaf(
                    p_workspace, p_key, p_hash, (SELECT count(*) FROM apart)::int, p_absent,
                    p_follows)
            ) AS begun
        FROM apart AS a
        OFFSET 0
    ) AS e
    WHERE (e.begun).head IS NOT NULL;
    IF NOT FOUND THEN
        IF p_follows IS NOT NULL AND NOT EXISTS (
            SELECT FROM idempotency k WHERE k.workspace = p_workspace AND k.key = p_follows)
        THEN
            SELECT w.head, w.recorded_at, ARRAY[2], ARRAY[NULL::bigint], ARRAY[w.head],
                ARRAY[NULL::timestamptz]
                INTO STRICT answer FROM workspace w WHERE w.workspace = p_workspace;
            RETURN answer;
        END IF;
        v_absent := cardinality(string_to_array(p_absent, E'\x1d'));
        RETURN append_judged(
            p_workspace, NULL, p_key, ARRAY[p_hash], ARRAY[v_count], p_ids, p_types, p_data, p_tags,
            array_to_string(array_fill(p_by, ARRAY[v_count]), E'\x1d'),
            ARRAY[coalesce(v_absent, 0)], NULL, p_absent,
            array_to_string(array_fill(-1, ARRAY[coalesce(v_absent, 0)]), ' '));
    END IF;
    SELECT w.head - v_count, w.recorded_at INTO answer.head, answer.recorded_at
        FROM workspace w WHERE w.workspace = p_workspace;
    INSERT INTO event_tag (workspace, tag, position)
    SELECT p_workspace, o.tag, answer.head + o.number
    FROM string_to_table(p_own, E'\x1d') WITH ORDINALITY AS o (tag, number);
    v_shift := answer.head - p_head;
    INSERT INTO event_tag (workspace, tag, position, earlier)
    SELECT p_workspace, n.name, n.last::bigint + v_shift,
        CASE
            WHEN v_shift = 0 THEN n.earlier::bigint[]
            WHEN n.earlier IS NOT NULL THEN  -- others appended meanwhile
                ARRAY(
                    SELECT e.position + v_shift FROM unnest(n.earlier::bigint[]) AS e (position))
        END
    FROM ROWS FROM (
            string_to_table(p_names, E'\x1d'), string_to_table(p_lasts, ' '),
            string_to_table(p_earlier, E'\x1d', ''))
        AS n (name, last, earlier);
    PERFORM pg_notify('article20', p_workspace);
    RETURN answer;
END $$;
