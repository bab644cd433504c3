-- SPDX-License-Identifier: Apache-2.0
--
-- 0011: words of full text without their endings.

-- The language whose rules make its stems (text/language_tbl.h); 0 not decided
-- yet.
ALTER TABLE revision ADD COLUMN stems INTEGER NOT NULL DEFAULT 0;
-- Bit n: some of its postings are stems of language n.
ALTER TABLE part ADD COLUMN languages INTEGER NOT NULL DEFAULT 0;
