-- name: add_parts
-- Add what a batch brings to some governments, and name those with so many unmerged parts, the ones with most first, but no more of them than are to be merged now.
WITH added AS (
    INSERT INTO figure_part
    SELECT $1, $2, government, first_position, last_position, row_count, is_block, false, body
    FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::int[], $7::bool[], $8::bytea[])
        AS r (government, first_position, last_position, row_count, is_block, body)
)
SELECT government FROM figure_part
WHERE workspace = $1 AND generation = $2 AND government = ANY ($3::text[]) AND NOT is_sealed
GROUP BY government HAVING count(*) >= $9
ORDER BY count(*) DESC, government LIMIT $10;

-- name: unmerged
-- The governments with more than one unsealed part.
SELECT government FROM figure_part
WHERE workspace = $1 AND generation = $2 AND NOT is_sealed
GROUP BY government HAVING count(*) > 1 ORDER BY government;

-- name: take_parts
-- Take the unsealed parts of some governments away, to merge them.
DELETE FROM figure_part
WHERE workspace = $1 AND generation = $2 AND government = ANY ($3::text[]) AND NOT is_sealed
RETURNING government, first_position, last_position, row_count, is_block, body;

-- name: add_blocks
-- Put merged parts in as blocks.
INSERT INTO figure_part
SELECT $1, $2, government, first_position, last_position, row_count, true, is_sealed, body
FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::int[], $7::bool[], $8::bytea[])
    AS r (government, first_position, last_position, row_count, is_sealed, body);

-- name: forget_parts
-- Delete some rows of generations that are no longer read.
DELETE FROM figure_part
WHERE workspace = $1 AND ctid = ANY (ARRAY(
    SELECT ctid FROM figure_part WHERE workspace = $1 AND generation <> $2 LIMIT $3));

-- name: parts
-- The parts of every government but some that begin by a position, the newest of each first.
SELECT government, is_block, body FROM figure_part
WHERE workspace = $1 AND generation = $2 AND first_position <= $3
    AND government <> ALL ($4::text[])
ORDER BY government, first_position DESC;

-- name: parts_after
-- The parts of every government that end after a position, in order.
SELECT government, is_block, body, last_position, row_count FROM figure_part
WHERE workspace = $1 AND generation = $2 AND last_position > $3
ORDER BY government, first_position;

-- name: row_total
-- How many rows the parts of all governments hold.
SELECT coalesce(sum(row_count), 0)::bigint FROM figure_part
WHERE workspace = $1 AND generation = $2;

-- name: row_total_of
-- How many rows the parts of one government hold.
SELECT coalesce(sum(row_count), 0)::bigint FROM figure_part
WHERE workspace = $1 AND generation = $2 AND government = $3;

-- name: row_totals
-- How many rows the parts of each government hold.
SELECT government, sum(row_count)::bigint AS total FROM figure_part
WHERE workspace = $1 AND generation = $2
GROUP BY government ORDER BY government;

-- name: parts_of
-- The parts of one government that begin by a position, the newest first.
SELECT is_block, body FROM figure_part
WHERE workspace = $1 AND generation = $2 AND government = $3 AND first_position <= $4
ORDER BY first_position DESC;

-- name: parts_since
-- The parts of one government that end after a position, in order.
SELECT is_block, body, last_position, row_count FROM figure_part
WHERE workspace = $1 AND generation = $2 AND government = $3 AND last_position > $4
ORDER BY first_position;

-- name: touched
-- The governments that events after a position touched.
SELECT DISTINCT government FROM figure_part
WHERE workspace = $1 AND generation = $2 AND last_position > $3;

-- name: versions_at
-- Versions by the day, the place of recording and the position that columns know them by, each looked up by itself, whatever the server takes their number for.
SELECT w.recorded_position, v.body
FROM unnest($3::date[], $4::bigint[], $5::bigint[]) AS w (day, recorded_position, position_from)
CROSS JOIN LATERAL (
    SELECT v.body FROM claim_version v
    WHERE v.workspace = $1 AND v.generation = $2 AND v.day = w.day
        AND v.recorded_position = w.recorded_position AND v.position_from = w.position_from
    OFFSET 0
) AS v;

-- name: recorded_at
-- The claims that were recorded at some positions, as the first of the tags of their events.
SELECT position, tags[1] AS tag FROM event WHERE workspace = $1 AND position = ANY ($2::bigint[]);

-- name: claims_at
-- The names of claims by the day, the place of recording and the position that columns know their versions by.
SELECT w.recorded_position, v.claim
FROM unnest($3::date[], $4::bigint[], $5::bigint[]) AS w (day, recorded_position, position_from)
CROSS JOIN LATERAL (
    SELECT v.claim FROM claim_version v
    WHERE v.workspace = $1 AND v.generation = $2 AND v.day = w.day
        AND v.recorded_position = w.recorded_position AND v.position_from = w.position_from
    OFFSET 0
) AS v;
