-- From this release on the ids of events are sealed with the idempotency key of their append and the
-- hash of its request, so that `article20 verify` sees that none of the three was changed. When this
-- ran says up to which moment ids of the releases before, which are random, may stand in the log.
COMMENT ON COLUMN event.id IS
    'Drawn for each append and sealed with its idempotency key and request hash (version 8); at random in releases before (version 4).';
