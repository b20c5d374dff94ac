-- Feeds that are polled, and the drafts their entries become: nothing of it is a claim until a
-- person makes one of it.
CREATE TABLE feed (
    workspace text NOT NULL CONSTRAINT workspace_exists REFERENCES workspace,
    feed text COLLATE "C" NOT NULL,
    url text NOT NULL,
    title text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    polled_at timestamptz,
    next_poll_at timestamptz NOT NULL DEFAULT now(),
    etag text,
    last_modified text,
    failures integer NOT NULL DEFAULT 0,
    last_error text,
    disabled_at timestamptz,
    CONSTRAINT feed_pkey PRIMARY KEY (workspace, feed),
    CONSTRAINT feed_url_once UNIQUE (workspace, url)
);
COMMENT ON TABLE feed IS
    'Atom and RSS feeds of a workspace: where they are, when they are asked next, and how it went.';
COMMENT ON COLUMN feed.next_poll_at IS
    'When it is asked next; moved ahead before asking, so that no two processes ask at once.';
COMMENT ON COLUMN feed.failures IS 'How often in a row it could not be read.';

CREATE TABLE feed_draft (
    workspace text NOT NULL,
    draft uuid NOT NULL,
    feed text COLLATE "C" NOT NULL,
    guid text NOT NULL,
    title text NOT NULL,
    link text NOT NULL,
    language text NOT NULL,
    summary text NOT NULL,
    published_on date,
    created_at timestamptz NOT NULL DEFAULT now(),
    claim text,
    decided_at timestamptz,
    decided_by text,
    PRIMARY KEY (workspace, draft),
    CONSTRAINT entry_once UNIQUE (workspace, feed, guid),
    CONSTRAINT feed_exists FOREIGN KEY (workspace, feed) REFERENCES feed
);
COMMENT ON TABLE feed_draft IS
    'Entries of feeds: waiting until somebody records a claim of one, or dismisses it. They stay, so that none comes twice.';
CREATE INDEX feed_draft_waiting ON feed_draft (workspace, created_at, draft)
    WHERE decided_at IS NULL;

ALTER TABLE feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON feed USING (workspace = (SELECT this_workspace()));
ALTER TABLE feed_draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_draft FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON feed_draft USING (workspace = (SELECT this_workspace()));
GRANT SELECT, INSERT, UPDATE ON feed, feed_draft TO article20_app;
