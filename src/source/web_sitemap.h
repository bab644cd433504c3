/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_sitemap: the pages that a site lists itself.  Floor 3, pure.
 */
#ifndef SOURCE_WEB_SITEMAP_H
#define SOURCE_WEB_SITEMAP_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* An address as the sitemap has it, without blanks and escapes; is_index: it
 * is of another sitemap.  Valid during the call; a negative return ends. */
typedef int web_sitemap_fn(void *arg, const char *url, size_t len,
    bool is_index);

/*
 * Give fn the addresses that the sitemap lists: XML (urlset, sitemapindex;
 * images and videos below a page are none), or one in a line.  What is
 * neither has none.  After WEB_SITEMAP_URLS_MAX the rest is left out and
 * *ret_is_cut set.  0, ERR_NOMEM, or what fn returned.
 */
int web_sitemap_scan(const char *text, size_t len, web_sitemap_fn *fn,
    void *arg, bool *ret_is_cut);

/* Do they begin as gzip does? */
bool web_is_gzip(const char *bytes, size_t len);

/* Append what the gzip members hold; ERR_SYNTAX when they are damaged or
 * end early, ERR_TOO_BIG when out is full, ERR_NOMEM. */
int web_gunzip(const char *bytes, size_t len, struct buf *out);

#endif
