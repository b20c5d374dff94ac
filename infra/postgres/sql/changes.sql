-- name: changed_versions
-- Every version that was believed somewhere between two positions, of the claims that the events
-- between them name and of what was declared the same as those: a happening has the id of one of
-- its claims. Few are looked for among very many, so each is found by an index: what is looked for
-- stands in arrays, and a tag, which is compared by bytes, is compared as ids are.
WITH told AS (
    SELECT DISTINCT substr(t.tag, length('claim:') + 1) COLLATE "default" AS claim
    FROM event e CROSS JOIN LATERAL unnest(e.tags) AS t (tag)
    WHERE e.workspace = $1 AND e.position > $2 AND e.position <= $3 AND t.tag LIKE 'claim:%'
), held AS (
    SELECT generation FROM view_state WHERE workspace = $1 AND view = 'claims'
), grouped AS (
    SELECT DISTINCT v.happening
    FROM claim_version v
    WHERE v.workspace = $1 AND v.generation = (SELECT generation FROM held)
        AND v.claim = ANY (ARRAY(SELECT claim FROM told)) AND v.position_to IS NULL
), concerned AS (
    SELECT claim FROM told
    UNION
    SELECT happening FROM grouped
    UNION
    SELECT v.claim
    FROM claim_version v
    WHERE v.workspace = $1 AND v.generation = (SELECT generation FROM held)
        AND v.happening = ANY (ARRAY(SELECT happening FROM grouped)) AND v.position_to IS NULL
        AND v.happening <> v.claim
)
SELECT v.position_from, v.body
FROM claim_version v
WHERE v.workspace = $1 AND v.generation = (SELECT generation FROM held)
    AND v.claim = ANY (ARRAY(SELECT claim FROM concerned))
    AND v.position_from <= $3 AND (v.position_to IS NULL OR v.position_to > $2)
ORDER BY v.position_from, v.claim;
