-- SPDX-License-Identifier: Apache-2.0
--
-- 0009: which vectors have changed, for who holds them in memory.

-- A segment whose vectors came, changed or went after it was stored, or (0) a
-- revision that is gone with all its segments'.  What a new segment brings is
-- not noted: its id is above all others.  The oldest rows go when there are
-- more than VECTOR_CHANGES_MAX.
CREATE TABLE vector_change (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	base_id INTEGER NOT NULL,
	segment_id INTEGER NOT NULL,
	revision_id INTEGER NOT NULL
) STRICT;
CREATE INDEX vector_change_base ON vector_change (base_id, id);
