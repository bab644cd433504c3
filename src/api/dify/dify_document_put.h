/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_document_put: documents that are made, replaced and updated.  Floor 6.
 *
 * A handler fills a draft from its body, lets its parts be settled in the
 * order in which the original looks at them, and puts it.
 */
#ifndef API_DIFY_DIFY_DOCUMENT_PUT_H
#define API_DIFY_DIFY_DOCUMENT_PUT_H

#include "api/dify/dify_document.h"

#define DIFY_NAME_CHARS_MAX 200u
#define DIFY_ENDING_CHARS_MAX 16u /* of a file's name, with the dot */
#define DIFY_NAME_SIZE                                                        \
	((DIFY_NAME_CHARS_MAX + DIFY_ENDING_CHARS_MAX) * 4 + 1)

struct dify_draft {
	/* By the handler: */
	const json_t *body; /* checked */
	const struct dify_dataset *dataset;
	/* That is updated; NULL: the one of that name, if it may be replaced,
	 * or a new one. */
	const struct dify_document *document;
	bool replaces;	   /* without document: is looked for by name */
	bool needs_rule;   /* of its own or of the dataset: none is made up */
	enum job_kind kind;
	struct upload *upload; /* finished; NULL: the content stays */
	char name[DIFY_NAME_SIZE]; /* "": it stays */
	char extension[32];
	uint64_t size; /* as it is shown */
	char account[UUID_TEXT_SIZE];
	/* Settled: */
	const char *technique, *form, *language;
	json_t *rule;	  /* owned */
	json_t *chunking; /* owned */
};

/* Fields of bodies that make documents: name, text, process_rule... */
extern const struct dify_form dify_create_text_form, dify_update_text_form,
    dify_create_file_form, dify_update_file_form;

/* Cut to 200 characters; of a file's longer name they are those before the
 * first dot, and its ending follows.  Control characters become blanks. */
void dify_draft_name(struct dify_draft *draft, const char *name,
    bool is_file);
/* The technique that counts.  ERR_INVALID with words. */
int dify_draft_technique(struct http_request *request,
    struct dify_draft *draft);
/* Rule, doc_form, language. */
int dify_draft_rule(struct http_request *request, struct dify_draft *draft);
/* The dataset's settings as they are with this document in it. */
int dify_draft_settle(struct http_request *request,
    struct dify_draft *draft);
/* Put it, and answer with the document and its batch. */
int dify_draft_put(struct http_request *request, struct http_reply *reply,
    struct dify_draft *draft);
void dify_draft_fini(struct dify_draft *draft);

/* The document to be updated, if it may be.  ERR_NOT_FOUND, ERR_INVALID with
 * words. */
int dify_draft_document(struct http_request *request,
    const struct dify_dataset *dataset, const struct uuid *uuid,
    struct dify_document *ret_document);

#endif
