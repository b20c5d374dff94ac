-- An append costs what it writes: whatever can be judged once is not judged again with each append,
-- and lists are taken apart inside one function, whose plans are kept. Before, every call was planned
-- anew, names with several positions were taken apart one by one, and constraints that cannot fail
-- were read from the catalogue and made ready with each event.

-- The name and the head of a workspace are judged when it is added: afterwards the one never changes
-- and the other only moves forward.
CREATE FUNCTION refuse_workspace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a workspace is named by a-z, 0-9 and hyphens and begins with head 0 (%, %)',
        NEW.workspace, NEW.head
        USING ERRCODE = 'check_violation', CONSTRAINT = 'workspace_begins';
END $$;
CREATE TRIGGER workspace_begins BEFORE INSERT ON workspace
    FOR EACH ROW
    WHEN (NEW.workspace !~ '^[a-z0-9][a-z0-9-]{0,62}$' OR NEW.head < 0)
    EXECUTE FUNCTION refuse_workspace();
ALTER TABLE workspace
    DROP CONSTRAINT workspace_workspace_check, DROP CONSTRAINT workspace_head_check;

-- A condition of a trigger is made ready anew with each statement; one inside its function is not.
CREATE OR REPLACE FUNCTION refuse_backward() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE TRIGGER head_moves_forward BEFORE UPDATE ON workspace
    FOR EACH ROW EXECUTE FUNCTION refuse_backward();

-- Positions follow a head that is never below 0.
ALTER TABLE event DROP CONSTRAINT event_position_check;

-- Who reads asks once per statement which workspace it is in; of few new rows each asks by itself.
DO $$
DECLARE v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['event', 'event_tag', 'idempotency'] LOOP
        EXECUTE format('DROP POLICY by_workspace ON %I', v_table);
        EXECUTE format(
            'CREATE POLICY by_workspace ON %I FOR SELECT'
            ' USING (workspace = (SELECT this_workspace()))', v_table);
        EXECUTE format(
            'CREATE POLICY into_workspace ON %I FOR INSERT'
            ' WITH CHECK (workspace = current_setting(''article20.workspace'', true))', v_table);
    END LOOP;
END $$;

-- Append the requests of one batch as `append_batch` does, which takes over where there is something
-- to judge. Lists come as texts: parted by the group separator, identifiers and numbers by spaces.
-- p_firsts are the first tags of all items of conditions, null where an item has none, p_after is
-- the position that all of them look after, null where they differ. p_names, p_lasts and p_earlier are the postings
-- as in append_batch, but with the positions the events have if the head is p_head.
CREATE FUNCTION append_lists(
    p_workspace text, p_ends int[], p_keys text, p_hashes bytea[], p_counts int[],
    p_ids text, p_types text, p_data bytea[], p_tags text, p_by text,
    p_item_counts int[], p_item_types text, p_item_tags text, p_item_afters text,
    p_firsts text, p_after bigint, p_head bigint, p_names text, p_lasts text, p_earlier text
) RETURNS batch_answer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

-- The same where there is something to judge, or there may be.
CREATE FUNCTION append_judged(
    p_workspace text, p_ends int[], p_keys text, p_hashes bytea[], p_counts int[],
    p_ids text, p_types text, p_data bytea[], p_tags text, p_by text,
    p_item_counts int[], p_item_types text, p_item_tags text, p_item_afters text
) RETURNS batch_answer LANGUAGE sql
    SET search_path = article20, pg_temp AS $$
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

REVOKE ALL ON FUNCTION append_judged, append_lists, refuse_workspace FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_lists TO article20_app;
