/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "source/web_int.h"
#include "source/web_link.h"
#include "sys/clock.h"

struct linking {
	struct web_crawl *crawl; /* for its client and its time alone */
	const struct web_link *link;
	struct web_got got;
	struct buf url; /* where we are */
	struct err_note *note;
};

/* ---- redirects ----------------------------------------------------------- */

static int
redirect_follow(struct linking *linking)
{
	const char *location = linking->got.location;
	struct buf target;
	int err;

	if (location[0] == '\0')
		return err_set(linking->note, ERR_INVALID,
		    "it redirects and does not say where");
	buf_init(&target, WEB_URL_BYTES_MAX);
	err = web_url_resolve(buf_text(&linking->url), location,
	    strlen(location), &target);
	if (err == 0) {
		buf_clear(&linking->url);
		err = buf_put(&linking->url, target.data, target.len);
	} else if (err != ERR_NOMEM) {
		err = err_set(linking->note, ERR_INVALID,
		    "it redirects to what is no page");
	}
	buf_fini(&target);
	return err;
}

/* ---- the answer ---------------------------------------------------------- */

static int
answer_refused(const struct linking *linking)
{
	unsigned status = linking->got.status;
	int err = ERR_INVALID;

	if (web_status_passes(status))
		err = ERR_BUSY;
	else if (web_status_code(status) == ITEM_CODE_SOURCE_NOT_FOUND)
		err = ERR_NOT_FOUND;
	else if (web_status_code(status) == ITEM_CODE_SOURCE_ACCESS_DENIED)
		err = ERR_FORBIDDEN;
	return err_set(linking->note, err, "it was answered with %u", status);
}

static int
answer_take(const struct linking *linking, struct web_linked *linked)
{
	const struct web_got *got = &linking->got;
	const struct web_known *known = linking->link->known;

	linked->is_unchanged = got->status == 304 && known != NULL;
	if (!linked->is_unchanged && got->status != 200 &&
	    got->status != 203)
		return answer_refused(linking);
	if (!linked->is_unchanged && got->coding[0] != '\0' &&
	    strcmp(got->coding, "identity") != 0)
		return err_set(linking->note, ERR_INVALID,
		    "it was sent compressed, which was not asked for");
	memcpy(linked->known.etag, got->etag, sizeof(got->etag));
	memcpy(linked->known.last_modified, got->last_modified,
	    sizeof(got->last_modified));
	memcpy(linked->known.content_type, got->type, sizeof(got->type));
	linked->bytes = got->bytes;
	return web_link_name(buf_text(&linking->url), got->disposition,
	    linked->name);
}

/* ---- a fetch ------------------------------------------------------------- */

static int
link_ask(struct linking *linking)
{
	struct web_ask ask = {.fd = linking->link->fd,
	    .known = linking->link->known, .is_unread = true,
	    .bytes_max = linking->link->bytes_max};
	unsigned hops;
	int err;

	for (hops = 0;; hops++) {
		ask.url = buf_text(&linking->url);
		err = web_ask_once(linking->crawl, &ask, &linking->got,
		    linking->note);
		if (err < 0 || !web_status_redirects(linking->got.status))
			return err;
		if (hops == WEB_REDIRECTS_MAX)
			return err_set(linking->note, ERR_INVALID,
			    "it redirects too often");
		err = redirect_follow(linking);
		if (err < 0)
			return err;
	}
}

int
web_link_fetch(struct net_client *client, const struct web_link *link,
    struct web_linked *ret_linked, struct err_note *note)
{
	struct linking linking = {.link = link, .note = note};
	struct web_linked linked = {.bytes = 0};
	struct web_config config;
	int err;

	linking.crawl = mem_zalloc(sizeof(*linking.crawl));
	if (linking.crawl == NULL)
		return ERR_NOMEM;
	web_config_init(&config);
	config.page_ms = WEB_LINK_MS;
	linking.crawl->config = &config;
	linking.crawl->client = client;
	linking.crawl->stop = link->stop;
	linking.crawl->end_us = clock_mono_us() + WEB_LINK_MS * 1000LL;
	buf_init(&linking.url, WEB_URL_BYTES_MAX);
	err = buf_puts(&linking.url, link->url);
	if (err == 0)
		err = link_ask(&linking);
	if (err == 0)
		err = answer_take(&linking, &linked);
	if (err == 0)
		*ret_linked = linked;
	buf_fini(&linking.url);
	mem_free(linking.crawl);
	return err;
}
