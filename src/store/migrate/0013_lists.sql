-- SPDX-License-Identifier: Apache-2.0
--
-- 0013: lists that are entered anywhere, and what has failed lately.

-- A job's items by their state, in their order: a page is found wherever in the
-- list it begins, without reading the rows before it.  A row is in one of them;
-- the states of its steps, which pass quickly, share one.
CREATE INDEX item_queued ON item (job_id, seq) WHERE state = 1;
CREATE INDEX item_busy ON item (job_id, seq) WHERE state > 1 AND state < 9;
CREATE INDEX item_completed ON item (job_id, seq) WHERE state = 9;
CREATE INDEX item_failed ON item (job_id, seq) WHERE state = 10;
CREATE INDEX item_skipped ON item (job_id, seq) WHERE state = 11;
CREATE INDEX item_cancelled ON item (job_id, seq) WHERE state = 12;

-- Jobs that something of failed, of an account.
CREATE INDEX job_failed ON job (account_id, id) WHERE failed > 0;
