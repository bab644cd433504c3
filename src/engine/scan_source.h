/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_source: what the files about listing sources share.  Floor 4.
 */
#ifndef ENGINE_SCAN_SOURCE_H
#define ENGINE_SCAN_SOURCE_H

#include <stddef.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "engine/scan_int.h"
#include "source/remote.h"

struct buf;
struct err_note;
struct source;

/* The longest address of a document: what a listing calls it, and a mark. */
#define SOURCE_URI_BYTES_MAX (URI_BYTES_MAX + 8 + UUID_TEXT_SIZE)

/* Append the document's address for what a listing of source calls uri. */
int source_uri(const char *uri, const struct source *source,
    struct buf *out);
/* How much of such an address is the listing's. */
size_t source_uri_len(const char *uri);

/* What an entry says, as a document that was found (to be given to
 * scan_put()). */
int listing_found(struct listing *listing, const struct remote_entry *entry,
    struct found *found);

/* Is what such a tag is of a page that elements can be left out of?
 * (scan_web.c) */
bool page_tag_is_html(const char *tag);

/* The object, list a bucket, or crawl: 0 when that came to its end. */
int upload_source_list(struct listing *listing, struct err_note *note);
int s3_source_list(struct listing *listing, struct err_note *note);
int web_source_list(struct listing *listing, struct err_note *note);
/* Documents that were named: nothing is asked. */
int links_source_list(struct listing *listing, struct err_note *note);

#endif
