-- name: project
-- Let this transaction see one workspace and write its views; what it writes can be made anew from the log, so its commit need not wait for the disk.
SELECT set_config('article20.workspace', $1, true), set_config('synchronous_commit', 'off', true);

-- name: bound_session
-- Let the server end this session, and with it its lock, when it stays silent for so many milliseconds, or when its process is gone while a statement of it still waits.
SELECT set_config('idle_session_timeout', $1, false),
    set_config('idle_in_transaction_session_timeout', $1, false),
    set_config('client_connection_check_interval', $2, false);

-- name: by_key
-- Let the statements of this session be planned once, and by keys: what it asks for is few rows, whatever the planner believes of a generation that nobody has analysed yet.
SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
    set_config('enable_seqscan', 'off', false);

-- name: keep_found
-- Let indexes of words take in what this session writes before it is more than so many kilobytes: every search looks through it until then.
SELECT set_config('gin_pending_list_limit', $1, false);

-- name: be_patient
-- Let this session stay silent for so many milliseconds, while others of its process write.
SELECT set_config('idle_session_timeout', $1, false);

-- name: bound_transactions
-- Let the server end this session, and with it its lock, when one transaction lasts for so many milliseconds: a process that is paused between two messages of one statement is neither idle nor gone.
SELECT set_config('transaction_timeout', $1, false);

-- name: try_lead
-- Try to become the one session that projects.
SELECT pg_try_advisory_lock($1);

-- name: unlead
-- Stop being the one session that projects.
SELECT pg_advisory_unlock($1);

-- name: try_rebuild
-- Try to become the one session that rebuilds views of a workspace.
SELECT pg_try_advisory_lock($1, hashtext($2));

-- name: end_rebuild
-- Stop being the one session that rebuilds views of a workspace.
SELECT pg_advisory_unlock($1, hashtext($2));

-- name: behind
-- Workspaces whose log is ahead of their views.
SELECT workspaces_behind($1);

-- name: unbuilt
-- Workspaces that lack a view or hold it in another form.
SELECT workspaces_unbuilt($1, $2, $3);

-- name: standing
-- The watermark of a workspace with the state of each of its views; no row where there is no such workspace.
SELECT coalesce(m.position, 0) AS position, m.recorded_at, coalesce(m.epoch, 0) AS epoch,
    s.view, s.generation, s.form, s.fault_position, s.fault_error
FROM workspace w
LEFT JOIN view_watermark m ON m.workspace = w.workspace
LEFT JOIN view_state s ON s.workspace = w.workspace
WHERE w.workspace = $1
ORDER BY s.view;

-- name: reached
-- How far the views of a workspace are; null where there is no such workspace.
SELECT views_reached($1);

-- name: begin_epoch
-- Begin a new epoch of a workspace's watermark, which fences earlier writers off.
INSERT INTO view_watermark AS m (workspace, epoch) VALUES ($1, 1)
ON CONFLICT (workspace) DO UPDATE SET epoch = m.epoch + 1
RETURNING position, epoch;

-- name: add_watermark
-- Make the watermark of a workspace that has none yet.
INSERT INTO view_watermark (workspace) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: lock_watermark
-- The watermark of a workspace, which stands still until this transaction ends.
SELECT position FROM view_watermark WHERE workspace = $1 FOR UPDATE;

-- name: advance
-- Bring the watermark forward, if nobody else has begun an epoch or moved it, and tell who listens.
WITH moved AS (
    UPDATE view_watermark SET position = $4, recorded_at = $5
    WHERE workspace = $1 AND epoch = $2 AND position = $3
    RETURNING workspace
)
SELECT pg_notify('article20_views', workspace) FROM moved;

-- name: put_watermark
-- Put the watermark at a position of the log that every view has reached, whatever it was.
UPDATE view_watermark SET position = $2,
    recorded_at = (SELECT recorded_at FROM event WHERE workspace = $1 AND position = $2)
WHERE workspace = $1;

-- name: tell
-- Tell who listens that the views of a workspace changed.
SELECT pg_notify('article20_views', $1);

