-- Why: after a restored server a device offers anew what it wrote, under all ids that it ever had, and makes again what
-- nobody else holds; what has long been received and backed up it lets go (sync_protocol.md §13).
-- Safe on what: every store of version 1; nothing is dropped. Older app on this file: refuses it with `store_newer`.

-- `received_at`: by the server's clock, ms since 1970 UTC; an operation is kept for a time after it.
-- `in_old_row`: the server's row that is still held is of an earlier epoch and has this operation's effect in it.
ALTER TABLE operation ADD COLUMN received_at INTEGER;
ALTER TABLE operation ADD COLUMN in_old_row INTEGER NOT NULL DEFAULT 0;

-- An operation of the person's own on this record was let go, so a backup holds it.
ALTER TABLE row ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0;

-- One log for each enrolment, in their order, with the device's key. Operations up to `kept_after` were let go; `hash`
-- is the chain hash there. `asked`: the server of the present epoch has told what it holds of the log.
CREATE TABLE log (
    device TEXT NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    key TEXT,
    kept_after INTEGER NOT NULL DEFAULT 0,
    hash BLOB,
    asked INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;

INSERT INTO log (device, number) SELECT device, min(position) FROM operation GROUP BY device;
INSERT OR IGNORE INTO log (device, number)
    SELECT json_extract(value, '$'), (SELECT coalesce(max(position), 0) + 1 FROM operation)
    FROM setting WHERE key = 'device' AND value <> 'null';
UPDATE log SET key = (SELECT json_extract(value, '$') FROM setting WHERE key = 'device_key')
    WHERE device = (SELECT json_extract(value, '$') FROM setting WHERE key = 'device');
