/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_state_tbl: Cognee's words for a run over a dataset.
 *
 * COGNEE_WORD(name, rank): DATASET_PROCESSING_<name>; the rank never falls
 * within one run.
 *
 * COGNEE_COGNIFY(state, word): cognify_pipeline, of each state of
 * model/job_tbl.h.  One word stands for every run that did not end well.
 * COGNEE_ADD(scan, word): add_pipeline, of each state of the scan: the data
 * have been added when all of them are known.
 */
/* clang-format off */
#ifdef COGNEE_WORD
/*          name       rank */
COGNEE_WORD(INITIATED, 0)
COGNEE_WORD(STARTED,   1)
COGNEE_WORD(COMPLETED, 2)
COGNEE_WORD(ERRORED,   2)
#undef COGNEE_WORD
#endif

#ifdef COGNEE_COGNIFY
/*             state                    word */
COGNEE_COGNIFY(PENDING,                 INITIATED)
COGNEE_COGNIFY(SCANNING,                STARTED)
COGNEE_COGNIFY(RUNNING,                 STARTED)
COGNEE_COGNIFY(PAUSED,                  STARTED)
COGNEE_COGNIFY(FINALIZING,              STARTED)
COGNEE_COGNIFY(COMPLETED,               COMPLETED)
COGNEE_COGNIFY(COMPLETED_WITH_FAILURES, ERRORED)
COGNEE_COGNIFY(NO_CHANGES,              COMPLETED)
COGNEE_COGNIFY(FAILED,                  ERRORED)
COGNEE_COGNIFY(CANCELLED,               ERRORED)
#undef COGNEE_COGNIFY
#endif

#ifdef COGNEE_ADD
/*         scan     word */
COGNEE_ADD(WAITING, STARTED)
COGNEE_ADD(RUNNING, STARTED)
COGNEE_ADD(DONE,    COMPLETED)
COGNEE_ADD(FAILED,  ERRORED)
#undef COGNEE_ADD
#endif
/* clang-format on */
