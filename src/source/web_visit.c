/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One address: asked for, and made of it what it is.
 *
 * Redirects are nodes of their own, visited at once: so each hop is looked at
 * like any address (scope, robots, what was seen before), and a circle is
 * found by going back over what redirected here.
 *
 * A page that calls another one canonical is left out in the hope of that
 * one.  When that hope fails, because it cannot be had, leads back, or calls
 * somebody else canonical in turn, the copy is visited again and taken as it
 * is; so no text is lost to a wrong word in a page's head.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/utf8.h"
#include "source/web_int.h"
#include "source/web_links.h"
#include "sys/fs.h"

struct visit {
	struct web_crawl *crawl;
	struct web_node node; /* as it was */
	uint32_t index;
	struct buf url; /* the frontier's own moves */
	struct web_known known;
	bool is_known;
	bool is_unchanged;
	struct web_got got;
	int fd;
	struct buf html;
	struct buf canonical; /* "" when none is said */
	struct buf stripped;
	struct web_wish wish;
	struct err_note note;
};

/* ---- entries ----------------------------------------------------------- */

static int
entry_give(struct web_crawl *crawl, uint32_t index, struct web_entry *entry)
{
	const struct web_frontier *frontier = &crawl->frontier;
	const struct web_node *node;
	struct buf name;
	int err;

	entry->asked = entry->remote.uri;
	if (index != WEB_NODE_NONE) {
		node = &frontier->nodes[index];
		entry->depth = node->depth;
		if (node->from != WEB_NODE_NONE)
			entry->from = web_frontier_url(frontier, node->from);
		for (; node->via != WEB_NODE_NONE;
		     node = &frontier->nodes[node->via])
			entry->asked = web_frontier_url(frontier, node->via);
	}
	buf_init(&name, WEB_URL_BYTES_MAX);
	err = web_url_name(entry->remote.uri, &name);
	if (err == 0) {
		name.data[utf8_floor(name.data, name.len,
		    UPLOAD_NAME_BYTES_MAX)] = '\0';
		entry->remote.name = name.data;
		err = crawl->calls->entry(crawl->calls->arg, entry);
	}
	buf_fini(&name);
	return err;
}

int
web_give_failure(struct web_crawl *crawl, uint32_t index, const char *url,
    enum item_code code, const char *message)
{
	struct web_entry entry = {
	    .remote = {.uri = url, .etag = "", .code = code,
		.message = message},
	    .content_type = "", .last_modified = "", .fd = -1};

	crawl->tally.failed++;
	if (code == ITEM_CODE_SOURCE_NOT_FOUND)
		crawl->tally.broken++;
	return entry_give(crawl, index, &entry);
}

/* ---- how a visit ends -------------------------------------------------- */

/* The node was left out for another one: take it after all. */
static void
node_revive(struct web_crawl *crawl, uint32_t index)
{
	crawl->frontier.nodes[index].outcome = WEB_QUEUED;
	crawl->frontier.nodes[index].is_itself = true;
	crawl->again = index;
}

static void
visit_end(struct visit *visit, enum web_outcome outcome)
{
	struct web_node *node = &visit->crawl->frontier.nodes[visit->index];

	node->outcome = (uint8_t)outcome;
	if (outcome == WEB_NOTHING && node->instead != WEB_NODE_NONE) {
		node_revive(visit->crawl, node->instead);
		node->instead = WEB_NODE_NONE;
	}
}

static int
visit_fail(struct visit *visit, enum item_code code, const char *words)
{
	struct web_crawl *crawl = visit->crawl;
	char message[256];

	if (code == ITEM_CODE_FETCH_FAILED && !visit->node.is_media)
		crawl->tally.cuts |= WEB_CUT_ERROR;
	visit_end(visit, WEB_NOTHING);
	if (visit->node.from == WEB_NODE_NONE)
		return web_give_failure(crawl, visit->index,
		    buf_text(&visit->url), code, words);
	(void)snprintf(message, sizeof(message), "%s; linked from %s", words,
	    web_frontier_url(&crawl->frontier, visit->node.from));
	return web_give_failure(crawl, visit->index, buf_text(&visit->url),
	    code, message);
}

/* It may not be read.  That is no failure, but of the first page. */
static int
visit_close(struct visit *visit, enum item_code code, const char *words)
{
	if (visit->node.is_first)
		return visit_fail(visit, code, words);
	visit_end(visit, WEB_NOTHING);
	return 0;
}

