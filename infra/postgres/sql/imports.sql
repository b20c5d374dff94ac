-- name: keep
-- Keep an import as it stands now.
INSERT INTO sheet_import (workspace, import, received_at, touched_at, body)
VALUES ($1, $2, $3, now(), $4)
ON CONFLICT (workspace, import) DO UPDATE SET touched_at = now(), body = excluded.body;

-- name: import
-- One import as it was kept last, and when that was.
SELECT body, touched_at FROM sheet_import WHERE workspace = $1 AND import = $2;

-- name: imports
-- The latest imports of a workspace, newest first.
SELECT body, touched_at FROM sheet_import
WHERE workspace = $1 ORDER BY received_at DESC, import DESC LIMIT $2;

-- name: add_rows
-- Add rows of an import as they were read.
INSERT INTO sheet_import_row (workspace, import, number, cells)
SELECT $1, $2, r.number, r.cells FROM unnest($3::int[], $4::bytea[]) AS r (number, cells)
ON CONFLICT DO NOTHING;

-- name: judge_rows
-- Say of rows of an import what they would become.
UPDATE sheet_import_row w SET fate = r.fate, body = r.body
FROM unnest($3::int[], $4::text[], $5::bytea[]) AS r (number, fate, body)
WHERE w.workspace = $1 AND w.import = $2 AND w.number = r.number;

-- name: rows
-- Rows of an import after one of them, in order; of some fates only, where some are named.
SELECT number, cells, body, choice FROM sheet_import_row
WHERE workspace = $1 AND import = $2 AND number > $3 AND ($4::text[] IS NULL OR fate = ANY ($4))
ORDER BY number LIMIT $5;

-- name: some_rows
-- Some rows of an import by their numbers.
SELECT number, cells, body, choice FROM sheet_import_row
WHERE workspace = $1 AND import = $2 AND number = ANY ($3::int[]) ORDER BY number;

-- name: choose_rows
-- Keep what was chosen for rows of an import; null where nothing is any longer.
UPDATE sheet_import_row w SET choice = r.choice
FROM unnest($3::int[], $4::text[]) AS r (number, choice)
WHERE w.workspace = $1 AND w.import = $2 AND w.number = r.number
    AND w.choice IS DISTINCT FROM r.choice;

-- name: mend_rows
-- Write the cells of rows of an import anew.
UPDATE sheet_import_row w SET cells = r.cells
FROM unnest($3::int[], $4::bytea[]) AS r (number, cells)
WHERE w.workspace = $1 AND w.import = $2 AND w.number = r.number;

-- name: choices
-- For how many rows of an import what was chosen.
SELECT coalesce(fate, '') AS fate, choice, count(*) AS count FROM sheet_import_row
WHERE workspace = $1 AND import = $2 AND choice IS NOT NULL GROUP BY 1, 2;

-- name: counts
-- How many rows of an import would become what.
SELECT coalesce(fate, '') AS fate, count(*) AS count FROM sheet_import_row
WHERE workspace = $1 AND import = $2 GROUP BY 1;

-- name: prune
-- Let go of imports older than some days, and of the oldest beyond a number of them.
DELETE FROM sheet_import s
WHERE s.workspace = $1
    AND (s.received_at < now() - make_interval(days => $2) OR s.import IN (
        SELECT o.import FROM sheet_import o WHERE o.workspace = $1
        ORDER BY o.received_at DESC, o.import DESC OFFSET $3));

-- name: brought
-- Where in the log an import recorded, as first and last positions, in order.
SELECT first, last FROM idempotency
WHERE workspace = $1 AND key >= $2 AND key < $3 AND answered IS NULL ORDER BY first;
