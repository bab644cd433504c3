/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_warning_tbl: what a query's answer warns of.  A sentence repeats
 * nothing of what the client sent.
 */
/* clang-format off */
/*              name            words */
CAPTAIN_WARNING(NO_RERANK,      "rerank: this server has no reranking service; results are in the search's own order")
CAPTAIN_WARNING(RERANK_FAILED,  "rerank: the reranking service failed; results are in the search's own order")
CAPTAIN_WARNING(NO_CHAT,        "inference: this server has no chat model; the answer consists of sentences of the documents")
CAPTAIN_WARNING(CHAT_FAILED,    "inference: the chat model failed; the answer consists of sentences of the documents")
CAPTAIN_WARNING(CHAT_CUT,       "inference: the chat model reached a limit; its answer is not complete")
CAPTAIN_WARNING(NO_PASSAGES,    "inference: nothing in the collection matches the query")
CAPTAIN_WARNING(NO_WISH,        "custom_prompt: not used, as no chat model wrote the answer")
CAPTAIN_WARNING(TOP_K,          "top_k: not used with inference")
CAPTAIN_WARNING(V3_INFERENCE,   "inference: not served here; use the v2 query")
CAPTAIN_WARNING(BBOX,           "include_bbox: where text stands on its page is not recorded")
CAPTAIN_WARNING(REGIONS,        "include.regions: where text stands on its page is not recorded")
CAPTAIN_WARNING(RELATIONS,      "include.relations: relations between documents are not recorded")
CAPTAIN_WARNING(RELATED,        "include.related_chunks: relations between documents are not recorded")
CAPTAIN_WARNING(ARCHIVED,       "include.archived: what is archived is not searched")
CAPTAIN_WARNING(BOOST,          "boost: not used")
CAPTAIN_WARNING(RELATION_TYPES, "relation_types, relation_direction: relations between documents are not recorded")
CAPTAIN_WARNING(TEXT_EXCLUDED,  "exclude_chunk_types: all chunks here are of the type text")
/* clang-format on */
#undef CAPTAIN_WARNING