static int
visit_fail_error(struct visit *visit, int err)
{
	const char *words = err_words(&visit->note, err);

	if (err == ERR_TOO_BIG)
		return visit_fail(visit, ITEM_CODE_FILE_TOO_LARGE, words);
	return visit_fail(visit,
	    err == ERR_FORBIDDEN ? ITEM_CODE_SOURCE_ACCESS_DENIED :
				   ITEM_CODE_FETCH_FAILED,
	    words);
}

static int
visit_fail_status(struct visit *visit)
{
	unsigned status = visit->got.status;
	char words[64];

	(void)snprintf(words, sizeof(words), "it was answered with %u",
	    status);
	return visit_fail(visit, web_status_code(status), words);
}

/* ---- redirects --------------------------------------------------------- */

/* Is it this node, or one that redirected here? */
static bool
is_on_way(const struct visit *visit, uint32_t target)
{
	const struct web_node *nodes = visit->crawl->frontier.nodes;
	uint32_t index;

	for (index = visit->index; index != WEB_NODE_NONE;
	     index = nodes[index].via)
		if (index == target)
			return true;
	return false;
}

/*
 * Where does it lead?  Without the id of a session, so that it is the same
 * address the next time; but a server that insists on one, and would send us
 * there again and again, gets its way.
 */
static int
redirect_target(struct visit *visit, struct buf *target)
{
	struct buf whole;
	uint32_t known;
	int err;

	buf_init(&whole, WEB_URL_BYTES_MAX);
	err = web_url_resolve(buf_text(&visit->url), visit->got.location,
	    strlen(visit->got.location), &whole);
	if (err == 0)
		err = web_url_strip(buf_text(&whole), target);
	if (err == 0) {
		known = web_frontier_find(&visit->crawl->frontier,
		    buf_text(target));
		if (known != WEB_NODE_NONE && is_on_way(visit, known)) {
			buf_clear(target);
			err = buf_put(target, whole.data, whole.len);
		}
	}
	buf_fini(&whole);
	return err;
}

/* It leads to an address that is known already. */
static int
redirect_known(struct visit *visit, uint32_t target)
{
	struct web_node *nodes = visit->crawl->frontier.nodes;

	if (is_on_way(visit, target))
		return visit_fail(visit, ITEM_CODE_FETCH_FAILED,
		    "it redirects in a circle");
	nodes[visit->index].outcome = WEB_REDIRECTED;
	switch ((enum web_outcome)nodes[target].outcome) {
	case WEB_QUEUED:
		if (nodes[target].instead == WEB_NODE_NONE)
			nodes[target].instead = nodes[visit->index].instead;
		break;
	case WEB_COPY:
		node_revive(visit->crawl, target);
		break;
	case WEB_NOTHING:
		visit_end(visit, WEB_NOTHING);
		break;
	case WEB_DOCUMENT:
	case WEB_REDIRECTED:
		break;
	}
	return 0;
}

static int
redirect_new(struct visit *visit, const char *target)
{
	struct web_crawl *crawl = visit->crawl;
	struct web_node node = visit->node;
	struct web_url url;
	uint32_t index;
	int err = 0;

	web_url_parse(target, &url);
	node.via = visit->index;
	node.hops++;
	if (web_kind_of_path(&url) == WEB_KIND_MEDIA)
		node.is_media = true;
	if (!web_scope_has(crawl, target, node.is_media))
		err = node.is_first ? web_scope_move(crawl, target) :
				      ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND) {
		crawl->tally.outside++;
		return visit_close(visit, ITEM_CODE_SOURCE_NOT_FOUND,
		    "it redirects to another site");
	}
	if (err == 0)
		err = web_enqueue(crawl, target, &node, &index);
	if (err < 0)
		return err;
	if (index == WEB_NODE_NONE) {
		visit_end(visit, WEB_NOTHING);
		return 0;
	}
	/* Whoever waits for this page waits for that one now. */
	crawl->frontier.nodes[visit->index].instead = WEB_NODE_NONE;
	visit_end(visit, WEB_REDIRECTED);
	crawl->again = index;
	return 0;
}