-- name: keep_state
-- Keep which generation of a view is read, in which form, without a fault.
INSERT INTO view_state (workspace, view, generation, form) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace, view) DO UPDATE
SET generation = excluded.generation, form = excluded.form,
    fault_position = NULL, fault_error = NULL;

-- name: keep_fault
-- Mark a view as faulted by the event at a position.
UPDATE view_state SET fault_position = $3, fault_error = $4 WHERE workspace = $1 AND view = $2;

-- name: heads
-- The current versions of some claims, of some groups and, where those are not null, of everything declared the same as the claims; each looked for by its key, whatever the planner believes.
SELECT current_versions($1, $2, $3, $4);

-- name: close_versions
-- End the ranges of versions that others follow.
SELECT close_versions($1, $2, $3, $4, $5, $6);

-- name: insert_versions
-- Add versions of claims; actors arrive as one text each, parted by the unit separator.
INSERT INTO claim_version
SELECT $1, $2, claim, number, position_from, position_to, known_from, known_to, status, kind,
    treaty, day, first_day, last_day, recorded_position, happening,
    string_to_array(actors, chr(31)), words, body
FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::timestamptz[],
    $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::date[], $13::date[],
    $14::date[], $15::bigint[], $16::text[], $17::text[], $18::text[], $19::bytea[])
    AS r (claim, number, position_from, position_to, known_from, known_to, status, kind, treaty,
        day, first_day, last_day, recorded_position, happening, actors, words, body);

-- name: insert_relations
-- Add the relations of versions.
INSERT INTO claim_relation (workspace, generation, related, claim, number, relation)
SELECT $1, $2, related, claim, number, relation
FROM unnest($3::text[], $4::text[], $5::int[], $6::text[]) AS r (related, claim, number, relation)
ON CONFLICT DO NOTHING;

-- name: insert_searches
-- Add what versions are found by; keys arrive as one text each, parted by spaces.
INSERT INTO claim_search (workspace, generation, claim, number, position_from, known_from, day,
    recorded_position, keys)
SELECT $1, $2, claim, number, position_from, known_from, day, recorded_position,
    search_places($1, $2, day, position_from, known_from) || string_to_array(keys, ' ')::int[]
FROM unnest($3::text[], $4::int[], $5::bigint[], $6::timestamptz[], $7::date[], $8::bigint[],
    $9::text[])
    AS r (claim, number, position_from, known_from, day, recorded_position, keys);

-- name: insert_words
-- Add to the vocabulary what it lacks; grams arrive as one text each, parted by spaces.
INSERT INTO search_word (workspace, generation, word, grams)
SELECT $1, $2, word, search_key($1, $2, 0) || string_to_array(grams, ' ')::int[]
FROM unnest($3::text[], $4::text[]) AS r (word, grams)
ON CONFLICT DO NOTHING;

-- name: settle_search
-- Put into the indexes of words what waits beside them.
SELECT settle_search();

-- name: close_government_claims
-- End the ranges of versions that others follow, under every government they concern.
SELECT close_government_claims($1, $2, $3, $4, $5, $6, $7);

-- name: insert_government_claims
-- Add the facts of versions under every government they concern.
INSERT INTO government_claim
SELECT $1, $2, government, claim, number, ordinal, position_from, position_to, known_from,
    known_to, status, kind, treaty, day, is_legal, facts
FROM unnest($3::text[], $4::text[], $5::int[], $6::smallint[], $7::bigint[], $8::bigint[],
    $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::date[],
    $15::bool[], $16::bytea[])
    AS r (government, claim, number, ordinal, position_from, position_to, known_from, known_to,
        status, kind, treaty, day, is_legal, facts);

-- name: forget_claim_versions
-- Delete some rows of generations that are no longer read, about in the order in which they lie; those that are read are not looked at.
DELETE FROM claim_version
WHERE workspace = $1 AND ctid = ANY (ARRAY(
    (SELECT ctid FROM claim_version WHERE workspace = $1 AND generation < $2
    ORDER BY generation, known_from DESC, position_from DESC, recorded_position LIMIT $3)
    UNION ALL
    (SELECT ctid FROM claim_version WHERE workspace = $1 AND generation > $2
    ORDER BY generation, known_from DESC, position_from DESC, recorded_position LIMIT $3)
    LIMIT $3));

