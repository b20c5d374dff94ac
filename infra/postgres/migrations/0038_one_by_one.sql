-- What is judged is looked up one by one, however little the planner knows of the tables: in a young
-- database, whose tables were all but empty when it planned, each conflict and each repeated key had
-- all postings or keys of the workspace read. OFFSET 0 says that no lookup is to be turned around.
CREATE OR REPLACE FUNCTION judged(
    p_workspace text, p_head bigint, p_at timestamptz, p_keys text[], p_hashes bytea[],
    p_counts int[], p_item_requests int[], p_item_types text[], p_item_tags text[],
    p_item_afters bigint[]
) RETURNS batch_answer LANGUAGE sql STABLE AS $$
    WITH items AS (
        SELECT coalesce(i.request, i.number) AS request, coalesce(i.types, '') AS types, i.tags,
            i.after, i.number
        FROM unnest(p_item_requests, p_item_types, p_item_tags, p_item_afters)
            WITH ORDINALITY AS i (request, types, tags, after, number)
    ), conflicting AS (
        SELECT i.request, min(i.number) FILTER (WHERE i.after < 0) AS number
        FROM items i
        WHERE CASE
            WHEN i.tags = '' AND i.types = '' THEN p_head > i.after
            ELSE EXISTS (
                SELECT FROM unnest(sought(i.types, i.tags)) AS s (name)
                CROSS JOIN LATERAL (
                    SELECT t.position, t.earlier FROM event_tag t
                    WHERE t.workspace = p_workspace AND t.tag = s.name AND t.position > i.after
                    OFFSET 0
                ) AS t
                WHERE suffices(i.types, i.tags) OR EXISTS (
                    SELECT FROM unnest(posted(t.position, t.earlier)) AS p (position)
                    CROSS JOIN LATERAL (
                        SELECT e.type, e.tags FROM event e
                        WHERE e.workspace = p_workspace AND e.position = p.position
                        OFFSET 0
                    ) AS e
                    WHERE p.position > i.after
                        AND (i.types = '' OR e.type = ANY (names(i.types)))
                        AND e.tags @> names(i.tags)))
        END
        GROUP BY i.request
    ), found AS (
        SELECT c.request, c.number, c.number - (
                SELECT count(*) FROM items o WHERE o.request < c.request) AS place, (
                SELECT min(p.position)
                FROM items i
                CROSS JOIN LATERAL unnest(sought(i.types, i.tags)) AS s (name)
                CROSS JOIN LATERAL (
                    SELECT t.position, t.earlier FROM event_tag t
                    WHERE t.workspace = p_workspace AND t.tag = s.name
                    ORDER BY t.position LIMIT 1
                ) AS t
                CROSS JOIN LATERAL unnest(posted(t.position, t.earlier)) AS p (position)
                WHERE i.number = c.number) AS position
        FROM conflicting c
    ), judged AS (
        SELECT r.request, coalesce(r.count, 1) AS count, k.first, k.last, k.recorded_at,
            c.position, c.place,
            CASE
                WHEN k.request_hash = r.hash THEN 1
                WHEN k.request_hash IS NOT NULL THEN 3
                WHEN c.number IS NOT NULL THEN 4
                WHEN c.request IS NOT NULL THEN 2
                ELSE 0
            END AS outcome
        FROM unnest(p_keys, p_hashes, p_counts) WITH ORDINALITY AS r (key, hash, count, request)
        LEFT JOIN LATERAL (
            SELECT i.request_hash, i.first, i.last, (
                SELECT e.recorded_at FROM event e
                WHERE e.workspace = p_workspace AND e.position = i.last) AS recorded_at
            FROM idempotency i
            WHERE i.workspace = p_workspace AND i.key = r.key
            OFFSET 0
        ) AS k ON true
        LEFT JOIN found c ON c.request = r.request
    ), placed AS (
        SELECT *, p_head + coalesce(
            sum(count) FILTER (WHERE outcome = 0) OVER (ORDER BY request), 0) AS upto
        FROM judged
    )
    SELECT p_head, p_at,
        CASE WHEN max(outcome) > 0 THEN array_agg(outcome ORDER BY request) END,
        array_agg(CASE outcome WHEN 0 THEN upto - count + 1 WHEN 4 THEN position ELSE first END
            ORDER BY request),
        array_agg(CASE WHEN outcome IN (0, 2) THEN upto WHEN outcome = 4 THEN place ELSE last END
            ORDER BY request),
        array_agg(CASE outcome WHEN 0 THEN p_at ELSE recorded_at END ORDER BY request)
    FROM placed
$$;
