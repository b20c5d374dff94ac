-- Words of claims are found by an index. The claims as they tell something for the first time, with
-- the keys of their features, and the vocabulary, through which any part of a word is found; what
-- features are says `projections/finding.py`. The index gives too many rather than too few: whoever
-- asks looks at the versions themselves.

CREATE TABLE claim_search (
    workspace text NOT NULL,
    generation int NOT NULL,
    claim text NOT NULL,
    number int NOT NULL,
    position_from bigint NOT NULL,
    known_from timestamptz NOT NULL,
    day date NOT NULL,
    recorded_position bigint NOT NULL,
    keys int[] NOT NULL
);
COMMENT ON TABLE claim_search IS
    'What each version is found by that may tell something else than the one before it; the first keys are those of where it lies.';
-- Deliberately the only index, so that no plan can take another: of a generation that no sample
-- knows it is believed that there is one row, which any index would find.
CREATE INDEX claim_search_keys ON claim_search USING gin (keys);
ALTER TABLE claim_search ALTER COLUMN keys SET STATISTICS 0;

CREATE TABLE search_word (
    workspace text NOT NULL,
    generation int NOT NULL,
    word text COLLATE "C" NOT NULL,
    grams int[] NOT NULL,
    PRIMARY KEY (workspace, generation, word)
);
COMMENT ON TABLE search_word IS
    'The vocabulary of a workspace: every word that claims were ever found by, with the keys of its parts; the first is that of its workspace and generation.';
CREATE INDEX search_word_grams ON search_word USING gin (grams);
ALTER TABLE search_word ALTER COLUMN grams SET STATISTICS 0;

-- Not forced: no index of arrays may be asked under row-level security, whose rows others must not
-- guess at. The two functions below ask as the owner does, of the workspace that was entered.
ALTER TABLE claim_search ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON claim_search USING (workspace = (SELECT this_workspace()));
ALTER TABLE search_word ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON search_word USING (workspace = (SELECT this_workspace()));
GRANT SELECT, INSERT, UPDATE, DELETE ON claim_search, search_word TO article20_app;

-- The key of a part of a generation of a workspace, by its number: 0 is the vocabulary, the others
-- are spans of days, positions or moments.
CREATE FUNCTION search_key(p_workspace text, p_generation int, p_part bigint) RETURNS int
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((hashtextextended(p_workspace || E'\x1f' || p_generation, p_part) & 4294967295)
        - 2147483648)::int
$$;

-- The keys of where a row of claim_search lies: its month, its year, how many bits its position has,
-- and the year since when it was known, of which all up to 1969 are one.
CREATE FUNCTION search_places(
    p_workspace text, p_generation int, p_day date, p_position_from bigint, p_known_from timestamptz
) RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY[
        search_key(p_workspace, p_generation,
            12 * extract(year FROM p_day)::bigint + extract(month FROM p_day)::bigint),
        search_key(p_workspace, p_generation, 200000 + extract(year FROM p_day)::bigint),
        search_key(p_workspace, p_generation,
            300000 + length(ltrim(p_position_from::bit(64)::text, '0'))),
        search_key(p_workspace, p_generation,
            400000 + greatest(1969, extract(year FROM p_known_from AT TIME ZONE 'UTC')::bigint))]
$$;

-- The words of a vocabulary that hold a part, some of them.
CREATE FUNCTION words_with(
    p_workspace text, p_generation int, p_grams int[], p_pattern text, p_limit int
) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    SET enable_indexscan = off SET enable_indexonlyscan = off AS $$
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

-- One page of the believed claims of some months and years that have one of the keys of each list and that a
-- filter lets through, newest or oldest first. The keys choose which claims are looked at, the filter
-- which of those are given; of a claim nobody believes two versions at a time.
CREATE FUNCTION found_claims(
    p_workspace text, p_generation int, p_position bigint, p_moment timestamptz, p_kind text,
    p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date,
    p_after_day date, p_after_position bigint, p_limit int, p_governments int, p_government text,
    p_eras bigint[], p_known bigint[], p_one int[], p_two int[], p_three int[], p_four int[],
    p_oldest boolean
) RETURNS TABLE (body bytea, day date, recorded_position bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashagg = off
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

-- What few claims come to, by day.
CREATE INDEX claim_version_settled
    ON claim_version (workspace, generation, status, day, recorded_position)
    WHERE status IN ('rejected', 'contested', 'refuted', 'retracted', 'superseded');

-- One page of the believed claims with a status that few come to and that a filter lets through. No
-- other index than the one above gives this order, and sorting is forbidden.
CREATE FUNCTION settled_claims(
    p_workspace text, p_generation int, p_position bigint, p_moment timestamptz, p_kind text,
    p_status text, p_treaty text, p_actors text[], p_words text[], p_first date, p_last date,
    p_after_day date, p_after_position bigint, p_limit int, p_oldest boolean
) RETURNS TABLE (body bytea, day date, recorded_position bigint) LANGUAGE plpgsql STABLE
    SET search_path = article20, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off
    SET enable_bitmapscan = off AS $$
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

-- Put into the indexes what waits beside them after much was written at once.
CREATE FUNCTION settle_search() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp AS $$
BEGIN
    PERFORM gin_clean_pending_list('claim_search_keys'), gin_clean_pending_list('search_word_grams');
END $$;

REVOKE ALL ON FUNCTION search_key, search_places, words_with, found_claims, settled_claims,
    settle_search FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_key, search_places, words_with, found_claims, settled_claims,
    settle_search TO article20_app;

CREATE OR REPLACE FUNCTION sample_views() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp SET default_statistics_target = 33 AS $$
BEGIN
    ANALYZE claim_version, claim_relation, government_claim, figure_part, claim_search, search_word;
END $$;
