/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wait_tbl: what a job waits for, as the API names it, and what that means to
 * who watches it.  A wait without a row is shown by its name.
 */
/* clang-format off */
/*   waiting_for  words */
WAIT("worker",    "waits for a worker: all of them are busy")
WAIT("upstream",  "waits: the chat model does not answer")
WAIT("embedding", "waits: the embedding service does not answer")
WAIT("source",    "waits: a bucket or site that it reads from is out of order")
WAIT("storage",   "waits: the disk is full; it goes on when there is room")
WAIT("retry",     "waits a moment after an error that may pass")
WAIT("paused",    "is paused: tidemark resume JOB lets it go on")
/* clang-format on */
#undef WAIT
