/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter: which documents a query may find, by their metadata.
 *
 * Floor 3, pure.  A filter is a JSON object; all its members must hold.
 *
 *   {"year": 2024}                      equal; an array holds a member that is
 *   {"year": [2023, 2024]}              any of them
 *   {"year": {"$gte": 2020, "$lt": 2025}}
 *   {"$or": [{...}, {...}], "$and": [...]}
 *
 * Operators: $eq $ne $gt $gte $lt $lte $in $nin $exists.  Numbers compare with
 * numbers, strings with strings (by their bytes); other pairs never hold, but
 * for $ne and $nin, which are the opposite of $eq and $in.  A field is a key
 * of the document's metadata, or "name", "uri" where metadata has none such.
 */
#ifndef SEARCH_FILTER_H
#define SEARCH_FILTER_H

#include <stdbool.h>

struct err_note;
struct json_t;

#define FILTER_DEPTH_MAX 8
#define FILTER_TERMS_MAX 256

/* Is it well-formed?  0, or ERR_INVALID with words. */
int filter_check(const struct json_t *filter, struct err_note *note);

/* Does it hold for a document?  filter was checked; metadata is an object. */
bool filter_holds(const struct json_t *filter, const struct json_t *metadata,
    const char *name, const char *uri);

#endif
