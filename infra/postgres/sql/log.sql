-- name: append
-- Append one batch of requests of one workspace; one row says what became of them. Its lists travel
-- as texts, which costs whoever sends them a fraction of describing every element of an array.
SELECT head, recorded_at, outcomes, firsts, lasts, moments
FROM append_lists(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: append_alone
-- Append one request of one event with at most one item; the same row.
SELECT head, recorded_at, outcomes, firsts, lasts, moments
FROM append_alone($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: append_sheaf
-- Append one request of many events; the same row.
SELECT head, recorded_at, outcomes, firsts, lasts, moments
FROM append_sheaf($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: read
-- The head, then the events after a position that match any of some items, up to a limit.
SELECT position, id, type, data, tags, recorded_at, recorded_by
FROM read_events($1, $2, $3, $4, $5);

-- name: read_page
-- The head, and the events after a position in order, up to a limit of events and one of bytes, as one row of columns.
SELECT head, first, last, count, types, lengths, data, moments, authors
FROM read_packed($1, $2, $3, $4);

-- name: read_all
-- Events after a position in order, up to a limit, of the workspace this transaction entered.
SELECT position, id, type, data, tags, recorded_at, recorded_by
FROM event WHERE workspace = $1 AND position > $2 ORDER BY position LIMIT $3;

-- name: head
-- The head of a workspace, or null where there is no such workspace.
SELECT head_of($1);

-- name: keys
-- What was appended under some idempotency keys: for resolving a commit whose outcome is unknown.
SELECT i.key, i.request_hash, i.first, i.last, i.answered, e.id, e.recorded_at
FROM idempotency i
JOIN event e ON e.workspace = i.workspace AND e.position = i.first
WHERE i.workspace = $1 AND i.key = ANY ($2::text[]);

-- name: enter
-- Let this transaction see the rows of one workspace.
SELECT set_config('article20.workspace', $1, true);

-- name: add_workspace
-- Make a workspace; no row where it exists.
SELECT add_workspace($1);

-- name: workspaces
-- Every workspace with its head, by name.
SELECT workspace, head, recorded_at FROM workspaces();

-- name: settled_head
-- The head of a workspace once no append is in flight; waits for the one that is.
SELECT settled_head($1);

-- name: unlike
-- The first of some workspaces whose log is not the one remembered, by the position and the moment of an event in each; null where all are.
SELECT unlike($1, $2, $3);

-- name: remember
-- Remember keys under which nothing is appended; the ones that stand for another body already.
SELECT key FROM remember_keys($1, $2, $3, $4, $5);
