-- What came to be known last is found without reading everything else.
CREATE INDEX claim_version_known ON claim_version
    (workspace, generation, known_from DESC, position_from DESC, recorded_position);
