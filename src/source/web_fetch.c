/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request: the pause before it, the request, another attempt.
 *
 * Pauses are slept in short pieces, as nobody could wake us: the stop flag is
 * the caller's, and an atomic variable has no waiters.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "source/web_int.h"
#include "sys/clock.h"
#include "sys/fs.h"

#define TICK_US 20000
#define US_PER_MS 1000
#define HEADERS_MAX 4

struct sink {
	const struct web_ask *ask;
	struct web_got *got;
	char length[24]; /* Content-Length */
	bool is_enough;	 /* broken off by us, with a good answer */
};

bool
web_error_is_ours(int err)
{
	return err == ERR_CANCELLED || err == ERR_NOMEM || err == ERR_IO ||
	    err == ERR_STORAGE_FULL;
}

/* ---- hosts ------------------------------------------------------------- */

int
web_host_of(struct web_crawl *crawl, const char *text,
    struct web_host **ret_host)
{
	struct web_url url, known;
	struct web_host *host;
	struct buf robots;
	size_t i;

	web_url_parse(text, &url);
	for (i = 0; i < crawl->host_count; i++) {
		web_url_parse(crawl->hosts[i].url, &known);
		if (web_url_is_same_origin(&url, &known)) {
			*ret_host = &crawl->hosts[i];
			return 0;
		}
	}
	if (crawl->host_count == WEB_HOSTS_MAX)
		return ERR_TOO_BIG;
	buf_init(&robots, WEB_URL_BYTES_MAX + 16);
	(void)buf_put(&robots, text, (size_t)(url.path - text));
	(void)buf_puts(&robots, "/robots.txt");
	host = &crawl->hosts[crawl->host_count];
	*host = (struct web_host){.url = buf_take(&robots)};
	if (host->url == NULL)
		return ERR_NOMEM;
	web_robots_init(&host->robots);
	crawl->host_count++;
	*ret_host = host;
	return 0;
}

/* ---- pauses ------------------------------------------------------------ */

/* ERR_TIMEOUT when the time for the crawl ends before. */
static int
wait_until(struct web_crawl *crawl, int64_t until_us)
{
	struct timespec tick = {0};
	int64_t now, left;

	for (;;) {
		if (crawl->stop != NULL && atomic_load(crawl->stop))
			return err_set(crawl->note, ERR_CANCELLED,
			    "the crawl was broken off");
		now = clock_mono_us();
		if (now >= crawl->end_us) {
			crawl->tally.cuts |= WEB_CUT_TIME;
			return ERR_TIMEOUT;
		}
		if (now >= until_us)
			return 0;
		left = until_us - now;
		tick.tv_nsec = (left < TICK_US ? left : TICK_US) * 1000;
		(void)nanosleep(&tick, NULL);
	}
}

/* ---- one request ------------------------------------------------------- */

static bool
status_has_body(unsigned status)
{
	return status == 200 || status == 203;
}

static bool
is_wanted(const struct sink *sink)
{
	enum web_kind kind;

	if (!sink->ask->checks_kind)
		return true;
	kind = web_kind_of_answer(sink->got->type, sink->ask->url);
	return kind == WEB_KIND_PAGE ||
	    (kind == WEB_KIND_MEDIA && sink->ask->takes_media);
}

/* How many bytes the body may have; the limit on HTML is our own, as it is
 * read as a whole for its links. */
static uint64_t
sink_max(const struct sink *sink)
{
	uint64_t max = sink->ask->bytes_max;

	if (sink->ask->body == NULL && !sink->ask->is_unread &&
	    max > WEB_HTML_BYTES_MAX &&
	    web_is_html(sink->got->type, sink->ask->url))
		return WEB_HTML_BYTES_MAX;
	return max;
}

/* Before the body's first byte: is it one we want?  ERR_CLOSED ends it. */
static int
sink_begin(struct sink *sink, const struct net_answer *head)
{
	struct web_got *got = sink->got;

	got->status = head->status;
	got->retry_after_s = head->retry_after_s;
	memcpy(got->type, head->content_type, sizeof(got->type));
	if (!status_has_body(head->status)) {
		sink->is_enough = true;
		return ERR_CLOSED;
	}
	if (!is_wanted(sink)) {
		got->is_unwanted = sink->is_enough = true;
		return ERR_CLOSED;
	}
	if (!sink->ask->cuts &&
	    strtoull(sink->length, NULL, 10) > sink_max(sink))
		return ERR_TOO_BIG;
	return 0;
}

static int
sink_put(void *arg, const struct net_answer *head, const void *bytes,
    size_t len)
{
	struct sink *sink = arg;
	struct web_got *got = sink->got;
	bool is_over;
	int err = 0;

	if (got->bytes == 0)
		err = sink_begin(sink, head);
	if (err < 0)
		return err;
	is_over = len > sink_max(sink) - got->bytes;
	if (is_over && !sink->ask->cuts)
		return ERR_TOO_BIG;
	if (is_over)
		len = (size_t)(sink_max(sink) - got->bytes);
	err = sink->ask->body != NULL ?
	    buf_put(sink->ask->body, bytes, len) :
	    fs_write(sink->ask->fd, bytes, len);
	if (err < 0)
		return err;
	got->bytes += len;
	sink->is_enough = is_over;
	return is_over ? ERR_CLOSED : 0;
}

static size_t
headers_fill(const struct web_known *known,
    struct net_header headers[HEADERS_MAX])
{
	size_t count = 0;

	headers[count++] = (struct net_header){.name = "Accept",
	    .value = "text/html,application/xhtml+xml,*/*;q=0.8"};
	if (known != NULL && known->etag[0] != '\0')
		headers[count++] = (struct net_header){
		    .name = "If-None-Match", .value = known->etag};
	if (known != NULL && known->last_modified[0] != '\0')
		headers[count++] = (struct net_header){
		    .name = "If-Modified-Since",
		    .value = known->last_modified};
	return count;
}

