/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Imports of documents that were named by their URLs: what comes, what is the
 * same, what cannot be had, and what they are called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/engine_int.h"
#include "import_world.h"

#define PAGES_MAX 16

/* A little site; lock guards it. */
struct site {
	struct sources_world s; /* first */
	struct peer peer;
	pthread_mutex_t lock;
	struct site_page {
		char path[32], body[160], headers[160];
		const char *status; /* NULL: 200 OK */
		unsigned version; /* its tag; 0: it has none */
		unsigned busy;	  /* so many times it is refused with a 503 */
	} pages[PAGES_MAX];
	size_t count;
	unsigned sent, same; /* bodies; answers that there is none */
};

static struct site_page *
site_page(struct site *site, const char *path)
{
	size_t i;

	for (i = 0; i < site->count; i++)
		if (strcmp(site->pages[i].path, path) == 0)
			return &site->pages[i];
	assert_true(i < PAGES_MAX);
	site->count++;
	(void)snprintf(site->pages[i].path, sizeof(site->pages[i].path),
	    "%s", path);
	return &site->pages[i];
}

/* headers: lines with \r\n, or "". */
static void
site_put(struct site *site, const char *path, const char *headers,
    const char *body)
{
	struct site_page *page;

	(void)pthread_mutex_lock(&site->lock);
	page = site_page(site, path);
	(void)snprintf(page->headers, sizeof(page->headers), "%s", headers);
	(void)snprintf(page->body, sizeof(page->body), "%s", body);
	page->version += page->version != 0;
	(void)pthread_mutex_unlock(&site->lock);
}

static void
site_set(struct site *site, const char *path, const char *status,
    unsigned version, unsigned busy)
{
	struct site_page *page;

	(void)pthread_mutex_lock(&site->lock);
	page = site_page(site, path);
	page->status = status;
	page->version = version;
	page->busy = busy;
	(void)pthread_mutex_unlock(&site->lock);
}

static bool
site_answer(struct site *site, int fd, const struct site_page *page,
    const char *request)
{
	char headers[256] = "", match[64];
	bool is_same;

	(void)snprintf(match, sizeof(match), "If-None-Match: \"%u\"",
	    page->version);
	is_same = page->version != 0 && strcasestr(request, match) != NULL;
	if (page->version != 0)
		(void)snprintf(headers, sizeof(headers), "ETag: \"%u\"\r\n",
		    page->version);
	(void)snprintf(headers + strlen(headers),
	    sizeof(headers) - strlen(headers), "%s", page->headers);
	(void)pthread_mutex_lock(&site->lock);
	site->same += is_same;
	site->sent += !is_same;
	(void)pthread_mutex_unlock(&site->lock);
	return is_same ? peer_answer(fd, "304 Not Modified", headers, "")
		       : peer_answer(fd, page->status == NULL ? "200 OK"
							      : page->status,
			     headers, page->body);
}

static bool
site_behave(struct peer *peer, int fd, const char *path, const char *request)
{
	struct site *site = peer->arg;
	struct site_page page = {.path = ""};
	bool is_busy = false;
	size_t i;

	(void)pthread_mutex_lock(&site->lock);
	for (i = 0; i < site->count; i++)
		if (strcmp(site->pages[i].path, path) == 0) {
			page = site->pages[i];
			is_busy = page.busy > 0;
			site->pages[i].busy -= is_busy;
		}
	(void)pthread_mutex_unlock(&site->lock);
	if (page.path[0] == '\0')
		return peer_answer(fd, "404 Not Found", "", "");
	if (is_busy)
		return peer_answer(fd, "503 Busy", "", "");
	return site_answer(site, fd, &page, request);
}

static int
site_up(void **state)
{
	struct site *site = mem_zalloc(sizeof(*site));

	assert_non_null(site);
	(void)pthread_mutex_init(&site->lock, NULL);
	peer_open(&site->peer, site_behave, site);
	sources_world_init(&site->s);
	*state = site;
	return 0;
}

static int
site_down(void **state)
{
	struct site *site = *state;

	sources_world_fini(&site->s);
	peer_close(&site->peer);
	(void)pthread_mutex_destroy(&site->lock);
	mem_free(site);
	return 0;
}

static unsigned
site_count(struct site *site, const unsigned *counter)
{
	unsigned count;

	(void)pthread_mutex_lock(&site->lock);
	count = *counter;
	(void)pthread_mutex_unlock(&site->lock);
	return count;
}

