-- name: changed_versions
-- Every version that was believed somewhere between two positions, of the claims that the events
-- between them name and of what was declared the same as those.
WITH told AS (
    SELECT DISTINCT substr(t.tag, length('claim:') + 1) AS claim
    FROM event e CROSS JOIN LATERAL unnest(e.tags) AS t (tag)
    WHERE e.workspace = $1 AND e.position > $2 AND e.position <= $3 AND t.tag LIKE 'claim:%'
), held AS (
    SELECT generation FROM view_state WHERE workspace = $1 AND view = 'claims'
), grouped AS (
    SELECT DISTINCT v.happening
    FROM claim_version v JOIN held USING (generation) JOIN told USING (claim)
    WHERE v.workspace = $1 AND v.position_to IS NULL
), concerned AS (
    SELECT claim FROM told
    UNION
    SELECT v.claim
    FROM claim_version v JOIN held USING (generation) JOIN grouped USING (happening)
    WHERE v.workspace = $1 AND v.position_to IS NULL
)
SELECT v.position_from, v.body
FROM claim_version v JOIN held USING (generation) JOIN concerned USING (claim)
WHERE v.workspace = $1 AND v.position_from <= $3 AND (v.position_to IS NULL OR v.position_to > $2)
ORDER BY v.position_from, v.claim;
