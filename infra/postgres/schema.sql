-- What all migrations together make, for readers. Written by `python -m infra.postgres.schema`,
-- never by hand; a test replays the migrations and compares.

SET check_function_bodies = false;

CREATE SCHEMA article20;

ALTER SCHEMA article20 OWNER TO article20_owner;

CREATE TYPE article20.batch_answer AS (
	head bigint,
	recorded_at timestamp with time zone,
	outcomes integer[],
	firsts bigint[],
	lasts bigint[],
	moments timestamp with time zone[]
);

ALTER TYPE article20.batch_answer OWNER TO article20_owner;

CREATE FUNCTION article20.add_workspace(p_workspace text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    INSERT INTO workspace (workspace) VALUES (p_workspace)
        ON CONFLICT DO NOTHING RETURNING true
$$;

ALTER FUNCTION article20.add_workspace(p_workspace text) OWNER TO article20_owner;

CREATE FUNCTION article20.append_alone(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) RETURNS article20.batch_answer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

ALTER FUNCTION article20.append_alone(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) OWNER TO article20_owner;

CREATE FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) RETURNS article20.batch_answer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
BEGIN
    RETURN append_batch(
        p_workspace, p_ends, p_keys, p_hashes, p_counts, p_event_requests, p_ids, p_types, p_data,
        p_tags, p_by, p_item_requests, p_item_types, p_item_tags, p_item_afters, NULL, NULL, NULL);
END $$;

ALTER FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) OWNER TO article20_owner;

CREATE FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[], p_names text[], p_lasts integer[], p_earlier text[]) RETURNS article20.batch_answer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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

ALTER FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[], p_names text[], p_lasts integer[], p_earlier text[]) OWNER TO article20_owner;

CREATE FUNCTION article20.append_judged(p_workspace text, p_ends integer[], p_keys text, p_hashes bytea[], p_counts integer[], p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_item_counts integer[], p_item_types text, p_item_tags text, p_item_afters text) RETURNS article20.batch_answer
    LANGUAGE sql
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT append_batch(
        p_workspace, p_ends, string_to_array(p_keys, E'\x1d'), p_hashes, p_counts,
        (
            SELECT array_agg(r.number::int ORDER BY r.number)
            FROM unnest(p_counts) WITH ORDINALITY AS r (count, number),
                generate_series(1, r.count)
        ),
        string_to_array(p_ids, ' ')::uuid[], string_to_array(p_types, E'\x1d'), p_data,
        CASE p_tags WHEN '' THEN ARRAY[''] ELSE string_to_array(p_tags, E'\x1d') END,
        string_to_array(p_by, E'\x1d'),
        (
            SELECT array_agg(r.number::int ORDER BY r.number)
            FROM unnest(p_item_counts) WITH ORDINALITY AS r (count, number),
                generate_series(1, r.count)
        ),
        string_to_array(p_item_types, E'\x1d'),
        CASE p_item_tags WHEN '' THEN ARRAY[''] ELSE string_to_array(p_item_tags, E'\x1d') END,
        string_to_array(p_item_afters, ' ')::bigint[], NULL, NULL, NULL)
$$;

ALTER FUNCTION article20.append_judged(p_workspace text, p_ends integer[], p_keys text, p_hashes bytea[], p_counts integer[], p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_item_counts integer[], p_item_types text, p_item_tags text, p_item_afters text) OWNER TO article20_owner;

CREATE FUNCTION article20.append_lists(p_workspace text, p_ends integer[], p_keys text, p_hashes bytea[], p_counts integer[], p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_item_counts integer[], p_item_types text, p_item_tags text, p_item_afters text, p_firsts text, p_after bigint, p_head bigint, p_names text, p_lasts text, p_earlier text) RETURNS article20.batch_answer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    answer batch_answer;
    v_entered text;
    v_open boolean;
    v_shift bigint;
BEGIN
    SELECT w.head, w.recorded_at, set_config('article20.workspace', p_workspace, true)
        INTO answer.head, answer.recorded_at, v_entered
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF v_entered IS NULL OR p_ends IS NOT NULL OR p_firsts IS NULL THEN
        v_open := true;
    ELSIF p_after IS NULL THEN
        v_open := EXISTS (
            SELECT FROM ROWS FROM (
                    string_to_table(p_firsts, E'\x1d'), string_to_table(p_item_afters, ' '))
                AS i (tag, after)
            WHERE (
                SELECT true FROM event_tag t
                WHERE t.workspace = p_workspace AND t.tag = i.tag AND t.position > i.after::bigint
                LIMIT 1));
    ELSIF p_firsts <> '' THEN
        v_open := EXISTS (
            SELECT FROM event_tag t
            WHERE t.workspace = p_workspace AND t.tag = ANY (string_to_array(p_firsts, E'\x1d'))
                AND t.position > p_after);
    END IF;
    IF v_open OR EXISTS (
        SELECT FROM idempotency k
        WHERE k.workspace = p_workspace AND k.key = ANY (string_to_array(p_keys, E'\x1d')))
    THEN
        RETURN append_judged(
            p_workspace, p_ends, p_keys, p_hashes, p_counts, p_ids, p_types, p_data, p_tags, p_by,
            p_item_counts, p_item_types, p_item_tags, p_item_afters);
    END IF;
    answer.recorded_at := greatest(answer.recorded_at, clock_timestamp());
    IF p_counts IS NULL THEN
        INSERT INTO idempotency (workspace, key, request_hash, first, last)
        SELECT p_workspace, r.key, r.hash, answer.head + r.number, answer.head + r.number
        FROM ROWS FROM (string_to_table(p_keys, E'\x1d'), unnest(p_hashes))
            WITH ORDINALITY AS r (key, hash, number);
    ELSE
        INSERT INTO idempotency (workspace, key, request_hash, first, last)
        SELECT p_workspace, r.key, r.hash, answer.head + r.upto - r.count + 1, answer.head + r.upto
        FROM (
            SELECT r.key, r.hash, r.count, sum(r.count) OVER (ROWS UNBOUNDED PRECEDING) AS upto
            FROM ROWS FROM (string_to_table(p_keys, E'\x1d'), unnest(p_hashes), unnest(p_counts))
                AS r (key, hash, count)
        ) AS r;
    END IF;
    INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
    SELECT p_workspace, answer.head + e.number, e.id::uuid, e.type, e.data,
        names(coalesce(e.tags, '')), answer.recorded_at, e.by
    FROM ROWS FROM (
            string_to_table(p_ids, ' '), string_to_table(p_types, E'\x1d'), unnest(p_data),
            string_to_table(p_tags, E'\x1d'), string_to_table(p_by, E'\x1d'))
        WITH ORDINALITY AS e (id, type, data, tags, by, number);
    v_shift := answer.head - p_head;
    IF v_shift = 0 THEN
        INSERT INTO event_tag (workspace, tag, position, earlier)
        SELECT p_workspace, n.name, n.last::bigint, n.earlier::bigint[]
        FROM ROWS FROM (
                string_to_table(p_names, E'\x1d'), string_to_table(p_lasts, ' '),
                string_to_table(p_earlier, E'\x1d', ''))
            AS n (name, last, earlier);
    ELSE  -- others appended meanwhile
        INSERT INTO event_tag (workspace, tag, position, earlier)
        SELECT p_workspace, n.name, n.last::bigint + v_shift,
            CASE WHEN n.earlier IS NOT NULL THEN
                ARRAY(
                    SELECT e.position + v_shift FROM unnest(n.earlier::bigint[]) AS e (position))
            END
        FROM ROWS FROM (
                string_to_table(p_names, E'\x1d'), string_to_table(p_lasts, ' '),
                string_to_table(p_earlier, E'\x1d', ''))
            AS n (name, last, earlier);
    END IF;
    UPDATE workspace w
        SET head = answer.head + cardinality(p_data), recorded_at = answer.recorded_at
        WHERE w.workspace = p_workspace;
    PERFORM pg_notify('article20', p_workspace);
    RETURN answer;
END $$;

ALTER FUNCTION article20.append_lists(p_workspace text, p_ends integer[], p_keys text, p_hashes bytea[], p_counts integer[], p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_item_counts integer[], p_item_types text, p_item_tags text, p_item_afters text, p_firsts text, p_after bigint, p_head bigint, p_names text, p_lasts text, p_earlier text) OWNER TO article20_owner;

CREATE FUNCTION article20.append_one(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) RETURNS article20.batch_answer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

ALTER FUNCTION article20.append_one(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) OWNER TO article20_owner;

CREATE FUNCTION article20.append_runs(p_workspace text, p_head bigint, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) RETURNS article20.batch_answer
    LANGUAGE plpgsql
    AS $$
DECLARE
    answer batch_answer;
    one batch_answer;
    v_count int;
    v_first bigint;
    v_end int;
    r int := 0;  -- requests, events and items that are done
    e int := 0;
    i int := 0;
    e_end int;
    i_end int;
