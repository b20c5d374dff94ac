-- name: add_feed
-- Add a feed; the named constraints say why not.
INSERT INTO feed (workspace, feed, url) VALUES ($1, $2, $3)
RETURNING feed, url, title, created_at, polled_at, next_poll_at, etag, last_modified, failures,
    last_error, disabled_at;

-- name: feeds
-- The feeds of a workspace by name.
SELECT feed, url, title, created_at, polled_at, next_poll_at, etag, last_modified, failures,
    last_error, disabled_at
FROM feed WHERE workspace = $1 ORDER BY feed;

-- name: switch_feed
-- Disable a feed, or enable it and ask it soon; no row where there is none of that name.
UPDATE feed
SET disabled_at = CASE WHEN $3 THEN NULL ELSE coalesce(disabled_at, now()) END,
    next_poll_at = CASE WHEN $3 THEN now() ELSE next_poll_at END,
    failures = CASE WHEN $3 THEN 0 ELSE failures END
WHERE workspace = $1 AND feed = $2
RETURNING feed, url, title, created_at, polled_at, next_poll_at, etag, last_modified, failures,
    last_error, disabled_at;

-- name: take_due
-- The feeds that are due, taken for some seconds so that no other process asks them meanwhile. They
-- are chosen once: as a part of the join the choice may run again, and then takes more than it may.
WITH due AS MATERIALIZED (
    SELECT feed FROM feed
    WHERE workspace = $1 AND disabled_at IS NULL
        AND (next_poll_at <= now() OR feed = $4)
        AND ($4::text IS NULL OR feed = $4)
    ORDER BY next_poll_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE feed f SET next_poll_at = now() + make_interval(secs => $2)
FROM due
WHERE f.workspace = $1 AND f.feed = due.feed
RETURNING f.feed, f.url, f.title, f.created_at, f.polled_at, f.next_poll_at, f.etag,
    f.last_modified, f.failures, f.last_error, f.disabled_at;

-- name: polled
-- Keep how asking a feed went, and when it is asked next; what it is not told stays.
UPDATE feed
SET polled_at = now(), next_poll_at = now() + make_interval(secs => $3),
    title = coalesce($4, title), etag = $5, last_modified = $6, failures = $7, last_error = $8,
    disabled_at = CASE WHEN $9 THEN coalesce(disabled_at, now()) ELSE disabled_at END
WHERE workspace = $1 AND feed = $2;

-- name: add_drafts
-- Keep entries as drafts, each once, as far as there is room for further ones that wait.
INSERT INTO feed_draft (
    workspace, draft, feed, guid, title, link, language, summary, published_on)
SELECT $1, e.draft, $2, e.guid, e.title, e.link, $8, e.summary, e.published_on
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $9::date[])
    WITH ORDINALITY AS e (draft, guid, title, link, summary, published_on, number)
WHERE NOT EXISTS (
    SELECT FROM feed_draft k WHERE k.workspace = $1 AND k.feed = $2 AND k.guid = e.guid)
ORDER BY e.number
LIMIT greatest(0, $10 - (
    SELECT count(*) FROM feed_draft w
    WHERE w.workspace = $1 AND w.feed = $2 AND w.decided_at IS NULL))
ON CONFLICT ON CONSTRAINT entry_once DO NOTHING
RETURNING draft;

-- name: feed_waiting
-- How many drafts of a feed wait.
SELECT count(*) FROM feed_draft WHERE workspace = $1 AND feed = $2 AND decided_at IS NULL;

-- name: drafts
-- Drafts that wait, the newest first.
SELECT draft, feed, guid, title, link, language, summary, published_on, created_at, claim,
    decided_at
FROM feed_draft WHERE workspace = $1 AND decided_at IS NULL
ORDER BY created_at DESC, draft LIMIT $2;

-- name: drafts_waiting
-- How many drafts wait.
SELECT count(*) FROM feed_draft WHERE workspace = $1 AND decided_at IS NULL;

-- name: draft
-- A draft of a workspace, whatever became of it.
SELECT draft, feed, guid, title, link, language, summary, published_on, created_at, claim,
    decided_at
FROM feed_draft WHERE workspace = $1 AND draft = $2;

-- name: decide_draft
-- Complete a draft with the claim that was made of it, or dismiss it with none; no row where it
-- does not wait.
UPDATE feed_draft SET claim = $3, decided_by = $4, decided_at = now()
WHERE workspace = $1 AND draft = $2 AND decided_at IS NULL
RETURNING draft, feed, guid, title, link, language, summary, published_on, created_at, claim,
    decided_at;
