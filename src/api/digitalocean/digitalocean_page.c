/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages are numbered from 1.  The links of one that is not there are "": some
 * clients read "previous", others "prev", and all of them stop where "next"
 * and "last" are empty.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_int.h"

#define PAGE_DIGITS_MAX 12u /* so that no product overflows */

/* Absent, "" and 0: otherwise. */
static int
number_read(struct http_request *request, const char *name,
    uint64_t otherwise, uint64_t *ret_number)
{
	const char *text = http_query(request, name), *at;
	uint64_t number = 0;

	for (at = text; at != NULL && *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	if (at != NULL && (*at != '\0' ||
	    (size_t)(at - text) > PAGE_DIGITS_MAX))
		return err_set(&request->note, ERR_INVALID,
		    "%s must be a positive number", name);
	*ret_number = number == 0 ? otherwise : number;
	return 0;
}

int
do_page_read(struct http_request *request, struct do_page *ret_page)
{
	struct do_page page;
	int err;

	err = number_read(request, "page", 1, &page.page);
	if (err == 0)
		err = number_read(request, "per_page", DO_PER_PAGE,
		    &page.per_page);
	if (err < 0)
		return err;
	if (page.per_page > DO_PER_PAGE_MAX)
		page.per_page = DO_PER_PAGE_MAX;
	page.offset = (size_t)((page.page - 1) * page.per_page);
	page.limit = (size_t)page.per_page;
	*ret_page = page;
	return 0;
}

/* page 0: there is none. */
static void
put_link(struct http_request *request, struct jsonw *w, const char *name,
    uint64_t page, const struct do_page *asked)
{
	struct buf *out = request->scratch;

	buf_clear(out);
	if (page != 0) {
		do_origin(request, out);
		(void)buf_printf(out, "%s?page=%llu&per_page=%llu",
		    request->path, (unsigned long long)page,
		    (unsigned long long)asked->per_page);
	}
	jsonw_nstring(w, name, buf_text(out));
}

void
do_page_write(struct http_request *request, struct jsonw *w,
    const struct do_page *page, uint64_t total)
{
	uint64_t pages = total / page->per_page +
	    (total % page->per_page != 0 || total == 0);
	uint64_t before = page->page > pages ? pages : page->page - 1;
	bool has_next = page->page < pages;

	jsonw_name(w, "links");
	jsonw_object(w);
	jsonw_name(w, "pages");
	jsonw_object(w);
	put_link(request, w, "first", before > 0 ? 1 : 0, page);
	put_link(request, w, "previous", before, page);
	put_link(request, w, "prev", before, page);
	put_link(request, w, "next", has_next ? page->page + 1 : 0, page);
	put_link(request, w, "last", has_next ? pages : 0, page);
	jsonw_object_end(w);
	jsonw_object_end(w);
	jsonw_name(w, "meta");
	jsonw_object(w);
	jsonw_nuint(w, "page", page->page);
	jsonw_nuint(w, "pages", pages);
	jsonw_nuint(w, "total", total);
	jsonw_object_end(w);
}
