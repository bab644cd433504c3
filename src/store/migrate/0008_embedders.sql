-- SPDX-License-Identifier: Apache-2.0
--
-- 0008: which vectors can be compared with which.

-- What has turned texts into vectors here, by its name.  1 is what all vectors
-- were made by until now.
CREATE TABLE embedder (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	dimensions INTEGER NOT NULL -- 0: not known yet
) STRICT;
INSERT INTO embedder (id, name, dimensions) VALUES (1, 'lexical', 256);
ALTER TABLE vector ADD COLUMN embedder_id INTEGER NOT NULL DEFAULT 1;
ALTER TABLE child_vector ADD COLUMN embedder_id INTEGER NOT NULL DEFAULT 1;
