-- name: unhurried
-- Let this transaction, and its statements, take as long as a whole log needs.
SELECT set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true);

-- name: ends
-- The head row of a workspace beside the last event there is.
SELECT w.head, w.recorded_at, coalesce(e.position, 0) AS last, e.recorded_at AS last_at
FROM workspace w
LEFT JOIN LATERAL (
    SELECT position, recorded_at FROM event WHERE workspace = $1 ORDER BY position DESC LIMIT 1
) AS e ON true
WHERE w.workspace = $1;

-- name: tags_of_events
-- How many tags and types the events up to a position have, and the sum of their fingerprints; a tag that an event carries twice counts twice.
SELECT count(*), sum(hashtextextended(tag, position))
FROM (
    SELECT position, unnest(tags || posted_type(type)) AS tag
    FROM event WHERE workspace = $1 AND position <= $2
) AS e;

-- name: tags_of_rows
-- How many positions the postings have up to one, and the sum of their fingerprints.
SELECT count(*), sum(hashtextextended(tag, position))
FROM (
    SELECT tag, unnest(posted(position, earlier)) AS position
    FROM event_tag WHERE workspace = $1
) AS p
WHERE position <= $2;

-- name: first_tag_fault
-- The first position whose postings differ from the tags and the type of its event, and such a one.
SELECT coalesce(e.position, r.position) AS position, coalesce(e.tag, r.tag) AS tag,
    e.tag IS NULL OR r.times > 1 AS is_surplus
FROM (
    SELECT DISTINCT position, unnest(tags || posted_type(type)) AS tag
    FROM event WHERE workspace = $1 AND position <= $2
) AS e
FULL JOIN (
    SELECT p.position, t.tag, count(*) AS times
    FROM event_tag t CROSS JOIN LATERAL unnest(posted(t.position, t.earlier)) AS p (position)
    WHERE t.workspace = $1 AND p.position <= $2
    GROUP BY p.position, t.tag
) AS r ON r.position = e.position AND r.tag = e.tag
WHERE e.tag IS NULL OR r.tag IS NULL OR r.times > 1
ORDER BY 1, 2 LIMIT 1;

-- name: keys_beside_events
-- Whether the idempotency keys of a workspace stand for all its events, one after the other; how many of them, up to a position, have a sealed id at their first event (see `infra.postgres.log.identifiers`), for how many events these stand, and whether each of those has the seal of its key and its hash.
SELECT count(*) FILTER (WHERE is_sealed AND k.first <= $2) AS beginnings,
    coalesce(sum(k.last - k.first + 1) FILTER (WHERE is_sealed AND k.first <= $2), 0)::bigint
        AS events,
    coalesce(bool_and(is_intact) FILTER (WHERE is_sealed), true) AS is_intact,
    coalesce(bool_and(k.first = k.before + 1 AND k.last >= k.first), true)
        AND coalesce(max(k.last), 0) = (SELECT head FROM workspace WHERE workspace = $1)
        AND NOT EXISTS (
            SELECT FROM idempotency a
            WHERE a.workspace = $1 AND a.answered IS NOT NULL
                AND NOT (
                    a.first = a.last AND a.first BETWEEN 1
                    AND (SELECT head FROM workspace WHERE workspace = $1))) AS is_whole
FROM (
    SELECT k.first, k.last, k.before, get_byte(e.id, 6) >> 4 = 8 AS is_sealed,
        crc32(substr(e.id, 1, 12) || convert_to(k.key, 'UTF8') || k.request_hash) & 2147483647
            = ('x' || encode(substr(e.id, 13), 'hex'))::bit(32)::bigint AS is_intact
    FROM (
        SELECT key, request_hash, first, last,
            lag(last, 1, 0::bigint) OVER (ORDER BY first, last, key) AS before
        FROM idempotency WHERE workspace = $1 AND answered IS NULL
    ) AS k
    LEFT JOIN (
        SELECT position, uuid_send(id) AS id FROM event WHERE workspace = $1
    ) AS e ON e.position = k.first
) AS k;

