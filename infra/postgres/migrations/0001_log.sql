-- The log: workspaces with their heads, events, tags, idempotency keys, and the one way to append.
-- Everything is keyed by workspace first; positions are given under the lock of the head row.

CREATE TABLE workspace (
    workspace text PRIMARY KEY CHECK (workspace ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    head bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
    recorded_at timestamptz NOT NULL DEFAULT '-infinity',
    incarnation uuid NOT NULL DEFAULT gen_random_uuid()
) WITH (fillfactor = 20);
COMMENT ON TABLE workspace IS
    'One coalition''s isolated log: its head position and the moment of its last event.';

CREATE TABLE event (
    workspace text NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    id uuid NOT NULL,
    type text NOT NULL,
    data bytea NOT NULL,
    tags text[] NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (workspace, position)
);
COMMENT ON TABLE event IS 'The append-only log: positions without gaps, in commit order.';
CREATE INDEX event_type ON event (workspace, type, position);

CREATE TABLE event_tag (
    workspace text NOT NULL,
    tag text NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    PRIMARY KEY (workspace, tag, position) INCLUDE (type)
);
COMMENT ON TABLE event_tag IS 'Which events carry which tag, for conditions and reads.';

CREATE TABLE idempotency (
    workspace text NOT NULL,
    key text NOT NULL,
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

-- A transaction sees the rows of the one workspace it names in article20.workspace, and no others.
CREATE FUNCTION this_workspace() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT current_setting('article20.workspace', true) $$;

ALTER TABLE event ENABLE ROW LEVEL SECURITY;
ALTER TABLE event FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON event USING (workspace = (SELECT this_workspace()));
ALTER TABLE event_tag ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_tag FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON event_tag USING (workspace = (SELECT this_workspace()));
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON idempotency USING (workspace = (SELECT this_workspace()));

-- Whether an event after a position matches a condition: any of its items, each by types and tags.
CREATE FUNCTION matches(p_workspace text, p_condition jsonb) RETURNS boolean LANGUAGE plpgsql STABLE
    SET search_path FROM CURRENT AS $$
DECLARE
    after bigint := coalesce((p_condition ->> 'after')::bigint, 0);
    item jsonb;
    types text[];
    wanted text[];
BEGIN
    IF jsonb_array_length(p_condition -> 'items') = 0 THEN
        RETURN EXISTS (SELECT FROM event WHERE workspace = p_workspace AND position > after);
    END IF;
    FOR item IN SELECT jsonb_array_elements(p_condition -> 'items') LOOP
        types := ARRAY(SELECT jsonb_array_elements_text(item -> 'types'));
        wanted := ARRAY(SELECT jsonb_array_elements_text(item -> 'tags'));
        IF cardinality(wanted) > 0 THEN
            IF EXISTS (
                SELECT FROM event_tag t
                WHERE t.workspace = p_workspace AND t.tag = wanted[1] AND t.position > after
                    AND (cardinality(types) = 0 OR t.type = ANY (types))
                    AND NOT EXISTS (
                        SELECT FROM unnest(wanted[2:]) AS w (tag)
                        WHERE NOT EXISTS (
                            SELECT FROM event_tag o
                            WHERE o.workspace = p_workspace AND o.tag = w.tag
                                AND o.position = t.position))
            ) THEN
                RETURN true;
            END IF;
        ELSIF cardinality(types) > 0 THEN
            IF EXISTS (
                SELECT FROM event
                WHERE workspace = p_workspace AND type = ANY (types) AND position > after
            ) THEN
                RETURN true;
            END IF;
        ELSIF EXISTS (SELECT FROM event WHERE workspace = p_workspace AND position > after) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- Append the requests of one batch in turn: idempotency key first, then condition, each seeing the
-- earlier ones. A conflict fails its own request, never the batch. Outcomes: 0 done, 1 replayed,
-- 2 conflict, 3 key reused.
CREATE FUNCTION append_batch(
    p_workspace text,
    p_ids uuid[], p_types text[], p_data bytea[], p_tags text[], p_tag_counts int[],
    p_event_counts int[], p_keys text[], p_hashes bytea[], p_by text[], p_conditions jsonb[]
) RETURNS TABLE (outcome int, first bigint, last bigint, recorded_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
    v_head bigint;
    v_start bigint;
    v_at timestamptz;
    v_event int := 0;
    v_tag int := 0;
    v_count int;
    v_key idempotency%ROWTYPE;
BEGIN
    PERFORM set_config('article20.workspace', p_workspace, true);
    SELECT w.head, greatest(w.recorded_at, clock_timestamp()) INTO v_head, v_at
        FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no workspace %', p_workspace
            USING ERRCODE = 'no_data_found', CONSTRAINT = 'workspace_exists';
    END IF;
    v_start := v_head;
    FOR r IN 1 .. cardinality(p_event_counts) LOOP
        v_count := p_event_counts[r];
        SELECT * INTO v_key FROM idempotency k
            WHERE k.workspace = p_workspace AND k.key = p_keys[r];
        IF FOUND THEN
            IF v_key.request_hash IS DISTINCT FROM p_hashes[r] THEN
                outcome := 3; first := NULL; last := NULL; recorded_at := NULL;
            ELSE
                outcome := 1; first := v_key.first; last := v_key.last;
                SELECT e.recorded_at INTO recorded_at FROM event e
                    WHERE e.workspace = p_workspace AND e.position = v_key.last;
            END IF;
        ELSIF p_conditions[r] IS NOT NULL AND matches(p_workspace, p_conditions[r]) THEN
            outcome := 2; first := NULL; last := v_head; recorded_at := NULL;
        ELSE
            outcome := 0; first := v_head + 1; last := v_head + v_count; recorded_at := v_at;
            INSERT INTO idempotency VALUES (p_workspace, p_keys[r], p_hashes[r], first, last);
            FOR e IN v_event + 1 .. v_event + v_count LOOP
                v_head := v_head + 1;
                INSERT INTO event VALUES (
                    p_workspace, v_head, p_ids[e], p_types[e], p_data[e],
                    p_tags[v_tag + 1 : v_tag + p_tag_counts[e]], v_at, p_by[r]);
                INSERT INTO event_tag
                    SELECT DISTINCT p_workspace, t, v_head, p_types[e]
                    FROM unnest(p_tags[v_tag + 1 : v_tag + p_tag_counts[e]]) AS t;
                v_tag := v_tag + p_tag_counts[e];
            END LOOP;
            v_event := v_event + v_count;
            RETURN NEXT;
            CONTINUE;
        END IF;
        FOR e IN v_event + 1 .. v_event + v_count LOOP
            v_tag := v_tag + p_tag_counts[e];
        END LOOP;
        v_event := v_event + v_count;
        RETURN NEXT;
    END LOOP;
    IF v_head > v_start THEN
        UPDATE workspace w SET head = v_head, recorded_at = v_at WHERE w.workspace = p_workspace;
        PERFORM pg_notify('article20', p_workspace);
    END IF;
END $$;

CREATE FUNCTION add_workspace(p_workspace text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    INSERT INTO workspace (workspace) VALUES (p_workspace)
        ON CONFLICT DO NOTHING RETURNING true
$$;

-- The head once no append is in flight: for looking up what became of a batch whose connection was lost.
CREATE FUNCTION settled_head(p_workspace text) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT head FROM workspace WHERE workspace = p_workspace FOR SHARE
$$;

REVOKE ALL ON FUNCTION append_batch, add_workspace, settled_head, matches FROM PUBLIC;
GRANT SELECT ON workspace TO article20_app;
GRANT SELECT ON event, event_tag, idempotency TO article20_app;
GRANT EXECUTE ON FUNCTION append_batch, add_workspace, settled_head TO article20_app;
