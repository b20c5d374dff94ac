-- name: add_person
-- Add somebody to the desk; the named constraints say why not.
INSERT INTO person (workspace, email, name, role, password_hash)
VALUES ($1, $2, $3, $4, $5)
RETURNING person;

-- name: has_person
-- Whether somebody, disabled or not, has an e-mail.
SELECT EXISTS (SELECT FROM person WHERE workspace = $1 AND email = $2);

-- name: set_password
-- Give somebody another password; no row where there is no such person.
UPDATE person SET password_hash = $3 WHERE workspace = $1 AND email = $2
RETURNING person, email, name, role;

-- name: end_sessions
-- End every session of a person.
DELETE FROM session WHERE workspace = $1 AND person = $2;

-- name: person_to_log_in
-- The person of an e-mail, with the hash of the password, unless disabled.
SELECT person, email, name, role, password_hash
FROM person WHERE workspace = $1 AND email = $2 AND disabled_at IS NULL;

-- name: start_session
-- Begin a session of a person who is still let in, by the password that was judged where one was,
-- and drop those of the workspace that are over. Whoever changes the person is waited for.
WITH over AS (DELETE FROM session WHERE workspace = $1 AND expires_at < now())
INSERT INTO session (workspace, digest, person, expires_at, device, place)
SELECT $1, $2, p.person, now() + make_interval(hours => $4), $5, $6
FROM person p
WHERE p.workspace = $1 AND p.person = $3 AND p.disabled_at IS NULL
    AND p.password_hash = coalesce($7, p.password_hash)
FOR SHARE
RETURNING person;

-- name: session_person
-- The person of a session that lasts, unless disabled, and whether its use is worth noting anew.
SELECT p.person, p.email, p.name, p.role, p.language,
    s.seen_at < now() - make_interval(secs => $3) OR p.seen_at IS NULL AS is_stale
FROM session s
JOIN person p ON p.workspace = s.workspace AND p.person = s.person
WHERE s.workspace = $1 AND s.digest = $2 AND s.expires_at > now() AND p.disabled_at IS NULL;

-- name: touch_session
-- Note that a session was used, and when its person was seen.
WITH used AS (
    UPDATE session SET seen_at = now() WHERE workspace = $1 AND digest = $2 RETURNING person
)
UPDATE person SET seen_at = now() WHERE workspace = $1 AND person IN (SELECT person FROM used);

-- name: still_let_in
-- Of some sessions and tokens, those that let somebody in now: as many rows as hold.
SELECT s.digest, NULL::uuid AS token
FROM session s
JOIN person p ON p.workspace = s.workspace AND p.person = s.person
WHERE s.workspace = $1 AND s.digest = ANY ($2::bytea[])
    AND s.expires_at > now() AND p.disabled_at IS NULL
UNION ALL
SELECT NULL, token FROM token
WHERE workspace = $1 AND token = ANY ($3::uuid[]) AND revoked_at IS NULL;

-- name: end_session
-- End one session.
DELETE FROM session WHERE workspace = $1 AND digest = $2 RETURNING person;

-- name: lock_logins
-- Let one login of a workspace at a time count its attempts.
SELECT pg_advisory_xact_lock(hashtextextended('article20 login ' || $1, 0));

-- name: forget_attempts
-- Drop the attempts of a workspace that the window no longer holds.
DELETE FROM login_attempt
WHERE workspace = $1 AND attempted_at <= now() - make_interval(secs => $2);

-- name: count_attempts
-- How many attempts each subject made, and how many seconds ago the first was.
SELECT subject, count(*) AS attempts,
    extract(epoch FROM now() - min(attempted_at))::float8 AS first_seconds_ago
FROM login_attempt WHERE workspace = $1 AND subject = ANY ($2::bytea[])
GROUP BY subject;

-- name: add_attempts
-- Count one attempt for each subject, under one id.
INSERT INTO login_attempt (workspace, subject, attempt) SELECT $1, unnest($2::bytea[]), $3;

-- name: clear_attempts
-- Forget the attempts of some subjects, of the address the one alone that succeeded.
DELETE FROM login_attempt
WHERE workspace = $1 AND subject = ANY ($2::bytea[]) AND (subject <> $3 OR attempt = $4);

-- name: add_token
-- Keep the digest of a new API token; the named constraint says why not.
INSERT INTO token (workspace, digest, name, role) VALUES ($1, $2, $3, $4)
RETURNING token, name, role, created_at, used_at, revoked_at;

-- name: tokens
-- The API tokens of a workspace, the latest first.
SELECT token, name, role, created_at, used_at, revoked_at
FROM token WHERE workspace = $1 ORDER BY created_at DESC, token;

-- name: revoke_token
-- Revoke an API token for good; no row where there is none of that id.
UPDATE token SET revoked_at = coalesce(revoked_at, now()) WHERE workspace = $1 AND token = $2
RETURNING token, name, role, created_at, used_at, revoked_at;

-- name: find_token
-- The API token of a digest, unless revoked, and whether its last use is worth noting anew.
SELECT token, name, role, created_at, used_at, revoked_at,
    used_at IS NULL OR used_at < now() - make_interval(secs => $3) AS is_stale
FROM token WHERE workspace = $1 AND digest = $2 AND revoked_at IS NULL;

-- name: touch_token
-- Note that an API token was used.
UPDATE token SET used_at = now() WHERE workspace = $1 AND token = $2;
