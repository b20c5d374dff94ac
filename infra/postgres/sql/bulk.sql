-- name: enter
-- Let this session of a build stand in a workspace, and not wait for the disk when it commits.
SELECT set_config('article20.workspace', $1, false), set_config('synchronous_commit', 'off', false);

-- name: roomy
-- Let this session keep its own tables in memory while it fills them, and what indexes of words wait for; readers look through the latter.
SELECT set_config('temp_buffers', $1, false), set_config('gin_pending_list_limit', $2, false);

-- name: sample
-- Let the planner know what the rows of all views are like by now.
SELECT sample_views();

-- name: stage_versions
-- Make the table of this session that versions are sent to; COPY cannot reach a table with row-level security.
CREATE TEMPORARY TABLE staged_version (
    number int, position_from bigint, known_from timestamptz, status text, happening text,
    body bytea, claim text, kind text, treaty text, day date, first_day date, last_day date,
    recorded_position bigint, actors text[], words text, position_to bigint, known_to timestamptz
) ON COMMIT DELETE ROWS;

-- name: stage_relations
-- Make the table of this session that relations are sent to.
CREATE TEMPORARY TABLE staged_relation (related text, claim text, number int, relation text)
ON COMMIT DELETE ROWS;

-- name: stage_facts
-- Make the table of this session that facts are sent to.
CREATE TEMPORARY TABLE staged_facts (
    number int, position_from bigint, known_from timestamptz, status text, claim text, kind text,
    treaty text, day date, is_legal boolean, facts bytea, government text, ordinal smallint,
    position_to bigint, known_to timestamptz
) ON COMMIT DELETE ROWS;

-- name: stage_searches
-- Make the table of this session that what claims are found by is sent to.
CREATE TEMPORARY TABLE staged_search (
    number int, position_from bigint, known_from timestamptz, claim text, day date,
    recorded_position bigint, keys int[]
) ON COMMIT DELETE ROWS;

-- name: stage_words
-- Make the table of this session that the vocabulary is sent to.
CREATE TEMPORARY TABLE staged_word (word text, grams int[]) ON COMMIT DELETE ROWS;

-- name: fill_searches
-- Carry what claims are found by over into a generation.
INSERT INTO claim_search (workspace, generation, claim, number, position_from, known_from, day,
    recorded_position, keys)
SELECT $1, $2, claim, number, position_from, known_from, day, recorded_position,
    search_places($1, $2, day, position_from, known_from) || keys
FROM staged_search;

-- name: fill_words
-- Carry the words that were sent over into a vocabulary, in an order that all sessions share, of which several may bring the same.
INSERT INTO search_word (workspace, generation, word, grams)
SELECT $1, $2, word, search_key($1, $2, 0) || grams FROM staged_word
ORDER BY word COLLATE "C"
ON CONFLICT DO NOTHING;

-- name: fill_versions
-- Carry the versions that were sent over into a generation.
INSERT INTO claim_version (workspace, generation, claim, number, position_from, position_to,
    known_from, known_to, status, kind, treaty, day, first_day, last_day, recorded_position,
    happening, actors, words, body)
SELECT $1, $2, claim, number, position_from, position_to, known_from, known_to, status, kind,
    treaty, day, first_day, last_day, recorded_position, happening, actors, words, body
FROM staged_version;

-- name: fill_relations
-- Carry the relations that were sent over into a generation.
INSERT INTO claim_relation (workspace, generation, related, claim, number, relation)
SELECT $1, $2, related, claim, number, relation FROM staged_relation
ON CONFLICT DO NOTHING;

-- name: fill_facts
-- Carry the facts that were sent over into a generation.
INSERT INTO government_claim (workspace, generation, government, claim, number, ordinal,
    position_from, position_to, known_from, known_to, status, kind, treaty, day, is_legal, facts)
SELECT $1, $2, government, claim, number, ordinal, position_from, position_to, known_from,
    known_to, status, kind, treaty, day, is_legal, facts
FROM staged_facts;
