-- People and machines of a workspace: persons, their sessions and login attempts, API tokens, and
-- webhook sources. Ordinary tables: what they say of somebody can be changed and erased.

CREATE TABLE person (
    workspace text NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    person uuid NOT NULL DEFAULT gen_random_uuid(),
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    role text NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    PRIMARY KEY (workspace, person),
    CONSTRAINT person_email UNIQUE (workspace, email)
);
COMMENT ON TABLE person IS
    'Who is on the desk; events know the opaque id alone, so that a person can be erased.';

CREATE TABLE session (
    workspace text NOT NULL,
    digest bytea NOT NULL,
    person uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (workspace, digest),
    FOREIGN KEY (workspace, person) REFERENCES person ON DELETE CASCADE
);
COMMENT ON TABLE session IS 'Logins that last, by the SHA-256 of their cookie.';
CREATE INDEX session_person ON session (workspace, person);

CREATE TABLE login_attempt (
    workspace text NOT NULL,
    subject bytea NOT NULL,
    attempt uuid NOT NULL DEFAULT gen_random_uuid(),
    attempted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace, subject, attempt)
);
COMMENT ON TABLE login_attempt IS
    'Logins that failed or are under way, by a digest of who tries from where; kept for one window.';
CREATE INDEX login_attempt_age ON login_attempt (workspace, attempted_at);

CREATE TABLE token (
    workspace text NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    token uuid NOT NULL DEFAULT gen_random_uuid(),
    digest bytea NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    role text NOT NULL CHECK (role IN ('viewer', 'contributor', 'reviewer', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (workspace, token),
    UNIQUE (workspace, digest)
);
COMMENT ON TABLE token IS 'API tokens, by their SHA-256; a token itself is shown once.';

CREATE TABLE webhook_source (
    workspace text NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    source text NOT NULL CHECK (source ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    is_trusted boolean NOT NULL,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    rotated_at timestamptz,
    disabled_at timestamptz,
    PRIMARY KEY (workspace, source),
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
);
COMMENT ON TABLE webhook_source IS
    'Machines that may submit and nothing else; their secrets are encrypted with the secret key.';

-- The one table that is not kept apart by workspace: it says to which workspace an address belongs.
CREATE TABLE hook (
    source text CONSTRAINT hook_is_free PRIMARY KEY,
    workspace text NOT NULL
);
COMMENT ON TABLE hook IS
    'The address /hooks/<source> is one installation-wide name; which workspace it leads to.';

CREATE FUNCTION keep_hook() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO hook (source, workspace) VALUES (NEW.source, NEW.workspace);
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM hook WHERE source = OLD.source;
    END IF;
    -- Every process keeps the sources it was asked for; this tells it to look again.
    PERFORM pg_notify('article20_access', coalesce(NEW.workspace, OLD.workspace));
    RETURN NULL;
END $$;
CREATE TRIGGER keep_hook AFTER INSERT OR UPDATE OR DELETE ON webhook_source
    FOR EACH ROW EXECUTE FUNCTION keep_hook();

CREATE FUNCTION hook_workspace(p_source text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT workspace FROM hook WHERE source = p_source
$$;

ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON person USING (workspace = (SELECT this_workspace()));
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON session USING (workspace = (SELECT this_workspace()));
ALTER TABLE login_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE login_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON login_attempt USING (workspace = (SELECT this_workspace()));
ALTER TABLE token ENABLE ROW LEVEL SECURITY;
ALTER TABLE token FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON token USING (workspace = (SELECT this_workspace()));
ALTER TABLE webhook_source ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_source FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON webhook_source USING (workspace = (SELECT this_workspace()));

REVOKE ALL ON FUNCTION hook_workspace, keep_hook FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON person, session, login_attempt, token, webhook_source
    TO article20_app;
GRANT EXECUTE ON FUNCTION hook_workspace TO article20_app;
