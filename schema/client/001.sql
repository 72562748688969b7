-- Why: the store of one person on one device: the log of what was written, the rows as the server has them with the
-- person's own view beside, the pull cursors and the drafts (sync_protocol.md §5, §11, §13).
-- Safe on what: a new file. Older app on this file: there is none.

CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Append-only. `position` orders over re-enrolments; (device, seq) is the log that was signed.
-- `seen`: the server's row that came since holds this operation's effect, so the view needs it no more.
CREATE TABLE operation (
    position INTEGER NOT NULL PRIMARY KEY,
    device TEXT NOT NULL,
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    hash BLOB NOT NULL,
    record_type TEXT NOT NULL,
    record TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (
        state IN ('queued', 'received', 'parked', 'rejected', 'conflict', 'corrected', 'rechained')
    ),
    seen INTEGER NOT NULL DEFAULT 0,
    superseded INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    field TEXT,
    message TEXT,
    conflict TEXT,
    UNIQUE (device, seq)
);
CREATE INDEX operation_of_record ON operation (record, position);
CREATE INDEX operation_waiting ON operation (state, device, seq) WHERE state NOT IN ('received', 'rechained', 'corrected');
CREATE INDEX operation_unseen ON operation (seq) WHERE state = 'received' AND seen = 0;

-- `server` is the server's row as it came, `view` what the person sees: that row with own unsettled operations over it.
-- `fresh`: sent again since the present pull from the start began.
CREATE TABLE row (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    server TEXT,
    view TEXT,
    work_date TEXT,
    fresh INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (type, id)
) WITHOUT ROWID;
CREATE INDEX row_by_date ON row (type, work_date);

CREATE TABLE cursor (
    scope TEXT NOT NULL PRIMARY KEY,
    after INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE draft (
    id TEXT NOT NULL PRIMARY KEY,
    fields TEXT NOT NULL,
    saved_at INTEGER NOT NULL
) WITHOUT ROWID;

-- A line of a file that was imported, by the digest of what it says: the same line twice adds nothing.
CREATE TABLE imported (
    digest TEXT NOT NULL PRIMARY KEY,
    record TEXT NOT NULL
) WITHOUT ROWID;
