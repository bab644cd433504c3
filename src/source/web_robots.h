/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_robots: what a site asks of robots (RFC 9309).  Floor 3, pure.
 *
 * Of all groups those count that name our product token, WEB_TOKEN, together;
 * when there is none, those for "*".  The longest rule that matches decides,
 * and of equally long ones the one that allows.
 */
#ifndef SOURCE_WEB_ROBOTS_H
#define SOURCE_WEB_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WEB_TOKEN "tidemark"

struct web_robots {
	struct buf text;  /* rules: 'A' or 'D' and the pattern, terminated */
	size_t *rules;	  /* where each begins in text */
	size_t rule_count, rule_size;
	struct buf sitemaps; /* their addresses as written, terminated */
	unsigned delay_ms;   /* Crawl-delay; 0: none */
	bool refuses_all;    /* whatever the rules say */
};

/* No rules: everything is allowed. */
void web_robots_init(struct web_robots *robots);
void web_robots_fini(struct web_robots *robots);

/* Read a robots.txt; what is no line of one is passed over.  At most
 * WEB_ROBOTS_BYTES_MAX are looked at, whole lines only.  0 or ERR_NOMEM. */
int web_robots_read(struct web_robots *robots, const char *text, size_t len);

/*
 * May we ask for path (path and query of a normalised address, of len
 * bytes)?  /robots.txt is always allowed.  Takes time in proportion to the
 * rules' bytes plus len for each rule.
 */
bool web_robots_allow(const struct web_robots *robots, const char *path,
    size_t len);

/* The next Sitemap line after *at (0 to begin with), NULL at the end. */
const char *web_robots_sitemap(const struct web_robots *robots, size_t *at);

/* What a meta element or an X-Robots-Tag header asks for. */
struct web_wish {
	bool noindex, nofollow;
};

/*
 * Add what a list like "noindex, nofollow" says.  has_agent: an agent's name
 * and a colon may stand in front, and what is for another agent is passed
 * over (as in the header).
 */
void web_wish_read(const char *text, size_t len, bool has_agent,
    struct web_wish *wish);

#endif