-- name: forget_claim_relations
-- Delete some rows of generations that are no longer read; those that are read are not looked at.
DELETE FROM claim_relation
WHERE workspace = $1 AND ctid = ANY (ARRAY(
    (SELECT ctid FROM claim_relation WHERE workspace = $1 AND generation < $2
    ORDER BY generation, related LIMIT $3)
    UNION ALL
    (SELECT ctid FROM claim_relation WHERE workspace = $1 AND generation > $2
    ORDER BY generation, related LIMIT $3)
    LIMIT $3));

-- name: forget_claim_searches
-- Delete some rows of generations that are no longer read.
DELETE FROM claim_search
WHERE workspace = $1 AND ctid = ANY (ARRAY(
    SELECT ctid FROM claim_search WHERE workspace = $1 AND generation <> $2 LIMIT $3));

-- name: forget_search_words
-- Delete some rows of generations that are no longer read; those that are read are not looked at.
DELETE FROM search_word
WHERE workspace = $1 AND ctid = ANY (ARRAY(
    (SELECT ctid FROM search_word WHERE workspace = $1 AND generation < $2
    ORDER BY generation, word LIMIT $3)
    UNION ALL
    (SELECT ctid FROM search_word WHERE workspace = $1 AND generation > $2
    ORDER BY generation, word LIMIT $3)
    LIMIT $3));

-- name: forget_government_claims
-- Delete some rows of generations that are no longer read; those that are read are not looked at.
DELETE FROM government_claim
WHERE workspace = $1 AND ctid = ANY (ARRAY(
    (SELECT ctid FROM government_claim WHERE workspace = $1 AND generation < $2
    ORDER BY generation, government LIMIT $3)
    UNION ALL
    (SELECT ctid FROM government_claim WHERE workspace = $1 AND generation > $2
    ORDER BY generation, government LIMIT $3)
    LIMIT $3));

-- name: facts
-- The facts of every claim believed at a position or a moment, glued together, and how many they are.
SELECT count(*), coalesce(string_agg(facts, ''::bytea), ''::bytea)
FROM government_claim
WHERE workspace = $1 AND generation = $2 AND ordinal = 0
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND day <= coalesce($5::date, 'infinity');

-- name: facts_of_government
-- The facts of the believed claims that concern one government, glued together, and how many they are.
SELECT count(*), coalesce(string_agg(facts, ''::bytea), ''::bytea)
FROM government_claim
WHERE workspace = $1 AND generation = $2 AND government = $6
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND day <= coalesce($5::date, 'infinity');

-- name: legal_facts
-- The facts of the believed claims that standings follow from, glued together, and how many they are; of one government where it is given.
SELECT count(*), coalesce(string_agg(facts, ''::bytea), ''::bytea)
FROM government_claim
WHERE workspace = $1 AND generation = $2 AND is_legal
    AND CASE WHEN $6::text IS NULL THEN ordinal = 0 ELSE government = $6 END
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND day <= coalesce($5::date, 'infinity');

-- name: versions
-- Every version believed at a position or a moment, in the order in which the claims were recorded.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
ORDER BY recorded_position;

-- name: versions_of_kinds
-- The versions of some kinds believed at a position or a moment, up to a day, in the order in which the claims were recorded.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND kind = ANY ($5::text[]) AND day <= $6
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
ORDER BY recorded_position;

-- name: versions_by_happening
-- The same versions, happening by happening.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND kind = ANY ($5::text[]) AND day <= $6
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
ORDER BY happening, recorded_position;

