-- name: members
-- Everybody on the desk by name, disabled or not, with how many logins last, up to a limit.
SELECT p.person, p.email, p.name, p.role, p.created_at, p.seen_at, p.disabled_at,
    (SELECT count(*) FROM session s
        WHERE s.workspace = p.workspace AND s.person = p.person AND s.expires_at > now()) AS logins
FROM person p WHERE p.workspace = $1
ORDER BY lower(p.name), p.person LIMIT $2;

-- name: member
-- One person, locked until the transaction ends.
SELECT person, email, name, role, created_at, seen_at, disabled_at, 0 AS logins
FROM person WHERE workspace = $1 AND person = $2 FOR UPDATE;

-- name: lock_roster
-- Let one change of roles in a workspace be judged at a time.
SELECT pg_advisory_xact_lock(hashtextextended('article20 roster ' || $1, 0));

-- name: other_admins
-- How many people besides one may administer the workspace.
SELECT count(*) FROM person
WHERE workspace = $1 AND person <> $2 AND role = 'admin' AND disabled_at IS NULL;

-- name: set_role
-- Give somebody another role.
UPDATE person SET role = $3 WHERE workspace = $1 AND person = $2;

-- name: set_language
-- Let pages speak a language to somebody; none leaves it to their browser.
UPDATE person SET language = $3 WHERE workspace = $1 AND person = $2;

-- name: set_disabled
-- Let somebody log in no longer, or again.
UPDATE person SET disabled_at = CASE WHEN $3 THEN coalesce(disabled_at, now()) END
WHERE workspace = $1 AND person = $2;

-- name: password_of
-- The hash of the password of somebody who may log in.
SELECT password_hash FROM person WHERE workspace = $1 AND person = $2 AND disabled_at IS NULL;

-- name: set_password_of
-- Give somebody another password.
UPDATE person SET password_hash = $3 WHERE workspace = $1 AND person = $2;

-- name: sessions_of
-- The logins of a person that last, the one seen last first; which one has a digest.
SELECT session, device, place, created_at, seen_at, expires_at, digest = $3 AS is_current
FROM session WHERE workspace = $1 AND person = $2 AND expires_at > now()
ORDER BY seen_at DESC, session;

-- name: end_session_of
-- End one login of a person, by its number.
DELETE FROM session WHERE workspace = $1 AND person = $2 AND session = $3 RETURNING session;

-- name: end_sessions_of
-- End every login of a person but the one of a digest.
DELETE FROM session WHERE workspace = $1 AND person = $2 AND digest <> $3;

-- name: invite
-- Keep the digest of a link that lets somebody join; an earlier one to the same e-mail ends.
INSERT INTO invitation AS i (workspace, digest, email, role, invited_by, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(hours => $6))
ON CONFLICT ON CONSTRAINT invitation_email DO UPDATE
    SET invitation = gen_random_uuid(), digest = excluded.digest, role = excluded.role,
        invited_by = excluded.invited_by, created_at = now(), expires_at = excluded.expires_at
RETURNING invitation, email, role, invited_by, created_at, expires_at;

-- name: forget_invitations
-- Drop the invitations of a workspace that are over.
DELETE FROM invitation WHERE workspace = $1 AND expires_at <= now();

-- name: invitations
-- The invitations that are open, the one that ends first first.
SELECT invitation, email, role, invited_by, created_at, expires_at
FROM invitation WHERE workspace = $1 AND expires_at > now() ORDER BY expires_at, invitation;

-- name: invited
-- The open invitation of a digest.
SELECT invitation, email, role, invited_by, created_at, expires_at
FROM invitation WHERE workspace = $1 AND digest = $2 AND expires_at > now();

-- name: take_invitation
-- Use up the open invitation of a digest; no row where somebody was quicker.
DELETE FROM invitation WHERE workspace = $1 AND digest = $2 AND expires_at > now()
RETURNING invitation, email, role, invited_by, created_at, expires_at;

-- name: withdraw_invitation
-- End an invitation before it is used.
DELETE FROM invitation WHERE workspace = $1 AND invitation = $2
RETURNING invitation, email, role, invited_by, created_at, expires_at;

-- name: withdraw_invitations_by
-- End every invitation of somebody before it is used.
DELETE FROM invitation WHERE workspace = $1 AND invited_by = $2 RETURNING invitation;
