/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_state_tbl: DigitalOcean's words for the states of a job.
 *
 * Some clients look at the phase only, others at the status only, and both
 * must be final together: so one word here stands for the three that go over
 * the wire.  DO_WORD(name, phase, status, source, rank): the values without
 * their prefixes; the rank never falls within one run.
 *
 * DO_JOB(state, word): the word of each state of model/job_tbl.h, except for
 * what needs more than the state, see do_word_of().
 */
/* clang-format off */
#ifdef DO_WORD
/*       name        phase        status         source of the job    rank */
DO_WORD(PENDING,    "PENDING",   "PENDING",     "UNKNOWN",           0)
DO_WORD(RUNNING,    "RUNNING",   "IN_PROGRESS", "IN_PROGRESS",       1)
DO_WORD(COMPLETED,  "SUCCEEDED", "COMPLETED",   "UPDATED",           2)
DO_WORD(NO_CHANGES, "SUCCEEDED", "NO_CHANGES",  "NOT_UPDATED",       2)
DO_WORD(PARTIAL,    "SUCCEEDED", "PARTIAL",     "PARTIALLY_UPDATED", 2)
DO_WORD(FAILED,     "FAILED",    "FAILED",      "FAILED",            2)
DO_WORD(ERROR,      "ERROR",     "FAILED",      "FAILED",            2)
DO_WORD(CANCELLED,  "CANCELLED", "CANCELLED",   "CANCELLED",         2)
#undef DO_WORD
#endif

#ifdef DO_JOB
/*      state                    word */
DO_JOB(PENDING,                 PENDING)
DO_JOB(SCANNING,                RUNNING)
DO_JOB(RUNNING,                 RUNNING)
DO_JOB(PAUSED,                  RUNNING)
DO_JOB(FINALIZING,              RUNNING)
DO_JOB(COMPLETED,               COMPLETED)
DO_JOB(COMPLETED_WITH_FAILURES, PARTIAL)
DO_JOB(NO_CHANGES,              NO_CHANGES)
DO_JOB(FAILED,                  FAILED)
DO_JOB(CANCELLED,               CANCELLED)
#undef DO_JOB
#endif
/* clang-format on */