-- name: versions_responding
-- The versions of some kinds, and those that respond to another claim, believed at a position or a moment, up to a day, in the order in which the claims were recorded.
SELECT v.body FROM claim_version v
WHERE v.workspace = $1 AND v.generation = $2 AND v.day <= $6
    AND believed(v.position_from, v.position_to, v.known_from, v.known_to, $3, $4)
    AND (v.kind = ANY ($5::text[]) OR (v.claim, v.number) IN (
        SELECT r.claim, r.number FROM claim_relation r
        WHERE r.workspace = $1 AND r.generation = $2 AND r.relation = 'responds_to'))
ORDER BY v.recorded_position;

-- name: responding_by_happening
-- The same versions, happening by happening.
SELECT v.body FROM claim_version v
WHERE v.workspace = $1 AND v.generation = $2 AND v.day <= $6
    AND believed(v.position_from, v.position_to, v.known_from, v.known_to, $3, $4)
    AND (v.kind = ANY ($5::text[]) OR (v.claim, v.number) IN (
        SELECT r.claim, r.number FROM claim_relation r
        WHERE r.workspace = $1 AND r.generation = $2 AND r.relation = 'responds_to'))
ORDER BY v.happening, v.recorded_position;

-- name: latest
-- The versions believed at a position or a moment that had happened by a day, those that came to be known last first; some of them.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND known_from <= coalesce(
        $4::timestamptz, (SELECT recorded_at FROM event WHERE workspace = $1 AND position = $3))
    AND day <= $5
ORDER BY known_from DESC, position_from DESC, recorded_position LIMIT $6;

-- name: happened_count
-- How many versions believed at a position or a moment had happened by a day.
SELECT count(*) FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND day <= $5;

-- name: versions_of_claims
-- The versions of some claims believed at a position or a moment, in the order in which the claims were recorded.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2 AND claim = ANY ($5::text[])
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
ORDER BY recorded_position;

-- name: versions_between
-- Every version that came to be believed after one position or moment and by another, with the one it replaced, where either had happened by a day, and whether its claim was known at the first; some of them, and how many there are.
SELECT v.body, b.body,
    EXISTS (
        SELECT FROM claim_version k
        WHERE k.workspace = $1 AND k.generation = $2 AND k.claim = f.claim AND k.number = 1
            AND k.position_from <= coalesce($3::bigint, 9223372036854775807)
            AND k.known_from <= coalesce($4::timestamptz, 'infinity')),
    f.total
FROM (
    -- Bodies are read of those that are listed, not of those that are counted.
    SELECT v.claim, v.number, v.position_from, v.recorded_position, count(*) OVER () AS total
    FROM claim_version v
    LEFT JOIN claim_version b ON b.workspace = v.workspace AND b.generation = v.generation
        AND b.claim = v.claim AND b.number = v.number - 1
    WHERE v.workspace = $1 AND v.generation = $2
        AND v.position_from > coalesce($3::bigint, 0)
        AND v.known_from > coalesce($4::timestamptz, '-infinity')
        AND v.position_from <= coalesce($5::bigint, 9223372036854775807)
        AND v.known_from <= coalesce($6::timestamptz, 'infinity')
        AND least(v.day, b.day) <= $7
    ORDER BY v.position_from, v.recorded_position LIMIT $8
) AS f
JOIN claim_version v ON v.workspace = $1 AND v.generation = $2
    AND v.claim = f.claim AND v.number = f.number
LEFT JOIN claim_version b ON b.workspace = $1 AND b.generation = $2
    AND b.claim = f.claim AND b.number = f.number - 1
ORDER BY f.position_from, f.recorded_position;

-- name: touched_between
-- The governments about which something else is believed at one position or moment than at another, of what had happened by a day, with the claims that differ; some of these, and how many there are.
SELECT government,
    array_agg(claim ORDER BY place) FILTER (WHERE place <= $8),
    count(*)