/* The paths, with blanks in between, as URLs of the site. */
static struct job
links_begin(struct site *site, const char *paths,
    const struct import_request *more)
{
	struct source_request source = {.kind = SOURCE_LINKS};
	char words[256], config[2048], *word, *rest = words;
	size_t len = 0;

	(void)snprintf(words, sizeof(words), "%s", paths);
	len += (size_t)snprintf(config, sizeof(config), "{\"urls\": [");
	while ((word = strsep(&rest, " ")) != NULL)
		len += (size_t)snprintf(config + len, sizeof(config) - len,
		    "%s\"http://127.0.0.1:%u%s\"", config[len - 1] == '['
			? "" : ", ", site->peer.port, word);
	(void)snprintf(config + len, sizeof(config) - len, "]}");
	source.config = config;
	return import_begin_with(&site->s, &source, more);
}

static struct job
links_run(struct site *site, const char *paths)
{
	struct job job = links_begin(site, paths, NULL);

	return sources_until(&site->s, &job.uuid, NULL);
}

static struct import_document
links_document(struct site *site, const char *path)
{
	char url[128];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s",
	    site->peer.port, path);
	return import_document(&site->s, url);
}

#define HTML "Content-Type: text/html\r\n"

static void
test_pages(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct job job;

	site_put(site, "/docs/a.html", HTML,
	    "<html><body><p>An apple</p></body></html>");
	site_set(site, "/docs/a.html", NULL, 1, 0);
	site_put(site, "/b.txt", "", "banana");
	job = links_run(site, "/docs/a.html /b.txt");
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 2);
	assert_int_equal(world_found(&s->w, "apple"), 1);
	assert_int_equal(world_found(&s->w, "banana"), 1);
	assert_string_equal(links_document(site, "/docs/a.html").name,
	    "a.html");
	assert_string_equal(links_document(site, "/docs/a.html").etag,
	    "\"1\"\t");

	/* The one is asked for on a condition, the other compared. */
	job = links_run(site, "/docs/a.html /b.txt");
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, 2);
	assert_int_equal(site_count(site, &site->same), 1);
	assert_int_equal(site_count(site, &site->sent), 3);

	site_put(site, "/docs/a.html", HTML,
	    "<html><body><p>An apricot</p></body></html>");
	site_put(site, "/b.txt", "", "blueberry");
	job = links_run(site, "/docs/a.html /b.txt");
	assert_int_equal(job.counts.completed, 2);
	assert_int_equal(world_found(&s->w, "apple"), 0);
	assert_int_equal(world_found(&s->w, "apricot"), 1);
	assert_int_equal(world_found(&s->w, "blueberry"), 1);
	assert_string_equal(links_document(site, "/docs/a.html").etag,
	    "\"2\"\t");
	assert_int_equal(world_audit(&s->w).index.documents, 2);
}

static void
test_forced(void **state)
{
	const struct import_request forced = {.is_forced = true,
	    .metadata = "{\"a\":1}"};
	struct site *site = *state;
	struct job job;

	site_put(site, "/a.txt", "", "apple");
	site_set(site, "/a.txt", NULL, 1, 0);
	(void)links_run(site, "/a.txt");
	job = links_begin(site, "/a.txt", &forced);
	job = sources_until(&site->s, &job.uuid, NULL);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(site_count(site, &site->same), 0);
	assert_string_equal(links_document(site, "/a.txt").metadata,
	    "{\"a\":1}");
}

/* One spelling of an address is one document. */
static void
test_twice(void **state)
{
	struct site *site = *state;
	struct job job;

	site_put(site, "/a.txt", "", "apple");
	job = links_run(site, "/a.txt /x/../a.txt /a.txt#top /%61.txt");
	assert_int_equal(job.counts.total, 1);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(site_count(site, &site->sent), 1);
}

