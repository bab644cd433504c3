/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_state_tbl: Dify's words for the states of a document.
 *
 * DIFY_WORD(name, text, rank): what the wire says, and how far it is: within
 * one run a document's rank never falls.  `paused` has none: it lies over
 * another word and comes and goes with the pause.
 *
 * DIFY_ITEM(state, word): the word of each state of model/item_tbl.h.  Two of
 * them need more than the state, see dify_word_of(): WAITING has the word of
 * the step it waits in, `waiting` would be a step back; and what was SKIPPED
 * for a reason that leaves it out of the index is an `error`, since
 * `completed` means that it can be found.  What is only kept is `waiting`.
 */
/* clang-format off */
#ifdef DIFY_WORD
/*        name       text         rank */
DIFY_WORD(WAITING,   "waiting",   0)
DIFY_WORD(PARSING,   "parsing",   1)
DIFY_WORD(CLEANING,  "cleaning",  2)
DIFY_WORD(SPLITTING, "splitting", 3)
DIFY_WORD(INDEXING,  "indexing",  4)
DIFY_WORD(PAUSED,    "paused",    -1)
DIFY_WORD(COMPLETED, "completed", 5)
DIFY_WORD(ERROR,     "error",     5)
#undef DIFY_WORD
#endif

#ifdef DIFY_ITEM
/*        state       word */
DIFY_ITEM(QUEUED,     WAITING)
DIFY_ITEM(EXTRACTING, PARSING)
DIFY_ITEM(CLEANING,   CLEANING)
DIFY_ITEM(CHUNKING,   SPLITTING)
DIFY_ITEM(TAGGING,    SPLITTING)
DIFY_ITEM(EMBEDDING,  INDEXING)
DIFY_ITEM(FINALIZING, INDEXING)
DIFY_ITEM(WAITING,    WAITING)
DIFY_ITEM(COMPLETED,  COMPLETED)
DIFY_ITEM(FAILED,     ERROR)
DIFY_ITEM(SKIPPED,    COMPLETED)
DIFY_ITEM(CANCELLED,  ERROR)
#undef DIFY_ITEM
#endif
/* clang-format on */
