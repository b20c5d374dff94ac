-- The facts of every government as columns of numbers, for reckoning many claims at a stroke; all of
-- it follows from the log, and `projections/columns.py` says what a body holds.

CREATE TABLE figure_part (
    workspace text NOT NULL,
    generation int NOT NULL,
    government text NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    row_count int NOT NULL,
    is_block boolean NOT NULL,
    is_sealed boolean NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (workspace, generation, government, first_position)
);
COMMENT ON TABLE figure_part IS
    'What the events of a range of positions add to the columns of one government; small parts are merged into blocks, full blocks are sealed.';
-- Packed numbers: compressing them again costs more than it saves.
ALTER TABLE figure_part ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX figure_part_touched ON figure_part (workspace, generation, last_position);

ALTER TABLE figure_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE figure_part FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON figure_part USING (workspace = (SELECT this_workspace()));
GRANT SELECT, INSERT, UPDATE, DELETE ON figure_part TO article20_app;
