-- SPDX-License-Identifier: Apache-2.0
--
-- 0005: environments of an organization, jobs that can be undone or asked for
-- twice, sources of a single job, and webhooks.

-- An organization has an account for each of its environments; what belongs to
-- one is not seen from another.
ALTER TABLE account ADD COLUMN organization BLOB NOT NULL DEFAULT x'';
ALTER TABLE account ADD COLUMN environment TEXT NOT NULL DEFAULT 'production';
UPDATE account SET organization = uuid;
CREATE UNIQUE INDEX account_environment ON account (organization, environment);

-- What its dialect calls the job and keeps with it, in its own words.
ALTER TABLE job ADD COLUMN form TEXT NOT NULL DEFAULT '';
-- What it replaces is kept for a while; when it was undone.
ALTER TABLE job ADD COLUMN keeps_replaced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN undone_us INTEGER NOT NULL DEFAULT 0;
-- What a list tells a job by: its state, but one that was paused before it
-- began has not begun, and one whose failures are all there is of it failed.
ALTER TABLE job ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
UPDATE job SET standing = CASE WHEN state = 4 AND started_us = 0 THEN 1
	WHEN state = 7 AND completed + unchanged = 0 THEN 9 ELSE state END;
-- Lists are counted and leafed through in these alone.
CREATE INDEX job_account ON job (account_id, id, state, standing);
DROP INDEX job_base;
CREATE INDEX job_base ON job (base_id, id, account_id, state, standing);

-- Requests that carried a name of their own, and the SHA-256 of what they
-- asked for: asked again, they get the same job.
CREATE TABLE request_key (
	account_id INTEGER NOT NULL,
	name TEXT NOT NULL,
	hash BLOB NOT NULL,
	job_id INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_key_created ON request_key (created_us);
CREATE INDEX request_key_job ON request_key (job_id);

-- The only job that reads the source; 0: it is the base's.  Its secret goes
-- with that job's end.
ALTER TABLE source ADD COLUMN job_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX source_job ON source (job_id) WHERE job_id <> 0;

-- What a document was before a job that keeps what it replaces made (kind 1,
-- then as it was made), changed (2) or deleted it (3): a copy of its row.
-- root_id: of the outermost document that it is in, or itself.  outcome of
-- undoing the job: 0 none, 1 undone, 2 left as others have made it since.
CREATE TABLE replaced (
	job_id INTEGER NOT NULL,
	document_id INTEGER NOT NULL,
	root_id INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	outcome INTEGER NOT NULL DEFAULT 0,
	base_id INTEGER NOT NULL,
	uri TEXT NOT NULL,
	name TEXT NOT NULL,
	metadata TEXT NOT NULL,
	settings TEXT NOT NULL,
	parent_id INTEGER NOT NULL,
	source_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	seen_job INTEGER NOT NULL,
	disabled_us INTEGER NOT NULL,
	disabled_by TEXT NOT NULL,
	is_archived INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	-- The revision that was live, and what the document said of it; 0 none.
	revision_id INTEGER NOT NULL,
	hash BLOB,
	etag TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	mtime_us INTEGER NOT NULL,
	indexed_us INTEGER NOT NULL,
	-- What the job left; NULL: as it was.
	new_name TEXT,
	new_metadata TEXT,
	new_settings TEXT,
	new_source_id INTEGER,
	own_revision_id INTEGER NOT NULL DEFAULT 0, -- that it published
	PRIMARY KEY (job_id, document_id)
) STRICT, WITHOUT ROWID;
-- Members go before what they are in: they came after it.
CREATE INDEX replaced_order
	ON replaced (job_id, outcome, root_id, document_id DESC);
CREATE INDEX replaced_document ON replaced (document_id);
-- Jobs that something is kept for, by their end; those that were undone.
CREATE INDEX job_kept ON job (finished_us) WHERE keeps_replaced = 1;
CREATE INDEX job_undone ON job (id) WHERE keeps_replaced = 1 AND undone_us <> 0;
-- revision.state 5: replaced, kept.  The others of a document are few.
CREATE INDEX revision_kept ON revision (base_id, id) WHERE state = 5;
CREATE INDEX revision_alive ON revision (document_id)
	WHERE state <> 3 AND state <> 5;

-- The fingerprint of the rule by which what its newest item was could not be
-- read, or is of no use; 0: it could.
ALTER TABLE document ADD COLUMN unread_rule INTEGER NOT NULL DEFAULT 0;

-- Where an account wants to be told of jobs that ended.
CREATE TABLE webhook (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL REFERENCES account (id),
	dialect INTEGER NOT NULL, -- in whose words it is told
	url TEXT NOT NULL,
	description TEXT NOT NULL,
	secret BLOB NOT NULL, -- sealed
	old_secret BLOB, -- sealed; signs as well until old_until_us
	old_until_us INTEGER NOT NULL,
	types INTEGER NOT NULL, -- bit (1 << type); 0 all
	bases TEXT NOT NULL, -- a JSON array of ids; [] all
	is_silent INTEGER NOT NULL, -- nothing fits what settings ask for
	settings TEXT NOT NULL, -- a JSON object: what a dialect keeps
	stop INTEGER NOT NULL, -- why it is switched off; 0: it is on
	stopped_us INTEGER NOT NULL,
	succeeded_us INTEGER NOT NULL, -- when something arrived last
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_account ON webhook (account_id, id);

-- One for each end of a job, whether or not anybody wants to know; and those
-- that were made up to try a webhook.  It outlives its job.
CREATE TABLE event (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE, -- the job's
	account_id INTEGER NOT NULL,
	type INTEGER NOT NULL,
	is_test INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	-- The job as it was then.
	base_uuid BLOB NOT NULL,
	base_name TEXT NOT NULL,
	kind INTEGER NOT NULL,
	dialect INTEGER NOT NULL,
	form TEXT NOT NULL,
	state INTEGER NOT NULL,
	scan INTEGER NOT NULL,
	total INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	unchanged INTEGER NOT NULL,
	removed INTEGER NOT NULL,
	code INTEGER NOT NULL,
	message TEXT NOT NULL,
	cancelled_by TEXT NOT NULL,
	job_created_us INTEGER NOT NULL,
	started_us INTEGER NOT NULL,
	finished_us INTEGER NOT NULL
) STRICT;
CREATE INDEX event_account ON event (account_id, created_us);
CREATE INDEX event_created ON event (created_us);

-- state: 1 due, 2 delivered, 3 given up.
CREATE TABLE delivery (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	webhook_id INTEGER NOT NULL,
	event_id INTEGER NOT NULL,
	state INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	tries INTEGER NOT NULL, -- of them since it was last asked for
	is_manual INTEGER NOT NULL, -- the next attempt was asked for
	due_us INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	finished_us INTEGER NOT NULL,
	UNIQUE (webhook_id, event_id)
) STRICT;
CREATE INDEX delivery_due ON delivery (webhook_id, due_us) WHERE state = 1;
CREATE INDEX delivery_event ON delivery (event_id);

CREATE TABLE delivery_attempt (
	delivery_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	is_manual INTEGER NOT NULL,
	began_us INTEGER NOT NULL,
	took_us INTEGER NOT NULL,
	status INTEGER NOT NULL, -- HTTP's; 0: no answer came
	message TEXT NOT NULL, -- why it failed
	PRIMARY KEY (delivery_id, seq)
) STRICT, WITHOUT ROWID;
