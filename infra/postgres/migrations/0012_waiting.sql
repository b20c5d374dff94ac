-- What waits for the desk is few among many: found by an index of its own, oldest first.

CREATE INDEX claim_version_waiting ON claim_version (workspace, generation, recorded_position)
    WHERE position_to IS NULL AND status IN ('pending', 'contested');