static int
redirect(struct visit *visit)
{
	struct buf target;
	uint32_t known;
	int err;

	if (visit->got.location[0] == '\0')
		return visit_fail(visit, ITEM_CODE_FETCH_FAILED,
		    "it redirects and does not say where");
	if (visit->node.hops >= WEB_REDIRECTS_MAX)
		return visit_fail(visit, ITEM_CODE_FETCH_FAILED,
		    "it redirects too often");
	buf_init(&target, WEB_URL_BYTES_MAX);
	err = redirect_target(visit, &target);
	if (err < 0) {
		if (err != ERR_NOMEM)
			err = visit_fail(visit, ITEM_CODE_FETCH_FAILED,
			    "it redirects to what is no page");
		goto out;
	}
	known = web_frontier_find(&visit->crawl->frontier,
	    buf_text(&target));
	err = known == WEB_NODE_NONE ?
	    redirect_new(visit, buf_text(&target)) :
	    redirect_known(visit, known);
out:
	buf_fini(&target);
	return err;
}

/* ---- pages ------------------------------------------------------------- */

/* The first look: what does the page say of itself? */
static int
head_take(void *arg, enum web_link_kind kind, const char *url)
{
	struct visit *visit = arg;

	if (kind != WEB_LINK_CANONICAL || visit->canonical.len > 0)
		return 0;
	return web_url_strip(url, &visit->canonical);
}

/* The second: where does it lead? */
static int
link_take(void *arg, enum web_link_kind link, const char *text)
{
	struct visit *visit = arg;
	struct web_crawl *crawl = visit->crawl;
	struct web_node node = {.from = visit->index, .via = WEB_NODE_NONE,
	    .instead = WEB_NODE_NONE,
	    .depth = (uint8_t)(visit->node.depth + 1)};
	struct web_url url;
	enum web_kind kind;
	uint32_t index;
	int err;

	if (link == WEB_LINK_CANONICAL)
		return 0;
	buf_clear(&visit->stripped);
	err = web_url_strip(text, &visit->stripped);
	if (err < 0)
		return err;
	web_url_parse(buf_text(&visit->stripped), &url);
	kind = web_kind_of_path(&url);
	node.is_media = link == WEB_LINK_MEDIA || kind == WEB_KIND_MEDIA;
	if (kind == WEB_KIND_OTHER ||
	    (node.is_media && !crawl->config->takes_media) ||
	    (!node.is_media && crawl->config->scope == WEB_SITEMAP))
		return 0;
	return web_enqueue(crawl, buf_text(&visit->stripped), &node, &index);
}

/*
 * Is the page to be left out for the one it calls canonical?  http and https
 * of the same address are the same page: sites that moved often forget to
 * say so.
 */
static int
copy_check(struct visit *visit, bool *ret_is_copy)
{
	struct web_crawl *crawl = visit->crawl;
	struct web_node node = {.from = visit->index, .via = WEB_NODE_NONE,
	    .instead = WEB_NODE_NONE, .depth = visit->node.depth};
	const char *canonical = buf_text(&visit->canonical);
	struct web_node *target;
	uint32_t index;
	int err;

	*ret_is_copy = false;
	if (canonical[0] == '\0' || visit->node.is_itself ||
	    strcmp(strchr(canonical, ':') + (canonical[4] != 's'),
		strchr(buf_text(&visit->url), ':') +
		    (buf_text(&visit->url)[4] != 's')) == 0 ||
	    !web_scope_has(crawl, canonical, false))
		return 0;
	err = web_enqueue(crawl, canonical, &node, &index);
	if (err < 0 || index == WEB_NODE_NONE)
		return err;
	target = &crawl->frontier.nodes[index];
	if (target->outcome == WEB_QUEUED &&
	    target->instead == WEB_NODE_NONE)
		target->instead = visit->index;
	*ret_is_copy = target->outcome == WEB_QUEUED ||
	    target->outcome == WEB_DOCUMENT;
	return 0;
}

static int
page_give(struct visit *visit)
{
	struct web_crawl *crawl = visit->crawl;
	struct web_entry entry = {
	    .remote = {.uri = buf_text(&visit->url),
		.bytes = visit->is_unchanged ? 0 : visit->got.bytes,
		.etag = visit->got.etag, .message = ""},
	    .content_type = visit->got.type,
	    .last_modified = visit->got.last_modified,
	    .fd = visit->is_unchanged ? -1 : visit->fd,
	    .is_unchanged = visit->is_unchanged};

	if (!visit->is_unchanged && lseek(visit->fd, 0, SEEK_SET) < 0)
		return ERR_IO;
	crawl->tally.pages++;
	if (visit->is_unchanged)
		crawl->tally.unchanged++;
	visit_end(visit, WEB_DOCUMENT);
	return entry_give(crawl, visit->index, &entry);
}

