/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_tbl: how a job may have ended, for those who want to be told.
 *
 * Values are stored, and bits of them: append, never renumber.
 */
/* clang-format off */
/*    name                       value  word                         what it says */
EVENT(JOB_COMPLETED,             1, "job.completed",             "A job ended, and every document of it is indexed or needed nothing")
EVENT(JOB_COMPLETED_WITH_ERRORS, 2, "job.completed_with_errors", "A job ended, and some of its documents failed")
EVENT(JOB_FAILED,                3, "job.failed",                "A job ended, and nothing of it is indexed")
EVENT(JOB_CANCELLED,             4, "job.cancelled",             "A job was cancelled, or its base was deleted")
/* clang-format on */
#undef EVENT
