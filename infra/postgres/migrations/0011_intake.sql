-- Intake: further keys that stand for what was recorded, what a webhook source may submit and how
-- often, how it signs, and its deliveries with what became of them.

-- A delivery may have two keys, its own id and the identity of the CloudEvent it carries, and may
-- find its claim recorded already: such keys are remembered beside the one something was appended
-- under, with the status that was answered. They stand for positions of other keys.
ALTER TABLE idempotency ADD COLUMN answered text;
COMMENT ON COLUMN idempotency.answered IS
    'The status that was answered, on keys under which nothing was appended; null on all others.';

-- Remember keys for the body and the position they stand for, for ever; gives back those that stand
-- for another body already. The head is locked, so that no append under one of them is in flight.
CREATE FUNCTION remember_keys(
    p_workspace text, p_keys text[], p_hashes bytea[], p_positions bigint[], p_answered text[]
) RETURNS TABLE (key text) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM workspace w WHERE w.workspace = p_workspace FOR UPDATE;
    PERFORM set_config('article20.workspace', p_workspace, true);
    INSERT INTO idempotency (workspace, key, request_hash, first, last, answered)
        SELECT p_workspace, r.key, r.hash, r.position, r.position, r.answered
        FROM unnest(p_keys, p_hashes, p_positions, p_answered) AS r (key, hash, position, answered)
        JOIN event e ON e.workspace = p_workspace AND e.position = r.position
        ON CONFLICT DO NOTHING;
    RETURN QUERY
        SELECT r.key FROM unnest(p_keys, p_hashes) AS r (key, hash)
        JOIN idempotency i ON i.workspace = p_workspace AND i.key = r.key
        WHERE i.request_hash <> r.hash;
END $$;
REVOKE ALL ON FUNCTION remember_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remember_keys TO article20_app;

ALTER TABLE webhook_source
    ADD COLUMN scheme text NOT NULL DEFAULT 'v1' CHECK (scheme IN ('v1', 'v1a')),
    ADD COLUMN previous_scheme text CHECK (previous_scheme IN ('v1', 'v1a')),
    ADD COLUMN kinds text[],
    ADD COLUMN governments text[],
    ADD COLUMN requests_per_second_max double precision CHECK (requests_per_second_max > 0),
    ADD COLUMN burst_requests_max integer CHECK (burst_requests_max > 0);
COMMENT ON COLUMN webhook_source.scheme IS
    'How it signs: v1 with a shared secret, v1a with Ed25519; secret then holds the public key.';
COMMENT ON COLUMN webhook_source.kinds IS 'The kinds of claim it may submit; null for all.';
COMMENT ON COLUMN webhook_source.governments IS
    'The governments its claims may concern; null for all.';
UPDATE webhook_source SET previous_scheme = 'v1' WHERE previous_secret IS NOT NULL;

CREATE TABLE webhook_delivery (
    workspace text NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    delivery uuid NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    webhook_id text NOT NULL,
    media_type text NOT NULL,
    body_bytes integer NOT NULL,
    status smallint NOT NULL,
    reason text,
    detail text,
    claim text,
    position bigint,
    attributes text[],
    is_atomic boolean NOT NULL DEFAULT false,
    body bytea,
    replayed_at timestamptz,
    PRIMARY KEY (workspace, delivery)
);
COMMENT ON TABLE webhook_delivery IS
    'What webhook sources delivered and what became of it, kept for a bounded time; bodies only of genuine deliveries that were refused.';
CREATE INDEX webhook_delivery_age ON webhook_delivery (workspace, received_at, delivery);
CREATE INDEX webhook_delivery_body ON webhook_delivery (workspace, received_at)
    WHERE body IS NOT NULL;
ALTER TABLE webhook_delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON webhook_delivery USING (workspace = (SELECT this_workspace()));
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_delivery TO article20_app;
