-- name: add_source
-- Add a webhook source; the named constraints say why not.
INSERT INTO webhook_source (workspace, source, is_trusted, secret) VALUES ($1, $2, $3, $4)
RETURNING source, is_trusted, created_at, rotated_at, previous_until, disabled_at;

-- name: sources
-- The webhook sources of a workspace, by name.
SELECT source, is_trusted, created_at, rotated_at, previous_until, disabled_at
FROM webhook_source WHERE workspace = $1 ORDER BY source;

-- name: rotate_source
-- Give a webhook source a new secret; the one before stays good for some hours. No row where there
-- is no such source.
UPDATE webhook_source
SET previous_secret = secret, previous_until = now() + make_interval(hours => $4),
    secret = $3, rotated_at = now()
WHERE workspace = $1 AND source = $2
RETURNING source, is_trusted, created_at, rotated_at, previous_until, disabled_at;

-- name: disable_source
-- Let a webhook source submit no longer; no row where there is none of that name.
UPDATE webhook_source SET disabled_at = coalesce(disabled_at, now())
WHERE workspace = $1 AND source = $2
RETURNING source, is_trusted, created_at, rotated_at, previous_until, disabled_at;

-- name: hook_workspace
-- The workspace that the address of a source leads to, or null.
SELECT hook_workspace($1);

-- name: source_secrets
-- What is needed to judge the webhooks of a source.
SELECT is_trusted, disabled_at IS NULL AS is_enabled, secret, previous_secret, previous_until
FROM webhook_source WHERE workspace = $1 AND source = $2;
