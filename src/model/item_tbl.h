/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item_tbl: the life of an item, one document within one job.
 *
 *   QUEUED -> EXTRACTING -> CLEANING -> CHUNKING -> TAGGING -> EMBEDDING
 *     |                                                            |
 *     |                                   COMPLETED <- FINALIZING <-+
 *     |           any step -> WAITING -> the same step or a later one
 *     |           any step, WAITING -> FAILED
 *     +-> SKIPPED, also from any step
 *   whatever is not final -> CANCELLED
 *
 * A step may be left out in what is stored (a small document passes several
 * between two commits), so each step may become every later one; never an
 * earlier one.  An item whose step is repeated after a restart keeps its
 * state: the state is how far it has come, not what a worker does again.
 *
 * counter: the member of counts that the state is counted in.  Values are
 * stored: append, never renumber.
 */
/* clang-format off */
#define ITEM_ENDS (TO(FAILED) | TO(SKIPPED) | TO(CANCELLED))
/*   state       value  may become                                                      counter     kind */
ITEM(QUEUED,       1, TO(EXTRACTING) | TO(CLEANING) | TO(CHUNKING) | TO(TAGGING) |
                      TO(EMBEDDING) | TO(FINALIZING) | TO(COMPLETED) | TO(WAITING) |
                      ITEM_ENDS,                                                         QUEUED,     INITIAL)
ITEM(EXTRACTING,   2, TO(CLEANING) | TO(CHUNKING) | TO(TAGGING) | TO(EMBEDDING) |
                      TO(FINALIZING) | TO(COMPLETED) | TO(WAITING) | ITEM_ENDS,          PROCESSING, STEP)
ITEM(CLEANING,     3, TO(CHUNKING) | TO(TAGGING) | TO(EMBEDDING) | TO(FINALIZING) |
                      TO(COMPLETED) | TO(WAITING) | ITEM_ENDS,                           PROCESSING, STEP)
ITEM(CHUNKING,     4, TO(TAGGING) | TO(EMBEDDING) | TO(FINALIZING) | TO(COMPLETED) |
                      TO(WAITING) | ITEM_ENDS,                                           PROCESSING, STEP)
ITEM(TAGGING,      5, TO(EMBEDDING) | TO(FINALIZING) | TO(COMPLETED) | TO(WAITING) |
                      ITEM_ENDS,                                                         PROCESSING, STEP)
ITEM(EMBEDDING,    6, TO(FINALIZING) | TO(COMPLETED) | TO(WAITING) | ITEM_ENDS,          PROCESSING, STEP)
ITEM(FINALIZING,   7, TO(COMPLETED) | TO(WAITING) | ITEM_ENDS,                           PROCESSING, STEP)
ITEM(WAITING,      8, TO(EXTRACTING) | TO(CLEANING) | TO(CHUNKING) | TO(TAGGING) |
                      TO(EMBEDDING) | TO(FINALIZING) | TO(COMPLETED) | ITEM_ENDS,        PROCESSING, REST)
ITEM(COMPLETED,    9, 0,                                                                 COMPLETED,  FINAL)
ITEM(FAILED,      10, 0,                                                                 FAILED,     FINAL)
ITEM(SKIPPED,     11, 0,                                                                 SKIPPED,    FINAL)
ITEM(CANCELLED,   12, 0,                                                                 CANCELLED,  FINAL)
#undef ITEM_ENDS
#undef ITEM
/* clang-format on */
