/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host's robots.txt says, asked once in a crawl.
 *
 * RFC 9309, 2.3.1: an answer in the 400s allows everything, and so does one
 * that redirects too often; one in the 500s, or none, closes the host.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "source/web_int.h"

static bool
is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

bool
web_rules_allow(const struct web_host *host, const char *text)
{
	struct web_url url;

	web_url_parse(text, &url);
	return web_robots_allow(&host->robots, url.path,
	    (size_t)(url.text + url.len - url.path));
}

int
web_follow(struct web_crawl *crawl, const struct web_way *way,
    struct buf *body, unsigned *ret_status, struct err_note *note)
{
	struct web_ask ask = {.fd = -1, .body = body,
	    .bytes_max = body->max, .cuts = way->cuts};
	unsigned redirects = way->redirects;
	struct web_host *host;
	struct web_got got;
	struct buf here, next;
	int err;

	buf_init(&here, WEB_URL_BYTES_MAX);
	buf_init(&next, WEB_URL_BYTES_MAX);
	err = buf_puts(&here, way->url);
	for (;; redirects--) {
		if (err == 0)
			err = web_host_of(crawl, buf_text(&here), &host);
		if (err == 0 && way->obeys)
			err = web_rules_have(crawl, host);
		if (err < 0)
			break;
		if (way->obeys && !web_rules_allow(host, buf_text(&here))) {
			*ret_status = 0;
			break;
		}
		ask.url = buf_text(&here);
		err = web_fetch(crawl, host, &ask, &got, note);
		if (err < 0)
			break;
		*ret_status = got.status;
		if (!is_redirect(got.status) || got.location[0] == '\0')
			break;
		*ret_status = 0;
		if (redirects == 0)
			break;
		buf_clear(&next);
		err = web_url_resolve(buf_text(&here), got.location,
		    strlen(got.location), &next);
		if (err < 0 && err != ERR_NOMEM) {
			err = 0;
			break;
		}
		buf_clear(&here);
		if (err == 0)
			err = buf_put(&here, next.data, next.len);
	}
	buf_fini(&here);
	buf_fini(&next);
	return err;
}

/* Nothing may be asked of the host, and that is why. */
static void
host_close(struct web_host *host, enum item_code code, const char *why)
{
	host->robots.refuses_all = true;
	host->why_code = code;
	(void)snprintf(host->why, sizeof(host->why), "%s", why);
}

int
web_rules_have(struct web_crawl *crawl, struct web_host *host)
{
	const struct web_way way = {.url = host->url,
	    .redirects = WEB_ROBOTS_REDIRECTS_MAX, .cuts = true};
	struct err_note note = {""};
	struct buf body;
	unsigned status = 0;
	char words[64];
	int err;

	if (host->has_robots)
		return 0;
	host->has_robots = true;
	/* RFC 9309, 2.5: at least so much is read, and we read no more. */
	buf_init(&body, WEB_ROBOTS_BYTES_MAX + 1);
	err = web_follow(crawl, &way, &body, &status, &note);
	if (web_error_is_ours(err))
		goto out;
	if (err < 0) {
		host_close(host,
		    err == ERR_FORBIDDEN ? ITEM_CODE_SOURCE_ACCESS_DENIED :
					   ITEM_CODE_FETCH_FAILED,
		    err_words(&note, err));
		err = 0;
	} else if (status >= 500 || status == 429) {
		(void)snprintf(words, sizeof(words),
		    "the host answered %u to the request for robots.txt",
		    status);
		host_close(host, ITEM_CODE_FETCH_FAILED, words);
	} else if (status == 200) {
		err = web_robots_read(&host->robots, buf_text(&body),
		    body.len);
	}
	if (host->why_code == ITEM_CODE_FETCH_FAILED)
		crawl->tally.cuts |= WEB_CUT_HOST;
out:
	buf_fini(&body);
	return err;
}
