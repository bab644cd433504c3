-- SPDX-License-Identifier: Apache-2.0
--
-- 0001: accounts, bases, jobs, items, documents, segments.
-- Forward only; never edited once released.  Times are microseconds since
-- 1970 UTC, 0 or NULL not yet.  Hashes are SHA-256.  States are the numbers
-- of src/model/*_tbl.h.

CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('rev', 0), ('generation', 0);

CREATE TABLE account (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	name TEXT NOT NULL,
	created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL REFERENCES account (id),
	hash BLOB NOT NULL UNIQUE,
	label TEXT NOT NULL,
	prefix TEXT NOT NULL,
	created_us INTEGER NOT NULL,
	revoked_us INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE base (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL REFERENCES account (id),
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	settings TEXT NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	documents INTEGER NOT NULL DEFAULT 0,
	segments INTEGER NOT NULL DEFAULT 0,
	-- The index's generation when documents of it last came or went.
	generation INTEGER NOT NULL DEFAULT 0,
	UNIQUE (account_id, name)
) STRICT;

CREATE TABLE job (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL,
	base_id INTEGER NOT NULL REFERENCES base (id),
	batch TEXT NOT NULL,
	kind INTEGER NOT NULL,
	dialect INTEGER NOT NULL,
	source TEXT NOT NULL,
	attempt INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	state INTEGER NOT NULL,
	scan INTEGER NOT NULL,
	is_paused INTEGER NOT NULL,
	is_finalized INTEGER NOT NULL,
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
	bytes_done INTEGER NOT NULL,
	bytes_completed INTEGER NOT NULL,
	segments_total INTEGER NOT NULL,
	segments_completed INTEGER NOT NULL,
	characters INTEGER NOT NULL,
	stages BLOB NOT NULL, -- docs/formats/store.md
	percent_hundredths INTEGER NOT NULL,
	code INTEGER NOT NULL,
	message TEXT NOT NULL,
	cancelled_by TEXT NOT NULL,
	started_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	finished_us INTEGER NOT NULL,
	cancelled_us INTEGER NOT NULL,
	rev INTEGER NOT NULL,
	generation INTEGER NOT NULL
) STRICT;
CREATE INDEX job_base ON job (base_id, id);
CREATE INDEX job_batch ON job (batch);
CREATE INDEX job_rev ON job (rev);
CREATE INDEX job_live ON job (id) WHERE state < 6;

CREATE TABLE item (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	job_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	document_id INTEGER NOT NULL,
	uri TEXT NOT NULL,
	name TEXT NOT NULL,
	blob BLOB, -- the upload's hash; NULL: read in place
	metadata TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	mtime_us INTEGER NOT NULL,
	queued_us INTEGER NOT NULL,
	state INTEGER NOT NULL,
	stage INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	interruptions INTEGER NOT NULL,
	waiting_for INTEGER NOT NULL,
	due_us INTEGER NOT NULL,
	bytes_done INTEGER NOT NULL,
	segments_total INTEGER NOT NULL,
	segments_completed INTEGER NOT NULL,
	code INTEGER NOT NULL,
	error_stage INTEGER NOT NULL,
	message TEXT NOT NULL,
	steps BLOB NOT NULL, -- docs/formats/store.md
	finished_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	rev INTEGER NOT NULL,
	UNIQUE (job_id, seq)
) STRICT;
-- What is still to be done; a row leaves it with its last move.
CREATE INDEX item_open ON item (job_id, seq) WHERE state < 9;
CREATE INDEX item_rev ON item (rev);
CREATE INDEX item_blob ON item (blob) WHERE blob IS NOT NULL;
-- Has the job come across it?  What could not be read has no document.
CREATE INDEX item_document ON item (document_id, job_id)
	WHERE document_id <> 0;
CREATE INDEX item_unread ON item (job_id, uri) WHERE document_id = 0;

CREATE TABLE document (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	base_id INTEGER NOT NULL REFERENCES base (id),
	uri TEXT NOT NULL,
	name TEXT NOT NULL,
	metadata TEXT NOT NULL,
	bytes INTEGER NOT NULL DEFAULT 0,
	mtime_us INTEGER NOT NULL DEFAULT 0,
	revision_id INTEGER NOT NULL DEFAULT 0,
	hash BLOB, -- of the live revision; NULL: none
	seen_job INTEGER NOT NULL,
	item_id INTEGER NOT NULL DEFAULT 0,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	indexed_us INTEGER NOT NULL DEFAULT 0,
	UNIQUE (base_id, uri)
) STRICT;
CREATE INDEX document_base ON document (base_id, id);
CREATE INDEX document_hash ON document (base_id, hash)
	WHERE hash IS NOT NULL;

-- state: 1 building, 2 live, 3 dead.
CREATE TABLE revision (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	document_id INTEGER NOT NULL,
	base_id INTEGER NOT NULL,
	state INTEGER NOT NULL,
	hash BLOB NOT NULL,
	rule INTEGER NOT NULL,
	stored INTEGER NOT NULL,
	segments INTEGER NOT NULL,
	characters INTEGER NOT NULL,
	title TEXT NOT NULL,
	media_type TEXT NOT NULL,
	language TEXT NOT NULL,
	keyphrases TEXT NOT NULL,
	summary TEXT NOT NULL,
	pages INTEGER NOT NULL
) STRICT;
CREATE INDEX revision_document ON revision (document_id);
CREATE INDEX revision_hidden ON revision (state, id) WHERE state <> 2;

CREATE TABLE segment (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	revision_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	page_start INTEGER NOT NULL,
	page_end INTEGER NOT NULL,
	chars INTEGER NOT NULL,
	section TEXT NOT NULL,
	text TEXT NOT NULL,
	UNIQUE (revision_id, ordinal)
) STRICT;

CREATE TABLE vector (
	base_id INTEGER NOT NULL,
	segment_id INTEGER NOT NULL,
	revision_id INTEGER NOT NULL,
	value BLOB NOT NULL, -- docs/formats/store.md
	PRIMARY KEY (base_id, segment_id)
) STRICT, WITHOUT ROWID;
