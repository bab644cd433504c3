/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web: documents that are pages of the web.
 *
 * Floor 3.  A crawl begins at one address and goes on through the links of
 * what it reads, first found first read, one request at a time, with a pause
 * between two requests to the same host.  The same site gives the same
 * entries in the same order.  It asks robots.txt first and does what that and
 * the pages themselves ask of robots; every address it connects to, also
 * after a redirect, is subject to the net_policy of its client.
 *
 * A document is what is found in the end: where a redirect leads, and the
 * page that others call canonical.  Ids of sessions and marks of
 * advertisements are taken off the links that are followed.
 */
#ifndef SOURCE_WEB_H
#define SOURCE_WEB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/net.h"
#include "source/remote.h"

struct buf;
struct err_note;

#define WEB_DATE_SIZE 64

enum web_scope {
	WEB_SCOPED,	/* the one page */
	WEB_PATH,	/* what lies below its path (web_url.h) */
	WEB_DOMAIN,	/* its host */
	WEB_SUBDOMAINS, /* its host and those below it */
	WEB_SITEMAP,	/* what the site's sitemaps list */
	WEB_SCOPE_COUNT
};

struct web_config {
	const char *url; /* where to begin; with WEB_SITEMAP the site, or the
			    sitemap itself when it ends in .xml, .xml.gz */
	enum web_scope scope;
	/* Also documents and pictures that pages of the scope link to or
	 * embed, from the same host(s).  The first page is taken whatever it
	 * is. */
	bool takes_media;
	const char *folder; /* for bodies, in unlinked files */
	/* What follows is filled by web_config_init(). */
	unsigned pages_max; /* entries; at most WEB_PAGES_MAX */
	unsigned depth_max; /* links from the first page, WEB_DEPTH_MAX */
	unsigned variants_max; /* queries of one path */
	uint64_t page_bytes_max, total_bytes_max;
	unsigned pause_ms;  /* between requests to one host */
	unsigned retry_ms;  /* before the second attempt; doubles */
	unsigned page_ms;   /* for one request */
	unsigned stall_ms;  /* without a byte */
	unsigned time_s;    /* for all */
};

/*
 * remote: uri is the page's normalised address, name its host and path; etag
 * the entity tag; bytes those of the body.
 */
struct web_entry {
	struct remote_entry remote;
	const char *asked; /* the first address that led here by redirects;
			      mostly uri itself */
	const char *from;  /* the page whose link was followed; NULL: none */
	const char *content_type;  /* "" when not said */
	const char *last_modified; /* to be kept for web_known; "" */
	unsigned depth;
	int fd; /* the body, at its start; borrowed; -1: there is none */
	/* It is as the caller has it; no body was sent. */
	bool is_unchanged;
};

/* What the caller has of a page from an earlier crawl. */
struct web_known {
	char etag[REMOTE_TAG_SIZE];
	char last_modified[WEB_DATE_SIZE];
	char content_type[NET_TYPE_SIZE];
};

struct web_calls {
	/* entry is valid during the call; a negative return ends the crawl. */
	int (*entry)(void *arg, const struct web_entry *entry);
	/* Fill *ret_known and return 0, or ERR_NOT_FOUND; other errors end
	 * the crawl.  NULL: nothing is known. */
	int (*known)(void *arg, const char *url, struct web_known *ret_known);
	/* Append the body as it was given with the entry (before anything was
	 * dropped from it) to out: an unchanged page still has links.
	 * ERR_NOT_FOUND, or more than out takes: it is fetched anew.  Other
	 * errors end the crawl. */
	int (*body)(void *arg, const char *url, struct buf *out);
	void *arg;
};

/* Why not all was seen; those of WEB_CUT_UNSEEN mean that a page without an
 * entry has not vanished. */
enum web_cut {
	WEB_CUT_PAGES = 1,  /* pages_max */
	WEB_CUT_BYTES = 2,  /* total_bytes_max */
	WEB_CUT_TIME = 4,   /* time_s */
	WEB_CUT_QUEUE = 8,  /* more addresses than are kept, or hosts */
	WEB_CUT_HOST = 16,  /* a host did not answer any more */
	WEB_CUT_ERROR = 32, /* a page whose links are unknown, or too many */
	WEB_CUT_DEPTH = 64, /* depth_max */
	WEB_CUT_TRAP = 128  /* paths and queries that look endless */
};
#define WEB_CUT_UNSEEN                                                        \
	(WEB_CUT_PAGES | WEB_CUT_BYTES | WEB_CUT_TIME | WEB_CUT_QUEUE |       \
	    WEB_CUT_HOST | WEB_CUT_ERROR)

struct web_tally {
	unsigned cuts;	    /* of enum web_cut */
	unsigned requests;  /* also for robots.txt, and repeated ones */
	unsigned pages;	    /* entries without a code */
	unsigned unchanged; /* of them */
	unsigned failed;    /* entries with one */
	unsigned broken;    /* of them: not found */
	unsigned robots;    /* addresses that robots.txt keeps closed */
	unsigned noindex;   /* pages that ask to be left out */
	unsigned copies;    /* pages that call another one canonical */
	unsigned outside;   /* redirects out of the scope */
	unsigned unwanted;  /* answers of types that are not taken */
	uint64_t bytes;	    /* of bodies */
};

/* The defaults, for all but url, scope, takes_media and folder. */
void web_config_init(struct web_config *config);

/*
 * Crawl.  client belongs to the crawl until it returns.  stop (may be NULL)
 * is looked at between all steps, in pauses and transfers: true ends with
 * ERR_CANCELLED within a tenth of a second.
 *
 * What is wrong with the site is an entry, not an error: the first page gives
 * one in any case, also where robots.txt or the policy keep it closed; pages
 * of the scope that links lead to give one when they cannot be had, and none
 * when robots.txt or their own wish closes them.  Reaching a limit is success
 * with a cut.
 *
 * ERR_INVALID: the address is none that can be crawled; ERR_NOMEM, ERR_IO,
 * ERR_STORAGE_FULL, ERR_CANCELLED; what a call returned.
 */
int web_crawl(const struct web_config *config, struct net_client *client,
    const atomic_bool *stop, const struct web_calls *calls,
    struct web_tally *ret_tally, struct err_note *note);

/*
 * Append html without the elements of those names (and what is in them).  Is
 * to be applied to a body on its way to the extractor: the body itself is
 * kept whole, since links are often in what is left out.  0 or what out says.
 */
int web_drop_tags(const char *html, size_t len, const char *const *tags,
    size_t tag_count, struct buf *out);

/* Can it be the name of an element, for web_drop_tags()? */
bool web_tag_is_valid(const char *tag);

#endif
