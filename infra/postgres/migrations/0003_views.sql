-- The views: every claim's versions with the ranges in which each was believed, the same by
-- government without prose, and one watermark per workspace. All of it follows from the log.

CREATE TABLE view_watermark (
    workspace text PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    recorded_at timestamptz,
    epoch bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20);
COMMENT ON TABLE view_watermark IS
    'How far the views of a workspace have come. Who writes them names the epoch it began; a later one fences it off.';

CREATE TABLE view_state (
    workspace text NOT NULL,
    view text NOT NULL,
    generation int NOT NULL,
    form int NOT NULL,
    fault_position bigint,
    fault_error text,
    PRIMARY KEY (workspace, view),
    CHECK ((fault_position IS NULL) = (fault_error IS NULL))
);
COMMENT ON TABLE view_state IS
    'Which generation of a view''s rows is read, in which form they are written, and the event it could not digest.';

CREATE TABLE claim_version (
    workspace text NOT NULL,
    generation int NOT NULL,
    claim text NOT NULL,
    number int NOT NULL,
    position_from bigint NOT NULL,
    position_to bigint,
    known_from timestamptz NOT NULL,
    known_to timestamptz,
    status text NOT NULL,
    kind text NOT NULL,
    treaty text NOT NULL,
    day date NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    recorded_position bigint NOT NULL,
    happening text NOT NULL,
    actors text[] NOT NULL,
    words text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (workspace, generation, claim, number)
);
COMMENT ON TABLE claim_version IS
    'Every version of every claim, believed from position_from up to position_to and from known_from up to known_to.';
CREATE INDEX claim_version_day
    ON claim_version (workspace, generation, day, recorded_position);
CREATE INDEX claim_version_happening
    ON claim_version (workspace, generation, happening) WHERE position_to IS NULL;

CREATE TABLE claim_relation (
    workspace text NOT NULL,
    generation int NOT NULL,
    related text NOT NULL,
    claim text NOT NULL,
    number int NOT NULL,
    relation text NOT NULL,
    PRIMARY KEY (workspace, generation, related, claim, number, relation)
);
COMMENT ON TABLE claim_relation IS 'Which version of which claim relates to a claim, and how.';

CREATE TABLE government_claim (
    workspace text NOT NULL,
    generation int NOT NULL,
    government text NOT NULL,
    claim text NOT NULL,
    number int NOT NULL,
    ordinal smallint NOT NULL,
    position_from bigint NOT NULL,
    position_to bigint,
    known_from timestamptz NOT NULL,
    known_to timestamptz,
    status text NOT NULL,
    kind text NOT NULL,
    treaty text NOT NULL,
    day date NOT NULL,
    is_legal boolean NOT NULL,
    facts bytea NOT NULL,
    PRIMARY KEY (workspace, generation, government, claim, number)
);
COMMENT ON TABLE government_claim IS
    'The facts of every version by government concerned; a claim that concerns none stands under an empty code.';
CREATE INDEX government_claim_legal
    ON government_claim (workspace, generation, government) WHERE is_legal;

-- Whether a version was believed at a position or, where that is null, at a moment.
CREATE FUNCTION believed(
    p_position_from bigint, p_position_to bigint, p_known_from timestamptz, p_known_to timestamptz,
    p_position bigint, p_moment timestamptz
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_position IS NOT NULL
        THEN p_position_from <= p_position AND (p_position_to IS NULL OR p_position_to > p_position)
        ELSE p_known_from <= p_moment AND (p_known_to IS NULL OR p_known_to > p_moment)
    END
$$;

ALTER TABLE view_watermark ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON view_watermark USING (workspace = (SELECT this_workspace()));
ALTER TABLE view_state ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON view_state USING (workspace = (SELECT this_workspace()));
ALTER TABLE claim_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE claim_version FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON claim_version USING (workspace = (SELECT this_workspace()));
ALTER TABLE claim_relation ENABLE ROW LEVEL SECURITY;
ALTER TABLE claim_relation FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON claim_relation USING (workspace = (SELECT this_workspace()));
ALTER TABLE government_claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE government_claim FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON government_claim USING (workspace = (SELECT this_workspace()));

-- Names only: workspaces whose log is ahead of their views, those waiting longest first.
CREATE FUNCTION workspaces_behind(p_limit int) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT w.workspace
    FROM workspace w LEFT JOIN view_watermark m ON m.workspace = w.workspace
    WHERE w.head > coalesce(m.position, 0)
    ORDER BY w.recorded_at LIMIT p_limit
$$;

-- Names only: workspaces with views that lack one of these, or hold it in another form.
CREATE FUNCTION workspaces_unbuilt(p_views text[], p_forms int[], p_limit int) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT m.workspace
    FROM view_watermark m
    WHERE EXISTS (
        SELECT FROM unnest(p_views, p_forms) AS v (view, form)
        WHERE NOT EXISTS (
            SELECT FROM view_state s
            WHERE s.workspace = m.workspace AND s.view = v.view AND s.form = v.form))
    ORDER BY m.workspace LIMIT p_limit
$$;

REVOKE ALL ON FUNCTION workspaces_behind, workspaces_unbuilt FROM PUBLIC;
GRANT EXECUTE ON FUNCTION workspaces_behind, workspaces_unbuilt TO article20_app;
GRANT SELECT, INSERT, UPDATE ON view_watermark, view_state TO article20_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON claim_version, claim_relation, government_claim TO article20_app;