FROM (
    SELECT government, claim,
        row_number() OVER (PARTITION BY government ORDER BY claim COLLATE "C") AS place
    FROM government_claim
    WHERE workspace = $1 AND generation = $2 AND government <> '' AND day <= $7
        AND believed(position_from, position_to, known_from, known_to, $3::bigint, $4::timestamptz)
        <> believed(position_from, position_to, known_from, known_to, $5::bigint, $6::timestamptz)
    GROUP BY government, claim
    -- Of one claim at most two versions are left, one of either point.
    HAVING (array_agg(facts))[1] IS DISTINCT FROM (array_agg(facts))[2]
) AS differing
GROUP BY government ORDER BY government COLLATE "C";

-- name: versions_of_government
-- The believed versions that concern one government, in the order in which the claims were recorded.
SELECT v.body
FROM government_claim g
JOIN claim_version v ON v.workspace = g.workspace AND v.generation = $2 AND v.claim = g.claim
    AND v.number = g.number
WHERE g.workspace = $1 AND g.generation = $5 AND g.government = $6
    AND believed(g.position_from, g.position_to, g.known_from, g.known_to, $3, $4)
ORDER BY v.recorded_position;

-- name: history
-- Every version of one claim in order.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2 AND claim = $3 ORDER BY number;

-- name: relating
-- The believed claims that relate to one claim, those recorded first; some of them.
SELECT v.body
FROM claim_version v
WHERE v.workspace = $1 AND v.generation = $2
    AND (v.claim, v.number) IN (
        SELECT r.claim, r.number FROM claim_relation r
        WHERE r.workspace = $1 AND r.generation = $2 AND r.related = $5)
    AND believed(v.position_from, v.position_to, v.known_from, v.known_to, $3, $4)
ORDER BY v.recorded_position LIMIT $6;

-- name: lately_of_governments
-- The latest believed versions with some statuses that concern any of some governments, between two days; some of them.
SELECT v.body
FROM claim_version v
WHERE v.workspace = $1 AND v.generation = $2
    AND believed(v.position_from, v.position_to, v.known_from, v.known_to, $3, $4)
    AND v.status = ANY ($5::text[]) AND v.day BETWEEN $6 AND $7
    AND EXISTS (
        SELECT FROM government_claim g
        WHERE g.workspace = $1 AND g.generation = $8 AND g.government = ANY ($9::text[])
            AND g.claim = v.claim AND g.number = v.number)
ORDER BY v.day DESC, v.recorded_position DESC LIMIT $10;

-- name: candidates
-- The believed versions of a kind and treaty that are still in question and whose days lie between two days; those recorded first, some of them.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND kind = $5 AND treaty = $6 AND status = ANY ($7::text[]) AND day BETWEEN $8 AND $9
    AND (actors && $10::text[] OR (claim, number) IN (
        SELECT g.claim, g.number FROM government_claim g
        WHERE g.workspace = $1 AND g.generation = $11 AND g.government = ANY ($12::text[])
            AND g.kind = $5 AND g.day BETWEEN $8 AND $9))
ORDER BY recorded_position LIMIT $13;

-- name: histories_of
-- Every version of some claims up to a position, claim by claim, oldest first.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2 AND claim = ANY ($3::text[]) AND position_from <= $4
ORDER BY claim, number;

-- name: candidates_of
-- For each of some claims, numbered from 1, the believed versions that its candidates would be; those recorded first, some of them.
SELECT a.number::int, c.body
FROM unnest($8::text[], $9::text[], $10::date[], $11::date[], $12::text[], $13::text[])
        WITH ORDINALITY AS a (kind, treaty, first, last, actors, governments, number),
    LATERAL (
        SELECT v.body FROM claim_version v
        WHERE v.workspace = $1 AND v.generation = $2
            AND believed(v.position_from, v.position_to, v.known_from, v.known_to, $3, $4)
            AND v.kind = a.kind AND v.treaty = a.treaty AND v.status = ANY ($5::text[])
            AND v.day BETWEEN a.first AND a.last
            AND (v.actors && names(a.actors) OR (v.claim, v.number) IN (
                SELECT g.claim, g.number FROM government_claim g
                WHERE g.workspace = $1 AND g.generation = $6
                    AND g.government = ANY (names(a.governments))
                    AND g.kind = a.kind AND g.day BETWEEN a.first AND a.last))
        ORDER BY v.recorded_position LIMIT $7
    ) AS c
