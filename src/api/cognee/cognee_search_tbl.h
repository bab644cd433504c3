/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_search_tbl: the ways of searching, by the words of the original.
 *
 *	gathers	what is looked up, and is the context of an answer
 *	answer	ANSWERS: somebody answers from the context; LISTS: what was
 *		found is the answer; REFUSED: not done here, and said so
 *	kind	the original's word for what a recall finds this way
 */
/* clang-format off */
/*      name                                gathers        answer   kind */
SEARCH(SUMMARIES,                          SUMMARIES,     LISTS,   "summary")
SEARCH(CHUNKS,                             CHUNKS,        LISTS,   "chunk")
SEARCH(RAG_COMPLETION,                     CHUNKS,        ANSWERS, "rag_completion")
SEARCH(HYBRID_COMPLETION,                  HYBRID,        ANSWERS, "graph_completion")
SEARCH(TRIPLET_COMPLETION,                 GRAPH,         ANSWERS, "triplet_completion")
SEARCH(GRAPH_COMPLETION,                   GRAPH,         ANSWERS, "graph_completion")
SEARCH(GRAPH_COMPLETION_DECOMPOSITION,     GRAPH,         ANSWERS, "graph_completion")
SEARCH(GRAPH_SUMMARY_COMPLETION,           GRAPH_SUMMARY, ANSWERS, "graph_completion")
SEARCH(CYPHER,                             NOTHING,       REFUSED, "cypher")
SEARCH(NATURAL_LANGUAGE,                   NOTHING,       REFUSED, "natural_language")
SEARCH(GRAPH_COMPLETION_COT,               GRAPH,         ANSWERS, "graph_completion")
SEARCH(GRAPH_COMPLETION_CONTEXT_EXTENSION, GRAPH_WIDE,    ANSWERS, "graph_completion")
SEARCH(FEELING_LUCKY,                      LUCKY,         ANSWERS, "unknown")
SEARCH(TEMPORAL,                           DATES,         ANSWERS, "temporal")
SEARCH(CODING_RULES,                       NOTHING,       REFUSED, "coding_rule")
SEARCH(CHUNKS_LEXICAL,                     WORDS,         LISTS,   "chunk")
SEARCH(AGENTIC_COMPLETION,                 HYBRID,        REFUSED, "graph_completion")
SEARCH(CODE,                               NOTHING,       REFUSED, "code")
SEARCH(GRAPH_REPORT,                       REPORT,        LISTS,   "unknown")
/* clang-format on */
#undef SEARCH
