-- The log: workspaces with their heads, events, tags, idempotency keys, and the one way to append.
-- Everything is keyed by workspace first; positions are given under the lock of the head row, so
-- they are without gaps and in commit order. No sequence is used and no statement crosses
-- workspaces: the tables distribute by workspace as they are.

-- Names are compared byte by byte: the same order on every machine, and no index breaks when a
-- library's idea of an alphabet changes.
CREATE TABLE workspace (
    workspace text COLLATE "C" PRIMARY KEY CHECK (workspace ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    head bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
    recorded_at timestamptz NOT NULL DEFAULT '-infinity',
    incarnation uuid NOT NULL DEFAULT gen_random_uuid()
) WITH (fillfactor = 20);
COMMENT ON TABLE workspace IS
    'One coalition''s isolated log: its head position and the moment of its last event.';

CREATE TABLE event (
    workspace text COLLATE "C" NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    id uuid NOT NULL,
    type text COLLATE "C" NOT NULL,
    data bytea NOT NULL,
    tags text[] COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (workspace, position)
);
COMMENT ON TABLE event IS 'The append-only log: positions without gaps, in commit order.';
CREATE INDEX event_type ON event (workspace, type, position);

CREATE TABLE event_tag (
    workspace text COLLATE "C" NOT NULL,
    tag text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, tag, position) INCLUDE (type)
);
COMMENT ON TABLE event_tag IS 'Which events carry which tag, for conditions and reads.';

CREATE TABLE idempotency (
    workspace text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    request_hash bytea NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (workspace, key)
);
COMMENT ON TABLE idempotency IS
    'Keys under which something was appended, kept for ever: the same key and body gives the same answer.';

-- Nothing recorded is ever changed, by anyone.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_tag
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON idempotency
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON workspace
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A head only ever moves forward, and so does its clock.
CREATE FUNCTION refuse_backward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the head of a workspace only moves forward (% from % to %)',
        OLD.workspace, OLD.head, NEW.head
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'head_moves_forward';
END $$;
CREATE TRIGGER head_moves_forward BEFORE UPDATE ON workspace
    FOR EACH ROW
    WHEN (NEW.workspace <> OLD.workspace OR NEW.head < OLD.head
        OR NEW.recorded_at < OLD.recorded_at)
    EXECUTE FUNCTION refuse_backward();

-- A transaction sees the rows of the one workspace it names in article20.workspace, and no others.
CREATE FUNCTION this_workspace() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT current_setting('article20.workspace', true) $$;

-- The owner sees every head, as listing workspaces needs, and no event of a workspace not named.
ALTER TABLE workspace ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON workspace USING (workspace = (SELECT this_workspace()));
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
ALTER TABLE event FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON event USING (workspace = (SELECT this_workspace()));
ALTER TABLE event_tag ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_tag FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON event_tag USING (workspace = (SELECT this_workspace()));
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON idempotency USING (workspace = (SELECT this_workspace()));

