-- Imports of spreadsheets: what was uploaded, row by row, with what each would become and became.
-- Kept for a bounded time; what an import recorded stands in the log, under keys that name it.
CREATE TABLE sheet_import (
    workspace text NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    import text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    touched_at timestamptz NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (workspace, import)
);
COMMENT ON TABLE sheet_import IS
    'Spreadsheets that were uploaded, how they are read, and how far their import is.';
CREATE INDEX sheet_import_age ON sheet_import (workspace, received_at, import);

CREATE TABLE sheet_import_row (
    workspace text NOT NULL,
    import text COLLATE "C" NOT NULL,
    number int NOT NULL,
    cells bytea NOT NULL,
    fate text,
    body bytea,
    PRIMARY KEY (workspace, import, number),
    CONSTRAINT import_exists FOREIGN KEY (workspace, import) REFERENCES sheet_import
        ON DELETE CASCADE
);
COMMENT ON TABLE sheet_import_row IS
    'Rows of uploaded spreadsheets: their cells, and what each would become.';
CREATE INDEX sheet_import_row_fate ON sheet_import_row (workspace, import, fate, number);

ALTER TABLE sheet_import ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheet_import FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON sheet_import USING (workspace = (SELECT this_workspace()));
ALTER TABLE sheet_import_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE sheet_import_row FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON sheet_import_row USING (workspace = (SELECT this_workspace()));
GRANT SELECT, INSERT, UPDATE, DELETE ON sheet_import, sheet_import_row TO article20_app;
