-- name: note
-- Note deliveries, numbered in their order, so that they lie together in the indexes. Texts that all of them have come as one text parted by the group separator, numbers in the text form of an array, moments in microseconds since 1970, attributes as names and values parted by the unit separator.
INSERT INTO webhook_delivery (
    workspace, delivery, source, received_at, webhook_id, media_type, body_bytes, status, claim,
    position, reason, detail, attributes, is_atomic, body)
SELECT $1, uuidv7(), d.source, 'epoch'::timestamptz + d.received_at * interval '1 microsecond',
    d.webhook_id, coalesce(d.media_type, ''), d.body_bytes, d.status, d.claim, d.position,
    d.reason, d.detail, names(d.attributes), coalesce(d.is_atomic, false), d.body
FROM unnest(
        string_to_array($2::text, E'\x1d'), $3::text::bigint[],
        string_to_array($4::text, E'\x1d'),
        trim_array(string_to_array($5::text, E'\x1d', ''), 1),
        $6::text::int[], $7::text::smallint[],
        trim_array(string_to_array($8::text, E'\x1d', ''), 1), $9::text::bigint[],
        $10::text[], $11::text[], $12::text[], $13::boolean[], $14::bytea[])
    AS d (source, received_at, webhook_id, media_type, body_bytes, status, claim, position,
        reason, detail, attributes, is_atomic, body);

-- name: deliveries
-- Deliveries of a workspace that fit, newest first, after one of them.
SELECT delivery, source, received_at, webhook_id, media_type, body_bytes, status, reason, detail,
    claim, position, body IS NOT NULL AS has_body, replayed_at
FROM webhook_delivery
WHERE workspace = $1
    AND ($2::text IS NULL OR source = $2)
    AND ($3::boolean IS NULL OR (reason IS NOT NULL) = $3)
    AND ($4::text IS NULL OR reason = $4)
    AND ($5::text IS NULL OR webhook_id = $5)
    AND ($6::text IS NULL OR claim = $6)
    AND ($7::uuid IS NULL OR (received_at, delivery) < (
        SELECT b.received_at, b.delivery FROM webhook_delivery b
        WHERE b.workspace = $1 AND b.delivery = $7))
ORDER BY received_at DESC, delivery DESC
LIMIT $8;

-- name: deliveries_oldest
-- Deliveries of a workspace that fit, oldest first, after one of them.
SELECT delivery, source, received_at, webhook_id, media_type, body_bytes, status, reason, detail,
    claim, position, body IS NOT NULL AS has_body, replayed_at
FROM webhook_delivery
WHERE workspace = $1
    AND ($2::text IS NULL OR source = $2)
    AND ($3::boolean IS NULL OR (reason IS NOT NULL) = $3)
    AND ($4::text IS NULL OR reason = $4)
    AND ($5::text IS NULL OR webhook_id = $5)
    AND ($6::text IS NULL OR claim = $6)
    AND ($7::uuid IS NULL OR (received_at, delivery) > (
        SELECT b.received_at, b.delivery FROM webhook_delivery b
        WHERE b.workspace = $1 AND b.delivery = $7))
ORDER BY received_at, delivery
LIMIT $8;

-- name: delivery
-- One delivery with everything that is kept of it.
SELECT delivery, source, received_at, webhook_id, media_type, body_bytes, status, reason, detail,
    claim, position, body IS NOT NULL AS has_body, replayed_at, attributes, is_atomic, body
FROM webhook_delivery WHERE workspace = $1 AND delivery = $2;

-- name: replayed
-- Keep what became of a delivery that was taken again; its body only where it is refused still.
UPDATE webhook_delivery
SET status = $3, reason = $4, detail = $5, claim = $6, position = $7, replayed_at = now(),
    body = CASE WHEN $8 THEN body END
WHERE workspace = $1 AND delivery = $2;

-- name: prune_rows
-- Let go of deliveries older than some days.
DELETE FROM webhook_delivery
WHERE workspace = $1 AND received_at < now() - make_interval(days => $2);

-- name: prune_bodies
-- Let go of bodies older than some days, and of the oldest beyond some bytes in all.
UPDATE webhook_delivery d SET body = NULL
FROM (
    SELECT delivery, received_at,
        sum(body_bytes) OVER (ORDER BY received_at DESC, delivery DESC) AS bytes
    FROM webhook_delivery WHERE workspace = $1 AND body IS NOT NULL
) AS b
WHERE d.workspace = $1 AND d.delivery = b.delivery
    AND (b.received_at < now() - make_interval(days => $2) OR b.bytes > $3);

-- name: counts
-- Per source, how many deliveries of the last days were taken and refused, and when the last came.
SELECT source, count(*) FILTER (WHERE reason IS NULL) AS taken,
    count(*) FILTER (WHERE reason IS NOT NULL) AS refused, max(received_at) AS last_at
FROM webhook_delivery
WHERE workspace = $1 AND received_at > now() - make_interval(days => $2)
GROUP BY source;
