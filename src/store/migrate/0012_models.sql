-- SPDX-License-Identifier: Apache-2.0
--
-- 0012: a model for each base, and changing it.

-- What a base is asked to be embedded with; NULL: the server's default.  By
-- which embedder it answers, and by which it is to: another one while it
-- changes.
ALTER TABLE base ADD COLUMN embedding_model TEXT;
ALTER TABLE base ADD COLUMN embedding_dimensions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE base ADD COLUMN embedder_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE base ADD COLUMN wanted_id INTEGER NOT NULL DEFAULT 0;

-- Embedders by which each segment of the revision that is on has its vectors;
-- 0: none.  There are two while a base changes.
ALTER TABLE revision ADD COLUMN embedder_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revision ADD COLUMN other_id INTEGER NOT NULL DEFAULT 0;

-- A segment, and a child, has a vector of each embedder.  The key's columns are
-- the first ones: integrity_check mistakes others for NULL elsewhere.
CREATE TABLE vector_of (
	base_id INTEGER NOT NULL,
	segment_id INTEGER NOT NULL,
	embedder_id INTEGER NOT NULL,
	revision_id INTEGER NOT NULL,
	value BLOB NOT NULL, -- docs/formats/store.md
	PRIMARY KEY (base_id, segment_id, embedder_id)
) STRICT, WITHOUT ROWID;
INSERT INTO vector_of (base_id, segment_id, revision_id, value, embedder_id)
	SELECT base_id, segment_id, revision_id, value, embedder_id FROM vector
	ORDER BY base_id, segment_id;
DROP TABLE vector;
ALTER TABLE vector_of RENAME TO vector;
CREATE TABLE child_vector_of (
	base_id INTEGER NOT NULL,
	segment_id INTEGER NOT NULL,
	child_id INTEGER NOT NULL,
	embedder_id INTEGER NOT NULL,
	revision_id INTEGER NOT NULL,
	value BLOB NOT NULL, -- docs/formats/store.md
	PRIMARY KEY (base_id, segment_id, child_id, embedder_id)
) STRICT, WITHOUT ROWID;
INSERT INTO child_vector_of (base_id, segment_id, child_id, revision_id, value,
	embedder_id)
	SELECT base_id, segment_id, child_id, revision_id, value, embedder_id
	FROM child_vector ORDER BY base_id, segment_id, child_id;
DROP TABLE child_vector;
ALTER TABLE child_vector_of RENAME TO child_vector;

-- Until now a revision that was stored in several batches could begin with one
-- embedder and end with another.
CREATE TABLE made (
	revision_id INTEGER PRIMARY KEY,
	base_id INTEGER NOT NULL,
	low INTEGER NOT NULL,
	high INTEGER NOT NULL
) STRICT;
INSERT INTO made SELECT revision_id, min(base_id), min(embedder_id),
	max(embedder_id) FROM (SELECT revision_id, base_id, embedder_id
	FROM vector UNION ALL SELECT revision_id, base_id, embedder_id
	FROM child_vector) GROUP BY revision_id;
UPDATE revision SET embedder_id = coalesce((SELECT low FROM made
	WHERE made.revision_id = revision.id AND low = high), 0)
	WHERE has_vectors <> 0;

-- A base answers by the embedder that most of its documents have.
CREATE TABLE made_most (
	base_id INTEGER NOT NULL,
	embedder_id INTEGER NOT NULL,
	revisions INTEGER NOT NULL,
	PRIMARY KEY (base_id, embedder_id)
) STRICT, WITHOUT ROWID;
INSERT INTO made_most SELECT base_id, high, count(*) FROM made
	GROUP BY base_id, high;
UPDATE base SET embedder_id = coalesce((SELECT m.embedder_id FROM made_most m
	WHERE m.base_id = base.id ORDER BY m.revisions DESC, m.embedder_id DESC
	LIMIT 1), 0);

-- Vectors by which no base answers or will: they go bit by bit.  Those of
-- segments up to after_id have gone.
CREATE TABLE vector_waste (
	base_id INTEGER NOT NULL,
	embedder_id INTEGER NOT NULL,
	after_id INTEGER NOT NULL,
	PRIMARY KEY (base_id, embedder_id)
) STRICT, WITHOUT ROWID;
INSERT INTO vector_waste SELECT base_id, embedder_id, 0 FROM (
	SELECT base_id, low AS embedder_id FROM made UNION
	SELECT base_id, high FROM made) w WHERE embedder_id <>
	(SELECT b.embedder_id FROM base b WHERE b.id = w.base_id);
DROP TABLE made;
DROP TABLE made_most;

-- What the embedding service says it has counted for the job.
ALTER TABLE job ADD COLUMN embedding_tokens INTEGER NOT NULL DEFAULT 0;
