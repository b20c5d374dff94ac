-- name: append
-- Append one batch of requests of one workspace; one row per request, in order.
SELECT outcome, first, last, recorded_at
FROM append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: head
-- The head of a workspace, or no row where there is no such workspace.
SELECT head FROM workspace WHERE workspace = $1;

-- name: read_all
-- Events after a position in order, up to a limit.
SELECT position, id, type, data, tags, recorded_at, recorded_by
FROM event WHERE workspace = $1 AND position > $2 ORDER BY position LIMIT $3;

-- name: read_by_types
-- Events of some types after a position in order, up to a limit.
SELECT position, id, type, data, tags, recorded_at, recorded_by
FROM event WHERE workspace = $1 AND position > $2 AND type = ANY ($4::text[])
ORDER BY position LIMIT $3;

-- name: read_by_items
-- Events that match any item of a query after a position in order, up to a limit.
SELECT e.position, e.id, e.type, e.data, e.tags, e.recorded_at, e.recorded_by
FROM event e
JOIN (
    SELECT t.position
    FROM jsonb_to_recordset($4::jsonb) AS i (types text[], tags text[])
    CROSS JOIN LATERAL (
        SELECT f.position
        FROM event_tag f
        WHERE f.workspace = $1 AND f.tag = i.tags[1] AND f.position > $2
            AND (cardinality(i.types) = 0 OR f.type = ANY (i.types))
            AND NOT EXISTS (
                SELECT FROM unnest(i.tags[2:]) AS w (tag)
                WHERE NOT EXISTS (
                    SELECT FROM event_tag o
                    WHERE o.workspace = $1 AND o.tag = w.tag AND o.position = f.position))
        UNION ALL
        SELECT f.position
        FROM event f
        WHERE cardinality(i.tags) = 0 AND f.workspace = $1 AND f.position > $2
            AND (cardinality(i.types) = 0 OR f.type = ANY (i.types))
    ) AS t
    GROUP BY t.position
) AS found USING (position)
WHERE e.workspace = $1
ORDER BY e.position LIMIT $3;

-- name: keys
-- What was appended under some idempotency keys: for resolving a commit whose outcome is unknown.
SELECT i.key, i.request_hash, i.first, i.last, e.recorded_at
FROM idempotency i
JOIN event e ON e.workspace = i.workspace AND e.position = i.last
WHERE i.workspace = $1 AND i.key = ANY ($2::text[]);

-- name: enter
-- Let this transaction see the rows of one workspace.
SELECT set_config('article20.workspace', $1, true);

-- name: add_workspace
-- Make a workspace; no row where it exists.
SELECT add_workspace($1);

-- name: workspaces
-- Every workspace with its head, by name.
SELECT workspace, head, recorded_at FROM workspace ORDER BY workspace;

-- name: settled_head
-- The head of a workspace once no append is in flight; waits for the one that is.
SELECT settled_head($1);