/* Each that cannot be had fails by itself, and says why. */
static void
test_failures(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct import_items items;
	char private[96];
	struct job job;

	site_put(site, "/a.txt", "", "apple");
	site_put(site, "/closed", "", "");
	site_set(site, "/closed", "403 Forbidden", 0, 0);
	site_put(site, "/odd", "", "");
	site_set(site, "/odd", "418 Teapot", 0, 0);
	(void)snprintf(private, sizeof(private),
	    "Location: http://127.0.0.2:%u/a.txt\r\n", site->peer.port);
	site_put(site, "/private", private, "");
	site_set(site, "/private", "302 Found", 0, 0);
	site_put(site, "/circle", "Location: /circle\r\n", "");
	site_set(site, "/circle", "301 Moved", 0, 0);
	site_put(site, "/mail", "Location: mailto:a@b.example\r\n", "");
	site_set(site, "/mail", "301 Moved", 0, 0);
	job = links_run(site,
	    "/gone /closed /odd /private /circle /mail /a.txt");
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(job.counts.failed, 6);
	assert_int_equal(job.counts.completed, 1);
	items = import_items(s, &job);
	assert_int_equal(items.list[0].code, ITEM_CODE_SOURCE_NOT_FOUND);
	assert_string_equal(items.list[0].message,
	    "it was answered with 404");
	assert_int_equal(items.list[1].code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_string_equal(items.list[1].message,
	    "it was answered with 403");
	assert_int_equal(items.list[2].code, ITEM_CODE_FETCH_FAILED);
	assert_string_equal(items.list[2].message,
	    "it was answered with 418");
	assert_int_equal(items.list[3].code, ITEM_CODE_SOURCE_ACCESS_DENIED);
	assert_non_null(strstr(items.list[3].message, "127.0.0.2"));
	assert_int_equal(items.list[4].code, ITEM_CODE_FETCH_FAILED);
	assert_string_equal(items.list[4].message, "it redirects too often");
	assert_int_equal(items.list[5].code, ITEM_CODE_FETCH_FAILED);
	assert_string_equal(items.list[5].message,
	    "it redirects to what is no page");
	assert_int_equal(items.list[6].state, ITEM_COMPLETED);
	(void)world_audit(&s->w);
}

/* A moment's trouble is waited for. */
static void
test_busy(void **state)
{
	struct site *site = *state;
	struct job job;

	site_put(site, "/a.txt", "", "apple");
	site_set(site, "/a.txt", NULL, 0, 1);
	job = links_run(site, "/a.txt");
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(world_found(&site->s.w, "apple"), 1);
}

static void
test_names(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct job job;

	site_put(site, "/get?id=1", "Content-Disposition: attachment; "
	    "filename=\"report.txt\"\r\n", "apple");
	site_put(site, "/old", "Location: /new/page.txt\r\n", "");
	site_set(site, "/old", "301 Moved", 0, 0);
	site_put(site, "/new/page.txt", "", "banana");
	job = links_run(site, "/get?id=1 /old");
	assert_int_equal(job.counts.completed, 2);
	assert_string_equal(links_document(site, "/get?id=1").name,
	    "report.txt");
	/* The address is the one that was named. */
	assert_string_equal(links_document(site, "/old").name, "page.txt");
	assert_int_equal(links_document(site, "/new/page.txt").id, 0);
	job = links_run(site, "/get?id=1 /old");
	assert_int_equal(job.unchanged, 2);
	assert_string_equal(links_document(site, "/get?id=1").name,
	    "report.txt");
	(void)world_audit(&s->w);
}

/* Links need no keys: what failed can be tried again. */
static void
test_retry(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct err_note note = {""};
	struct job job, again;

	site_put(site, "/a.txt", "", "apple");
	job = links_run(site, "/a.txt /b.txt");
	assert_int_equal(job.counts.failed, 1);
	site_put(site, "/b.txt", "", "banana");
	assert_int_equal(engine_job_retry(s->w.engine, s->w.account_id,
			     &job.uuid, false, DIALECT_NATIVE, &again, &note),
	    0);
	again = sources_until(s, &again.uuid, NULL);
	assert_int_equal(again.kind, JOB_KIND_IMPORT);
	assert_int_equal(again.state, JOB_COMPLETED);
	assert_int_equal(again.counts.total, 1);
	assert_int_equal(world_found(&s->w, "banana"), 1);
	assert_int_equal(engine_job_retry(s->w.engine, s->w.account_id,
			     &again.uuid, true, DIALECT_NATIVE, &again,
			     &note), 0);
	again = sources_until(s, &again.uuid, NULL);
	assert_int_equal(again.unchanged, 1);
	(void)world_audit(&s->w);
}

/* Two jobs over the same pages at once. */
static void
test_at_once(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct job one, two;

	site_put(site, "/a.txt", "", "apple");
	site_set(site, "/a.txt", NULL, 1, 0);
	site_put(site, "/b.txt", "", "banana");
	one = links_begin(site, "/a.txt /b.txt", NULL);
	two = links_begin(site, "/b.txt /a.txt", NULL);
	one = sources_until(s, &one.uuid, NULL);
	two = sources_until(s, &two.uuid, NULL);
	assert_int_equal(one.counts.completed + two.counts.completed, 2);
	assert_int_equal(one.unchanged + two.unchanged, 2);
	assert_int_equal(world_audit(&s->w).index.documents, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_up, site_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_pages),
	    TEST(test_forced),
	    TEST(test_twice),
	    TEST(test_failures),
	    TEST(test_busy),
	    TEST(test_names),
	    TEST(test_retry),
	    TEST(test_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
