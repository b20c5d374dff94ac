-- name: add_lines
-- Write lines of a workspace's audit list together.
INSERT INTO audit (workspace, at, action, done_by, subject, detail)
SELECT $1, coalesce(l.at, clock_timestamp()), l.action, l.done_by, l.subject, l.detail
FROM unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
    WITH ORDINALITY AS l (at, action, done_by, subject, detail, number)
ORDER BY l.number;

-- name: newest_lines
-- Lines that fit, newest first, after one of them.
SELECT line, at, action, done_by, subject, detail
FROM audit
WHERE workspace = $1
    AND ($2::text[] IS NULL OR action = ANY ($2))
    AND ($3::text IS NULL OR done_by = $3)
    AND ($4::text IS NULL OR subject = $4)
    AND ($5::timestamptz IS NULL OR at >= $5)
    AND ($6::timestamptz IS NULL OR at < $6)
    AND ($7::timestamptz IS NULL OR (at, line) < ($7, $8::uuid))
ORDER BY at DESC, line DESC
LIMIT $9;

-- name: oldest_lines
-- Lines that fit, oldest first, after one of them.
SELECT line, at, action, done_by, subject, detail
FROM audit
WHERE workspace = $1
    AND ($2::text[] IS NULL OR action = ANY ($2))
    AND ($3::text IS NULL OR done_by = $3)
    AND ($4::text IS NULL OR subject = $4)
    AND ($5::timestamptz IS NULL OR at >= $5)
    AND ($6::timestamptz IS NULL OR at < $6)
    AND ($7::timestamptz IS NULL OR (at, line) > ($7, $8::uuid))
ORDER BY at, line
LIMIT $9;
