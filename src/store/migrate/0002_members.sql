-- SPDX-License-Identifier: Apache-2.0
--
-- 0002: documents inside of documents, and what documents say of themselves.

-- The document that it is a member of (an archive, a mail); 0 none.
ALTER TABLE document ADD COLUMN parent_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX document_parent ON document (parent_id) WHERE parent_id <> 0;

-- The same of an item, and the outermost document and how deep below it.
ALTER TABLE item ADD COLUMN parent_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN root_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
-- Counted and summed up for each archive that a job comes across.
CREATE INDEX item_root ON item (job_id, root_id, parent_id, bytes)
	WHERE root_id <> 0;

-- A JSON object: author, created_at...
ALTER TABLE revision ADD COLUMN properties TEXT NOT NULL DEFAULT '{}';
