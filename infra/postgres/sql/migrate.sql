-- name: lock
-- Let one process at a time migrate a database.
SELECT pg_advisory_xact_lock($1);

-- name: is_restored
-- Whether a backup is being put into this database at this moment: pg_restore names its sessions so.
SELECT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'pg_restore');

-- name: prepare
-- The two roles, the schema and the table of migrations, where they are missing.
SET LOCAL client_min_messages = warning;
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['article20_owner', 'article20_app'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- Roles belong to the cluster: another database's migration came first.
        END;
        IF NOT pg_has_role(current_user, wanted, 'SET') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
END $$;
CREATE SCHEMA IF NOT EXISTS article20 AUTHORIZATION article20_owner;
GRANT USAGE ON SCHEMA article20 TO article20_app;
CREATE TABLE IF NOT EXISTS article20.migration (
    number int PRIMARY KEY,
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON article20.migration TO article20_app;

-- name: applied
-- The migrations that have run in this database.
SELECT number, name, digest FROM article20.migration ORDER BY number;

-- name: as_owner
-- Act as the owner of the schema, with nothing temporary in the way, for one migration.
SET LOCAL ROLE article20_owner;
SET LOCAL search_path = article20, pg_temp;

-- name: as_oneself
-- Act as the role that logged in again.
RESET ROLE;
RESET search_path;

-- name: record
-- Write down that a migration has run.
INSERT INTO article20.migration (number, name, digest) VALUES ($1, $2, $3);
