-- SPDX-License-Identifier: Apache-2.0
--
-- 0010: full text in parts (src/index/part.h) instead of FTS5's tables, which
-- sqlite_index_build.c drops: their names are those of bases.

-- state: 1 being written, 2 live, 3 no use any more.
CREATE TABLE part (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	base_id INTEGER NOT NULL,
	state INTEGER NOT NULL,
	level INTEGER NOT NULL, -- by its size; -1 while it is written
	docs INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	first_id INTEGER NOT NULL, -- of its segments
	last_id INTEGER NOT NULL,
	-- How often segments between the two have lost a posting since it was
	-- written.
	lost INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX part_base ON part (base_id, state, level);
CREATE INDEX part_lost ON part (base_id) WHERE lost <> 0;
CREATE INDEX part_state ON part (state) WHERE state <> 2;
-- id: the part's, times 2 to the power of 20, and the page's number.
CREATE TABLE part_page (
	id INTEGER PRIMARY KEY,
	bytes BLOB NOT NULL
) STRICT;

-- Which of its postings is good: raised when what is found of it changes.
ALTER TABLE segment ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;
-- By what rule the words of postings were made; 0: there are none yet.
INSERT INTO meta VALUES ('words', 0);
