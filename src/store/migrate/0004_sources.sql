-- SPDX-License-Identifier: Apache-2.0
--
-- 0004: sources that bases are fed from, their shares of jobs, schedules, and
-- objects that were uploaded ahead of the source that names them.

-- kind: enum source_kind.  key: of the object that an upload's config names.
CREATE TABLE source (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	base_id INTEGER NOT NULL REFERENCES base (id),
	kind INTEGER NOT NULL,
	name TEXT NOT NULL,
	config TEXT NOT NULL,
	secret BLOB, -- sealed; NULL: none
	settings TEXT NOT NULL,
	key TEXT,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL
) STRICT;
CREATE INDEX source_base ON source (base_id, id);
CREATE INDEX source_key ON source (key) WHERE key IS NOT NULL;

-- What an item or document came from; 0 none.  The tag that the source gave
-- its content, to tell a change by; '' none.
ALTER TABLE item ADD COLUMN source_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN etag TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN source_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN etag TEXT NOT NULL DEFAULT '';
CREATE INDEX document_source ON document (source_id, id) WHERE source_id <> 0;

CREATE TABLE share (
	job_id INTEGER NOT NULL,
	source_id INTEGER NOT NULL,
	source_uuid BLOB NOT NULL,
	scan INTEGER NOT NULL,
	total INTEGER NOT NULL,
	queued INTEGER NOT NULL,
	processing INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	removed INTEGER NOT NULL,
	unchanged INTEGER NOT NULL,
	empty INTEGER NOT NULL,
	bytes_total INTEGER NOT NULL,
	bytes_completed INTEGER NOT NULL,
	characters INTEGER NOT NULL,
	code INTEGER NOT NULL,
	message TEXT NOT NULL,
	started_us INTEGER NOT NULL,
	finished_us INTEGER NOT NULL,
	PRIMARY KEY (job_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX share_source ON share (source_id, job_id);

CREATE TABLE schedule (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	base_id INTEGER NOT NULL UNIQUE REFERENCES base (id),
	minute INTEGER NOT NULL,
	days INTEGER NOT NULL,
	dialect INTEGER NOT NULL, -- whose jobs it starts
	is_active INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	ran_us INTEGER NOT NULL,
	next_us INTEGER NOT NULL
) STRICT;
CREATE INDEX schedule_next ON schedule (next_us) WHERE is_active;

CREATE TABLE object (
	account_id INTEGER NOT NULL REFERENCES account (id),
	key TEXT NOT NULL,
	name TEXT NOT NULL,
	hash BLOB NOT NULL,
	bytes INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	PRIMARY KEY (account_id, key)
) STRICT;
CREATE INDEX object_hash ON object (hash);
