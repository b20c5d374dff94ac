-- Looking after the store: how far all views are behind in one look, and whether a log is the one
-- that somebody knew, or an older backup of it.

CREATE INDEX view_state_fault ON view_state (view) WHERE fault_position IS NOT NULL;

-- How far the views of all workspaces are behind, without naming any workspace: `waiting_since` is
-- when the oldest event was recorded that they have yet to take in, looked for in no more than so
-- many workspaces, those that have waited longest first. `beyond`: how many workspaces have views
-- that stand beyond the end of the log.
CREATE FUNCTION how_far(p_workspaces_max int) RETURNS TABLE (
    workspaces bigint, lag_events bigint, waiting_since timestamptz, beyond bigint, faulted text[]
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = article20, pg_temp AS $$
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

-- The first of some workspaces whose log does not hold, at a position, the event recorded at a
-- moment: it is not the log that whoever remembers this position knew. Null: it is, in all of them.
CREATE FUNCTION unlike(p_workspaces text[], p_positions bigint[], p_moments timestamptz[])
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = article20, pg_temp AS $$
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

-- The first workspace whose views stand where its log has another event, or none. Null: nowhere.
CREATE FUNCTION views_astray() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = article20, pg_temp AS $$
    SELECT unlike(
        array_agg(m.workspace ORDER BY m.workspace), array_agg(m.position ORDER BY m.workspace),
        array_agg(m.recorded_at ORDER BY m.workspace))
    FROM view_watermark m WHERE m.position > 0
$$;

REVOKE ALL ON FUNCTION how_far, unlike, views_astray FROM PUBLIC;
GRANT EXECUTE ON FUNCTION how_far, unlike, views_astray TO article20_app;