BEGIN
    answer.head := p_head;
    FOREACH v_end IN ARRAY p_ends LOOP
        e_end := e;
        WHILE e_end < cardinality(p_ids)
            AND coalesce(p_event_requests[e_end + 1], e_end + 1) <= v_end
        LOOP
            e_end := e_end + 1;
        END LOOP;
        i_end := i;
        WHILE i_end < cardinality(p_item_tags)
            AND coalesce(p_item_requests[i_end + 1], i_end + 1) <= v_end
        LOOP
            i_end := i_end + 1;
        END LOOP;
        one := append_batch(
            p_workspace, NULL, p_keys[r + 1 : v_end], p_hashes[r + 1 : v_end],
            p_counts[r + 1 : v_end],
            ARRAY(SELECT n - r FROM unnest(p_event_requests[e + 1 : e_end]) AS n),
            p_ids[e + 1 : e_end], p_types[e + 1 : e_end], p_data[e + 1 : e_end],
            p_tags[e + 1 : e_end], p_by[e + 1 : e_end],
            ARRAY(SELECT coalesce(p_item_requests[n], n) - r
                FROM generate_series(i + 1, i_end) AS n),
            p_item_types[i + 1 : i_end], p_item_tags[i + 1 : i_end],
            p_item_afters[i + 1 : i_end]);
        answer.recorded_at := one.recorded_at;
        v_first := one.head;
        FOR n IN r + 1 .. v_end LOOP
            v_count := coalesce(p_counts[n], 1);
            answer.outcomes[n] := coalesce(one.outcomes[n - r], 0);
            answer.firsts[n] :=
                CASE WHEN one.outcomes IS NULL THEN v_first + 1 ELSE one.firsts[n - r] END;
            answer.lasts[n] :=
                CASE WHEN one.outcomes IS NULL THEN v_first + v_count ELSE one.lasts[n - r] END;
            answer.moments[n] :=
                CASE WHEN one.outcomes IS NULL THEN one.recorded_at ELSE one.moments[n - r] END;
            v_first := v_first + v_count;
        END LOOP;
        r := v_end;
        e := e_end;
        i := i_end;
    END LOOP;
    RETURN answer;
END $$;

ALTER FUNCTION article20.append_runs(p_workspace text, p_head bigint, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) OWNER TO article20_owner;

CREATE FUNCTION article20.append_sheaf(p_workspace text, p_key text, p_hash bytea, p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_absent text, p_follows text, p_head bigint, p_own text, p_names text, p_lasts text, p_earlier text) RETURNS article20.batch_answer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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

ALTER FUNCTION article20.append_sheaf(p_workspace text, p_key text, p_hash bytea, p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_absent text, p_follows text, p_head bigint, p_own text, p_names text, p_lasts text, p_earlier text) OWNER TO article20_owner;

CREATE FUNCTION article20.begin_sheaf(p_workspace text, p_key text, p_hash bytea, p_count integer, p_absent text, p_follows text) RETURNS article20.batch_answer
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    answer batch_answer;
BEGIN
    SELECT w.head, w.recorded_at INTO answer.head, answer.recorded_at
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF NOT FOUND
        OR EXISTS (
            SELECT FROM idempotency k WHERE k.workspace = p_workspace AND k.key = p_key)
        OR (p_follows IS NOT NULL AND NOT EXISTS (
            SELECT FROM idempotency k WHERE k.workspace = p_workspace AND k.key = p_follows))
        OR EXISTS (
            SELECT FROM event_tag t
            WHERE t.workspace = p_workspace AND t.tag = ANY (string_to_array(p_absent, E'\x1d')))
    THEN
        RETURN NULL;
    END IF;
    answer.recorded_at := greatest(answer.recorded_at, clock_timestamp());
    UPDATE workspace w SET head = answer.head + p_count, recorded_at = answer.recorded_at
        WHERE w.workspace = p_workspace;
    INSERT INTO idempotency (workspace, key, request_hash, first, last)
        VALUES (p_workspace, p_key, p_hash, answer.head + 1, answer.head + p_count);
    RETURN answer;
END $$;

ALTER FUNCTION article20.begin_sheaf(p_workspace text, p_key text, p_hash bytea, p_count integer, p_absent text, p_follows text) OWNER TO article20_owner;