-- Lists of tags and of types travel as one text each, parted by the unit separator (U+001F), which
-- no name contains: ragged arrays have no form of their own, and this one is quick to take apart.
-- An empty text is an empty list.
CREATE FUNCTION names(p_joined text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT string_to_array(p_joined, E'\x1f') $$;

CREATE FUNCTION add_workspace(p_workspace text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = article20, pg_temp AS $$
    INSERT INTO workspace (workspace) VALUES (p_workspace)
        ON CONFLICT DO NOTHING RETURNING true
$$;

CREATE FUNCTION workspaces() RETURNS TABLE (workspace text, head bigint, recorded_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = article20, pg_temp AS $$
    SELECT w.workspace, w.head, w.recorded_at FROM workspace w ORDER BY w.workspace
$$;

CREATE FUNCTION head_of(p_workspace text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = article20, pg_temp AS $$
    SELECT head FROM workspace WHERE workspace = p_workspace
$$;

-- The head once no append is in flight: for looking up what became of a batch whose connection was
-- lost.
CREATE FUNCTION settled_head(p_workspace text) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = article20, pg_temp AS $$
    SELECT head FROM workspace WHERE workspace = p_workspace FOR SHARE
$$;

-- Events after a position that match any of some items, in order, up to a limit (null: all); no
-- items match everything. The first row is not an event: its position is the head, read with the
-- others in one snapshot. No row at all: there is no such workspace.
CREATE FUNCTION read_events(
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
    -- Each item finds its first positions by itself, by its first tag or by each of its types, so
    -- that no more is read than asked for.
    RETURN QUERY
        SELECT e.position, e.id, e.type, e.data, e.tags, e.recorded_at, e.recorded_by
        FROM (
            SELECT DISTINCT f.position
            FROM unnest(p_item_types, p_item_tags) AS i (types, tags)
            CROSS JOIN LATERAL (
                (SELECT t.position FROM event_tag t
                    WHERE i.tags <> ''
                        AND t.workspace = p_workspace AND t.tag = split_part(i.tags, E'\x1f', 1)
                        AND t.position > p_after
                        AND (i.types = '' OR t.type = ANY (names(i.types)))
                        AND NOT EXISTS (
                            SELECT FROM unnest((names(i.tags))[2:]) AS w (tag)
                            WHERE NOT EXISTS (
                                SELECT FROM event_tag o
                                WHERE o.workspace = p_workspace AND o.tag = w.tag
                                    AND o.position = t.position))
                    ORDER BY t.position LIMIT p_limit)
                UNION ALL
                SELECT o.position
                    FROM unnest(names(i.types)) AS y (type)
                    CROSS JOIN LATERAL (
                        SELECT o.position FROM event o
                        WHERE i.tags = '' AND o.workspace = p_workspace AND o.type = y.type
                            AND o.position > p_after
                        ORDER BY o.position LIMIT p_limit
                    ) AS o
            ) AS f
            ORDER BY f.position LIMIT p_limit
        ) AS found
        CROSS JOIN LATERAL (
            SELECT * FROM event e
            WHERE e.workspace = p_workspace AND e.position = found.position OFFSET 0
        ) AS e
        ORDER BY e.position;
END $$;

-- What became of the requests of a batch; each array has one element per request. Outcomes: 0 done,
-- 1 replayed, 2 conflict, 3 key reused. Null arrays: every request is done, and they stand one after
-- the other from head + 1 on. The head is the one before the batch.
CREATE TYPE batch_answer AS (
    head bigint, recorded_at timestamptz,
    outcomes int[], firsts bigint[], lasts bigint[], moments timestamptz[]
);

-- A batch travels as arrays: by request, by event, and by item of a condition. Numbers that are the
-- obvious ones are left out: null counts are 1 each, null requests number what they belong to one by
-- one, null types name none.

-- Whether a request of a batch may depend on an earlier one of the same batch: by its key, or
-- because the first tag of an item is carried by an earlier event, or because an item has no tags.
CREATE FUNCTION interfering(
    p_keys text[], p_event_requests int[], p_event_tags text[],
    p_item_requests int[], p_item_tags text[]
) RETURNS boolean LANGUAGE plpgsql STABLE
    SET enable_nestloop = off SET enable_hashjoin = on AS $$
BEGIN
    RETURN EXISTS (SELECT FROM unnest(p_keys) AS k (key) GROUP BY k.key HAVING count(*) > 1)
        OR EXISTS (
            SELECT FROM unnest(p_item_requests, p_item_tags)
                WITH ORDINALITY AS i (request, tags, number)
            WHERE i.tags = '' AND coalesce(i.request, i.number) > 1)
        OR EXISTS (
            SELECT FROM unnest(p_item_requests, p_item_tags)
                WITH ORDINALITY AS i (request, tags, number)
            JOIN (
                SELECT coalesce(e.request, e.number) AS request, unnest(names(e.tags)) AS tag
                FROM unnest(p_event_requests, p_event_tags)
                    WITH ORDINALITY AS e (request, tags, number)
            ) AS b ON b.tag = split_part(i.tags, E'\x1f', 1)
                AND b.request < coalesce(i.request, i.number));
END $$;

-- The outcomes of requests that don't interfere with each other: each one's idempotency key first,
-- then its condition. The first tag of an item finds the events, so the most selective comes first.
CREATE FUNCTION judged(
    p_workspace text, p_head bigint, p_at timestamptz,
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE sql STABLE AS $$
    WITH conflicting AS (
        SELECT DISTINCT i.request
        FROM (
            SELECT coalesce(i.request, i.number) AS request, coalesce(i.types, '') AS types,
                i.tags, i.after
            FROM unnest(p_item_requests, p_item_types, p_item_tags, p_item_afters)
                WITH ORDINALITY AS i (request, types, tags, after, number)
        ) AS i
        WHERE CASE
            WHEN i.tags <> '' THEN EXISTS (
                SELECT FROM event_tag t
                WHERE t.workspace = p_workspace AND t.tag = split_part(i.tags, E'\x1f', 1)
                    AND t.position > i.after
                    AND (i.types = '' OR t.type = ANY (names(i.types)))
                    AND NOT EXISTS (
                        SELECT FROM unnest((names(i.tags))[2:]) AS w (tag)
                        WHERE NOT EXISTS (
                            SELECT FROM event_tag o
                            WHERE o.workspace = p_workspace AND o.tag = w.tag
                                AND o.position = t.position)))
            WHEN i.types <> '' THEN EXISTS (
                SELECT FROM event e
                WHERE e.workspace = p_workspace AND e.type = ANY (names(i.types))
                    AND e.position > i.after)
            ELSE p_head > i.after
        END
    ), judged AS (
        SELECT r.request, coalesce(r.count, 1) AS count, k.first, k.last, k.recorded_at,
            CASE
                WHEN k.request_hash = r.hash THEN 1
                WHEN k.request_hash IS NOT NULL THEN 3
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
        LEFT JOIN conflicting c ON c.request = r.request
    ), placed AS (
        SELECT *, p_head + coalesce(
            sum(count) FILTER (WHERE outcome = 0) OVER (ORDER BY request), 0) AS upto
        FROM judged
    )
    SELECT p_head, p_at,
        CASE WHEN max(outcome) > 0 THEN array_agg(outcome ORDER BY request) END,
        array_agg(CASE outcome WHEN 0 THEN upto - count + 1 ELSE first END ORDER BY request),
        array_agg(CASE WHEN outcome IN (0, 2) THEN upto ELSE last END ORDER BY request),
        array_agg(CASE outcome WHEN 0 THEN p_at ELSE recorded_at END ORDER BY request)
    FROM placed
$$;

-- Append the requests of one batch, each judged in turn: its idempotency key first, then its
-- condition, each seeing the earlier ones. A conflict fails its own request, never the batch.
-- Requests that cannot touch each other, the usual case, are judged and inserted as sets; where one
-- may depend on another they are taken one by one.
CREATE FUNCTION append_batch(
    p_workspace text,
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
BEGIN
    SELECT w.head, w.recorded_at, set_config('article20.workspace', p_workspace, true)
        INTO answer.head, answer.recorded_at, v_entered
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF v_entered IS NULL THEN
        RAISE EXCEPTION 'there is no workspace %', p_workspace
            USING ERRCODE = 'no_data_found', CONSTRAINT = 'workspace_exists';
    END IF;
    IF cardinality(p_keys) > 1
        AND interfering(p_keys, p_event_requests, p_tags, p_item_requests, p_item_tags)
    THEN
        RETURN append_in_turn(
            p_workspace, answer.head, p_keys, p_hashes, p_counts, p_ids, p_types, p_data, p_tags,
            p_by, p_item_requests, p_item_types, p_item_tags, p_item_afters);
    END IF;
    answer.recorded_at := greatest(answer.recorded_at, clock_timestamp());
    -- Nothing known of any key and no event under the first tag of any item: nothing to judge.
    IF '' = ANY (p_item_tags)
        OR EXISTS (
            SELECT FROM idempotency k WHERE k.workspace = p_workspace AND k.key = ANY (p_keys))
        OR EXISTS (
            SELECT FROM unnest(p_item_tags, p_item_afters) AS i (tags, after)
            WHERE (
                SELECT true FROM event_tag t
                WHERE t.workspace = p_workspace AND t.tag = split_part(i.tags, E'\x1f', 1)
                    AND t.position > i.after
                LIMIT 1))
    THEN
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
    WITH keys AS (
        INSERT INTO idempotency (workspace, key, request_hash, first, last)
        SELECT p_workspace, r.key, r.hash, r.last - coalesce(r.count, 1) + 1, r.last
        FROM (
            SELECT r.*, answer.head + CASE
                WHEN r.count IS NULL THEN r.number
                ELSE sum(r.count) OVER (ROWS UNBOUNDED PRECEDING)
            END AS last
            FROM unnest(p_keys, p_hashes, p_counts)
                WITH ORDINALITY AS r (key, hash, count, number)
        ) AS r
    ), events AS (
        INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
        SELECT p_workspace, answer.head + e.number, e.id, e.type, e.data, names(e.tags),
            answer.recorded_at, e.by
        FROM unnest(p_ids, p_types, p_data, p_tags, p_by)
            WITH ORDINALITY AS e (id, type, data, tags, by, number)
    ), tags AS (
        INSERT INTO event_tag (workspace, tag, position, type)
        SELECT p_workspace, unnest(names(e.tags)), answer.head + e.number, e.type
        FROM unnest(p_types, p_tags) WITH ORDINALITY AS e (type, tags, number)
    )
    UPDATE workspace w
        SET head = answer.head + cardinality(p_ids), recorded_at = answer.recorded_at
        WHERE w.workspace = p_workspace;
    PERFORM pg_notify('article20', p_workspace);
    RETURN answer;
END $$;

-- The requests of a batch, one after the other, each a batch of its own within this transaction.
CREATE FUNCTION append_in_turn(
    p_workspace text, p_head bigint,
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE plpgsql AS $$
DECLARE
    answer batch_answer;
    one batch_answer;
    c int;
    e int := 0;
    i int := 0;
    j int := 0;
BEGIN
    answer.head := p_head;
    FOR r IN 1 .. cardinality(p_keys) LOOP
        c := coalesce(p_counts[r], 1);
        WHILE j < cardinality(p_item_tags) AND coalesce(p_item_requests[j + 1], j + 1) = r LOOP
            j := j + 1;
        END LOOP;
        one := append_batch(
            p_workspace, p_keys[r:r], p_hashes[r:r], ARRAY[c], array_fill(1, ARRAY[c]),
            p_ids[e + 1 : e + c], p_types[e + 1 : e + c], p_data[e + 1 : e + c],
            p_tags[e + 1 : e + c], p_by[e + 1 : e + c],
            array_fill(1, ARRAY[j - i]), p_item_types[i + 1 : j], p_item_tags[i + 1 : j],
            p_item_afters[i + 1 : j]);
        answer.recorded_at := one.recorded_at;
        answer.outcomes[r] := coalesce(one.outcomes[1], 0);
        answer.firsts[r] := CASE WHEN one.outcomes IS NULL THEN one.head + 1 ELSE one.firsts[1] END;
        answer.lasts[r] := CASE WHEN one.outcomes IS NULL THEN one.head + c
            ELSE one.lasts[1] END;
        answer.moments[r] := CASE WHEN one.outcomes IS NULL THEN one.recorded_at
            ELSE one.moments[1] END;
        e := e + c;
        i := j;
    END LOOP;
    RETURN answer;
END $$;

REVOKE ALL ON FUNCTION add_workspace, workspaces, head_of, settled_head, append_batch,
    append_in_turn, interfering, judged FROM PUBLIC;
-- The application reads, and appends through append_batch alone: not even it can place an event, or
-- move a head, by hand.
GRANT SELECT ON workspace, event, event_tag, idempotency TO article20_app;
GRANT EXECUTE ON FUNCTION add_workspace, workspaces, head_of, settled_head, append_batch
    TO article20_app;
