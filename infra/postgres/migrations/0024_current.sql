-- The current versions of claims are found one by one, whatever the planner believes of the rows. Of
-- a generation that its samples know nothing of it believes that there is one row; then it took
-- whichever index is least high, and read every version of a workspace for each of some claims.
-- Sorting is forbidden here, and each look asks for an order that only the right index gives.

-- The current versions of some claims, of some groups and, where those are not null, of everything
-- declared the same as the claims.
CREATE FUNCTION current_versions(
    p_workspace text, p_generation int, p_claims text[], p_groups text[]
) RETURNS SETOF bytea LANGUAGE plpgsql STABLE
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off
    SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

REVOKE ALL ON FUNCTION current_versions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION current_versions TO article20_app;
