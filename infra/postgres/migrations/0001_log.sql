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

-- A head only ever moves forward, onto an event, and its clock never back.
CREATE FUNCTION refuse_backward() RETURNS trigger
    LANGUAGE plpgsql SET search_path = article20, pg_temp AS $$
BEGIN
    IF NEW.workspace <> OLD.workspace OR NEW.head < OLD.head OR NEW.recorded_at < OLD.recorded_at
    THEN
        RAISE EXCEPTION 'the head of a workspace only moves forward (% from % to %)',
            OLD.workspace, OLD.head, NEW.head
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'head_moves_forward';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER head_moves_forward BEFORE UPDATE ON workspace
    FOR EACH ROW EXECUTE FUNCTION refuse_backward();

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
DECLARE
    v_types text[];
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
    IF '' = ALL (p_item_tags) AND '' <> ALL (p_item_types) THEN
        SELECT array_agg(DISTINCT t.type) INTO v_types
            FROM unnest(p_item_types) AS i (types), unnest(names(i.types)) AS t (type);
        RETURN QUERY SELECT e.position, e.id, e.type, e.data, e.tags, e.recorded_at, e.recorded_by
            FROM event e
            WHERE e.workspace = p_workspace AND e.position > p_after AND e.type = ANY (v_types)
            ORDER BY e.position LIMIT p_limit;
        RETURN;
    END IF;
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
                (SELECT o.position FROM event o
                    WHERE i.tags = '' AND o.workspace = p_workspace AND o.position > p_after
                        AND (i.types = '' OR o.type = ANY (names(i.types)))
                    ORDER BY o.position LIMIT p_limit)
            ) AS f
            ORDER BY f.position LIMIT p_limit
        ) AS found
        JOIN event e ON e.workspace = p_workspace AND e.position = found.position
        ORDER BY e.position;
END $$;

