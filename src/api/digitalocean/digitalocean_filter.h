/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_filter: the filters of a question, in the two forms that there
 * are of them:
 *
 *   {"must": [C...], "must_not": [C...], "should": [C...]}, C being
 *   {"field": "item_name", "operator": "eq", "value": "a.pdf"}
 *
 *   {"and_all": [F...]} or {"or_all": [F...]}, or one of the operators:
 *   {"equals": {"field": "item_name", "value": "a.pdf"}}, or for short
 *   {"equals": {"item_name": "a.pdf"}}
 *
 * Floor 6, pure.  Most fields are of the document, and one filter of
 * search/filter.h decides before anything is searched.  page_number and
 * chunk_category are of the single result: what they leave is looked at when
 * it is found.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_FILTER_H
#define API_DIGITALOCEAN_DIGITALOCEAN_FILTER_H

#include <stdbool.h>

#include <jansson.h>

struct err_note;
struct result;

struct do_filter {
	json_t *before; /* of documents; owned; NULL: all of them */
	json_t *after;	/* of results; owned; NULL: all of them */
};

#define DO_CHUNK_CATEGORY "text" /* there is one */

/* filters NULL: none.  ERR_INVALID, ERR_NOMEM. */
int do_filter_make(const json_t *filters, struct do_filter *ret_filter,
    struct err_note *note);
void do_filter_fini(struct do_filter *filter);

/* Does after hold? */
bool do_filter_holds(const struct do_filter *filter,
    const struct result *result);

#endif
