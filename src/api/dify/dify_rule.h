/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_rule: process_rule, how a document is to be cut, checked and turned
 * into the "chunking" of engine/rule.h.
 *
 * Floor 6, pure.  A rule in normal form is what is stored and shown:
 *
 *	{"mode": "automatic" | "custom" | "hierarchical",
 *	 "rules": {"pre_processing_rules": [{"id", "enabled"}...],
 *		   "segmentation": {"separator", "max_tokens",
 *		       "chunk_overlap"},
 *		   "parent_mode": "paragraph" | "full-doc" | null,
 *		   "subchunk_segmentation": {...} | null}}
 *
 * max_tokens and chunk_overlap are code points, whatever their names say.
 */
#ifndef API_DIFY_DIFY_RULE_H
#define API_DIFY_DIFY_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct dify_form;
struct err_note;

#define DIFY_FORM_TEXT "text_model"
#define DIFY_FORM_PARENTS "hierarchical_model"
#define DIFY_FORM_QUESTIONS "qa_model"

/* What process_rule must look like, as a field of another body. */
extern const struct dify_form dify_process_rule_form;

/*
 * The normal form of wire, which may be NULL or null for the automatic rule.
 * *ret_rule is owned (json_decref).  ERR_INVALID with Dify's words, ERR_NOMEM.
 */
int dify_rule_read(const json_t *wire, json_t **ret_rule,
    struct err_note *note);

/*
 * The "chunking" for a rule in normal form and a doc_form; *ret_chunking is
 * owned.  ERR_INVALID with words: the rule does not fit the form.
 */
int dify_rule_chunking(const json_t *rule, const char *doc_form,
    json_t **ret_chunking, struct err_note *note);

/* The same mode and rules?  Other members (id) are no matter. */
bool dify_rule_is_same(const json_t *a, const json_t *b);

/* Are its parents whole documents? */
bool dify_rule_is_whole(const json_t *rule);

/* What a dataset without any rule is said to have; owned, NULL: no memory. */
json_t *dify_rule_default(void);

/*
 * A separator as it is meant: backslash escapes become what they stand for,
 * everything else stays.  out has size bytes.  ERR_TOO_BIG.
 */
int dify_separator(const char *text, char *out, size_t size);

#endif