CREATE FUNCTION article20.believed(p_position_from bigint, p_position_to bigint, p_known_from timestamp with time zone, p_known_to timestamp with time zone, p_position bigint, p_moment timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN p_position IS NOT NULL
        THEN p_position_from <= p_position AND (p_position_to IS NULL OR p_position_to > p_position)
        ELSE p_known_from <= p_moment AND (p_known_to IS NULL OR p_known_to > p_moment)
    END
$$;

ALTER FUNCTION article20.believed(p_position_from bigint, p_position_to bigint, p_known_from timestamp with time zone, p_known_to timestamp with time zone, p_position bigint, p_moment timestamp with time zone) OWNER TO article20_owner;

CREATE FUNCTION article20.close_government_claims(p_workspace text, p_generation integer, p_governments text[], p_claims text[], p_numbers integer[], p_positions bigint[], p_moments timestamp with time zone[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
DECLARE
    v_place tid;
BEGIN
    FOR i IN 1 .. cardinality(p_claims) LOOP
        SELECT g.ctid INTO v_place FROM government_claim g
            WHERE g.workspace = p_workspace AND g.generation = p_generation
                AND g.government = p_governments[i]
                AND g.claim = p_claims[i] AND g.number >= p_numbers[i]
            ORDER BY g.number LIMIT 1;
        UPDATE government_claim SET position_to = p_positions[i], known_to = p_moments[i]
            WHERE ctid = v_place AND number = p_numbers[i];
    END LOOP;
END $$;

ALTER FUNCTION article20.close_government_claims(p_workspace text, p_generation integer, p_governments text[], p_claims text[], p_numbers integer[], p_positions bigint[], p_moments timestamp with time zone[]) OWNER TO article20_owner;

CREATE FUNCTION article20.close_versions(p_workspace text, p_generation integer, p_claims text[], p_numbers integer[], p_positions bigint[], p_moments timestamp with time zone[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
DECLARE
    v_place tid;
BEGIN
    FOR i IN 1 .. cardinality(p_claims) LOOP
        SELECT v.ctid INTO v_place FROM claim_version v
            WHERE v.workspace = p_workspace AND v.generation = p_generation
                AND v.claim = p_claims[i] AND v.number >= p_numbers[i]
            ORDER BY v.number LIMIT 1;
        UPDATE claim_version SET position_to = p_positions[i], known_to = p_moments[i]
            WHERE ctid = v_place AND number = p_numbers[i];
    END LOOP;
END $$;

ALTER FUNCTION article20.close_versions(p_workspace text, p_generation integer, p_claims text[], p_numbers integer[], p_positions bigint[], p_moments timestamp with time zone[]) OWNER TO article20_owner;

CREATE FUNCTION article20.current_versions(p_workspace text, p_generation integer, p_claims text[], p_groups text[]) RETURNS SETOF bytea
    LANGUAGE plpgsql STABLE
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
BEGIN
    IF p_groups IS NULL THEN
        RETURN QUERY
            SELECT h.body
            FROM unnest(p_claims) AS c (claim)
            CROSS JOIN LATERAL (
                SELECT v.body FROM claim_version v
                WHERE v.workspace = p_workspace AND v.generation = p_generation
                    AND v.claim = c.claim AND v.position_to IS NULL
                ORDER BY v.number DESC LIMIT 1
            ) AS h;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT m.body
        FROM (
            SELECT unnest(p_groups) AS happening
            UNION
            SELECT h.happening
            FROM unnest(p_claims) AS c (claim)
            CROSS JOIN LATERAL (
                SELECT v.happening FROM claim_version v
                WHERE v.workspace = p_workspace AND v.generation = p_generation
                    AND v.claim = c.claim AND v.position_to IS NULL
                ORDER BY v.number DESC LIMIT 1
            ) AS h
        ) AS g
        CROSS JOIN LATERAL (
            -- A group has the name of one of its claims, which is found by its own.
            (
                SELECT v.body FROM claim_version v
                WHERE v.workspace = p_workspace AND v.generation = p_generation
                    AND v.claim = g.happening AND v.position_to IS NULL
                ORDER BY v.number DESC LIMIT 1
            )
            UNION ALL
            (
                SELECT v.body FROM claim_version v
                WHERE v.workspace = p_workspace AND v.generation = p_generation
                    AND v.happening BETWEEN g.happening AND g.happening
                    AND v.happening <> v.claim AND v.position_to IS NULL
                ORDER BY v.happening
            )
            OFFSET 0
        ) AS m;
END $$;

ALTER FUNCTION article20.current_versions(p_workspace text, p_generation integer, p_claims text[], p_groups text[]) OWNER TO article20_owner;

CREATE FUNCTION article20.found_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_governments integer, p_government text, p_eras bigint[], p_known bigint[], p_one integer[], p_two integer[], p_three integer[], p_four integer[], p_oldest boolean) RETURNS TABLE(body bytea, day date, recorded_position bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashagg TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    eras int[] := ARRAY(SELECT search_key(p_workspace, p_generation, e) FROM unnest(p_eras) AS e);
    known int[] := coalesce(nullif(
        ARRAY(SELECT search_key(p_workspace, p_generation, k) FROM unnest(p_known) AS k), '{}'), eras);
    two int[] := coalesce(p_two, eras);
    three int[] := coalesce(p_three, eras);
    four int[] := coalesce(p_four, eras);
    way int := CASE WHEN p_oldest THEN 1 ELSE -1 END;
    zero date := '2000-01-01';
BEGIN
    RETURN QUERY
        SELECT v.body, s.day, s.recorded_position
        FROM (
            SELECT DISTINCT way * (c.day - zero) AS at, way * c.recorded_position AS among,
                c.claim, c.day, c.recorded_position
            FROM claim_search c
            WHERE c.keys && eras AND c.keys && known AND c.keys && p_one AND c.keys && two
                AND c.keys && three AND c.keys && four
                AND c.workspace = p_workspace AND p_workspace = this_workspace()
                AND c.generation = p_generation
                AND c.day BETWEEN coalesce(p_first, '-infinity') AND coalesce(p_last, 'infinity')
                AND (c.position_from <= p_position OR c.known_from <= p_moment)
                AND (p_after_day IS NULL OR (way * (c.day - zero), way * c.recorded_position)
                    > (way * (p_after_day - zero), way * p_after_position))
            ORDER BY way * (c.day - zero), way * c.recorded_position
            OFFSET 0
        ) AS s
        CROSS JOIN LATERAL (
            SELECT b.body FROM claim_version b
            WHERE b.workspace = p_workspace AND b.generation = p_generation
                -- Whichever index is taken, it leads to the versions of the one claim.
                AND b.claim = s.claim AND b.day = s.day
                AND b.recorded_position = s.recorded_position
                AND believed(b.position_from, b.position_to, b.known_from, b.known_to,
                    p_position, p_moment)
                AND (p_kind IS NULL OR b.kind = p_kind)
                AND (p_status IS NULL OR b.status = p_status)
                AND (p_treaty IS NULL OR b.treaty = p_treaty)
                AND (p_actors IS NULL OR b.actors && p_actors)
                AND b.words LIKE ALL (p_words)
                AND (p_government IS NULL OR EXISTS (
                    SELECT FROM government_claim g
                    WHERE g.workspace = p_workspace AND g.generation = p_governments
                        AND g.government = p_government AND g.claim = b.claim
                        AND g.number = b.number))
            OFFSET 0
        ) AS v
        ORDER BY s.at, s.among LIMIT p_limit;
END $$;

ALTER FUNCTION article20.found_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_governments integer, p_government text, p_eras bigint[], p_known bigint[], p_one integer[], p_two integer[], p_three integer[], p_four integer[], p_oldest boolean) OWNER TO article20_owner;

CREATE FUNCTION article20.head_of(p_workspace text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT head FROM workspace WHERE workspace = p_workspace
$$;

ALTER FUNCTION article20.head_of(p_workspace text) OWNER TO article20_owner;

CREATE FUNCTION article20.hook_workspace(p_source text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT workspace FROM hook WHERE source = p_source
$$;

ALTER FUNCTION article20.hook_workspace(p_source text) OWNER TO article20_owner;

CREATE FUNCTION article20.how_far(p_workspaces_max integer) RETURNS TABLE(workspaces bigint, lag_events bigint, waiting_since timestamp with time zone, beyond bigint, faulted text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
DECLARE
    late record;
    v_recorded_at timestamptz;
BEGIN
    SELECT count(*), coalesce(sum(greatest(w.head - coalesce(m.position, 0), 0)), 0)::bigint,
            count(*) FILTER (WHERE m.position > w.head)
        INTO workspaces, lag_events, beyond
        FROM workspace w LEFT JOIN view_watermark m ON m.workspace = w.workspace;
    SELECT coalesce(array_agg(s.view ORDER BY s.view), '{}') INTO faulted
        FROM view_state s WHERE s.fault_position IS NOT NULL;
    IF lag_events > 0 THEN
        FOR late IN
            SELECT w.workspace, coalesce(m.position, 0) + 1 AS next
            FROM workspace w LEFT JOIN view_watermark m ON m.workspace = w.workspace
            WHERE w.head > coalesce(m.position, 0)
            ORDER BY w.recorded_at LIMIT p_workspaces_max
        LOOP
            PERFORM set_config('article20.workspace', late.workspace, true);
            SELECT e.recorded_at INTO v_recorded_at
                FROM event e WHERE e.workspace = late.workspace AND e.position = late.next;
            waiting_since := least(waiting_since, v_recorded_at);
        END LOOP;
    END IF;
    RETURN NEXT;
END $$;

ALTER FUNCTION article20.how_far(p_workspaces_max integer) OWNER TO article20_owner;

CREATE FUNCTION article20.judged(p_workspace text, p_head bigint, p_at timestamp with time zone, p_keys text[], p_hashes bytea[], p_counts integer[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) RETURNS article20.batch_answer
    LANGUAGE sql STABLE
    AS $$
    WITH items AS (
        SELECT coalesce(i.request, i.number) AS request, coalesce(i.types, '') AS types, i.tags,
            i.after, i.number
        FROM unnest(p_item_requests, p_item_types, p_item_tags, p_item_afters)
            WITH ORDINALITY AS i (request, types, tags, after, number)
    ), conflicting AS (
        SELECT i.request, min(i.number) FILTER (WHERE i.after < 0) AS number
        FROM items i
        WHERE CASE
            WHEN i.tags = '' AND i.types = '' THEN p_head > i.after
            ELSE EXISTS (
                SELECT FROM unnest(sought(i.types, i.tags)) AS s (name)
                CROSS JOIN LATERAL (
                    SELECT t.position, t.earlier FROM event_tag t
                    WHERE t.workspace = p_workspace AND t.tag = s.name AND t.position > i.after
                    OFFSET 0
                ) AS t
                WHERE suffices(i.types, i.tags) OR EXISTS (
                    SELECT FROM unnest(posted(t.position, t.earlier)) AS p (position)
                    CROSS JOIN LATERAL (
                        SELECT e.type, e.tags FROM event e
                        WHERE e.workspace = p_workspace AND e.position = p.position
                        OFFSET 0
                    ) AS e
                    WHERE p.position > i.after
                        AND (i.types = '' OR e.type = ANY (names(i.types)))
                        AND e.tags @> names(i.tags)))
        END
        GROUP BY i.request
    ), found AS (
        SELECT c.request, c.number, c.number - (
                SELECT count(*) FROM items o WHERE o.request < c.request) AS place, (
                SELECT min(p.position)
                FROM items i
                CROSS JOIN LATERAL unnest(sought(i.types, i.tags)) AS s (name)
                CROSS JOIN LATERAL (
                    SELECT t.position, t.earlier FROM event_tag t
                    WHERE t.workspace = p_workspace AND t.tag = s.name
                    ORDER BY t.position LIMIT 1
                ) AS t
                CROSS JOIN LATERAL unnest(posted(t.position, t.earlier)) AS p (position)
                WHERE i.number = c.number) AS position
        FROM conflicting c
    ), judged AS (
        SELECT r.request, coalesce(r.count, 1) AS count, k.first, k.last, k.recorded_at,
            c.position, c.place,
            CASE
                WHEN k.request_hash = r.hash THEN 1
                WHEN k.request_hash IS NOT NULL THEN 3
                WHEN c.number IS NOT NULL THEN 4
                WHEN c.request IS NOT NULL THEN 2
                ELSE 0
            END AS outcome
        FROM unnest(p_keys, p_hashes, p_counts) WITH ORDINALITY AS r (key, hash, count, request)
        LEFT JOIN LATERAL (
            SELECT i.request_hash, i.first, i.last, (
                SELECT e.recorded_at FROM event e
                WHERE e.workspace = p_workspace AND e.position = i.last) AS recorded_at
            FROM idempotency i
            WHERE i.workspace = p_workspace AND i.key = r.key
            OFFSET 0
        ) AS k ON true
        LEFT JOIN found c ON c.request = r.request
    ), placed AS (
        SELECT *, p_head + coalesce(
            sum(count) FILTER (WHERE outcome = 0) OVER (ORDER BY request), 0) AS upto
        FROM judged
    )
    SELECT p_head, p_at,
        CASE WHEN max(outcome) > 0 THEN array_agg(outcome ORDER BY request) END,
        array_agg(CASE outcome WHEN 0 THEN upto - count + 1 WHEN 4 THEN position ELSE first END
            ORDER BY request),
        array_agg(CASE WHEN outcome IN (0, 2) THEN upto WHEN outcome = 4 THEN place ELSE last END
            ORDER BY request),
        array_agg(CASE outcome WHEN 0 THEN p_at ELSE recorded_at END ORDER BY request)
    FROM placed
$$;

ALTER FUNCTION article20.judged(p_workspace text, p_head bigint, p_at timestamp with time zone, p_keys text[], p_hashes bytea[], p_counts integer[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) OWNER TO article20_owner;

CREATE FUNCTION article20.keep_hook() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO hook (source, workspace) VALUES (NEW.source, NEW.workspace);
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM hook WHERE source = OLD.source;
    END IF;
    -- Every process keeps the sources it was asked for; this tells it to look again.
    PERFORM pg_notify('article20_access', coalesce(NEW.workspace, OLD.workspace));
    RETURN NULL;
END $$;

ALTER FUNCTION article20.keep_hook() OWNER TO article20_owner;

CREATE FUNCTION article20.names(p_joined text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(p_joined, E'\x1f') $$;

ALTER FUNCTION article20.names(p_joined text) OWNER TO article20_owner;

CREATE FUNCTION article20.posted(p_position bigint, p_earlier bigint[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT array_append(p_earlier, p_position) $$;

ALTER FUNCTION article20.posted(p_position bigint, p_earlier bigint[]) OWNER TO article20_owner;

CREATE FUNCTION article20.posted_type(p_type text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT E'\x1e' || p_type $$;

ALTER FUNCTION article20.posted_type(p_type text) OWNER TO article20_owner;

CREATE FUNCTION article20.read_events(p_workspace text, p_after bigint, p_limit bigint, p_item_types text[], p_item_tags text[]) RETURNS TABLE("position" bigint, id uuid, type text, data bytea, tags text[], recorded_at timestamp with time zone, recorded_by text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('article20.workspace', p_workspace, true);
    RETURN QUERY SELECT w.head, NULL::uuid, NULL, NULL::bytea, NULL::text[], w.recorded_at, NULL
        FROM workspace w WHERE w.workspace = p_workspace;
    IF cardinality(p_item_tags) = 0 THEN
        RETURN QUERY SELECT e.position, e.id, e.type, e.data, e.tags, e.recorded_at, e.recorded_by
            FROM event e WHERE e.workspace = p_workspace AND e.position > p_after
            ORDER BY e.position LIMIT p_limit;
        RETURN;
    END IF;
    -- Each name that is sought finds its first positions by itself, so that no more is read than
    -- asked for.
    RETURN QUERY
        SELECT e.position, e.id, e.type, e.data, e.tags, e.recorded_at, e.recorded_by
        FROM (
            SELECT DISTINCT f.position
            FROM unnest(p_item_types, p_item_tags) AS i (types, tags)
            CROSS JOIN LATERAL unnest(sought(i.types, i.tags)) AS s (name)
            CROSS JOIN LATERAL (
                SELECT p.position
                FROM event_tag t
                CROSS JOIN LATERAL unnest(posted(t.position, t.earlier)) AS p (position)
                WHERE t.workspace = p_workspace AND t.tag = s.name AND t.position > p_after
                    AND p.position > p_after
                    AND (suffices(i.types, i.tags) OR EXISTS (
                        SELECT FROM event e
                        WHERE e.workspace = p_workspace AND e.position = p.position
                            AND (i.types = '' OR e.type = ANY (names(i.types)))
                            AND e.tags @> names(i.tags)))
                ORDER BY t.position, p.position LIMIT p_limit
            ) AS f
            ORDER BY f.position LIMIT p_limit
        ) AS found
        CROSS JOIN LATERAL (
            SELECT * FROM event e
            WHERE e.workspace = p_workspace AND e.position = found.position OFFSET 0
        ) AS e
        ORDER BY e.position;
END $$;

ALTER FUNCTION article20.read_events(p_workspace text, p_after bigint, p_limit bigint, p_item_types text[], p_item_tags text[]) OWNER TO article20_owner;

CREATE FUNCTION article20.read_packed(p_workspace text, p_after bigint, p_limit bigint, p_bytes bigint) RETURNS TABLE(head bigint, first bigint, last bigint, count bigint, types text, lengths bytea, data bytea, moments bytea, authors text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
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

ALTER FUNCTION article20.read_packed(p_workspace text, p_after bigint, p_limit bigint, p_bytes bigint) OWNER TO article20_owner;

CREATE FUNCTION article20.read_page(p_workspace text, p_after bigint, p_limit bigint) RETURNS TABLE(head bigint, first bigint, last bigint, count bigint, types text, data bytea[], moments bytea, authors text[])
    LANGUAGE plpgsql STABLE
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
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

ALTER FUNCTION article20.read_page(p_workspace text, p_after bigint, p_limit bigint) OWNER TO article20_owner;

CREATE FUNCTION article20.refuse_audit_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit list is append-only: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

ALTER FUNCTION article20.refuse_audit_change() OWNER TO article20_owner;

CREATE FUNCTION article20.refuse_backward() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.head < OLD.head OR NEW.recorded_at < OLD.recorded_at
        OR NEW.workspace <> OLD.workspace
    THEN
        RAISE EXCEPTION 'the head of a workspace only moves forward (% from % to %)',
            OLD.workspace, OLD.head, NEW.head
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'head_moves_forward';
    END IF;
    RETURN NEW;
END $$;

ALTER FUNCTION article20.refuse_backward() OWNER TO article20_owner;

CREATE FUNCTION article20.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

ALTER FUNCTION article20.refuse_change() OWNER TO article20_owner;

CREATE FUNCTION article20.refuse_workspace() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a workspace is named by a-z, 0-9 and hyphens and begins with head 0 (%, %)',
        NEW.workspace, NEW.head
        USING ERRCODE = 'check_violation', CONSTRAINT = 'workspace_begins';
END $$;

ALTER FUNCTION article20.refuse_workspace() OWNER TO article20_owner;

CREATE FUNCTION article20.remember_keys(p_workspace text, p_keys text[], p_hashes bytea[], p_positions bigint[], p_answered text[]) RETURNS TABLE(key text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    PERFORM set_config('article20.workspace', p_workspace, true);
    INSERT INTO idempotency (workspace, key, request_hash, first, last, answered)
        SELECT p_workspace, r.key, r.hash, r.position, r.position, r.answered
        FROM unnest(p_keys, p_hashes, p_positions, p_answered) AS r (key, hash, position, answered)
        JOIN event e ON e.workspace = p_workspace AND e.position = r.position
        ON CONFLICT DO NOTHING;
    RETURN QUERY
        SELECT r.key FROM unnest(p_keys, p_hashes) AS r (key, hash)
        JOIN idempotency i ON i.workspace = p_workspace AND i.key = r.key
        WHERE i.request_hash <> r.hash;
END $$;

ALTER FUNCTION article20.remember_keys(p_workspace text, p_keys text[], p_hashes bytea[], p_positions bigint[], p_answered text[]) OWNER TO article20_owner;

CREATE FUNCTION article20.sample_views() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET default_statistics_target TO '33'
    AS $$
BEGIN
    ANALYZE claim_version, claim_relation, government_claim, figure_part, claim_search, search_word;
END $$;

ALTER FUNCTION article20.sample_views() OWNER TO article20_owner;

CREATE FUNCTION article20.search_key(p_workspace text, p_generation integer, p_part bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT ((hashtextextended(p_workspace || E'\x1f' || p_generation::text, p_part) & 4294967295)
        - 2147483648)::int
$$;

ALTER FUNCTION article20.search_key(p_workspace text, p_generation integer, p_part bigint) OWNER TO article20_owner;

CREATE FUNCTION article20.search_places(p_workspace text, p_generation integer, p_day date, p_position_from bigint, p_known_from timestamp with time zone) RETURNS integer[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT ARRAY[
        search_key(p_workspace, p_generation,
            12 * extract(year FROM p_day)::bigint + extract(month FROM p_day)::bigint),
        search_key(p_workspace, p_generation, 200000 + extract(year FROM p_day)::bigint),
        search_key(p_workspace, p_generation,
            300000 + length(ltrim(p_position_from::bit(64)::text, '0'))),
        search_key(p_workspace, p_generation,
            400000 + greatest(1969, extract(year FROM p_known_from AT TIME ZONE 'UTC')::bigint))]
$$;

ALTER FUNCTION article20.search_places(p_workspace text, p_generation integer, p_day date, p_position_from bigint, p_known_from timestamp with time zone) OWNER TO article20_owner;

CREATE FUNCTION article20.settle_search() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
BEGIN
    PERFORM gin_clean_pending_list('claim_search_keys'), gin_clean_pending_list('search_word_grams');
END $$;

ALTER FUNCTION article20.settle_search() OWNER TO article20_owner;

CREATE FUNCTION article20.settled_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_oldest boolean) RETURNS TABLE(body bytea, day date, recorded_position bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    IF p_oldest THEN
        RETURN QUERY
            SELECT b.body, b.day, b.recorded_position FROM claim_version b
            WHERE b.workspace = p_workspace AND b.generation = p_generation
                AND b.status IN ('rejected', 'contested', 'refuted', 'retracted', 'superseded')
                AND b.status BETWEEN p_status AND p_status
                AND believed(b.position_from, b.position_to, b.known_from, b.known_to,
                    p_position, p_moment)
                AND (p_kind IS NULL OR b.kind = p_kind)
                AND (p_treaty IS NULL OR b.treaty = p_treaty)
                AND (p_actors IS NULL OR b.actors && p_actors)
                AND b.words LIKE ALL (p_words)
                AND b.day BETWEEN coalesce(p_first, '-infinity') AND coalesce(p_last, 'infinity')
                AND (p_after_day IS NULL
                    OR (b.day, b.recorded_position) > (p_after_day, p_after_position))
            ORDER BY b.status, b.day, b.recorded_position LIMIT p_limit;
    ELSE
        RETURN QUERY
            SELECT b.body, b.day, b.recorded_position FROM claim_version b
            WHERE b.workspace = p_workspace AND b.generation = p_generation
                AND b.status IN ('rejected', 'contested', 'refuted', 'retracted', 'superseded')
                AND b.status BETWEEN p_status AND p_status
                AND believed(b.position_from, b.position_to, b.known_from, b.known_to,
                    p_position, p_moment)
                AND (p_kind IS NULL OR b.kind = p_kind)
                AND (p_treaty IS NULL OR b.treaty = p_treaty)
                AND (p_actors IS NULL OR b.actors && p_actors)
                AND b.words LIKE ALL (p_words)
                AND b.day BETWEEN coalesce(p_first, '-infinity') AND coalesce(p_last, 'infinity')
                AND (p_after_day IS NULL
                    OR (b.day, b.recorded_position) < (p_after_day, p_after_position))
            ORDER BY b.status DESC, b.day DESC, b.recorded_position DESC LIMIT p_limit;
    END IF;
END $$;

ALTER FUNCTION article20.settled_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_oldest boolean) OWNER TO article20_owner;

CREATE FUNCTION article20.settled_head(p_workspace text) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT head FROM workspace WHERE workspace = p_workspace FOR SHARE
$$;

ALTER FUNCTION article20.settled_head(p_workspace text) OWNER TO article20_owner;

CREATE FUNCTION article20.sought(p_types text, p_tags text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE
        WHEN p_tags <> '' THEN ARRAY[split_part(p_tags, E'\x1f', 1)]
        ELSE string_to_array(posted_type(replace(p_types, E'\x1f', E'\x1f\x1e')), E'\x1f')
    END
$$;

ALTER FUNCTION article20.sought(p_types text, p_tags text) OWNER TO article20_owner;

CREATE FUNCTION article20.suffices(p_types text, p_tags text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT p_tags = '' OR (p_types = '' AND strpos(p_tags, E'\x1f') = 0) $$;

ALTER FUNCTION article20.suffices(p_types text, p_tags text) OWNER TO article20_owner;

CREATE FUNCTION article20.this_workspace() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT current_setting('article20.workspace', true) $$;

ALTER FUNCTION article20.this_workspace() OWNER TO article20_owner;

CREATE FUNCTION article20.unlike(p_workspaces text[], p_positions bigint[], p_moments timestamp with time zone[]) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
BEGIN
    FOR n IN 1 .. coalesce(cardinality(p_workspaces), 0) LOOP
        PERFORM set_config('article20.workspace', p_workspaces[n], true);
        IF NOT EXISTS (
            SELECT FROM event e
            WHERE e.workspace = p_workspaces[n] AND e.position = p_positions[n]
                AND e.recorded_at = p_moments[n])
        THEN
            RETURN p_workspaces[n];
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

ALTER FUNCTION article20.unlike(p_workspaces text[], p_positions bigint[], p_moments timestamp with time zone[]) OWNER TO article20_owner;

CREATE FUNCTION article20.views_astray() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT unlike(
        array_agg(m.workspace ORDER BY m.workspace), array_agg(m.position ORDER BY m.workspace),
        array_agg(m.recorded_at ORDER BY m.workspace))
    FROM view_watermark m WHERE m.position > 0
$$;

ALTER FUNCTION article20.views_astray() OWNER TO article20_owner;

CREATE FUNCTION article20.views_reached(p_workspace text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT coalesce(m.position, 0)
    FROM workspace w LEFT JOIN view_watermark m ON m.workspace = w.workspace
    WHERE w.workspace = p_workspace
$$;

ALTER FUNCTION article20.views_reached(p_workspace text) OWNER TO article20_owner;

CREATE FUNCTION article20.words_with(p_workspace text, p_generation integer, p_grams integer[], p_pattern text, p_limit integer) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'off'
    SET enable_indexonlyscan TO 'off'
    AS $$
BEGIN
    -- What is added to the columns keeps their key from being looked at: it would be read from end
    -- to end.
    RETURN QUERY
        SELECT w.word FROM search_word w
        WHERE w.grams @> (search_key(p_workspace, p_generation, 0) || p_grams)
            AND w.workspace || '' = p_workspace AND p_workspace = this_workspace()
            AND w.generation + 0 = p_generation
            AND w.word LIKE p_pattern
        LIMIT p_limit;
END $$;

ALTER FUNCTION article20.words_with(p_workspace text, p_generation integer, p_grams integer[], p_pattern text, p_limit integer) OWNER TO article20_owner;

CREATE FUNCTION article20.workspaces() RETURNS TABLE(workspace text, head bigint, recorded_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT w.workspace, w.head, w.recorded_at FROM workspace w ORDER BY w.workspace
$$;

ALTER FUNCTION article20.workspaces() OWNER TO article20_owner;

CREATE FUNCTION article20.workspaces_behind(p_limit integer) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT w.workspace
    FROM workspace w LEFT JOIN view_watermark m ON m.workspace = w.workspace
    WHERE w.head > coalesce(m.position, 0)
    ORDER BY w.recorded_at LIMIT p_limit
$$;

ALTER FUNCTION article20.workspaces_behind(p_limit integer) OWNER TO article20_owner;

CREATE FUNCTION article20.workspaces_unbuilt(p_views text[], p_forms integer[], p_limit integer) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'article20', 'pg_temp'
    AS $$
    SELECT m.workspace
    FROM view_watermark m
    WHERE EXISTS (
        SELECT FROM unnest(p_views, p_forms) AS v (view, form)
        WHERE NOT EXISTS (
            SELECT FROM view_state s
            WHERE s.workspace = m.workspace AND s.view = v.view AND s.form = v.form))
    ORDER BY m.workspace LIMIT p_limit
$$;

ALTER FUNCTION article20.workspaces_unbuilt(p_views text[], p_forms integer[], p_limit integer) OWNER TO article20_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE article20.audit (
    workspace text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    line uuid DEFAULT uuidv7() NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    done_by text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL,
    CONSTRAINT audit_action_check CHECK ((action ~ '^[a-z_]{1,40}$'::text)),
    CONSTRAINT audit_detail_check CHECK ((length(detail) <= 500)),
    CONSTRAINT audit_done_by_check CHECK ((length(done_by) <= 100)),
    CONSTRAINT audit_subject_check CHECK ((length(subject) <= 300))
);

ALTER TABLE ONLY article20.audit FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.audit OWNER TO article20_owner;

COMMENT ON TABLE article20.audit IS 'Decisions, looks at what is not public, exports, logins, invitations and changes of roles.';

CREATE TABLE article20.claim_relation (
    workspace text NOT NULL,
    generation integer NOT NULL,
    related text NOT NULL,
    claim text NOT NULL,
    number integer NOT NULL,
    relation text NOT NULL
);

ALTER TABLE ONLY article20.claim_relation FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.claim_relation OWNER TO article20_owner;

COMMENT ON TABLE article20.claim_relation IS 'Which version of which claim relates to a claim, and how.';

CREATE TABLE article20.claim_search (
    workspace text NOT NULL,
    generation integer NOT NULL,
    claim text NOT NULL,
    number integer NOT NULL,
    position_from bigint NOT NULL,
    known_from timestamp with time zone NOT NULL,
    day date NOT NULL,
    recorded_position bigint NOT NULL,
    keys integer[] NOT NULL
);
ALTER TABLE ONLY article20.claim_search ALTER COLUMN keys SET STATISTICS 0;

ALTER TABLE article20.claim_search OWNER TO article20_owner;

COMMENT ON TABLE article20.claim_search IS 'What each version is found by that may tell something else than the one before it; the first keys are those of where it lies.';

CREATE TABLE article20.claim_version (
    workspace text NOT NULL,
    generation integer NOT NULL,
    claim text NOT NULL,
    number integer NOT NULL,
    position_from bigint NOT NULL,
    position_to bigint,
    known_from timestamp with time zone NOT NULL,
    known_to timestamp with time zone,
    status text NOT NULL,
    kind text NOT NULL,
    treaty text NOT NULL,
    day date NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    recorded_position bigint NOT NULL,
    happening text NOT NULL,
    actors text[] NOT NULL,
    words text NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY article20.claim_version ALTER COLUMN actors SET STATISTICS 0;
ALTER TABLE ONLY article20.claim_version ALTER COLUMN words SET STATISTICS 0;
ALTER TABLE ONLY article20.claim_version ALTER COLUMN body SET STATISTICS 0;

ALTER TABLE ONLY article20.claim_version FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.claim_version OWNER TO article20_owner;

COMMENT ON TABLE article20.claim_version IS 'Every version of every claim, believed from position_from up to position_to and from known_from up to known_to.';

CREATE TABLE article20.event (
    workspace text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    data bytea NOT NULL,
    tags text[] NOT NULL COLLATE pg_catalog."C",
    recorded_at timestamp with time zone NOT NULL,
    recorded_by text NOT NULL
);

ALTER TABLE ONLY article20.event FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.event OWNER TO article20_owner;

COMMENT ON TABLE article20.event IS 'The append-only log: positions without gaps, in commit order.';

COMMENT ON COLUMN article20.event.id IS 'Drawn for each append and sealed with its idempotency key and request hash (version 8); at random in releases before (version 4).';

CREATE TABLE article20.event_tag (
    workspace text NOT NULL COLLATE pg_catalog."C",
    tag text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    earlier bigint[]
);

ALTER TABLE ONLY article20.event_tag FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.event_tag OWNER TO article20_owner;

COMMENT ON TABLE article20.event_tag IS 'Which events carry which tag or, after U+001E, have which type: per batch and tag the last position, and the earlier ones.';

CREATE TABLE article20.feed (
    workspace text NOT NULL,
    feed text NOT NULL COLLATE pg_catalog."C",
    url text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    polled_at timestamp with time zone,
    next_poll_at timestamp with time zone DEFAULT now() NOT NULL,
    etag text,
    last_modified text,
    failures integer DEFAULT 0 NOT NULL,
    last_error text,
    disabled_at timestamp with time zone
);

ALTER TABLE ONLY article20.feed FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.feed OWNER TO article20_owner;

COMMENT ON TABLE article20.feed IS 'Atom and RSS feeds of a workspace: where they are, when they are asked next, and how it went.';

COMMENT ON COLUMN article20.feed.next_poll_at IS 'When it is asked next; moved ahead before asking, so that no two processes ask at once.';

COMMENT ON COLUMN article20.feed.failures IS 'How often in a row it could not be read.';

CREATE TABLE article20.feed_draft (
    workspace text NOT NULL,
    draft uuid NOT NULL,
    feed text NOT NULL COLLATE pg_catalog."C",
    guid text NOT NULL,
    title text NOT NULL,
    link text NOT NULL,
    language text NOT NULL,
    summary text NOT NULL,
    published_on date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    claim text,
    decided_at timestamp with time zone,
    decided_by text
);

ALTER TABLE ONLY article20.feed_draft FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.feed_draft OWNER TO article20_owner;

COMMENT ON TABLE article20.feed_draft IS 'Entries of feeds: waiting until somebody records a claim of one, or dismisses it. They stay, so that none comes twice.';

CREATE TABLE article20.figure_part (
    workspace text NOT NULL,
    generation integer NOT NULL,
    government text NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    row_count integer NOT NULL,
    is_block boolean NOT NULL,
    is_sealed boolean NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY article20.figure_part ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE ONLY article20.figure_part ALTER COLUMN body SET STORAGE EXTERNAL;

ALTER TABLE ONLY article20.figure_part FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.figure_part OWNER TO article20_owner;

COMMENT ON TABLE article20.figure_part IS 'What the events of a range of positions add to the columns of one government; small parts are merged into blocks, full blocks are sealed.';

CREATE TABLE article20.government_claim (
    workspace text NOT NULL,
    generation integer NOT NULL,
    government text NOT NULL,
    claim text NOT NULL,
    number integer NOT NULL,
    ordinal smallint NOT NULL,
    position_from bigint NOT NULL,
    position_to bigint,
    known_from timestamp with time zone NOT NULL,
    known_to timestamp with time zone,
    status text NOT NULL,
    kind text NOT NULL,
    treaty text NOT NULL,
    day date NOT NULL,
    is_legal boolean NOT NULL,
    facts bytea NOT NULL
);
ALTER TABLE ONLY article20.government_claim ALTER COLUMN facts SET STATISTICS 0;

ALTER TABLE ONLY article20.government_claim FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.government_claim OWNER TO article20_owner;

COMMENT ON TABLE article20.government_claim IS 'The facts of every version by government concerned; a claim that concerns none stands under an empty code.';

CREATE TABLE article20.hook (
    source text NOT NULL,
    workspace text NOT NULL
);

ALTER TABLE article20.hook OWNER TO article20_owner;

COMMENT ON TABLE article20.hook IS 'The address /hooks/<source> is one installation-wide name; which workspace it leads to.';

CREATE TABLE article20.idempotency (
    workspace text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    request_hash bytea NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    answered text
);

ALTER TABLE ONLY article20.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.idempotency OWNER TO article20_owner;

COMMENT ON TABLE article20.idempotency IS 'Keys under which something was appended, kept for ever: the same key and body gives the same answer.';

COMMENT ON COLUMN article20.idempotency.answered IS 'The status that was answered, on keys under which nothing was appended; null on all others.';

CREATE TABLE article20.invitation (
    workspace text NOT NULL,
    invitation uuid DEFAULT gen_random_uuid() NOT NULL,
    digest bytea NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    invited_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT invitation_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 254)))),
    CONSTRAINT invitation_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'contributor'::text, 'reviewer'::text, 'admin'::text])))
);

ALTER TABLE ONLY article20.invitation FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.invitation OWNER TO article20_owner;

COMMENT ON TABLE article20.invitation IS 'Who may join, by the SHA-256 of a link that is shown once; gone when it is used or withdrawn.';

CREATE TABLE article20.login_attempt (
    workspace text NOT NULL,
    subject bytea NOT NULL,
    attempt uuid DEFAULT gen_random_uuid() NOT NULL,
    attempted_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY article20.login_attempt FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.login_attempt OWNER TO article20_owner;

COMMENT ON TABLE article20.login_attempt IS 'Logins that failed or are under way, by a digest of who tries from where; kept for one window.';

CREATE TABLE article20.migration (
    number integer NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE article20.migration OWNER TO postgres;

CREATE TABLE article20.person (
    workspace text NOT NULL,
    person uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    seen_at timestamp with time zone,
    language text,
    CONSTRAINT person_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 254)))),
    CONSTRAINT person_language_check CHECK ((language ~ '^[a-z]{2}$'::text)),
    CONSTRAINT person_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT person_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'contributor'::text, 'reviewer'::text, 'admin'::text])))
);

ALTER TABLE ONLY article20.person FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.person OWNER TO article20_owner;

COMMENT ON TABLE article20.person IS 'Who is on the desk; events know the opaque id alone, so that a person can be erased.';

COMMENT ON COLUMN article20.person.language IS 'ISO 639-1; none where the browser says what is spoken.';

CREATE TABLE article20.search_word (
    workspace text NOT NULL,
    generation integer NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C",
    grams integer[] NOT NULL
);
ALTER TABLE ONLY article20.search_word ALTER COLUMN grams SET STATISTICS 0;

ALTER TABLE article20.search_word OWNER TO article20_owner;

COMMENT ON TABLE article20.search_word IS 'The vocabulary of a workspace: every word that claims were ever found by, with the keys of its parts; the first is that of its workspace and generation.';

CREATE TABLE article20.session (
    workspace text NOT NULL,
    digest bytea NOT NULL,
    person uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    session uuid DEFAULT gen_random_uuid() NOT NULL,
    device text DEFAULT ''::text NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT session_device_check CHECK ((length(device) <= 100)),
    CONSTRAINT session_place_check CHECK ((length(place) <= 100))
);

ALTER TABLE ONLY article20.session FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.session OWNER TO article20_owner;

COMMENT ON TABLE article20.session IS 'Logins that last, by the SHA-256 of their cookie.';

COMMENT ON COLUMN article20.session.device IS 'A browser and a system in words, never the whole user agent.';

COMMENT ON COLUMN article20.session.place IS 'The network it came from, never the whole address.';

CREATE TABLE article20.sheet_import (
    workspace text NOT NULL,
    import text NOT NULL COLLATE pg_catalog."C",
    received_at timestamp with time zone NOT NULL,
    touched_at timestamp with time zone NOT NULL,
    body bytea NOT NULL
);

ALTER TABLE ONLY article20.sheet_import FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.sheet_import OWNER TO article20_owner;

COMMENT ON TABLE article20.sheet_import IS 'Spreadsheets that were uploaded, how they are read, and how far their import is.';

CREATE TABLE article20.sheet_import_row (
    workspace text NOT NULL,
    import text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    cells bytea NOT NULL,
    fate text,
    body bytea,
    choice text,
    CONSTRAINT choice_is_known CHECK ((choice = ANY (ARRAY['take'::text, 'leave'::text, 'same'::text])))
);

ALTER TABLE ONLY article20.sheet_import_row FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.sheet_import_row OWNER TO article20_owner;

COMMENT ON TABLE article20.sheet_import_row IS 'Rows of uploaded spreadsheets: their cells, and what each would become.';

COMMENT ON COLUMN article20.sheet_import_row.choice IS 'Taken as a new claim, left out, or the same as the claim it resembles; null where nobody chose.';

CREATE TABLE article20.token (
    workspace text NOT NULL,
    token uuid DEFAULT gen_random_uuid() NOT NULL,
    digest bytea NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT token_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT token_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'contributor'::text, 'reviewer'::text, 'admin'::text])))
);

ALTER TABLE ONLY article20.token FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.token OWNER TO article20_owner;

COMMENT ON TABLE article20.token IS 'API tokens, by their SHA-256; a token itself is shown once.';

CREATE TABLE article20.view_state (
    workspace text NOT NULL,
    view text NOT NULL,
    generation integer NOT NULL,
    form integer NOT NULL,
    fault_position bigint,
    fault_error text,
    CONSTRAINT view_state_check CHECK (((fault_position IS NULL) = (fault_error IS NULL)))
);

ALTER TABLE article20.view_state OWNER TO article20_owner;

COMMENT ON TABLE article20.view_state IS 'Which generation of a view''s rows is read, in which form they are written, and the event it could not digest.';

CREATE TABLE article20.view_watermark (
    workspace text NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    recorded_at timestamp with time zone,
    epoch bigint DEFAULT 0 NOT NULL,
    CONSTRAINT view_watermark_position_check CHECK (("position" >= 0))
)
WITH (fillfactor='20');

ALTER TABLE article20.view_watermark OWNER TO article20_owner;

COMMENT ON TABLE article20.view_watermark IS 'How far the views of a workspace have come. Who writes them names the epoch it began; a later one fences it off.';

CREATE TABLE article20.webhook_delivery (
    workspace text NOT NULL,
    delivery uuid NOT NULL,
    source text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    webhook_id text NOT NULL,
    media_type text NOT NULL,
    body_bytes integer NOT NULL,
    status smallint NOT NULL,
    reason text,
    detail text,
    claim text,
    "position" bigint,
    attributes text[],
    is_atomic boolean DEFAULT false NOT NULL,
    body bytea,
    replayed_at timestamp with time zone
);

ALTER TABLE ONLY article20.webhook_delivery FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.webhook_delivery OWNER TO article20_owner;

COMMENT ON TABLE article20.webhook_delivery IS 'What webhook sources delivered and what became of it, kept for a bounded time; bodies only of genuine deliveries that were refused.';

CREATE TABLE article20.webhook_source (
    workspace text NOT NULL,
    source text NOT NULL,
    is_trusted boolean NOT NULL,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    rotated_at timestamp with time zone,
    disabled_at timestamp with time zone,
    scheme text DEFAULT 'v1'::text NOT NULL,
    previous_scheme text,
    kinds text[],
    governments text[],
    requests_per_second_max double precision,
    burst_requests_max integer,
    earlier_secrets bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    earlier_schemes text[] DEFAULT '{}'::text[] NOT NULL,
    earlier_until timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    CONSTRAINT former_secrets_are_few CHECK ((cardinality(earlier_secrets) <= 4)),
    CONSTRAINT webhook_source_burst_requests_max_check CHECK ((burst_requests_max > 0)),
    CONSTRAINT webhook_source_check CHECK (((previous_secret IS NULL) = (previous_until IS NULL))),
    CONSTRAINT webhook_source_previous_scheme_check CHECK ((previous_scheme = ANY (ARRAY['v1'::text, 'v1a'::text]))),
    CONSTRAINT webhook_source_requests_per_second_max_check CHECK ((requests_per_second_max > (0)::double precision)),
    CONSTRAINT webhook_source_scheme_check CHECK ((scheme = ANY (ARRAY['v1'::text, 'v1a'::text]))),
    CONSTRAINT webhook_source_source_check CHECK ((source ~ '^[a-z0-9][a-z0-9._-]{0,62}$'::text))
);

ALTER TABLE ONLY article20.webhook_source FORCE ROW LEVEL SECURITY;

ALTER TABLE article20.webhook_source OWNER TO article20_owner;

COMMENT ON TABLE article20.webhook_source IS 'Machines that may submit and nothing else; their secrets are encrypted with the secret key.';

COMMENT ON COLUMN article20.webhook_source.scheme IS 'How it signs: v1 with a shared secret, v1a with Ed25519; secret then holds the public key.';

COMMENT ON COLUMN article20.webhook_source.kinds IS 'The kinds of claim it may submit; null for all.';

COMMENT ON COLUMN article20.webhook_source.governments IS 'The governments its claims may concern; null for all.';

COMMENT ON COLUMN article20.webhook_source.earlier_secrets IS 'The secrets before previous_secret that were still good at the last rotation, newest first; their schemes and ends stand in the same places beside them.';

CREATE TABLE article20.workspace (
    workspace text NOT NULL COLLATE pg_catalog."C",
    head bigint DEFAULT 0 NOT NULL,
    recorded_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    incarnation uuid DEFAULT gen_random_uuid() NOT NULL
)
WITH (fillfactor='20');

ALTER TABLE article20.workspace OWNER TO article20_owner;

COMMENT ON TABLE article20.workspace IS 'One coalition''s isolated log: its head position and the moment of its last event.';

ALTER TABLE ONLY article20.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (workspace, at, line);

ALTER TABLE ONLY article20.claim_relation
    ADD CONSTRAINT claim_relation_pkey PRIMARY KEY (workspace, generation, related, claim, number, relation);

ALTER TABLE ONLY article20.claim_version
    ADD CONSTRAINT claim_version_pkey PRIMARY KEY (workspace, generation, claim, number);

ALTER TABLE ONLY article20.feed_draft
    ADD CONSTRAINT entry_once UNIQUE (workspace, feed, guid);

ALTER TABLE ONLY article20.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (workspace, "position");

ALTER TABLE ONLY article20.event_tag
    ADD CONSTRAINT event_tag_pkey PRIMARY KEY (workspace, tag, "position");

ALTER TABLE ONLY article20.feed_draft
    ADD CONSTRAINT feed_draft_pkey PRIMARY KEY (workspace, draft);

ALTER TABLE ONLY article20.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (workspace, feed);

ALTER TABLE ONLY article20.feed
    ADD CONSTRAINT feed_url_once UNIQUE (workspace, url);

ALTER TABLE ONLY article20.figure_part
    ADD CONSTRAINT figure_part_pkey PRIMARY KEY (workspace, generation, government, first_position);

ALTER TABLE ONLY article20.government_claim
    ADD CONSTRAINT government_claim_pkey PRIMARY KEY (workspace, generation, government, claim, number);

ALTER TABLE ONLY article20.hook
    ADD CONSTRAINT hook_is_free PRIMARY KEY (source);

ALTER TABLE ONLY article20.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (workspace, key);

ALTER TABLE ONLY article20.invitation
    ADD CONSTRAINT invitation_email UNIQUE (workspace, email);

ALTER TABLE ONLY article20.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (workspace, invitation);

ALTER TABLE ONLY article20.invitation
    ADD CONSTRAINT invitation_workspace_digest_key UNIQUE (workspace, digest);

ALTER TABLE ONLY article20.login_attempt
    ADD CONSTRAINT login_attempt_pkey PRIMARY KEY (workspace, subject, attempt);

ALTER TABLE ONLY article20.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);

ALTER TABLE ONLY article20.person
    ADD CONSTRAINT person_email UNIQUE (workspace, email);

ALTER TABLE ONLY article20.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (workspace, person);

ALTER TABLE ONLY article20.search_word
    ADD CONSTRAINT search_word_pkey PRIMARY KEY (workspace, generation, word);

ALTER TABLE ONLY article20.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (workspace, digest);

ALTER TABLE ONLY article20.sheet_import
    ADD CONSTRAINT sheet_import_pkey PRIMARY KEY (workspace, import);

ALTER TABLE ONLY article20.sheet_import_row
    ADD CONSTRAINT sheet_import_row_pkey PRIMARY KEY (workspace, import, number);

ALTER TABLE ONLY article20.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (workspace, token);

ALTER TABLE ONLY article20.token
    ADD CONSTRAINT token_workspace_digest_key UNIQUE (workspace, digest);

ALTER TABLE ONLY article20.view_state
    ADD CONSTRAINT view_state_pkey PRIMARY KEY (workspace, view);

ALTER TABLE ONLY article20.view_watermark
    ADD CONSTRAINT view_watermark_pkey PRIMARY KEY (workspace);

ALTER TABLE ONLY article20.webhook_delivery
    ADD CONSTRAINT webhook_delivery_pkey PRIMARY KEY (workspace, delivery);

ALTER TABLE ONLY article20.webhook_source
    ADD CONSTRAINT webhook_source_pkey PRIMARY KEY (workspace, source);

ALTER TABLE ONLY article20.workspace
    ADD CONSTRAINT workspace_pkey PRIMARY KEY (workspace);

CREATE INDEX audit_action ON article20.audit USING btree (workspace, action, at);

CREATE INDEX claim_search_keys ON article20.claim_search USING gin (keys);

CREATE INDEX claim_version_day ON article20.claim_version USING btree (workspace, generation, day, recorded_position);

CREATE INDEX claim_version_group ON article20.claim_version USING btree (workspace, generation, happening) WHERE ((position_to IS NULL) AND (happening <> claim));

CREATE INDEX claim_version_known ON article20.claim_version USING btree (workspace, generation, known_from DESC, position_from DESC, recorded_position);

CREATE INDEX claim_version_settled ON article20.claim_version USING btree (workspace, generation, status, day, recorded_position) WHERE (status = ANY (ARRAY['rejected'::text, 'contested'::text, 'refuted'::text, 'retracted'::text, 'superseded'::text]));

CREATE INDEX claim_version_waiting ON article20.claim_version USING btree (workspace, generation, recorded_position) WHERE ((position_to IS NULL) AND (status = ANY (ARRAY['pending'::text, 'contested'::text])));

CREATE INDEX feed_draft_waiting ON article20.feed_draft USING btree (workspace, created_at, draft) WHERE (decided_at IS NULL);

CREATE INDEX figure_part_touched ON article20.figure_part USING btree (workspace, generation, last_position);

CREATE INDEX government_claim_legal ON article20.government_claim USING btree (workspace, generation, government) WHERE is_legal;

CREATE INDEX login_attempt_age ON article20.login_attempt USING btree (workspace, attempted_at);

CREATE INDEX search_word_grams ON article20.search_word USING gin (grams);

CREATE INDEX session_person ON article20.session USING btree (workspace, person);

CREATE INDEX sheet_import_age ON article20.sheet_import USING btree (workspace, received_at, import);

CREATE INDEX sheet_import_row_fate ON article20.sheet_import_row USING btree (workspace, import, fate, number);

CREATE INDEX view_state_fault ON article20.view_state USING btree (view) WHERE (fault_position IS NOT NULL);

CREATE INDEX webhook_delivery_age ON article20.webhook_delivery USING btree (workspace, received_at, delivery);

CREATE INDEX webhook_delivery_body ON article20.webhook_delivery USING btree (workspace, received_at) WHERE (body IS NOT NULL);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON article20.audit FOR EACH STATEMENT EXECUTE FUNCTION article20.refuse_audit_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON article20.event FOR EACH STATEMENT EXECUTE FUNCTION article20.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON article20.event_tag FOR EACH STATEMENT EXECUTE FUNCTION article20.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON article20.idempotency FOR EACH STATEMENT EXECUTE FUNCTION article20.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON article20.workspace FOR EACH STATEMENT EXECUTE FUNCTION article20.refuse_change();

CREATE TRIGGER head_moves_forward BEFORE UPDATE ON article20.workspace FOR EACH ROW EXECUTE FUNCTION article20.refuse_backward();

CREATE TRIGGER keep_hook AFTER INSERT OR DELETE OR UPDATE ON article20.webhook_source FOR EACH ROW EXECUTE FUNCTION article20.keep_hook();

CREATE TRIGGER workspace_begins BEFORE INSERT ON article20.workspace FOR EACH ROW WHEN (((new.workspace !~ '^[a-z0-9][a-z0-9-]{0,62}$'::text) OR (new.head < 0))) EXECUTE FUNCTION article20.refuse_workspace();

ALTER TABLE ONLY article20.feed_draft
    ADD CONSTRAINT feed_exists FOREIGN KEY (workspace, feed) REFERENCES article20.feed(workspace, feed);

ALTER TABLE ONLY article20.sheet_import_row
    ADD CONSTRAINT import_exists FOREIGN KEY (workspace, import) REFERENCES article20.sheet_import(workspace, import) ON DELETE CASCADE;

ALTER TABLE ONLY article20.session
    ADD CONSTRAINT session_workspace_person_fkey FOREIGN KEY (workspace, person) REFERENCES article20.person(workspace, person) ON DELETE CASCADE;

ALTER TABLE ONLY article20.audit
    ADD CONSTRAINT workspace_exists FOREIGN KEY (workspace) REFERENCES article20.workspace(workspace);

ALTER TABLE ONLY article20.feed
    ADD CONSTRAINT workspace_exists FOREIGN KEY (workspace) REFERENCES article20.workspace(workspace);

ALTER TABLE ONLY article20.invitation
    ADD CONSTRAINT workspace_exists FOREIGN KEY (workspace) REFERENCES article20.workspace(workspace);

ALTER TABLE ONLY article20.person
    ADD CONSTRAINT workspace_exists FOREIGN KEY (workspace) REFERENCES article20.workspace(workspace);

ALTER TABLE ONLY article20.sheet_import
    ADD CONSTRAINT workspace_exists FOREIGN KEY (workspace) REFERENCES article20.workspace(workspace);

ALTER TABLE ONLY article20.token
    ADD CONSTRAINT workspace_exists FOREIGN KEY (workspace) REFERENCES article20.workspace(workspace);

ALTER TABLE ONLY article20.webhook_source
    ADD CONSTRAINT workspace_exists FOREIGN KEY (workspace) REFERENCES article20.workspace(workspace);

ALTER TABLE article20.audit ENABLE ROW LEVEL SECURITY;

CREATE POLICY by_workspace ON article20.audit USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.claim_relation USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.claim_search USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.claim_version USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.event FOR SELECT USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.event_tag FOR SELECT USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.feed USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.feed_draft USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.figure_part USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.government_claim USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.idempotency FOR SELECT USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.invitation USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.login_attempt USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.person USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.search_word USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.session USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.sheet_import USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.sheet_import_row USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.token USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.view_state USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.view_watermark USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.webhook_delivery USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.webhook_source USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

CREATE POLICY by_workspace ON article20.workspace USING ((workspace = ( SELECT article20.this_workspace() AS this_workspace)));

ALTER TABLE article20.claim_relation ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.claim_search ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.claim_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.event ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.event_tag ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.feed ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.feed_draft ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.figure_part ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.government_claim ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.idempotency ENABLE ROW LEVEL SECURITY;

CREATE POLICY into_workspace ON article20.event FOR INSERT WITH CHECK ((workspace = current_setting('article20.workspace'::text, true)));

CREATE POLICY into_workspace ON article20.event_tag FOR INSERT WITH CHECK ((workspace = current_setting('article20.workspace'::text, true)));

CREATE POLICY into_workspace ON article20.idempotency FOR INSERT WITH CHECK ((workspace = current_setting('article20.workspace'::text, true)));

ALTER TABLE article20.invitation ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.login_attempt ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.person ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.search_word ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.session ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.sheet_import ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.sheet_import_row ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.token ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.view_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.view_watermark ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.webhook_delivery ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.webhook_source ENABLE ROW LEVEL SECURITY;

ALTER TABLE article20.workspace ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA article20 TO article20_app;

REVOKE ALL ON FUNCTION article20.add_workspace(p_workspace text) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.add_workspace(p_workspace text) TO article20_app;

REVOKE ALL ON FUNCTION article20.append_alone(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.append_alone(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) TO article20_app;

REVOKE ALL ON FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) TO article20_app;

REVOKE ALL ON FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[], p_names text[], p_lasts integer[], p_earlier text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.append_batch(p_workspace text, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[], p_names text[], p_lasts integer[], p_earlier text[]) TO article20_app;

REVOKE ALL ON FUNCTION article20.append_judged(p_workspace text, p_ends integer[], p_keys text, p_hashes bytea[], p_counts integer[], p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_item_counts integer[], p_item_types text, p_item_tags text, p_item_afters text) FROM PUBLIC;

REVOKE ALL ON FUNCTION article20.append_lists(p_workspace text, p_ends integer[], p_keys text, p_hashes bytea[], p_counts integer[], p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_item_counts integer[], p_item_types text, p_item_tags text, p_item_afters text, p_firsts text, p_after bigint, p_head bigint, p_names text, p_lasts text, p_earlier text) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.append_lists(p_workspace text, p_ends integer[], p_keys text, p_hashes bytea[], p_counts integer[], p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_item_counts integer[], p_item_types text, p_item_tags text, p_item_afters text, p_firsts text, p_after bigint, p_head bigint, p_names text, p_lasts text, p_earlier text) TO article20_app;

REVOKE ALL ON FUNCTION article20.append_one(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.append_one(p_workspace text, p_key text, p_hash bytea, p_id uuid, p_type text, p_data bytea, p_tags text, p_by text, p_item_types text, p_item_tags text, p_item_after bigint) TO article20_app;

REVOKE ALL ON FUNCTION article20.append_runs(p_workspace text, p_head bigint, p_ends integer[], p_keys text[], p_hashes bytea[], p_counts integer[], p_event_requests integer[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION article20.append_sheaf(p_workspace text, p_key text, p_hash bytea, p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_absent text, p_follows text, p_head bigint, p_own text, p_names text, p_lasts text, p_earlier text) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.append_sheaf(p_workspace text, p_key text, p_hash bytea, p_ids text, p_types text, p_data bytea[], p_tags text, p_by text, p_absent text, p_follows text, p_head bigint, p_own text, p_names text, p_lasts text, p_earlier text) TO article20_app;

REVOKE ALL ON FUNCTION article20.begin_sheaf(p_workspace text, p_key text, p_hash bytea, p_count integer, p_absent text, p_follows text) FROM PUBLIC;

GRANT ALL ON FUNCTION article20.close_government_claims(p_workspace text, p_generation integer, p_governments text[], p_claims text[], p_numbers integer[], p_positions bigint[], p_moments timestamp with time zone[]) TO article20_app;

GRANT ALL ON FUNCTION article20.close_versions(p_workspace text, p_generation integer, p_claims text[], p_numbers integer[], p_positions bigint[], p_moments timestamp with time zone[]) TO article20_app;

REVOKE ALL ON FUNCTION article20.current_versions(p_workspace text, p_generation integer, p_claims text[], p_groups text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.current_versions(p_workspace text, p_generation integer, p_claims text[], p_groups text[]) TO article20_app;

REVOKE ALL ON FUNCTION article20.found_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_governments integer, p_government text, p_eras bigint[], p_known bigint[], p_one integer[], p_two integer[], p_three integer[], p_four integer[], p_oldest boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.found_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_governments integer, p_government text, p_eras bigint[], p_known bigint[], p_one integer[], p_two integer[], p_three integer[], p_four integer[], p_oldest boolean) TO article20_app;

REVOKE ALL ON FUNCTION article20.head_of(p_workspace text) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.head_of(p_workspace text) TO article20_app;

REVOKE ALL ON FUNCTION article20.hook_workspace(p_source text) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.hook_workspace(p_source text) TO article20_app;

REVOKE ALL ON FUNCTION article20.how_far(p_workspaces_max integer) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.how_far(p_workspaces_max integer) TO article20_app;

REVOKE ALL ON FUNCTION article20.judged(p_workspace text, p_head bigint, p_at timestamp with time zone, p_keys text[], p_hashes bytea[], p_counts integer[], p_item_requests integer[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION article20.keep_hook() FROM PUBLIC;

REVOKE ALL ON FUNCTION article20.refuse_workspace() FROM PUBLIC;

REVOKE ALL ON FUNCTION article20.remember_keys(p_workspace text, p_keys text[], p_hashes bytea[], p_positions bigint[], p_answered text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.remember_keys(p_workspace text, p_keys text[], p_hashes bytea[], p_positions bigint[], p_answered text[]) TO article20_app;

REVOKE ALL ON FUNCTION article20.sample_views() FROM PUBLIC;
GRANT ALL ON FUNCTION article20.sample_views() TO article20_app;

REVOKE ALL ON FUNCTION article20.search_key(p_workspace text, p_generation integer, p_part bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.search_key(p_workspace text, p_generation integer, p_part bigint) TO article20_app;

REVOKE ALL ON FUNCTION article20.search_places(p_workspace text, p_generation integer, p_day date, p_position_from bigint, p_known_from timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.search_places(p_workspace text, p_generation integer, p_day date, p_position_from bigint, p_known_from timestamp with time zone) TO article20_app;

REVOKE ALL ON FUNCTION article20.settle_search() FROM PUBLIC;
GRANT ALL ON FUNCTION article20.settle_search() TO article20_app;

REVOKE ALL ON FUNCTION article20.settled_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_oldest boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.settled_claims(p_workspace text, p_generation integer, p_position bigint, p_moment timestamp with time zone, p_kind text, p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date, p_after_day date, p_after_position bigint, p_limit integer, p_oldest boolean) TO article20_app;

REVOKE ALL ON FUNCTION article20.settled_head(p_workspace text) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.settled_head(p_workspace text) TO article20_app;

REVOKE ALL ON FUNCTION article20.unlike(p_workspaces text[], p_positions bigint[], p_moments timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.unlike(p_workspaces text[], p_positions bigint[], p_moments timestamp with time zone[]) TO article20_app;

REVOKE ALL ON FUNCTION article20.views_astray() FROM PUBLIC;
GRANT ALL ON FUNCTION article20.views_astray() TO article20_app;

REVOKE ALL ON FUNCTION article20.views_reached(p_workspace text) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.views_reached(p_workspace text) TO article20_app;

REVOKE ALL ON FUNCTION article20.words_with(p_workspace text, p_generation integer, p_grams integer[], p_pattern text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.words_with(p_workspace text, p_generation integer, p_grams integer[], p_pattern text, p_limit integer) TO article20_app;

REVOKE ALL ON FUNCTION article20.workspaces() FROM PUBLIC;
GRANT ALL ON FUNCTION article20.workspaces() TO article20_app;

REVOKE ALL ON FUNCTION article20.workspaces_behind(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.workspaces_behind(p_limit integer) TO article20_app;

REVOKE ALL ON FUNCTION article20.workspaces_unbuilt(p_views text[], p_forms integer[], p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION article20.workspaces_unbuilt(p_views text[], p_forms integer[], p_limit integer) TO article20_app;

GRANT SELECT,INSERT ON TABLE article20.audit TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.claim_relation TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.claim_search TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.claim_version TO article20_app;

GRANT SELECT ON TABLE article20.event TO article20_app;

GRANT SELECT ON TABLE article20.event_tag TO article20_app;

GRANT SELECT,INSERT,UPDATE ON TABLE article20.feed TO article20_app;

GRANT SELECT,INSERT,UPDATE ON TABLE article20.feed_draft TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.figure_part TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.government_claim TO article20_app;

GRANT SELECT ON TABLE article20.idempotency TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.invitation TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.login_attempt TO article20_app;

GRANT SELECT ON TABLE article20.migration TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.person TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.search_word TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.session TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.sheet_import TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.sheet_import_row TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.token TO article20_app;

GRANT SELECT,INSERT,UPDATE ON TABLE article20.view_state TO article20_app;

GRANT SELECT,INSERT,UPDATE ON TABLE article20.view_watermark TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.webhook_delivery TO article20_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE article20.webhook_source TO article20_app;

GRANT SELECT ON TABLE article20.workspace TO article20_app;
