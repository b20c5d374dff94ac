-- Who did what on the desk: a list of its own, append-only as the log is, and as bare: people are in
-- it by their opaque id alone, so that whoever is erased from the roster is erased here too.

CREATE TABLE audit (
    workspace text COLLATE "C" NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    at timestamptz NOT NULL,
    line uuid NOT NULL DEFAULT uuidv7(),
    action text COLLATE "C" NOT NULL CHECK (action ~ '^[a-z_]{1,40}$'),
    done_by text COLLATE "C" NOT NULL CHECK (length(done_by) <= 100),
    subject text COLLATE "C" NOT NULL CHECK (length(subject) <= 300),
    detail text NOT NULL CHECK (length(detail) <= 500),
    PRIMARY KEY (workspace, at, line)
);
COMMENT ON TABLE audit IS
    'Decisions, looks at what is not public, exports, logins, invitations and changes of roles.';
CREATE INDEX audit_action ON audit (workspace, action, at);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit list is append-only: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON audit USING (workspace = (SELECT this_workspace()));
GRANT SELECT, INSERT ON audit TO article20_app;