static int
html_load(struct visit *visit)
{
	size_t len = (size_t)visit->got.bytes;
	int err;

	if (visit->is_unchanged)
		return 0;
	buf_clear(&visit->html);
	err = buf_reserve(&visit->html, len + 1);
	if (err < 0)
		return err;
	err = fs_read_at(visit->fd, visit->html.data, len, 0);
	if (err < 0)
		return err == ERR_CLOSED ? ERR_IO : err;
	visit->html.data[len] = '\0';
	visit->html.len = len;
	return 0;
}

static int
html_scan(struct visit *visit, web_link_fn *fn)
{
	bool is_cut = false;
	int err;

	err = web_links_scan(visit->html.data, visit->html.len,
	    buf_text(&visit->url), fn, visit, &visit->wish, &is_cut);
	if (is_cut)
		visit->crawl->tally.cuts |= WEB_CUT_ERROR;
	return err;
}

/* The body is there, new or as it was. */
static int
page_take(struct visit *visit)
{
	struct web_crawl *crawl = visit->crawl;
	bool is_html = web_is_html(visit->got.type, buf_text(&visit->url));
	bool is_copy = false;
	int err = 0;

	web_wish_read(visit->got.wish, strlen(visit->got.wish), true,
	    &visit->wish);
	if (is_html)
		err = html_load(visit);
	is_html = is_html && visit->html.len > 0;
	if (err == 0 && is_html)
		err = html_scan(visit, head_take);
	if (err == 0)
		err = copy_check(visit, &is_copy);
	if (err < 0)
		return err;
	if (visit->wish.noindex) {
		crawl->tally.noindex++;
		err = visit_close(visit, ITEM_CODE_SOURCE_ACCESS_DENIED,
		    "the page asks not to be indexed");
	} else if (is_copy) {
		crawl->tally.copies++;
		visit_end(visit, WEB_COPY);
	} else {
		err = page_give(visit);
	}
	if (err == 0 && is_html && !visit->wish.nofollow)
		err = html_scan(visit, link_take);
	return err;
}

/* ---- the visit --------------------------------------------------------- */

/* What has not changed: its type and its links are as we have them.  1: it
 * has to be asked for without a condition. */
static int
unchanged_load(struct visit *visit)
{
	const struct web_calls *calls = visit->crawl->calls;
	struct web_got *got = &visit->got;
	int err;

	visit->is_unchanged = true;
	if (got->type[0] == '\0')
		memcpy(got->type, visit->known.content_type,
		    sizeof(got->type));
	if (got->etag[0] == '\0')
		memcpy(got->etag, visit->known.etag, sizeof(got->etag));
	if (got->last_modified[0] == '\0')
		memcpy(got->last_modified, visit->known.last_modified,
		    sizeof(got->last_modified));
	if (!web_is_html(got->type, buf_text(&visit->url)))
		return 0;
	buf_clear(&visit->html);
	err = calls->body(calls->arg, buf_text(&visit->url), &visit->html);
	if (err != ERR_NOT_FOUND && err != ERR_TOO_BIG)
		return err;
	visit->is_unchanged = visit->is_known = false;
	return 1;
}

static int
answer_take(struct visit *visit)
{
	const struct web_got *got = &visit->got;

	if (got->is_unwanted) {
		visit->crawl->tally.unwanted++;
		visit_end(visit, WEB_NOTHING);
		return 0;
	}
	if (web_status_redirects(got->status))
		return redirect(visit);
	if (!visit->is_unchanged && got->status != 200 && got->status != 203)
		return visit_fail_status(visit);
	if (!visit->is_unchanged && got->coding[0] != '\0' &&
	    strcmp(got->coding, "identity") != 0)
		return visit_fail(visit, ITEM_CODE_FETCH_FAILED,
		    "it was sent compressed, which was not asked for");
	return page_take(visit);
}

