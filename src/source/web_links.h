/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_links: where a page leads.  Floor 3, pure.
 */
#ifndef SOURCE_WEB_LINKS_H
#define SOURCE_WEB_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "source/web_robots.h"

enum web_link_kind {
	WEB_LINK_PAGE,	   /* a, area, frames, link rel=next, meta refresh */
	WEB_LINK_MEDIA,	   /* img, embed, object */
	WEB_LINK_CANONICAL /* the address this page wants to have */
};

/* url is normalised and terminated, and valid during the call; a negative
 * return ends the scan. */
typedef int web_link_fn(void *arg, enum web_link_kind kind, const char *url);

/*
 * Give fn the links of the len bytes of HTML found at base (normalised), in
 * their order, as often as they stand there: also through <base href>, not
 * those with rel=nofollow, inside of a template, or that are no pages (mail,
 * scripts).  After WEB_LINKS_MAX of them the rest is left out and *ret_is_cut
 * set.  *wish gets what the page's meta elements ask of robots; as that may
 * stand anywhere, links are given nevertheless.
 *
 * Takes time in proportion to len.  0, ERR_NOMEM, or what fn returned.
 */
int web_links_scan(const char *html, size_t len, const char *base,
    web_link_fn *fn, void *arg, struct web_wish *wish, bool *ret_is_cut);

#endif