static int
sink_reset(const struct web_ask *ask)
{
	if (ask->body != NULL)
		buf_clear(ask->body);
	else if (ask->fd >= 0 &&
	    (ftruncate(ask->fd, 0) < 0 || lseek(ask->fd, 0, SEEK_SET) < 0))
		return ERR_IO;
	return 0;
}

static unsigned
ms_left(const struct web_crawl *crawl)
{
	int64_t left = (crawl->end_us - clock_mono_us()) / US_PER_MS;

	if (left < 1)
		return 1;
	return left < crawl->config->page_ms ? (unsigned)left :
					       crawl->config->page_ms;
}

int
web_ask_once(struct web_crawl *crawl, const struct web_ask *ask,
    struct web_got *got, struct err_note *note)
{
	struct net_header headers[HEADERS_MAX];
	struct sink sink = {.ask = ask, .got = got};
	const struct net_wanted wanted[] = {
	    {.name = "location", .value = got->location,
		.size = sizeof(got->location)},
	    {.name = "etag", .value = got->etag, .size = sizeof(got->etag)},
	    {.name = "last-modified", .value = got->last_modified,
		.size = sizeof(got->last_modified)},
	    {.name = "x-robots-tag", .value = got->wish,
		.size = sizeof(got->wish)},
	    {.name = "content-encoding", .value = got->coding,
		.size = sizeof(got->coding)},
	    {.name = "content-disposition", .value = got->disposition,
		.size = sizeof(got->disposition)},
	    {.name = "content-length", .value = sink.length,
		.size = sizeof(sink.length)},
	};
	struct net_request request = {.url = ask->url,
	    .headers = headers,
	    .header_count = headers_fill(ask->known, headers),
	    .wanted = wanted,
	    .wanted_count = sizeof(wanted) / sizeof(wanted[0]),
	    /* sink_put() decides what is too much, as it knows of what. */
	    .limits = {.total_ms = ms_left(crawl),
		.stall_ms = crawl->config->stall_ms,
		.bytes_max = INT64_MAX},
	    .stop = crawl->stop};
	struct net_answer answer = {0};
	int err;

	*got = (struct web_got){.retry_after_s = -1};
	err = sink_reset(ask);
	if (err < 0)
		return err;
	crawl->tally.requests++;
	err = net_stream(crawl->client, &request, sink_put, &sink, &answer,
	    note);
	crawl->tally.bytes += got->bytes;
	if (err == 0) {
		got->status = answer.status;
		got->retry_after_s = answer.retry_after_s;
		memcpy(got->type, answer.content_type, sizeof(got->type));
		net_answer_fini(&answer);
	} else if (sink.is_enough) {
		err = 0;
	}
	if (err == ERR_TOO_BIG && note != NULL)
		(void)err_set(note, err, "it is larger than the limit");
	return err;
}

/* ---- attempts ---------------------------------------------------------- */

bool
web_status_redirects(unsigned status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

bool
web_status_passes(unsigned status)
{
	return status == 408 || status == 425 || status == 429 ||
	    status == 500 || status == 502 || status == 503 || status == 504;
}

enum item_code
web_status_code(unsigned status)
{
	if (status == 404 || status == 410)
		return ITEM_CODE_SOURCE_NOT_FOUND;
	if (status == 401 || status == 402 || status == 403 ||
	    status == 407 || status == 451)
		return ITEM_CODE_SOURCE_ACCESS_DENIED;
	return ITEM_CODE_FETCH_FAILED;
}

static bool
is_worth_another(int err, const struct web_got *got)
{
	if (err < 0)
		return err == ERR_TIMEOUT || err == ERR_CLOSED ||
		    err == ERR_UPSTREAM;
	return web_status_passes(got->status);
}

static int64_t
pause_us(const struct web_crawl *crawl, const struct web_host *host)
{
	unsigned ms = crawl->config->pause_ms;

	if (host->robots.delay_ms > ms)
		ms = host->robots.delay_ms;
	return (int64_t)ms * US_PER_MS;
}

int
web_fetch(struct web_crawl *crawl, struct web_host *host,
    const struct web_ask *ask, struct web_got *ret_got,
    struct err_note *note)
{
	int64_t wait_ms = crawl->config->retry_ms, now;
	bool is_worth = true;
	unsigned attempt;
	int err = 0;

	for (attempt = 1; is_worth; attempt++) {
		err = wait_until(crawl, host->next_us);
		if (err < 0)
			return err;
		err = web_ask_once(crawl, ask, ret_got, note);
		now = clock_mono_us();
		host->next_us = now + pause_us(crawl, host);
		is_worth = is_worth_another(err, ret_got);
		if (!is_worth)
			break;
		if (err == 0 && ret_got->retry_after_s * 1000 > wait_ms)
			wait_ms = ret_got->retry_after_s * 1000;
		if (attempt == WEB_ATTEMPTS_MAX || wait_ms > WEB_RETRY_MS_MAX)
			break;
		if (host->next_us < now + wait_ms * US_PER_MS)
			host->next_us = now + wait_ms * US_PER_MS;
		wait_ms *= 2;
	}
	if (err == ERR_TIMEOUT && now >= crawl->end_us)
		crawl->tally.cuts |= WEB_CUT_TIME;
	host->failures = is_worth ? host->failures + 1 : 0;
	/* It asks to be left alone for longer than we wait: so it is. */
	if (is_worth && wait_ms > WEB_RETRY_MS_MAX)
		host->failures = WEB_FAILURES_MAX;
	return err;
}
