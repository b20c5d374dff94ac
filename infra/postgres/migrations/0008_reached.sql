-- How far the views of a workspace are, in one round trip, for those who wait for a position of
-- theirs; a number only. No row where there is no such workspace.

CREATE FUNCTION views_reached(p_workspace text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT coalesce(m.position, 0)
    FROM workspace w LEFT JOIN view_watermark m ON m.workspace = w.workspace
    WHERE w.workspace = p_workspace
$$;

REVOKE ALL ON FUNCTION views_reached FROM PUBLIC;
GRANT EXECUTE ON FUNCTION views_reached TO article20_app;
