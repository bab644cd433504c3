/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter: which documents a query may find, by their metadata.
 *
 * Floor 3, pure.  A filter is a JSON object; all its members must hold.
 *
 *   {"year": 2024}                      equal; an array holds a member that is
 *   {"year": [2023, 2024]}              any of them
 *   {"year": {"$gte": 2020, "$lt": 2025}}
 *   {"$or": [{...}, {...}], "$and": [...], "$not": {...}}
 *
 * Operators: $eq $ne $gt $gte $lt $lte $in $nin $exists $contains $ncontains
 * $starts $ends $empty.  Numbers compare with numbers, strings with strings
 * (by their bytes); other pairs never hold, but for $ne, $nin and $ncontains,
 * which are the opposites of $eq, $in and $contains.  An array contains what
 * one of its strings does.  Empty is what is absent, null, "" or [].  A field
 * is a key of the document's metadata, or where it has none such "name",
 * "uri", "id", "created_at", "updated_at" (seconds since 1970); with
 * "document." in front it is the document's own whatever the metadata has.
 */
#ifndef SEARCH_FILTER_H
#define SEARCH_FILTER_H

#include <stdbool.h>
#include <stdint.h>

struct err_note;
struct json_t;

#define FILTER_DEPTH_MAX 8
#define FILTER_TERMS_MAX 256

/* Is it well-formed?  0, or ERR_INVALID with words. */
int filter_check(const struct json_t *filter, struct err_note *note);

/* A document as a filter sees it; borrowed. */
struct filter_subject {
	const struct json_t *metadata; /* an object */
	const char *name, *uri;
	int64_t created_us, updated_us;
	const char *id; /* the document's uuid; NULL: it has none */
};

/* Does it hold for a document?  filter was checked. */
bool filter_holds(const struct json_t *filter,
    const struct filter_subject *subject);

#endif
