-- Versions that others follow are found one by one by their key, whatever the planner believes of a
-- generation that nobody has analysed yet: it took every index of a table for equally good, and read
-- all rows of a workspace to close a few.

-- End the ranges of versions of claims that others follow. A row is looked for from its number on,
-- in order, which the key alone gives.
CREATE FUNCTION close_versions(
    p_workspace text, p_generation int, p_claims text[], p_numbers int[],
    p_positions bigint[], p_moments timestamptz[]
) RETURNS void LANGUAGE plpgsql
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off AS $$
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

-- End the ranges of versions that others follow, under every government they concern.
CREATE FUNCTION close_government_claims(
    p_workspace text, p_generation int, p_governments text[], p_claims text[], p_numbers int[],
    p_positions bigint[], p_moments timestamptz[]
) RETURNS void LANGUAGE plpgsql
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off AS $$
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

GRANT EXECUTE ON FUNCTION close_versions, close_government_claims TO article20_app;