-- name: first_key_fault
-- The first key that stands for no events, or for those of another key, or the first events for which no key stands (then it is null); one under which nothing was appended (with an answer of its own) may stand for any event there is.
WITH appended AS (
    SELECT key, first, last, coalesce(max(last) OVER (
        ORDER BY first, last, key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM (
        SELECT key, first, last FROM idempotency WHERE workspace = $1 AND answered IS NULL
        UNION ALL
        SELECT NULL, head + 1, head + 1 FROM workspace WHERE workspace = $1  -- after the last
    ) AS k
)
SELECT key, first, last
FROM (
    SELECT NULL AS key, before + 1 AS first, least(first - 1, w.head) AS last
    FROM appended CROSS JOIN (SELECT head FROM workspace WHERE workspace = $1) AS w
    WHERE first > before + 1 AND before < w.head
    UNION ALL
    SELECT key, first, last FROM appended
    WHERE key IS NOT NULL AND (first < 1 OR last < first OR first <= before
        OR last > (SELECT head FROM workspace WHERE workspace = $1))
    UNION ALL
    SELECT key, first, last FROM idempotency
    WHERE workspace = $1 AND answered IS NOT NULL AND NOT (
        first = last AND first BETWEEN 1 AND (SELECT head FROM workspace WHERE workspace = $1))
) AS k
ORDER BY first, key LIMIT 1;

-- name: first_seal_fault
-- The first event whose id does not follow from the first one of its append, or, where it is that one, from its key and its hash.
SELECT e.position, k.key, e.position = k.first AS is_first
FROM (
    SELECT k.key, k.request_hash, k.first, k.last, uuid_send(b.id) AS id
    FROM idempotency k
    JOIN event b ON b.workspace = k.workspace AND b.position = k.first
    WHERE k.workspace = $1 AND k.answered IS NULL
) AS k
JOIN event e ON e.workspace = $1 AND e.position BETWEEN k.first AND k.last
WHERE CASE get_byte(k.id, 6) >> 4
    WHEN 8 THEN uuid_send(e.id) <> substr(k.id, 1, 12) || substr(int8send(
        (crc32(substr(k.id, 1, 12) || convert_to(k.key, 'UTF8') || k.request_hash) & 2147483647)
        + e.position - k.first), 5)
    ELSE get_byte(uuid_send(e.id), 6) >> 4 = 8
END
ORDER BY 1 LIMIT 1;

-- name: sealed_since
-- Since when the ids of events are sealed in this database; null where they always were.
SELECT s.applied_at FROM migration s JOIN migration f ON f.number = 1
WHERE s.name = 'sealed_ids' AND s.applied_at <> f.applied_at;

-- name: version_rows
-- The versions as they are kept.
SELECT claim, number, position_from, position_to, known_from, known_to, status, kind, treaty, day,
    first_day, last_day, recorded_position, happening, array_to_string(actors, chr(31)) AS actors,
    words, body
FROM claim_version WHERE workspace = $1 AND generation = $2;

-- name: government_rows
-- The facts as they are kept by government.
SELECT government, claim, number, ordinal, position_from, position_to, known_from, known_to,
    status, kind, treaty, day, is_legal, facts
FROM government_claim WHERE workspace = $1 AND generation = $2;

-- name: relation_rows
-- The relations as they are kept.
SELECT related, claim, number, relation
FROM claim_relation WHERE workspace = $1 AND generation = $2;

-- name: proof_page
-- A page of events as columns (see the function read_packed), with the tags of each as it carries them, names parted by U+001F, events by U+001E, and the ids, one after the other.
SELECT p.head, p.first, p.last, p.count, p.types, p.lengths, p.data, p.moments, p.authors, t.tags, t.ids
FROM read_packed($1, $2, $3, $4) AS p
CROSS JOIN LATERAL (
    SELECT string_agg(array_to_string(e.tags, E'\x1f'), E'\x1e') AS tags,
        string_agg(uuid_send(e.id), ''::bytea) AS ids
    FROM (
        SELECT tags, id FROM event WHERE workspace = $1 AND position > $2 AND position <= p.last
        ORDER BY position
    ) AS e
) AS t;

-- name: copied_versions
-- Every version as it is kept, in the order of the columns of a bulk build; before it how many bytes it takes in the binary form of COPY up to its ends, and how many they take.
SELECT (104 + octet_length(status) + octet_length(happening) + octet_length(body)
        + octet_length(claim) + octet_length(kind) + octet_length(treaty) + octet_length(words)
        + CASE WHEN cardinality(actors) = 0 THEN 8
            ELSE 16 + 4 * cardinality(actors) + octet_length(array_to_string(actors, '')) END)::int,
    (8 + 8 * num_nonnulls(position_to, known_to))::int,
    number, position_from, known_from, status, happening, body, claim, kind, treaty, day,
    first_day, last_day, recorded_position, actors, words, position_to, known_to
FROM claim_version WHERE workspace = $1 AND generation = $2;

-- name: copied_relations
-- Every relation as it is kept, in the order of the columns of a bulk build; before it how many bytes it takes, and none for the ends that it does not have.
SELECT (20 + octet_length(related) + octet_length(claim) + octet_length(relation))::int, 0,
    related, claim, number, relation
FROM claim_relation WHERE workspace = $1 AND generation = $2;

-- name: copied_facts
-- Every row of facts as it is kept, in the order of the columns of a bulk build; before it its lengths, as of a version.
SELECT (75 + octet_length(status) + octet_length(claim) + octet_length(kind)
        + octet_length(treaty) + octet_length(facts) + octet_length(government))::int,
    (8 + 8 * num_nonnulls(position_to, known_to))::int,
    number, position_from, known_from, status, claim, kind, treaty, day, is_legal, facts,
    government, ordinal, position_to, known_to
FROM government_claim WHERE workspace = $1 AND generation = $2;

-- name: search_rows
-- What versions are found by; keys as one text each, with the first ones where those are not the ones of its place.
SELECT claim, number, position_from, known_from, day, recorded_position, array_to_string(
    CASE WHEN keys[:4] = search_places($1, $2, day, position_from, known_from) THEN keys[5:]
        ELSE keys END, ' ')
FROM claim_search WHERE workspace = $1 AND generation = $2;

-- name: word_rows
-- The vocabulary; grams as one text each, with the first one where that is not of its place.
SELECT word, array_to_string(
    CASE WHEN grams[1] = search_key($1, $2, 0) THEN grams[2:] ELSE grams END, ' ')
FROM search_word WHERE workspace = $1 AND generation = $2;

-- name: copied_searches
-- What every version is found by, in the order of the columns of a bulk build; before it how many bytes it takes, and none for the ends that it does not have.
SELECT (80 + octet_length(claim) + 8 * (cardinality(keys) - 4))::int, 0,
    number, position_from, known_from, claim, day, recorded_position, keys[5:]
FROM claim_search
WHERE workspace = $1 AND generation = $2
    AND keys[:4] = search_places($1, $2, day, position_from, known_from);

-- name: copied_words
-- Every word of the vocabulary, in the order of the columns of a bulk build; before it how many bytes it takes, and none for ends.
SELECT (28 + octet_length(word) + 8 * (cardinality(grams) - 1))::int, 0, word, grams[2:]
FROM search_word
WHERE workspace = $1 AND generation = $2 AND grams[1] = search_key($1, $2, 0);

-- name: figure_rows
-- Every part of the columns of every government.
SELECT government, first_position, last_position, row_count, is_block, body FROM figure_part
WHERE workspace = $1 AND generation = $2;

-- name: unread_rows
-- The tables of the views that hold rows of another generation than the one that is read, whether a rebuild may have left them (it builds the next generation, then deletes those before), and whether one is under way; no row where none does.
SELECT t.name, t.view, CASE
        WHEN t.first < $3 THEN t.first
        WHEN t.last > t.generation + 1 OR t.first = t.generation THEN t.last
        ELSE t.first
    END AS generation,
    t.first >= $3 AND t.last <= t.generation + 1 AS is_left,
    EXISTS (
        SELECT FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid = $2::oid AND l.objid::bigint = hashtext($1) & 4294967295) AS is_rebuilding
FROM (
    SELECT r.*, coalesce(s.generation, $3) AS generation
    FROM (
        SELECT 'claim_version' AS name, 'claims' AS view, min(generation) AS first,
            max(generation) AS last FROM claim_version WHERE workspace = $1
        UNION ALL
        SELECT 'claim_relation', 'claims', min(generation), max(generation)
            FROM claim_relation WHERE workspace = $1
        UNION ALL
        SELECT 'claim_search', 'claims', min(generation), max(generation)
            FROM claim_search WHERE workspace = $1
        UNION ALL
        SELECT 'search_word', 'claims', min(generation), max(generation)
            FROM search_word WHERE workspace = $1
        UNION ALL
        SELECT 'government_claim', 'governments', min(generation), max(generation)
            FROM government_claim WHERE workspace = $1
        UNION ALL
        SELECT 'figure_part', 'figures', min(generation), max(generation)
            FROM figure_part WHERE workspace = $1
    ) AS r
    LEFT JOIN view_state s ON s.workspace = $1 AND s.view = r.view
) AS t
WHERE t.first <> t.generation OR t.last <> t.generation
ORDER BY is_left, t.name;
