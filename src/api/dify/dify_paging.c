/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages: what was asked for is echoed, what it comes to is bounded.  The
 * original says has_more when a page is full; here it says whether there is
 * more.
 */
#include <stdlib.h>
#include <string.h>

#include "api/dify/dify_int.h"

#define DIGITS_MAX 9u /* so that no product overflows */

static int64_t
number_of(struct http_request *request, const char *name, int64_t otherwise)
{
	const char *text = http_query(request, name);
	size_t len, digits;

	if (text == NULL)
		return otherwise;
	len = strlen(text);
	digits = strspn(text + (text[0] == '-'), "0123456789");
	if (digits == 0 || digits + (text[0] == '-') != len)
		return otherwise;
	if (digits > DIGITS_MAX)
		return text[0] == '-' ? -999999999 : 999999999;
	return strtoll(text, NULL, 10);
}

void
dify_paging_read(struct http_request *request,
    struct dify_paging *ret_paging)
{
	struct dify_paging *paging = ret_paging;
	int64_t page;

	paging->page = number_of(request, "page", 1);
	paging->limit = number_of(request, "limit", DIFY_LIMIT_DEFAULT);
	page = paging->page < 1 ? 1 : paging->page;
	paging->rows = paging->limit < 1 ? 1
	    : paging->limit > DIFY_LIMIT_MAX ? DIFY_LIMIT_MAX
					     : (size_t)paging->limit;
	paging->offset = (size_t)(page - 1) * paging->rows;
}

bool
dify_paging_has_more(const struct dify_paging *paging, uint64_t total)
{
	return paging->offset + paging->rows < total;
}

void
dify_paging_write(struct jsonw *w, const struct dify_paging *paging,
    uint64_t total)
{
	jsonw_nbool(w, "has_more", dify_paging_has_more(paging, total));
	jsonw_nint(w, "limit", paging->limit);
	jsonw_nuint(w, "total", total);
	jsonw_nint(w, "page", paging->page);
}
