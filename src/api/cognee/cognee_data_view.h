/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_data_view: a document as Cognee's data.  Pure: structs in, JSON out.
 *
 * Floor 6.  What the client said of its data is the document's metadata:
 * COGNEE_LABEL is its label, all else is what it called external metadata.
 */
#ifndef API_COGNEE_COGNEE_DATA_VIEW_H
#define API_COGNEE_COGNEE_DATA_VIEW_H

#include <stddef.h>

struct document;
struct http_reply;
struct jsonw;
struct uuid;

#define COGNEE_LABEL "label"

/* How much of a document's name is what data are called: all but the
 * extension. */
size_t cognee_data_name(const char *name);

/* DataDTO.  ERR_NOMEM. */
int cognee_write_data(struct jsonw *w, const char *dataset,
    const struct document *document);

/* 404 {"message":"Dataset (...) not found."}; returns 0, as handlers do. */
int cognee_no_dataset(struct http_reply *reply, const struct uuid *uuid);

#endif
