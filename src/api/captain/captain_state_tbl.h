/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_state_tbl: Captain's words for the states of a job and its files.
 *
 * Ranks never fall within one run.
 *
 * CAPTAIN_WORD(name, text, rank): a job's status.
 * CAPTAIN_ASKED(text, word): what a list may be asked for beside these words;
 * CAPTAIN_WORD_COUNT: jobs that there are none of.
 * CAPTAIN_JOB(state, word): of each state of model/job_tbl.h; what needs more
 * than the state is in captain_word_of().
 * CAPTAIN_STAGE(name, text, rank, verb, description): progress.current_stage.
 * CAPTAIN_STEP(stage, name): of each stage of the model.  There is no word
 * for cleaning: the text is being made, as in extracting.
 * CAPTAIN_FILE(name, text, rank): a file's status.
 * CAPTAIN_ITEM(state, name): of each state of model/item_tbl.h.
 * CAPTAIN_KIND(kind, job_type): of each kind of job.
 */
/* clang-format off */
#ifdef CAPTAIN_WORD
/*           name                     text                       rank */
CAPTAIN_WORD(PENDING,                 "pending",                 0)
CAPTAIN_WORD(RUNNING,                 "running",                 1)
CAPTAIN_WORD(COMPLETED,               "completed",               2)
CAPTAIN_WORD(COMPLETED_WITH_FAILURES, "completed_with_failures", 2)
CAPTAIN_WORD(FAILED,                  "failed",                  2)
CAPTAIN_WORD(CANCELLED,               "cancelled",               2)
#undef CAPTAIN_WORD
#endif

#ifdef CAPTAIN_ASKED
/*            text                     word */
CAPTAIN_ASKED("processing",            CAPTAIN_RUNNING)
CAPTAIN_ASKED(CAPTAIN_WITH_ERRORS,     CAPTAIN_COMPLETED_WITH_FAILURES)
CAPTAIN_ASKED("timed_out",             CAPTAIN_WORD_COUNT)
#undef CAPTAIN_ASKED
#endif

#ifdef CAPTAIN_JOB
/*          state                    word */
CAPTAIN_JOB(PENDING,                 PENDING)
CAPTAIN_JOB(SCANNING,                RUNNING)
CAPTAIN_JOB(RUNNING,                 RUNNING)
CAPTAIN_JOB(PAUSED,                  RUNNING)
CAPTAIN_JOB(FINALIZING,              RUNNING)
CAPTAIN_JOB(COMPLETED,               COMPLETED)
CAPTAIN_JOB(COMPLETED_WITH_FAILURES, COMPLETED_WITH_FAILURES)
CAPTAIN_JOB(NO_CHANGES,              COMPLETED)
CAPTAIN_JOB(FAILED,                  FAILED)
CAPTAIN_JOB(CANCELLED,               CANCELLED)
#undef CAPTAIN_JOB
#endif

#ifdef CAPTAIN_STAGE
/*            name        text          rank verb          description */
CAPTAIN_STAGE(SCANNING,   "scanning",   1,  "Listing",    "Listing the files to index")
CAPTAIN_STAGE(EXTRACTING, "extracting", 2,  "Extracting", "Extracting text from documents")
CAPTAIN_STAGE(CHUNKING,   "chunking",   3,  "Chunking",   "Splitting documents into chunks")
CAPTAIN_STAGE(TAGGING,    "tagging",    4,  "Tagging",    "Deriving keyphrases and summaries")
CAPTAIN_STAGE(EMBEDDING,  "embedding",  5,  "Embedding",  "Turning chunks into vectors")
CAPTAIN_STAGE(FINALIZING, "finalizing", 6,  "Finalizing", "Bringing the results together")
CAPTAIN_STAGE(CANCELLED,  "cancelled",  7,  "Cancelled",  "The job was cancelled")
#undef CAPTAIN_STAGE
#endif

#ifdef CAPTAIN_STEP
/*           stage       name */
CAPTAIN_STEP(EXTRACTING, EXTRACTING)
CAPTAIN_STEP(CLEANING,   EXTRACTING)
CAPTAIN_STEP(CHUNKING,   CHUNKING)
CAPTAIN_STEP(TAGGING,    TAGGING)
CAPTAIN_STEP(EMBEDDING,  EMBEDDING)
CAPTAIN_STEP(FINALIZING, FINALIZING)
#undef CAPTAIN_STEP
#endif

#ifdef CAPTAIN_FILE
/*           name        text          rank */
CAPTAIN_FILE(QUEUED,     "queued",     0)
CAPTAIN_FILE(PROCESSING, "processing", 1)
CAPTAIN_FILE(COMPLETED,  "completed",  2)
CAPTAIN_FILE(FAILED,     "failed",     2)
CAPTAIN_FILE(SKIPPED,    "skipped",    2)
CAPTAIN_FILE(CANCELLED,  "cancelled",  2)
#undef CAPTAIN_FILE
#endif

#ifdef CAPTAIN_ITEM
/*           state       name */
CAPTAIN_ITEM(QUEUED,     QUEUED)
CAPTAIN_ITEM(EXTRACTING, PROCESSING)
CAPTAIN_ITEM(CLEANING,   PROCESSING)
CAPTAIN_ITEM(CHUNKING,   PROCESSING)
CAPTAIN_ITEM(TAGGING,    PROCESSING)
CAPTAIN_ITEM(EMBEDDING,  PROCESSING)
CAPTAIN_ITEM(FINALIZING, PROCESSING)
CAPTAIN_ITEM(WAITING,    PROCESSING)
CAPTAIN_ITEM(COMPLETED,  COMPLETED)
CAPTAIN_ITEM(FAILED,     FAILED)
CAPTAIN_ITEM(SKIPPED,    SKIPPED)
CAPTAIN_ITEM(CANCELLED,  CANCELLED)
#undef CAPTAIN_ITEM
#endif

#ifdef CAPTAIN_KIND
/*           kind    job_type */
CAPTAIN_KIND(FOLDER, "index_folder")
CAPTAIN_KIND(UPLOAD, "index_file")
CAPTAIN_KIND(TEXT,   "index_text")
CAPTAIN_KIND(SOURCES, "index_sources")
CAPTAIN_KIND(IMPORT, "index_sources")
CAPTAIN_KIND(KEEP,   "index_file")
CAPTAIN_KIND(KEPT,   "index_file")
CAPTAIN_KIND(EMBED,  "index_again")
#undef CAPTAIN_KIND
#endif
/* clang-format on */
