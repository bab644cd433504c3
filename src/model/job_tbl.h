/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_tbl: the life of a job.  A job's state is never set: it follows from
 * its items and from what was asked of it, by job_state_of().
 *
 *   PENDING -> SCANNING -> RUNNING -> FINALIZING -> COMPLETED
 *      \          |           |            |    \-> COMPLETED_WITH_FAILURES
 *       \---------+-- PAUSED -+            |    \-> NO_CHANGES
 *                 (and back)               |    \-> FAILED
 *   whatever is not final -> CANCELLED, FAILED
 *
 * Values are stored: append, never renumber.
 */
/* clang-format off */
#define JOB_ENDS (TO(COMPLETED) | TO(COMPLETED_WITH_FAILURES) | TO(NO_CHANGES) | \
                  TO(FAILED) | TO(CANCELLED))
/*  state                   value  may become                                                kind */
JOB(PENDING,                  1, TO(SCANNING) | TO(RUNNING) | TO(PAUSED) | TO(FINALIZING) |
                                 JOB_ENDS,                                                   INITIAL)
JOB(SCANNING,                 2, TO(RUNNING) | TO(PAUSED) | TO(FINALIZING) | JOB_ENDS,       LIVE)
JOB(RUNNING,                  3, TO(PAUSED) | TO(FINALIZING) | JOB_ENDS,                     LIVE)
JOB(PAUSED,                   4, TO(PENDING) | TO(SCANNING) | TO(RUNNING) | TO(FINALIZING) |
                                 JOB_ENDS,                                                   LIVE)
JOB(FINALIZING,               5, JOB_ENDS,                                                   LIVE)
JOB(COMPLETED,                6, 0,                                                          FINAL)
JOB(COMPLETED_WITH_FAILURES,  7, 0,                                                          FINAL)
JOB(NO_CHANGES,               8, 0,                                                          FINAL)
JOB(FAILED,                   9, 0,                                                          FINAL)
JOB(CANCELLED,               10, 0,                                                          FINAL)
#undef JOB_ENDS
#undef JOB
/* clang-format on */
