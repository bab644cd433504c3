/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_segment: what the routes of segments and child chunks share.  Floor 6.
 */
#ifndef API_DIFY_DIFY_SEGMENT_H
#define API_DIFY_DIFY_SEGMENT_H

#include "api/dify/dify_document.h"

/* The document of the path's second parameter, in one snapshot. */
struct dify_place {
	struct store *reader;
	struct dify_dataset dataset;
	struct dify_document document;
	char account[UUID_TEXT_SIZE];
};

/* ERR_NOT_FOUND with Dify's words.  To be given to dify_place_close() in any
 * case, which returns err, the outcome so far. */
int dify_place_open(struct http_request *request, struct dify_place *place);
int dify_place_close(struct http_request *request, struct dify_place *place,
    int err);
/* Another snapshot of the same document, after a change. */
int dify_place_again(struct http_request *request, struct dify_place *place);

/* fn is called with the live segment of the document that has that id.
 * ERR_NOT_FOUND with words. */
int dify_segment_find(struct http_request *request,
    const struct dify_place *place, const struct uuid *uuid, segment_fn *fn,
    void *arg);
/* The whole object: with its children, where they are shown with it. */
int dify_write_segment_full(struct jsonw *w, const struct dify_place *place,
    const struct segment *segment);
/* {"data": segment, "doc_form": ...} of the segment with that id. */
int dify_answer_segment(struct http_request *request,
    struct http_reply *reply, const struct dify_place *place,
    const struct uuid *uuid);

/* One child as an object. */
void dify_write_child(struct jsonw *w, const struct dify_place *place,
    const struct uuid *segment, const struct child *child);

/*
 * The words that say most of a text: at most 10, each once, the most frequent
 * first; stop words, single characters and what stands behind the first
 * 64 KiB do not count.  Pure.  As a JSON array.
 */
void dify_write_keywords(struct jsonw *w, const char *text, size_t len);

#endif
