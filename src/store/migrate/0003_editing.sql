-- SPDX-License-Identifier: Apache-2.0
--
-- 0003: rules of cutting kept with documents; documents and segments that are
-- switched off or written by hand; children of segments; tags; small uploads.

-- A JSON object: how it is cut and indexed, and what a dialect keeps with it.
ALTER TABLE document ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
-- Its place among the base's documents, from 1; the base keeps the last one.
ALTER TABLE document ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN disabled_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN disabled_by TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN is_archived INTEGER NOT NULL DEFAULT 0;
-- Lists: newest first, counted by name, the newest of a name.
CREATE INDEX document_created ON document (base_id, created_us, id);
CREATE INDEX document_name ON document (base_id, name, id);
ALTER TABLE base ADD COLUMN positions INTEGER NOT NULL DEFAULT 0;
UPDATE document SET position = place.n FROM (
	SELECT id, row_number() OVER (PARTITION BY base_id ORDER BY id) AS n
	FROM document
) AS place WHERE place.id = document.id;
UPDATE base SET positions =
	(SELECT count(*) FROM document d WHERE d.base_id = base.id);
-- Of live revisions, as documents and segments.
ALTER TABLE base ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
UPDATE base SET characters =
	(SELECT coalesce(sum(r.characters), 0) FROM document d
	JOIN revision r ON r.id = d.revision_id WHERE d.base_id = base.id);
CREATE INDEX base_account ON base (account_id, id);

-- state: 1 building, 2 live, 3 dead, 4 live but not found (its document is
-- switched off or put away).  rule -1: changed by hand, of no content.
ALTER TABLE revision ADD COLUMN has_vectors INTEGER NOT NULL DEFAULT 1;
CREATE INDEX revision_off ON revision (base_id, id) WHERE state = 4;

-- What it answers, when the text is a question; words given by hand (a JSON
-- array); times are 0 when they are those of the revision.
ALTER TABLE segment ADD COLUMN answer TEXT;
ALTER TABLE segment ADD COLUMN keywords TEXT;
ALTER TABLE segment ADD COLUMN disabled_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segment ADD COLUMN disabled_by TEXT NOT NULL DEFAULT '';
ALTER TABLE segment ADD COLUMN created_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segment ADD COLUMN updated_us INTEGER NOT NULL DEFAULT 0;

-- Pieces of a segment that have the vectors in its stead.
CREATE TABLE child (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	segment_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	chars INTEGER NOT NULL,
	is_custom INTEGER NOT NULL,
	text TEXT NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	UNIQUE (segment_id, ordinal)
) STRICT;
CREATE TABLE child_vector (
	base_id INTEGER NOT NULL,
	segment_id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	revision_id INTEGER NOT NULL,
	value BLOB NOT NULL, -- docs/formats/store.md
	PRIMARY KEY (base_id, segment_id, child_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL REFERENCES account (id),
	name TEXT NOT NULL,
	created_us INTEGER NOT NULL,
	UNIQUE (account_id, name)
) STRICT;
CREATE TABLE base_tag (
	base_id INTEGER NOT NULL,
	tag_id INTEGER NOT NULL,
	PRIMARY KEY (base_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX base_tag_tag ON base_tag (tag_id);

-- Uploads of few bytes, by the SHA-256 of their content.
CREATE TABLE small_blob (
	hash BLOB PRIMARY KEY,
	bytes BLOB NOT NULL
) STRICT;

-- When a job was paused; 0 while it is not.
ALTER TABLE job ADD COLUMN paused_us INTEGER NOT NULL DEFAULT 0;
UPDATE job SET paused_us = updated_us WHERE is_paused <> 0;
