-- Most claims are alone in their group, and the one a group is named after is found by its own name:
-- the index of groups holds the others only.

CREATE INDEX claim_version_group ON claim_version (workspace, generation, happening)
    WHERE position_to IS NULL AND happening <> claim;
DROP INDEX claim_version_happening;
