-- name: add_source
-- Add a webhook source; the named constraints say why not.
INSERT INTO webhook_source (workspace, source, is_trusted, secret, scheme)
VALUES ($1, $2, $3, $4, $5)
RETURNING source, is_trusted, scheme, kinds, governments, requests_per_second_max, burst_requests_max,
    created_at, rotated_at, previous_until, disabled_at;

-- name: sources
-- The webhook sources of a workspace, by name.
SELECT source, is_trusted, scheme, kinds, governments, requests_per_second_max, burst_requests_max,
    created_at, rotated_at, previous_until, disabled_at
FROM webhook_source WHERE workspace = $1 ORDER BY source;

-- name: rotate_source
-- Give a webhook source a new secret; the one before stays good for some hours, and those before it
-- until the end that each was promised. With no hours, none does. No row where there is no such
-- source.
UPDATE webhook_source
SET (earlier_secrets, earlier_schemes, earlier_until) = (
        SELECT coalesce(array_agg(f.secret ORDER BY f.place), '{}'),
            coalesce(array_agg(f.scheme ORDER BY f.place), '{}'),
            coalesce(array_agg(f.until ORDER BY f.place), '{}')
        FROM unnest(
            previous_secret || earlier_secrets,
            previous_scheme || earlier_schemes,
            previous_until || earlier_until
        ) WITH ORDINALITY AS f (secret, scheme, until, place)
        WHERE f.until > now() AND $4 > 0
    ),
    previous_secret = secret, previous_scheme = scheme,
    previous_until = now() + make_interval(hours => $4),
    secret = $3, scheme = $5, rotated_at = now()
WHERE workspace = $1 AND source = $2
RETURNING source, is_trusted, scheme, kinds, governments, requests_per_second_max, burst_requests_max,
    created_at, rotated_at, previous_until, disabled_at;

-- name: disable_source
-- Let a webhook source submit no longer; no row where there is none of that name.
UPDATE webhook_source SET disabled_at = coalesce(disabled_at, now())
WHERE workspace = $1 AND source = $2
RETURNING source, is_trusted, scheme, kinds, governments, requests_per_second_max, burst_requests_max,
    created_at, rotated_at, previous_until, disabled_at;

-- name: enable_source
-- Let a webhook source submit again; no row where there is none of that name.
UPDATE webhook_source SET disabled_at = NULL
WHERE workspace = $1 AND source = $2
RETURNING source, is_trusted, scheme, kinds, governments, requests_per_second_max, burst_requests_max,
    created_at, rotated_at, previous_until, disabled_at;

-- name: trust_source
-- Accept the claims of a webhook source at once, or let them pend; no row where there is none of
-- that name.
UPDATE webhook_source SET is_trusted = $3
WHERE workspace = $1 AND source = $2
RETURNING source, is_trusted, scheme, kinds, governments, requests_per_second_max, burst_requests_max,
    created_at, rotated_at, previous_until, disabled_at;

-- name: limit_source
-- Limit what a webhook source may submit and how often, null for no limit of its own; no row where
-- there is none of that name.
UPDATE webhook_source
SET kinds = $3, governments = $4, requests_per_second_max = $5, burst_requests_max = $6
WHERE workspace = $1 AND source = $2
RETURNING source, is_trusted, scheme, kinds, governments, requests_per_second_max, burst_requests_max,
    created_at, rotated_at, previous_until, disabled_at;

-- name: hook_workspace
-- The workspace that the address of a source leads to, or null.
SELECT hook_workspace($1);

-- name: source_secrets
-- What is needed to judge the webhooks of a source.
SELECT is_trusted, disabled_at IS NULL AS is_enabled, secret, scheme,
    previous_secret || earlier_secrets AS former_secrets,
    previous_scheme || earlier_schemes AS former_schemes,
    previous_until || earlier_until AS former_until,
    kinds, governments, requests_per_second_max, burst_requests_max
FROM webhook_source WHERE workspace = $1 AND source = $2;

-- name: former_secrets_until
-- When the first of the former secrets of a webhook source ends, of those still good.
SELECT min(f.until) FROM webhook_source, unnest(previous_until || earlier_until) AS f (until)
WHERE workspace = $1 AND source = $2 AND f.until > now();
