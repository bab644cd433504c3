/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content: the bytes that a document was made of, as a file to be kept.
 *
 * Floor 5.  An upload's bytes lie in the data folder; a file that was read in
 * place is where it was; of all else (buckets, members of archives) nothing is
 * kept here.
 */
#ifndef HTTP_CONTENT_H
#define HTTP_CONTENT_H

#include <stdint.h>

#include "store/store.h"

struct engine;
struct err_note;
struct http_reply;
struct http_request;

struct http_content {
	int fd; /* -1: none */
	uint64_t bytes;
	char *name, *media_type; /* of a document; owned; NULL: not told */
};

/* An upload by its hash; to be given to http_content_close().  ERR_NOT_FOUND
 * or what opening it says. */
int http_content_of_blob(struct engine *engine, struct store *reader,
    const uint8_t hash[HASH_SIZE], struct http_content *ret_content,
    struct err_note *note);

/*
 * What the document's live revision was made of or, when nothing is indexed or
 * it was changed by hand, what came for it last; likewise.  Whose document it
 * is, is the caller's to know.  ERR_NOT_FOUND: there is no such document, or
 * its bytes are gone; ERR_CONFLICT, with words: the file has changed since;
 * ERR_UNSUPPORTED: they were never kept here.
 */
int http_content_of_document(struct http_request *request,
    struct store *reader, int64_t document_id,
    struct http_content *ret_content);

void http_content_close(struct http_content *content);

/*
 * Answer with the content, whose descriptor is taken.  Whatever it is, a
 * browser keeps it under name and does not run it.  media_type NULL or "": any
 * bytes.
 */
void http_reply_content(struct http_request *request,
    struct http_reply *reply, struct http_content *content, const char *name,
    const char *media_type);

#endif
