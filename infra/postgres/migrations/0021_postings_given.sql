-- The process that appends says by which events each name of a batch is carried, so that the log
-- need not sort them; and one request of one event, which is what a lone caller sends, has a way of
-- its own without sets.

-- Append the requests of one batch, each judged in turn: its idempotency key first, then its
-- condition, each seeing the earlier ones. A conflict fails its own request, never the batch.
-- Requests that cannot touch each other form a run, which is judged and inserted as a set; where a
-- request may depend on an earlier one a new run begins: p_ends are the last requests of the runs,
-- null for one run. Two requests of one run under one key are refused as a whole batch.
-- The postings of the batch: p_names are its tags and types (as posted_type says them), p_lasts the
-- numbers of the last event of each, p_earlier the numbers of the ones before it, in the text form
-- of an int[], null for none; a name stands again where it has more positions than a posting may
-- hold. Null for all: they are made here.
CREATE FUNCTION append_batch(
    p_workspace text, p_ends int[],
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_event_requests int[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[],
    p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[],
    p_names text[], p_lasts int[], p_earlier text[]
) RETURNS batch_answer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    answer batch_answer;
    v_entered text;
    v_open boolean;
BEGIN
    SELECT w.head, w.recorded_at, set_config('article20.workspace', p_workspace, true)
        INTO answer.head, answer.recorded_at, v_entered
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF v_entered IS NULL THEN
        RAISE EXCEPTION 'there is no workspace %', p_workspace
            USING ERRCODE = 'no_data_found', CONSTRAINT = 'workspace_exists';
    END IF;
    IF cardinality(p_ends) > 1 THEN
        RETURN append_runs(
            p_workspace, answer.head, p_ends, p_keys, p_hashes, p_counts, p_event_requests, p_ids,
            p_types, p_data, p_tags, p_by, p_item_requests, p_item_types, p_item_tags,
            p_item_afters);
    END IF;
    answer.recorded_at := greatest(answer.recorded_at, clock_timestamp());
    -- Nothing known of any key and no event under the first tag of any item: nothing to judge.
    v_open := '' = ANY (p_item_tags)
        OR EXISTS (
            SELECT FROM idempotency k WHERE k.workspace = p_workspace AND k.key = ANY (p_keys))
        OR EXISTS (
            SELECT FROM unnest(p_item_tags, p_item_afters) AS i (tags, after)
            WHERE (
                SELECT true FROM event_tag t
                WHERE t.workspace = p_workspace AND t.tag = split_part(i.tags, E'\x1f', 1)
                    AND t.position > i.after
                LIMIT 1));
    IF v_open THEN
        answer := judged(
            p_workspace, answer.head, answer.recorded_at, p_keys, p_hashes, p_counts,
            p_item_requests, p_item_types, p_item_tags, p_item_afters);
        IF answer.outcomes IS NOT NULL THEN
            SELECT array_agg(e.id ORDER BY e.number), array_agg(e.type ORDER BY e.number),
                    array_agg(e.data ORDER BY e.number), array_agg(e.tags ORDER BY e.number),
                    array_agg(e.by ORDER BY e.number)
                INTO p_ids, p_types, p_data, p_tags, p_by
                FROM unnest(p_event_requests, p_ids, p_types, p_data, p_tags, p_by)
                    WITH ORDINALITY AS e (request, id, type, data, tags, by, number)
                WHERE answer.outcomes[coalesce(e.request, e.number)] = 0;
            IF p_ids IS NULL THEN
                RETURN answer;
            END IF;
            SELECT array_agg(r.key ORDER BY r.request), array_agg(r.hash ORDER BY r.request),
                    array_agg(r.count ORDER BY r.request)
                INTO p_keys, p_hashes, p_counts
                FROM unnest(p_keys, p_hashes, p_counts)
                    WITH ORDINALITY AS r (key, hash, count, request)
                WHERE answer.outcomes[r.request] = 0;
            p_names := NULL;
        END IF;
    END IF;
    INSERT INTO idempotency (workspace, key, request_hash, first, last)
    SELECT p_workspace, r.key, r.hash, r.last - coalesce(r.count, 1) + 1, r.last
    FROM (
        SELECT r.*, answer.head + CASE
            WHEN r.count IS NULL THEN r.number
            ELSE sum(r.count) OVER (ROWS UNBOUNDED PRECEDING)
        END AS last
        FROM unnest(p_keys, p_hashes, p_counts)
            WITH ORDINALITY AS r (key, hash, count, number)
    ) AS r;
    INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
    SELECT p_workspace, answer.head + e.number, e.id, e.type, e.data, names(e.tags),
        answer.recorded_at, e.by
    FROM unnest(p_ids, p_types, p_data, p_tags, p_by)
        WITH ORDINALITY AS e (id, type, data, tags, by, number);
    IF p_names IS NOT NULL THEN
        INSERT INTO event_tag (workspace, tag, position, earlier)
        SELECT p_workspace, n.name, answer.head + n.last,
            CASE WHEN n.earlier IS NOT NULL THEN
                ARRAY(SELECT answer.head + e.number FROM unnest(n.earlier::int[]) AS e (number))
            END
        FROM unnest(p_names, p_lasts, p_earlier) AS n (name, last, earlier);
    ELSE  -- a posting holds at most 200 positions, so that a page has room for it
        INSERT INTO event_tag (workspace, tag, position, earlier)
        SELECT p_workspace, n.name, max(n.position),
            CASE WHEN count(*) > 1 THEN array_remove(array_agg(n.position), max(n.position)) END
        FROM (
            SELECT unnest(names(concat_ws(E'\x1f', posted_type(e.type), nullif(e.tags, '')))) AS name,
                answer.head + e.number AS position, (e.number - 1) / 200 AS part
            FROM unnest(p_types, p_tags) WITH ORDINALITY AS e (type, tags, number)
        ) AS n
        GROUP BY n.name, n.part;
    END IF;
    UPDATE workspace w
        SET head = answer.head + cardinality(p_ids), recorded_at = answer.recorded_at
        WHERE w.workspace = p_workspace;
    PERFORM pg_notify('article20', p_workspace);
    RETURN answer;
END $$;

-- The same with the postings left to the log.
CREATE OR REPLACE FUNCTION append_batch(
    p_workspace text, p_ends int[],
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_event_requests int[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[],
    p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp AS $$
BEGIN
    RETURN append_batch(
        p_workspace, p_ends, p_keys, p_hashes, p_counts, p_event_requests, p_ids, p_types, p_data,
        p_tags, p_by, p_item_requests, p_item_types, p_item_tags, p_item_afters, NULL, NULL, NULL);
END $$;

-- What the release before the last one called.
DROP FUNCTION append_batch(
    text, text[], bytea[], int[], int[], uuid[], text[], bytea[], text[], text[], int[], text[],
    text[], bigint[]);

-- One request of one event, with at most one item of a condition (null: none). What has to be
-- judged goes the way of all others.
CREATE FUNCTION append_one(
    p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text,
    p_by text, p_item_types text, p_item_tags text, p_item_after bigint
) RETURNS batch_answer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    answer batch_answer;
    v_entered text;
BEGIN
    SELECT w.head, w.recorded_at, set_config('article20.workspace', p_workspace, true)
        INTO answer.head, answer.recorded_at, v_entered
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF v_entered IS NULL
        OR p_item_tags = ''
        OR EXISTS (SELECT FROM idempotency k WHERE k.workspace = p_workspace AND k.key = p_key)
        OR EXISTS (
            SELECT FROM event_tag t
            WHERE t.workspace = p_workspace AND t.tag = split_part(p_item_tags, E'\x1f', 1)
                AND t.position > p_item_after)
    THEN
        RETURN append_batch(
            p_workspace, NULL, ARRAY[p_key], ARRAY[p_hash], NULL, NULL, ARRAY[p_id],
            ARRAY[p_type], ARRAY[p_data], ARRAY[p_tags], ARRAY[p_by], NULL,
            array_remove(ARRAY[p_item_types], NULL), array_remove(ARRAY[p_item_tags], NULL),
            array_remove(ARRAY[p_item_after], NULL), NULL, NULL, NULL);
    END IF;
    answer.recorded_at := greatest(answer.recorded_at, clock_timestamp());
    INSERT INTO idempotency (workspace, key, request_hash, first, last)
        VALUES (p_workspace, p_key, p_hash, answer.head + 1, answer.head + 1);
    INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
        VALUES (p_workspace, answer.head + 1, p_id, p_type, p_data, names(p_tags),
            answer.recorded_at, p_by);
    INSERT INTO event_tag (workspace, tag, position)
        SELECT p_workspace, unnest(names(p_tags) || posted_type(p_type)), answer.head + 1;
    UPDATE workspace w SET head = answer.head + 1, recorded_at = answer.recorded_at
        WHERE w.workspace = p_workspace;
    PERFORM pg_notify('article20', p_workspace);
    RETURN answer;
END $$;

REVOKE ALL ON FUNCTION append_batch(
    text, int[], text[], bytea[], int[], int[], uuid[], text[], bytea[], text[], text[],
    int[], text[], text[], bigint[], text[], int[], text[]
), append_one(text, text, bytea, uuid, text, bytea, text, text, text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_batch(
    text, int[], text[], bytea[], int[], int[], uuid[], text[], bytea[], text[], text[],
    int[], text[], text[], bigint[], text[], int[], text[]
), append_one(text, text, bytea, uuid, text, bytea, text, text, text, text, bigint)
    TO article20_app;
