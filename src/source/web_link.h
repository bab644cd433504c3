/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_link: one document that somebody named by its URL.
 *
 * Floor 3.  Unlike a crawl this takes whatever lies there and looks for
 * nothing else.  Each address that is connected to, also after a redirect, is
 * subject to the net_policy of its client.
 *
 * robots.txt is not asked: it speaks to programs that find their way by
 * themselves, and here a person asks for this very page, as with a browser.
 */
#ifndef SOURCE_WEB_LINK_H
#define SOURCE_WEB_LINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "source/web.h"

#define WEB_LINK_NAME_SIZE (UPLOAD_NAME_BYTES_MAX + 1)

struct web_link {
	const char *url; /* normalised (web_url.h) */
	/* Of an earlier fetch: its entity tag and time; NULL: whatever it
	 * is. */
	const struct web_known *known;
	uint64_t bytes_max;
	int fd; /* an empty file to be written (and truncated); borrowed */
	const atomic_bool *stop; /* NULL: none */
};

struct web_linked {
	bool is_unchanged; /* since known; nothing came */
	struct web_known known; /* for the next time */
	char name[WEB_LINK_NAME_SIZE]; /* as web_link_name() */
	uint64_t bytes;
};

/*
 * Fetch it, once: who calls decides whether to try again.  On error fd may
 * hold a part.
 *
 *	ERR_NOT_FOUND	there is nothing at that address
 *	ERR_FORBIDDEN	it is not for us, or the policy refuses the address
 *	ERR_INVALID	another answer that gives nothing, or redirects that
 *			lead nowhere
 *	ERR_BUSY, ERR_UPSTREAM, ERR_TIMEOUT, ERR_CLOSED
 *			transient
 *	ERR_TOO_BIG	over bytes_max
 *	ERR_CANCELLED, ERR_NOMEM, or an error of writing
 */
int web_link_fetch(struct net_client *client, const struct web_link *link,
    struct web_linked *ret_linked, struct err_note *note);

/*
 * What the document at a normalised address is called: as the answer's
 * Content-Disposition says ("": nothing), or the last part of its path, or
 * host and path.  UTF-8 without control characters and slashes of folders.
 */
int web_link_name(const char *url, const char *disposition,
    char out[WEB_LINK_NAME_SIZE]);

#endif
