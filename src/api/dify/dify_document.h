/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_document: a document of a dataset, and what its handlers share.
 *
 * What Dify knows of a document beyond the model lies in its settings, in the
 * member "dify":
 *
 *	{"process_rule": {"id", "mode", "rules"}, "doc_form", "doc_language",
 *	 "created_from": "api",
 *	 "upload": {"id", "name", "size", "extension", "mime_type",
 *	     "created_us"}}
 *
 * all of which may be absent: a document that another dialect brought is
 * shown with what the model says.
 */
#ifndef API_DIFY_DIFY_DOCUMENT_H
#define API_DIFY_DIFY_DOCUMENT_H

#include "api/dify/dify_int.h"

#define DIFY_IDS_MAX 100u /* documents in one request */
#define DIFY_DOCUMENT_TEXTS 10u

/* A copy that outlives the row. */
struct dify_document {
	struct document row; /* its texts are those of texts */
	char *texts[DIFY_DOCUMENT_TEXTS];
	struct uuid uuid;
	char id_text[UUID_TEXT_SIZE];
	struct item item; /* its newest; id 0: it has none */
	struct uuid job;  /* that item's */
	bool has_blob;	  /* the newest item is an upload */
	uint8_t blob[HASH_SIZE];
	json_t *settings;
	const json_t *dify; /* its member of that name; may be NULL */
	/* Shown as it was when its job was made, however far it is. */
	bool is_new_run;
};

/*
 * The document of the dataset with that id; *ret_document is to be given to
 * dify_document_close(), which takes a zeroed one too.  ERR_NOT_FOUND without
 * words.
 */
int dify_document_open(struct store *reader,
    const struct dify_dataset *dataset, const struct uuid *uuid,
    struct dify_document *ret_document);
/* From a row of the store; ERR_NOMEM... */
int dify_document_take(struct store *reader, const struct document *row,
    struct dify_document *ret_document);
void dify_document_close(struct dify_document *document);

/* "text_model" when nothing is known. */
const char *dify_document_form(const struct dify_document *document);
/* Its rule in normal form with "id"; NULL: none is known. */
const json_t *dify_document_rule(const struct dify_document *document);

/* ---- showing it (dify_document_view.c) ---------------------------------- */

enum dify_metadata { DIFY_METADATA_ALL, DIFY_METADATA_ONLY,
	DIFY_METADATA_WITHOUT };

struct dify_document_view {
	const struct dify_dataset *dataset;
	const struct dify_document *document;
	const char *account; /* dify_account() */
};

/* As in lists and answers to additions. */
void dify_write_document(struct jsonw *w,
    const struct dify_document_view *view);
/* With its rules and counts. */
void dify_write_document_detail(struct jsonw *w,
    const struct dify_document_view *view, enum dify_metadata metadata);
/* The members of "upload_file". */
struct dify_upload_view {
	char id[UUID_TEXT_SIZE];
	const char *name, *extension, *mime_type;
	uint64_t size;
	int64_t created_us;
};
void dify_document_upload(const struct dify_document *document,
    struct dify_upload_view *ret_view);

/* Where a document stands in Dify's words: "queuing", "available"... */
const char *dify_display_word(enum document_standing standing);
const char *dify_display_status(const struct dify_document *document);
/* Four characters are one, rounded up; 0 where no model reads them. */
uint64_t dify_tokens(const struct dify_dataset *dataset, uint64_t characters);

/* ---- lists of ids in bodies (dify_document_state.c) ---------------------- */

/* The request's document_ids, at most DIFY_IDS_MAX, each once; what is no id
 * becomes one that nothing has.  Returns as dify_body(). */
int dify_document_ids(struct http_request *request, struct http_reply *reply,
    bool may_be_empty, struct uuid ret_ids[DIFY_IDS_MAX],
    size_t *ret_count);

/* ---- handlers ------------------------------------------------------------ */

/* dify_document_add.c */
http_handler_fn dify_create_by_text, dify_create_by_file,
    dify_update_by_text, dify_update_by_file;
/* dify_document_list.c */
http_handler_fn dify_list_documents, dify_get_document, dify_delete_document;
/* dify_document_state.c, dify_document_run.c */
http_handler_fn dify_set_status, dify_retry_documents, dify_pause_documents,
    dify_resume_documents, dify_pause_document, dify_resume_document;
/* dify_document_raw.c, dify_document_zip.c */
http_handler_fn dify_get_download, dify_get_upload_file, dify_get_file,
    dify_get_zip;
/* dify_segment.c, dify_segment_edit.c, dify_child.c */
http_handler_fn dify_list_segments, dify_get_segment, dify_add_segments,
    dify_change_segment, dify_delete_segment, dify_list_children,
    dify_add_child, dify_change_child, dify_delete_child;

#endif
