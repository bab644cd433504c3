/* SPDX-License-Identifier: Apache-2.0 */
/* A web source of an engine at work: pages that are new, changed, the same
 * and gone, what is left out of them, and a crawl that is begun again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sources_world.h"

#define PAGES_MAX 16

/* A little site; lock guards it. */
struct site {
	struct sources_world s; /* first */
	struct peer peer;
	pthread_mutex_t lock;
	struct site_page {
		char path[32], body[256];
		unsigned version; /* its tag; 0: no longer there */
	} pages[PAGES_MAX];
	size_t count;
	unsigned sent; /* bodies */
	bool is_broken; /* everything is answered with 503 */
};

static void
site_put(struct site *site, const char *path, const char *body)
{
	struct site_page *page;
	size_t i;

	(void)pthread_mutex_lock(&site->lock);
	for (i = 0; i < site->count; i++)
		if (strcmp(site->pages[i].path, path) == 0)
			break;
	assert_true(i < PAGES_MAX);
	page = &site->pages[i];
	site->count += i == site->count;
	(void)snprintf(page->path, sizeof(page->path), "%s", path);
	(void)snprintf(page->body, sizeof(page->body), "%s", body);
	page->version = body[0] == '\0' ? 0 : page->version + 1;
	(void)pthread_mutex_unlock(&site->lock);
}

static bool
site_behave(struct peer *peer, int fd, const char *path, const char *request)
{
	struct site *site = peer->arg;
	struct site_page page = {.version = 0};
	char headers[160], match[64];
	bool is_same, is_broken;
	size_t i;

	(void)pthread_mutex_lock(&site->lock);
	for (i = 0; i < site->count; i++)
		if (strcmp(site->pages[i].path, path) == 0)
			page = site->pages[i];
	(void)snprintf(match, sizeof(match), "If-None-Match: \"%u\"",
	    page.version);
	is_same = strcasestr(request, match) != NULL;
	is_broken = site->is_broken;
	site->sent += page.version != 0 && !is_same && !is_broken;
	(void)pthread_mutex_unlock(&site->lock);
	if (is_broken)
		return peer_answer(fd, "403 Forbidden", "", "");
	if (page.version == 0)
		return peer_answer(fd, "404 Not Found", "", "");
	(void)snprintf(headers, sizeof(headers), "ETag: \"%u\"\r\n"
	    "Content-Type: text/html\r\n", page.version);
	return is_same ? peer_answer(fd, "304 Not Modified", headers, "")
		       : bucket_answer(fd, headers, page.body);
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

static struct uuid
site_source(struct site *site, const char *more)
{
	char config[256];

	(void)snprintf(config, sizeof(config), "{\"url\": "
	    "\"http://127.0.0.1:%u/\", \"scope\": \"host\"%s}",
	    site->peer.port, more);
	return sources_add(&site->s, SOURCE_WEB, config, NULL);
}

static unsigned
site_sent(struct site *site)
{
	unsigned sent;

	(void)pthread_mutex_lock(&site->lock);
	sent = site->sent;
	(void)pthread_mutex_unlock(&site->lock);
	return sent;
}

static void
site_fill(struct site *site)
{
	site_put(site, "/", "<html><body><section><a href=\"/a\">Menubar</a> "
	    "<a href=\"/b\">b</a></section><p>Welcome home</p></body></html>");
	site_put(site, "/a", "<html><body><p>An apple</p></body></html>");
	site_put(site, "/b", "<html><body><p>A banana</p></body></html>");
}

static void
test_pages(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct job job;

	site_fill(site);
	(void)site_source(site, "");
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 3);
	assert_int_equal(world_found(&s->w, "banana"), 1);
	assert_int_equal(world_found(&s->w, "menubar"), 1);
	assert_int_equal(site_sent(site), 3);

	job = sources_run(s);
	assert_int_equal(job.state, JOB_NO_CHANGES);
	assert_int_equal(job.unchanged, 3);
	assert_int_equal(site_sent(site), 3);

	site_put(site, "/a", "<html><body><p>An apricot</p></body></html>");
	site_put(site, "/b", "");
	job = sources_run(s);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.unchanged, 1);
	assert_int_equal(job.removed, 1);
	assert_int_equal(job.counts.failed, 1); /* the link that is broken */
	assert_int_equal(job.state, JOB_COMPLETED_WITH_FAILURES);
	assert_int_equal(site_sent(site), 4);
	assert_int_equal(world_found(&s->w, "banana"), 0);
	assert_int_equal(world_found(&s->w, "apricot"), 1);

	/* What cannot be had for the moment has not vanished. */
	(void)pthread_mutex_lock(&site->lock);
	site->is_broken = true;
	(void)pthread_mutex_unlock(&site->lock);
	job = sources_run(s);
	assert_int_equal(job.removed, 0);
	assert_int_equal(world_found(&s->w, "apricot"), 1);
	(void)world_audit(&s->w);
}

/* What is left out is another matter than what the site sends. */
static void
test_tags(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct source_request request = {.kind = SOURCE_WEB};
	struct err_note note = {""};
	struct uuid source;
	char config[256];
	struct job job;

	site_fill(site);
	source = site_source(site, ", \"exclude_tags\": [\"section\"]");
	job = sources_run(s);
	assert_int_equal(job.counts.completed, 3);
	assert_int_equal(world_found(&s->w, "menubar"), 0);
	assert_int_equal(world_found(&s->w, "welcome"), 1);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_NO_CHANGES);

	(void)snprintf(config, sizeof(config), "{\"url\": "
	    "\"http://127.0.0.1:%u/\", \"scope\": \"host\"}",
	    site->peer.port);
	request.config = config;
	assert_int_equal(engine_source_change(s->w.engine, s->w.account_id,
			     &s->w.base, &source, &request, &note), 0);
	job = sources_run(s);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.completed, 1);
	assert_int_equal(job.unchanged, 2);
	assert_int_equal(world_found(&s->w, "menubar"), 1);
	assert_int_equal(site_sent(site), 3); /* none of it anew */
	(void)world_audit(&s->w);
}

static bool
has_one(const struct job *job)
{
	return job->counts.total > 0;
}

/* Stopped in the middle of a crawl: nothing is fetched twice. */
static void
test_restart(void **state)
{
	struct site *site = *state;
	struct sources_world *s = &site->s;
	struct job job;

	site_fill(site);
	(void)site_source(site, "");
	job = sources_begin(s);
	(void)sources_until(s, &job.uuid, has_one);
	world_stop(&s->w);
	sources_start(s);
	job = sources_until(s, &job.uuid, NULL);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.counts.total, 3);
	assert_int_equal(job.counts.completed, 3);
	assert_true(site_sent(site) <= 4);
	(void)world_audit(&s->w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_up, site_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_pages),
	    TEST(test_tags),
	    TEST(test_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
