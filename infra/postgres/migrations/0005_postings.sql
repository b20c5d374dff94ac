-- Fewer rows per append: what a batch says under one tag is one posting, types are found the same
-- way as tags, the process that appends tells which requests may depend on each other, and what must
-- not exist yet is a conflict of its own.

-- A posting holds the positions of one batch that carry a tag: the last one in the key, the others
-- beside it. The postings of a tag follow each other without overlap. A row of before is a posting
-- of one position.
ALTER TABLE event_tag DROP CONSTRAINT event_tag_pkey;
ALTER TABLE event_tag DROP COLUMN type;
ALTER TABLE event_tag ADD COLUMN earlier bigint[];
ALTER TABLE event_tag ADD PRIMARY KEY (workspace, tag, position);
COMMENT ON TABLE event_tag IS
    'Which events carry which tag or, after U+001E, have which type: per batch and tag the last position, and the earlier ones.';

-- The name under which a type is posted; no tag begins like that.
CREATE FUNCTION posted_type(p_type text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT E'\x1e' || p_type $$;

-- The positions of a posting.
CREATE FUNCTION posted(p_position bigint, p_earlier bigint[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT array_append(p_earlier, p_position) $$;

-- What the log finds an item of a query by: its first tag, or each of its types where it has none.
CREATE FUNCTION sought(p_types text, p_tags text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN p_tags <> '' THEN ARRAY[split_part(p_tags, E'\x1f', 1)]
        ELSE string_to_array(posted_type(replace(p_types, E'\x1f', E'\x1f\x1e')), E'\x1f')
    END
$$;

-- Whether what is found that way matches the item, whatever else it is and carries.
CREATE FUNCTION suffices(p_types text, p_tags text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT p_tags = '' OR (p_types = '' AND strpos(p_tags, E'\x1f') = 0) $$;

-- The types of what was appended before.
DO $$
DECLARE v_workspace text;
BEGIN
    FOR v_workspace IN SELECT w.workspace FROM workspace w LOOP
        PERFORM set_config('article20.workspace', v_workspace, true);
        INSERT INTO event_tag (workspace, tag, position, earlier)
        SELECT v_workspace, posted_type(e.type), max(e.position),
            nullif(array_remove(array_agg(e.position), max(e.position)), '{}')
        FROM event e WHERE e.workspace = v_workspace
        GROUP BY e.type, (e.position - 1) / 200;
    END LOOP;
    PERFORM set_config('article20.workspace', '', true);
END $$;
DROP INDEX event_type;

-- Events after a position that match any of some items, in order, up to a limit (null: all); no
-- items match everything. The first row is not an event: its position is the head, read with the
-- others in one snapshot. No row at all: there is no such workspace.
CREATE OR REPLACE FUNCTION read_events(
    p_workspace text, p_after bigint, p_limit bigint, p_item_types text[], p_item_tags text[]
) RETURNS TABLE (
    "position" bigint, id uuid, type text, data bytea, tags text[],
    recorded_at timestamptz, recorded_by text
) LANGUAGE plpgsql STABLE
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

-- The outcomes of requests that don't interfere with each other: each one's idempotency key first,
-- then its condition. An item after -1 says what must not exist: outcome 4, with the position of the
-- first such event, and the number of the item in its request.
CREATE OR REPLACE FUNCTION judged(
    p_workspace text, p_head bigint, p_at timestamptz,
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE sql STABLE AS $$
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
                JOIN event_tag t
                    ON t.workspace = p_workspace AND t.tag = s.name AND t.position > i.after
                WHERE suffices(i.types, i.tags) OR EXISTS (
                    SELECT FROM unnest(posted(t.position, t.earlier)) AS p (position)
                    JOIN event e ON e.workspace = p_workspace AND e.position = p.position
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

-- Append the requests of one batch, each judged in turn: its idempotency key first, then its
-- condition, each seeing the earlier ones. A conflict fails its own request, never the batch.
-- Requests that cannot touch each other form a run, which is judged and inserted as a set; where a
-- request may depend on an earlier one a new run begins: p_ends are the last requests of the runs,
-- null for one run. Two requests of one run under one key are refused as a whole batch.
CREATE FUNCTION append_batch(
    p_workspace text, p_ends int[],
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_event_requests int[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[],
    p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
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
    IF cardinality(p_keys) = 1 AND cardinality(p_item_tags) <= 1 THEN
        v_open := p_item_tags[1] = ''
            OR EXISTS (
                SELECT FROM idempotency k WHERE k.workspace = p_workspace AND k.key = p_keys[1])
            OR EXISTS (
                SELECT FROM event_tag t
                WHERE t.workspace = p_workspace AND t.tag = split_part(p_item_tags[1], E'\x1f', 1)
                    AND t.position > p_item_afters[1]);
    ELSE
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
    END IF;
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
        END IF;
    END IF;
    IF cardinality(p_ids) = 1 THEN  -- the same as below without the cost of sets
        INSERT INTO idempotency (workspace, key, request_hash, first, last)
        VALUES (p_workspace, p_keys[1], p_hashes[1], answer.head + 1, answer.head + 1);
        INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
        VALUES (p_workspace, answer.head + 1, p_ids[1], p_types[1], p_data[1], names(p_tags[1]),
            answer.recorded_at, p_by[1]);
        INSERT INTO event_tag (workspace, tag, position)
        SELECT p_workspace, unnest(names(p_tags[1]) || posted_type(p_types[1])), answer.head + 1;
    ELSE
        INSERT INTO idempotency (workspace, key, request_hash, first, last)
        SELECT p_workspace, r.key, r.hash, r.last - coalesce(r.count, 1) + 1, r.last
        FROM (
            SELECT r.*, answer.head + CASE
                WHEN p_counts IS NULL THEN r.number
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
        -- A posting holds at most 200 positions, so that a page has room for it.
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

-- The runs of a batch, one after the other, each a batch of its own within this transaction.
CREATE FUNCTION append_runs(
    p_workspace text, p_head bigint, p_ends int[],
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_event_requests int[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[],
    p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE plpgsql AS $$
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

-- As the release before calls it, which told nothing of what depends on what: one after the other.
CREATE OR REPLACE FUNCTION append_batch(
    p_workspace text,
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_event_requests int[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[],
    p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE sql SECURITY DEFINER SET search_path = article20, pg_temp AS $$
    SELECT append_batch(
        p_workspace, ARRAY(SELECT generate_series(1, cardinality(p_keys))), p_keys, p_hashes,
        p_counts, p_event_requests, p_ids, p_types, p_data, p_tags, p_by, p_item_requests,
        p_item_types, p_item_tags, p_item_afters)
$$;
DROP FUNCTION append_in_turn, interfering;

REVOKE ALL ON FUNCTION append_batch(
    text, int[], text[], bytea[], int[], int[], uuid[], text[], bytea[], text[], text[], int[],
    text[], text[], bigint[]), append_runs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_batch(
    text, int[], text[], bytea[], int[], int[], uuid[], text[], bytea[], text[], text[], int[],
    text[], text[], bigint[]) TO article20_app;