ORDER BY a.number;

-- name: claims
-- One page of the believed claims that a filter lets through, newest first.
SELECT body, day, recorded_position FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND ($5::text IS NULL OR kind = $5)
    AND ($6::text IS NULL OR status = $6)
    AND ($7::text IS NULL OR treaty = $7)
    AND ($8::text[] IS NULL OR actors && $8)
    AND words LIKE ALL ($9::text[])
    AND day BETWEEN coalesce($10::date, '-infinity') AND coalesce($11::date, 'infinity')
    AND (day, recorded_position)
        < (coalesce($12::date, 'infinity'), coalesce($13::bigint, 9223372036854775807))
ORDER BY day DESC, recorded_position DESC LIMIT $14;

-- name: claims_of_government
-- One page of the believed claims that concern one government and that a filter lets through, newest first.
SELECT v.body, v.day, v.recorded_position
FROM government_claim g
JOIN claim_version v ON v.workspace = g.workspace AND v.generation = $2 AND v.claim = g.claim
    AND v.number = g.number
WHERE g.workspace = $1 AND g.generation = $15 AND g.government = $16
    AND believed(g.position_from, g.position_to, g.known_from, g.known_to, $3, $4)
    AND ($5::text IS NULL OR g.kind = $5)
    AND ($6::text IS NULL OR g.status = $6)
    AND ($7::text IS NULL OR g.treaty = $7)
    AND ($8::text[] IS NULL OR v.actors && $8)
    AND v.words LIKE ALL ($9::text[])
    AND g.day BETWEEN coalesce($10::date, '-infinity') AND coalesce($11::date, 'infinity')
    AND (v.day, v.recorded_position)
        < (coalesce($12::date, 'infinity'), coalesce($13::bigint, 9223372036854775807))
ORDER BY v.day DESC, v.recorded_position DESC LIMIT $14;

-- name: claims_oldest
-- One page of the believed claims that a filter lets through, oldest first.
SELECT body, day, recorded_position FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND believed(position_from, position_to, known_from, known_to, $3, $4)
    AND ($5::text IS NULL OR kind = $5)
    AND ($6::text IS NULL OR status = $6)
    AND ($7::text IS NULL OR treaty = $7)
    AND ($8::text[] IS NULL OR actors && $8)
    AND words LIKE ALL ($9::text[])
    AND day BETWEEN coalesce($10::date, '-infinity') AND coalesce($11::date, 'infinity')
    AND (day, recorded_position)
        > (coalesce($12::date, '-infinity'), coalesce($13::bigint, 0))
ORDER BY day, recorded_position LIMIT $14;

-- name: claims_of_government_oldest
-- One page of the believed claims that concern one government and that a filter lets through, oldest first.
SELECT v.body, v.day, v.recorded_position
FROM government_claim g
JOIN claim_version v ON v.workspace = g.workspace AND v.generation = $2 AND v.claim = g.claim
    AND v.number = g.number
WHERE g.workspace = $1 AND g.generation = $15 AND g.government = $16
    AND believed(g.position_from, g.position_to, g.known_from, g.known_to, $3, $4)
    AND ($5::text IS NULL OR g.kind = $5)
    AND ($6::text IS NULL OR g.status = $6)
    AND ($7::text IS NULL OR g.treaty = $7)
    AND ($8::text[] IS NULL OR v.actors && $8)
    AND v.words LIKE ALL ($9::text[])
    AND g.day BETWEEN coalesce($10::date, '-infinity') AND coalesce($11::date, 'infinity')
    AND (v.day, v.recorded_position)
        > (coalesce($12::date, '-infinity'), coalesce($13::bigint, 0))
ORDER BY v.day, v.recorded_position LIMIT $14;

-- name: words_with
-- The words of the vocabulary that hold a part, some of them; looked for by its grams, whatever the planner believes.
SELECT words_with($1, $2, $3, $4, $5);

