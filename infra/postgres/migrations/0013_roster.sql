-- The roster of a workspace: who was seen when, which logins last and from what, and who is invited.
-- Ordinary tables: what they say of somebody can be changed and erased.

ALTER TABLE person ADD COLUMN seen_at timestamptz;

ALTER TABLE session
    ADD COLUMN session uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN device text NOT NULL DEFAULT '' CHECK (length(device) <= 100),
    ADD COLUMN place text NOT NULL DEFAULT '' CHECK (length(place) <= 100),
    ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN session.device IS 'A browser and a system in words, never the whole user agent.';
COMMENT ON COLUMN session.place IS 'The network it came from, never the whole address.';

CREATE TABLE invitation (
    workspace text NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    invitation uuid NOT NULL DEFAULT gen_random_uuid(),
    digest bytea NOT NULL,
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    role text NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (workspace, invitation),
    UNIQUE (workspace, digest),
    CONSTRAINT invitation_email UNIQUE (workspace, email)
);
COMMENT ON TABLE invitation IS
    'Who may join, by the SHA-256 of a link that is shown once; gone when it is used or withdrawn.';

ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON invitation USING (workspace = (SELECT this_workspace()));
GRANT SELECT, INSERT, UPDATE, DELETE ON invitation TO article20_app;