/* Ask, on the condition that it has changed when it is known. */
static int
visit_fetch(struct visit *visit, struct web_host *host)
{
	struct web_crawl *crawl = visit->crawl;
	const struct web_config *config = crawl->config;
	uint64_t left = config->total_bytes_max - crawl->tally.bytes;
	struct web_ask ask = {.url = buf_text(&visit->url),
	    .fd = visit->fd,
	    .checks_kind = !visit->node.is_first,
	    .takes_media = config->takes_media,
	    .bytes_max = config->page_bytes_max};
	int err;

	if (left < ask.bytes_max)
		ask.bytes_max = left;
	for (;;) {
		ask.known = visit->is_known ? &visit->known : NULL;
		err = web_fetch(crawl, host, &ask, &visit->got, &visit->note);
		if (web_error_is_ours(err))
			return err;
		if (err == ERR_TOO_BIG &&
		    ask.bytes_max < config->page_bytes_max)
			crawl->tally.cuts |= WEB_CUT_BYTES;
		/* That is the crawl's end and says nothing of the page. */
		if ((crawl->tally.cuts & (WEB_CUT_BYTES | WEB_CUT_TIME)) != 0 &&
		    err < 0)
			return visit_close(visit, ITEM_CODE_FETCH_FAILED,
			    "the crawl's limits end before it");
		if (err < 0)
			return visit_fail_error(visit, err);
		if (visit->got.status != 304 || !visit->is_known)
			return answer_take(visit);
		err = unchanged_load(visit);
		if (err <= 0)
			return err < 0 ? err : answer_take(visit);
	}
}

static int
known_ask(struct visit *visit)
{
	const struct web_calls *calls = visit->crawl->calls;
	int err;

	if (calls->known == NULL)
		return 0;
	err = calls->known(calls->arg, buf_text(&visit->url), &visit->known);
	visit->is_known = err == 0;
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* May it be asked for?  Then *ret_host; else the visit has ended. */
static int
visit_enter(struct visit *visit, struct web_host **ret_host)
{
	struct web_crawl *crawl = visit->crawl;
	struct web_host *host;
	int err;

	err = web_host_of(crawl, buf_text(&visit->url), &host);
	if (err == ERR_TOO_BIG) {
		crawl->tally.cuts |= WEB_CUT_QUEUE;
		return visit_close(visit, ITEM_CODE_FETCH_FAILED,
		    "the crawl asks too many hosts already");
	}
	if (err == 0)
		err = web_rules_have(crawl, host);
	if (err < 0)
		return err;
	if (host->failures >= WEB_FAILURES_MAX) {
		crawl->tally.cuts |= WEB_CUT_HOST;
		visit_end(visit, WEB_NOTHING);
		return 0;
	}
	if (!web_rules_allow(host, buf_text(&visit->url))) {
		if (host->why[0] == '\0')
			crawl->tally.robots++;
		return host->why[0] == '\0' ?
		    visit_close(visit, ITEM_CODE_SOURCE_ACCESS_DENIED,
			"the site's robots.txt does not allow it") :
		    visit_close(visit, host->why_code, host->why);
	}
	*ret_host = host;
	return 0;
}

int
web_visit(struct web_crawl *crawl, uint32_t index)
{
	struct visit visit = {.crawl = crawl,
	    .node = crawl->frontier.nodes[index],
	    .index = index,
	    .fd = -1};
	struct web_host *host = NULL;
	int err;

	buf_init(&visit.url, WEB_URL_BYTES_MAX);
	buf_init(&visit.html, WEB_HTML_BYTES_MAX + 1);
	buf_init(&visit.canonical, WEB_URL_BYTES_MAX);
	buf_init(&visit.stripped, WEB_URL_BYTES_MAX);
	err = buf_puts(&visit.url, web_frontier_url(&crawl->frontier, index));
	if (err == 0)
		err = visit_enter(&visit, &host);
	if (err == 0 && host != NULL)
		err = known_ask(&visit);
	if (err < 0 || host == NULL)
		goto out;
	visit.fd = fs_temporary(crawl->config->folder);
	if (visit.fd < 0) {
		err = err_set(crawl->note, visit.fd,
		    "no temporary file can be made");
		goto out;
	}
	err = visit_fetch(&visit, host);
out:
	if (visit.fd >= 0)
		(void)close(visit.fd);
	buf_fini(&visit.url);
	buf_fini(&visit.html);
	buf_fini(&visit.canonical);
	buf_fini(&visit.stripped);
	return err;
}