-- name: days_between
-- The first and the last day of the versions that are kept between two days; null where there is none.
SELECT (
        SELECT day FROM claim_version
        WHERE workspace = $1 AND generation = $2 AND day BETWEEN $3 AND $4
        ORDER BY workspace, generation, day LIMIT 1
    ), (
        SELECT day FROM claim_version
        WHERE workspace = $1 AND generation = $2 AND day BETWEEN $3 AND $4
        ORDER BY workspace DESC, generation DESC, day DESC LIMIT 1
    );

-- name: found
-- One page of the believed claims of some months and years that have one of the keys of each list and that a filter lets through; looked for by the keys, whatever the planner believes.
SELECT body, day, recorded_position FROM found_claims(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    $22, $23);

-- name: settled_count
-- How many versions ever came to a status that few come to, counted up to a bound.
SELECT count(*) FROM (
    SELECT FROM claim_version
    WHERE workspace = $1 AND generation = $2 AND status = $3
        AND status IN ('rejected', 'contested', 'refuted', 'retracted', 'superseded')
    LIMIT $4
) AS found;

-- name: settled
-- One page of the believed claims with a status that few come to and that a filter lets through; looked for by the status, whatever the planner believes.
SELECT body, day, recorded_position FROM settled_claims(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: waiting
-- The claims that wait for the desk now, pending or contested, those recorded first at the front; some of them.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND position_to IS NULL AND status IN ('pending', 'contested')
ORDER BY recorded_position LIMIT $3;

-- name: waiting_at
-- The claims that waited for the desk at a position or a moment, those recorded first at the front; some of them.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND status IN ('pending', 'contested')
    AND believed(position_from, position_to, known_from, known_to, $4, $5)
ORDER BY recorded_position LIMIT $3;

-- name: waiting_newest
-- The claims that wait for the desk now, pending or contested, those recorded last at the front; some of them.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND position_to IS NULL AND status IN ('pending', 'contested')
ORDER BY recorded_position DESC LIMIT $3;

-- name: waiting_newest_at
-- The claims that waited for the desk at a position or a moment, those recorded last at the front; some of them.
SELECT body FROM claim_version
WHERE workspace = $1 AND generation = $2
    AND status IN ('pending', 'contested')
    AND believed(position_from, position_to, known_from, known_to, $4, $5)
ORDER BY recorded_position DESC LIMIT $3;

-- name: waiting_count
-- How many claims wait for the desk now, counted up to a bound.
SELECT count(*) FROM (
    SELECT FROM claim_version
    WHERE workspace = $1 AND generation = $2
        AND position_to IS NULL AND status IN ('pending', 'contested')
    LIMIT $3
) AS found;

-- name: waiting_count_at
-- How many claims waited for the desk at a position or a moment, counted up to a bound.
SELECT count(*) FROM (
    SELECT FROM claim_version
    WHERE workspace = $1 AND generation = $2 AND status IN ('pending', 'contested')
        AND believed(position_from, position_to, known_from, known_to, $4, $5)
    LIMIT $3
) AS found;

-- name: how_far
-- How far the views of all workspaces are behind, the names of views that stopped, once for each workspace, and how many workspaces have views that are not in the forms given.
SELECT workspaces, lag_events, waiting_since, beyond, faulted,
    (SELECT count(*) FROM workspaces_unbuilt($2, $3, $4)) AS unbuilt
FROM how_far($1);

-- name: astray
-- The first workspace whose views stand where its log has another event or none; null where none does.
SELECT views_astray();

-- name: is_astray
-- Whether the views of the workspace entered stand where its log has another event or none.
SELECT EXISTS (
    SELECT FROM view_watermark m
    LEFT JOIN event e ON e.workspace = m.workspace AND e.position = m.position
    WHERE m.workspace = $1 AND m.position > 0 AND e.recorded_at IS DISTINCT FROM m.recorded_at);

-- name: projecting
-- Whether some session of this database holds the lock of the one that projects.
SELECT EXISTS (
    SELECT FROM pg_locks l
    JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::bigint << 32) + l.objid::bigint = $1::bigint);
