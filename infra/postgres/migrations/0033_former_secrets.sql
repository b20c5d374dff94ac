-- A webhook source that is rotated again within the overlap keeps the secrets before the one before,
-- each until the end that was promised for it. They are few: whoever rotates on waits, or ends them.

ALTER TABLE webhook_source
    ADD COLUMN earlier_secrets bytea[] NOT NULL DEFAULT '{}',
    ADD COLUMN earlier_schemes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN earlier_until timestamptz[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT former_secrets_are_few CHECK (cardinality(earlier_secrets) <= 4);
COMMENT ON COLUMN webhook_source.earlier_secrets IS
    'The secrets before previous_secret that were still good at the last rotation, newest first; their schemes and ends stand in the same places beside them.';
