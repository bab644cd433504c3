/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_document: a document in Captain's words.  Pure: structs in, JSON
 * out.
 *
 * Floor 6.
 */
#ifndef API_CAPTAIN_CAPTAIN_DOCUMENT_H
#define API_CAPTAIN_CAPTAIN_DOCUMENT_H

#include "base/uuid.h"

struct captain_base;
struct document;
struct jsonw;
struct segment;

/* The document's id. */
void captain_document_id(const struct document *document,
    char out[UUID_TEXT_SIZE]);
/* "completed", "processing"...: of it all in all, so an indexed one that was
 * found unchanged is completed. */
const char *captain_document_status(const struct document *document);

/* A row of the list of version 2, and of that of version 3. */
void captain_write_row(struct jsonw *w, const struct document *document);
void captain_write_row_v3(struct jsonw *w, const struct document *document,
    bool with_metadata);

/* {"document_id":...,"metadata":{...}: the object is left open for its
 * chunks.  organization: its uuid. */
void captain_write_document(struct jsonw *w, const struct document *document,
    const struct captain_base *base, const char *organization);
/* document: its id.  has_regions: say where on the page it is, which is not
 * known. */
void captain_write_chunk(struct jsonw *w, const struct segment *segment,
    const char *document, bool has_regions);

#endif