-- The requests (their numbers in the batch) of which an item matches an event after its position;
-- null where there are none. The first tag of an item finds the events, so the most selective tag
-- comes first.
CREATE FUNCTION conflicting(
    p_workspace text, p_head bigint,
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS int[] LANGUAGE plpgsql STABLE
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN (
        SELECT array_agg(DISTINCT i.request)
        FROM unnest(p_item_requests, p_item_types, p_item_tags, p_item_afters)
            AS i (request, types, tags, after)
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
        END);
END $$;

-- Whether a request of a batch may depend on an earlier one of the same batch: by its key, or
-- because the first tag of an item is carried by an earlier event, or because an item has no tags.
CREATE FUNCTION interfering(
    p_keys text[], p_event_requests int[], p_event_tags text[],
    p_item_requests int[], p_item_tags text[]
) RETURNS boolean LANGUAGE plpgsql STABLE
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_nestloop = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN EXISTS (SELECT FROM unnest(p_keys) AS k (key) GROUP BY k.key HAVING count(*) > 1)
        OR EXISTS (
            SELECT FROM unnest(p_item_requests, p_item_tags) AS i (request, tags)
            WHERE i.tags = '' AND i.request > 1)
        OR EXISTS (
            SELECT FROM unnest(p_item_requests, p_item_tags) AS i (request, tags)
            JOIN (
                SELECT e.request, unnest(names(e.tags)) AS tag
                FROM unnest(p_event_requests, p_event_tags) AS e (request, tags)
            ) AS b ON b.tag = split_part(i.tags, E'\x1f', 1) AND b.request < i.request);
END $$;

-- What became of the requests of a batch; each array has one element per request. Outcomes: 0 done,
-- 1 replayed, 2 conflict, 3 key reused. Null arrays: every request is done.
CREATE TYPE batch_answer AS (
    head bigint, recorded_at timestamptz,
    outcomes int[], firsts bigint[], lasts bigint[], moments timestamptz[]
);

-- Judges requests that don't depend on each other, all at once, and inserts what is accepted; the
-- answer's head is the one after. The caller holds the lock of the head row.
CREATE FUNCTION append_independent(
    p_workspace text, p_head bigint, p_at timestamptz,
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_event_requests int[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[],
    p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    answer batch_answer;
    v_known int[];
    v_same boolean[];
    v_firsts bigint[];
    v_lasts bigint[];
    v_moments timestamptz[];
    v_conflicts int[];
BEGIN
    answer.head := p_head;
    answer.recorded_at := p_at;
    SELECT array_agg(k.request), array_agg(i.request_hash = k.hash),
            array_agg(i.first), array_agg(i.last), array_agg(e.recorded_at)
        INTO v_known, v_same, v_firsts, v_lasts, v_moments
        FROM unnest(p_keys, p_hashes) WITH ORDINALITY AS k (key, hash, request)
        JOIN idempotency i ON i.workspace = p_workspace AND i.key = k.key
        JOIN event e ON e.workspace = p_workspace AND e.position = i.last;
    IF cardinality(p_item_requests) > 0 THEN
        v_conflicts := conflicting(
            p_workspace, p_head, p_item_requests, p_item_types, p_item_tags, p_item_afters);
    END IF;
    IF v_known IS NOT NULL OR v_conflicts IS NOT NULL THEN
        WITH judged AS (
            SELECT r.request, r.count, k.first, k.last, k.moment,
                CASE
                    WHEN k.is_same THEN 1
                    WHEN k.request IS NOT NULL THEN 3
                    WHEN r.request = ANY (v_conflicts) THEN 2
                    ELSE 0
                END AS outcome
            FROM unnest(p_counts) WITH ORDINALITY AS r (count, request)
            LEFT JOIN unnest(v_known, v_same, v_firsts, v_lasts, v_moments)
                AS k (request, is_same, first, last, moment) ON k.request = r.request
        ), placed AS (
            SELECT *, p_head + coalesce(
                sum(count) FILTER (WHERE outcome = 0) OVER (ORDER BY request), 0) AS upto
            FROM judged
        )
        SELECT array_agg(outcome ORDER BY request),
                array_agg(CASE outcome WHEN 0 THEN upto - count + 1 ELSE first END
                    ORDER BY request),
                array_agg(CASE outcome WHEN 0 THEN upto WHEN 2 THEN upto ELSE last END
                    ORDER BY request),
                array_agg(CASE outcome WHEN 0 THEN p_at ELSE moment END ORDER BY request)
            INTO answer.outcomes, answer.firsts, answer.lasts, answer.moments
            FROM placed;
        SELECT array_agg(e.id ORDER BY e.number), array_agg(e.type ORDER BY e.number),
                array_agg(e.data ORDER BY e.number), array_agg(e.tags ORDER BY e.number),
                array_agg(e.by ORDER BY e.number)
            INTO p_ids, p_types, p_data, p_tags, p_by
            FROM unnest(p_event_requests, p_ids, p_types, p_data, p_tags, p_by)
                WITH ORDINALITY AS e (request, id, type, data, tags, by, number)
            WHERE answer.outcomes[e.request] = 0;
        SELECT array_agg(r.key ORDER BY r.request), array_agg(r.hash ORDER BY r.request),
                array_agg(r.count ORDER BY r.request)
            INTO p_keys, p_hashes, p_counts
            FROM unnest(p_keys, p_hashes, p_counts)
                WITH ORDINALITY AS r (key, hash, count, request)
            WHERE answer.outcomes[r.request] = 0;
        IF p_ids IS NULL THEN
            RETURN answer;
        END IF;
    END IF;
    INSERT INTO idempotency (workspace, key, request_hash, first, last)
        SELECT p_workspace, r.key, r.hash,
            p_head + sum(r.count) OVER (ROWS UNBOUNDED PRECEDING) - r.count + 1,
            p_head + sum(r.count) OVER (ROWS UNBOUNDED PRECEDING)
        FROM unnest(p_keys, p_hashes, p_counts) AS r (key, hash, count);
    INSERT INTO event (workspace, position, id, type, data, tags, recorded_at, recorded_by)
        SELECT p_workspace, p_head + e.number, e.id, e.type, e.data, names(e.tags), p_at, e.by
        FROM unnest(p_ids, p_types, p_data, p_tags, p_by)
            WITH ORDINALITY AS e (id, type, data, tags, by, number);
    INSERT INTO event_tag (workspace, tag, position, type)
        SELECT p_workspace, unnest(names(e.tags)), p_head + e.number, e.type
        FROM unnest(p_types, p_tags) WITH ORDINALITY AS e (type, tags, number);
    answer.head := p_head + cardinality(p_ids);
    RETURN answer;
END $$;

-- Append the requests of one batch, each judged in turn: its idempotency key first, then its
-- condition, each seeing the earlier ones. A conflict fails its own request, never the batch. The
-- answer's head is the one before; a request that is done stands where the accepted events of the
-- earlier ones end.
CREATE FUNCTION append_batch(
    p_workspace text,
    p_keys text[], p_hashes bytea[], p_counts int[],
    p_event_requests int[], p_ids uuid[], p_types text[], p_data bytea[], p_tags text[],
    p_by text[],
    p_item_requests int[], p_item_types text[], p_item_tags text[], p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_head bigint;
    v_start bigint;
    v_at timestamptz;
    answer batch_answer;
    one batch_answer;
    e int := 0;
    i int := 0;
    j int;
BEGIN
    PERFORM set_config('article20.workspace', p_workspace, true);
    SELECT w.head, w.recorded_at INTO v_start, v_at
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no workspace %', p_workspace
            USING ERRCODE = 'no_data_found', CONSTRAINT = 'workspace_exists';
    END IF;
    v_at := greatest(v_at, clock_timestamp());
    v_head := v_start;
    IF cardinality(p_keys) > 1
        AND interfering(p_keys, p_event_requests, p_tags, p_item_requests, p_item_tags)
    THEN
        FOR r IN 1 .. cardinality(p_keys) LOOP
            j := i;
            WHILE j < cardinality(p_item_requests) AND p_item_requests[j + 1] = r LOOP
                j := j + 1;
            END LOOP;
            one := append_independent(
                p_workspace, v_head, v_at,
                p_keys[r:r], p_hashes[r:r], p_counts[r:r],
                array_fill(1, ARRAY[p_counts[r]]),
                p_ids[e + 1 : e + p_counts[r]], p_types[e + 1 : e + p_counts[r]],
                p_data[e + 1 : e + p_counts[r]], p_tags[e + 1 : e + p_counts[r]],
                p_by[e + 1 : e + p_counts[r]],
                array_fill(1, ARRAY[j - i]), p_item_types[i + 1 : j], p_item_tags[i + 1 : j],
                p_item_afters[i + 1 : j]);
            answer.outcomes[r] := coalesce(one.outcomes[1], 0);
            answer.firsts[r] := coalesce(one.firsts[1], v_head + 1);
            answer.lasts[r] := coalesce(one.lasts[1], v_head + p_counts[r]);
            answer.moments[r] := coalesce(one.moments[1], v_at);
            v_head := one.head;
            e := e + p_counts[r];
            i := j;
        END LOOP;
    ELSE
        answer := append_independent(
            p_workspace, v_head, v_at, p_keys, p_hashes, p_counts,
            p_event_requests, p_ids, p_types, p_data, p_tags, p_by,
            p_item_requests, p_item_types, p_item_tags, p_item_afters);
        v_head := answer.head;
    END IF;
    answer.head := v_start;
    answer.recorded_at := v_at;
    IF v_head > v_start THEN
        UPDATE workspace w SET head = v_head, recorded_at = v_at WHERE w.workspace = p_workspace;
        PERFORM pg_notify('article20', p_workspace);
    END IF;
    RETURN answer;
END $$;

REVOKE ALL ON FUNCTION add_workspace, workspaces, head_of, settled_head, append_batch,
    append_independent, conflicting, interfering FROM PUBLIC;
GRANT SELECT ON workspace, event, event_tag, idempotency TO article20_app;
GRANT EXECUTE ON FUNCTION add_workspace, workspaces, head_of, settled_head, append_batch
    TO article20_app;
