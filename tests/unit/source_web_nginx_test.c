/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crawl of 500 pages that nginx serves: sections that lead in circles,
 * pages under several addresses, redirects that go on, go round and go away,
 * a calendar without an end, a page that takes for ever, links to nowhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "web_world.h"

#define SECTIONS 10
#define PAGES 500 /* the first one, the sections' own, and the rest */
#define BROKEN 5
#define DAYS 20 /* of the calendar, until that is seen to be one */
#define TRIES 20
#define DEADLINE_US 20000000

struct world {
	char folder[64];
	unsigned port;
	pid_t pid;
	struct net_client *client;
	struct web_config config;
	struct web_tally tally;
	struct err_note note;
	struct web_world web;
	char url[160];
};

static const char settings[] =
    "daemon off;\nmaster_process off;\npid %s/pid;\nerror_log %s/error.log;\n"
    "events {}\nhttp {\n\taccess_log off;\n\tdefault_type text/html;\n"
    "\ttypes { text/html html; application/xml xml; application/gzip gz;\n"
    "\t\ttext/plain txt; }\n"
    "\tclient_body_temp_path %s/t1;\n\tproxy_temp_path %s/t2;\n"
    "\tfastcgi_temp_path %s/t3;\n\tuwsgi_temp_path %s/t4;\n"
    "\tscgi_temp_path %s/t5;\n\tserver {\n\t\tlisten 127.0.0.1:%u;\n"
    "\t\tabsolute_redirect off;\n\t\troot %s/site;\n"
    "\t\tlocation = /loop-a { return 302 /loop-b; }\n"
    "\t\tlocation = /loop-b { return 302 /loop-a; }\n"
    "\t\tlocation /old/ { rewrite ^/old/(.*)$ /older/$1 permanent; }\n"
    "\t\tlocation /older/ { rewrite ^/older/(.*)$ /$1 redirect; }\n"
    "\t\tlocation = /away { return 302 http://other.example/; }\n"
    "\t\tlocation = /inside { return 302 http://127.0.0.1:%u/; }\n"
    "\t\tlocation = /calendar { return 200 "
    "'<a href=/calendar?d=1$arg_d>tomorrow</a>'; }\n"
    "\t\tlocation = /slow.html { limit_rate 1; }\n\t}\n}\n";

/* ---- the site ---------------------------------------------------------- */

static void
file_write(struct world *world, const char *path, const char *bytes,
    size_t len)
{
	char full[256];
	FILE *file;

	(void)snprintf(full, sizeof(full), "%s/%s", world->folder, path);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
folder_make(struct world *world, const char *path)
{
	char full[256];

	(void)snprintf(full, sizeof(full), "%s/%s", world->folder, path);
	assert_int_equal(fs_make_folders(full, 0755, NULL), 0);
}

/* The path of page n: 0 is the first, then come the sections, then the
 * others in turn. */
static void
page_path(unsigned n, char out[64])
{
	if (n == 0)
		(void)snprintf(out, 64, "/");
	else if (n <= SECTIONS)
		(void)snprintf(out, 64, "/s%u/", n - 1);
	else
		(void)snprintf(out, 64, "/s%u/p%u.html", n % SECTIONS, n);
}

static void
page_write(struct world *world, unsigned n)
{
	char path[64], file[128];
	struct buf body;
	unsigned i;

	buf_init(&body, MIB);
	(void)buf_printf(&body, "<!doctype html><title>Page %u</title>\n"
				"<nav><a href=/>Home</a></nav><p>Text of %u",
	    n, n);
	for (i = 1; i <= SECTIONS && n == 0; i++) {
		page_path(i, path);
		(void)buf_printf(&body, "<a href='%s'>section</a>", path);
	}
	for (i = SECTIONS + 1; i < PAGES && n >= 1 && n <= SECTIONS; i++)
		if (i % SECTIONS == n - 1)
			(void)buf_printf(&body,
			    "<a href=p%u.html?PHPSESSID=%u>page</a>"
			    "<a href='../s%u/./p%u.html#top'>again</a>",
			    i, n, n - 1, i);
	/* On to the next section, and round. */
	(void)buf_printf(&body, "<a href=/s%u/?utm_source=x>next</a>",
	    (n + 1) % SECTIONS);
	if (n > SECTIONS)
		(void)buf_printf(&body, "<a href=/old/s%u/p%u.html>old</a>"
					"<a href=/print/p%u.html>print</a>",
		    n % SECTIONS, n, SECTIONS + 1 + n % 7);
	if (n == 1)
		(void)buf_puts(&body, "<a href=/loop-a><a href=/away>"
				      "<a href=/inside><a href=/slow.html>"
				      "<a href=/calendar><a href=/private/x>"
				      "<a href=/s2><a href=mailto:a@b.c>");
	if (n >= 100 && n < 100 + BROKEN)
		(void)buf_printf(&body, "<a href=/broken/%u>", n);
	page_path(n, path);
	(void)snprintf(file, sizeof(file), "site%s%s", path,
	    n <= SECTIONS ? "index.html" : "");
	assert_int_equal(body.err, 0);
	file_write(world, file, body.data, body.len);
	if (n > SECTIONS && n < SECTIONS + 8) {
		/* To be printed: the same page under another address. */
		(void)buf_printf(&body, "<link rel=canonical href='%s'>",
		    path);
		(void)snprintf(file, sizeof(file), "site/print/p%u.html", n);
		file_write(world, file, body.data, body.len);
	}
	buf_fini(&body);
}

static void
sitemaps_write(struct world *world)
{
	struct buf xml;
	char path[64], full[128];
	gzFile gz;
	unsigned n;

	buf_init(&xml, MIB);
	(void)buf_puts(&xml, "<?xml version=\"1.0\"?>\n<urlset>");
	for (n = 0; n < PAGES; n++) {
		page_path(n, path);
		(void)buf_printf(&xml, "<url><loc>%s%s</loc></url>\n",
		    world->web.base, path);
	}
	(void)buf_puts(&xml, "</urlset>\n");
	(void)snprintf(full, sizeof(full), "%s/site/all.xml.gz",
	    world->folder);
	gz = gzopen(full, "wb");
	assert_non_null(gz);
	assert_int_equal(gzwrite(gz, xml.data, (unsigned)xml.len), xml.len);
	assert_int_equal(gzclose(gz), Z_OK);
	buf_clear(&xml);
	(void)buf_printf(&xml, "User-agent: *\nDisallow: /private/\n"
			       "Sitemap: %s/index.xml\n", world->web.base);
	file_write(world, "site/robots.txt", xml.data, xml.len);
	buf_clear(&xml);
	(void)buf_printf(&xml, "<sitemapindex><sitemap><loc>%s/all.xml.gz"
			       "</loc></sitemap></sitemapindex>",
	    world->web.base);
	file_write(world, "site/index.xml", xml.data, xml.len);
	buf_fini(&xml);
}

static void
site_write(struct world *world)
{
	char path[64];
	unsigned n;

	folder_make(world, "site/print");
	for (n = 0; n < SECTIONS; n++) {
		(void)snprintf(path, sizeof(path), "site/s%u", n);
		folder_make(world, path);
	}
	for (n = 0; n < PAGES; n++)
		page_write(world, n);
	file_write(world, "site/slow.html", settings, sizeof(settings));
	sitemaps_write(world);
}

/* ---- nginx ------------------------------------------------------------- */

static unsigned
port_find(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len),
	    0);
	(void)close(fd);
	return ntohs(address.sin_port);
}

/* Wait until it takes connections: false when it ended instead. */
static bool
nginx_is_there(struct world *world)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((uint16_t)world->port)};
	const struct timespec tick = {.tv_nsec = 10000000};
	int64_t end_us = clock_mono_us() + DEADLINE_US;
	int fd, err;

	for (;;) {
		if (waitpid(world->pid, NULL, WNOHANG) != 0)
			return false;
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_true(fd >= 0);
		err = connect(fd, (struct sockaddr *)&address,
		    sizeof(address));
		(void)close(fd);
		if (err == 0)
			return true;
		assert_true(clock_mono_us() < end_us);
		(void)nanosleep(&tick, NULL);
	}
}

static bool
nginx_start(struct world *world)
{
	const char *folder = world->folder;
	char text[4096], file[128], log[128];

	world->port = port_find();
	(void)snprintf(text, sizeof(text), settings, folder, folder, folder,
	    folder, folder, folder, folder, world->port, folder,
	    world->port);
	file_write(world, "nginx.conf", text, strlen(text));
	(void)snprintf(file, sizeof(file), "%s/nginx.conf", folder);
	(void)snprintf(log, sizeof(log), "%s/error.log", folder);
	world->pid = fork();
	assert_true(world->pid >= 0);
	if (world->pid == 0) {
		(void)execlp("nginx", "nginx", "-e", log, "-c", file, NULL);
		(void)execl("/usr/sbin/nginx", "nginx", "-e", log, "-c", file,
		    NULL);
		_exit(127);
	}
	return nginx_is_there(world);
}

static int
setup(void **state)
{
	static const char *const hosts[] = {"h.localhost"};
	struct net_policy policy = {.hosts = hosts, .host_count = 1};
	struct world *world;
	unsigned i;

	world = mem_zalloc(sizeof(*world));
	assert_non_null(world);
	(void)snprintf(world->folder, sizeof(world->folder),
	    "/tmp/tidemark-web-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	/* nginx gives its rights away when it has any: to who can read. */
	assert_int_equal(chmod(world->folder, 0755), 0);
	/* The port may be taken from us before nginx has it. */
	for (i = 0; !nginx_start(world); i++)
		assert_true(i < TRIES);
	(void)snprintf(world->web.base, sizeof(world->web.base),
	    "http://h.localhost:%u", world->port);
	site_write(world);
	assert_int_equal(net_client_new(&policy, &world->client, NULL), 0);
	buf_init(&world->web.text, MIB);
	web_config_init(&world->config);
	world->config.folder = world->folder;
	world->config.scope = WEB_DOMAIN;
	world->config.pause_ms = 0;
	world->config.retry_ms = 1;
	world->config.page_ms = 500;
	world->config.variants_max = DAYS;
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;
	char command[128];

	(void)kill(world->pid, SIGTERM);
	(void)waitpid(world->pid, NULL, 0);
	web_world_fini(&world->web);
	net_client_free(world->client);
	(void)snprintf(command, sizeof(command), "rm -rf %s", world->folder);
	assert_int_equal(system(command), 0);
	mem_free(world);
	return 0;
}

/* ---- tests ------------------------------------------------------------- */

static int
crawl_path(struct world *world, const char *path)
{
	(void)snprintf(world->url, sizeof(world->url), "%s%s",
	    world->web.base, path);
	world->config.url = world->url;
	return web_world_crawl(&world->web, &world->config, world->client,
	    &world->tally, &world->note);
}

/* Is there this line? */
static bool
has_line(const struct world *world, const char *line)
{
	size_t len = strlen(line);
	const char *at = buf_text(&world->web.text);

	for (; (at = strstr(at, line)) != NULL; at++)
		if ((at == world->web.text.data || at[-1] == '\n') &&
		    (at[len] == '\n' || at[len] == ' '))
			return true;
	return false;
}

static void
check_pages(const struct world *world, const char *word)
{
	char path[64], line[96];
	unsigned n;

	for (n = 0; n < PAGES; n++) {
		page_path(n, path);
		(void)snprintf(line, sizeof(line), "%s %s", word, path);
		if (!has_line(world, line))
			print_message("missing: %s\n", line);
		assert_true(has_line(world, line));
	}
}

static void
test_all(void **state)
{
	struct world *world = *state;
	char line[64];
	unsigned n;

	assert_int_equal(crawl_path(world, "/"), 0);
	check_pages(world, "page");
	for (n = 100; n < 100 + BROKEN; n++) {
		(void)snprintf(line, sizeof(line),
		    "SOURCE_NOT_FOUND /broken/%u", n);
		assert_true(has_line(world, line));
	}
	assert_true(has_line(world, "FETCH_FAILED /loop-b"));
	assert_true(has_line(world, "FETCH_FAILED /slow.html"));
	assert_int_equal(world->tally.pages, PAGES + 1 + DAYS);
	assert_int_equal(world->tally.broken, BROKEN);
	assert_int_equal(world->tally.failed, BROKEN + 2);
	assert_int_equal(world->tally.outside, 2);
	assert_int_equal(world->tally.robots, 1);
	assert_int_equal(world->tally.copies, 7);
	assert_int_equal(world->tally.cuts, WEB_CUT_TRAP | WEB_CUT_ERROR);

	/* Again, in the same order, and unchanged but for the calendar. */
	world->web.knows = world->web.has_bodies = true;
	assert_int_equal(crawl_path(world, "/"), 0);
	check_pages(world, "same");
	assert_int_equal(world->tally.pages, PAGES + 1 + DAYS);
	assert_int_equal(world->tally.unchanged, PAGES);

	/* One page has changed, another one has gone. */
	file_write(world, "site/s0/p20.html", "new", 3);
	(void)snprintf(world->url, sizeof(world->url), "%s/site/s0/p30.html",
	    world->folder);
	assert_int_equal(unlink(world->url), 0);
	assert_int_equal(crawl_path(world, "/"), 0);
	assert_int_equal(world->tally.unchanged, PAGES - 2);
	assert_true(has_line(world, "page /s0/p20.html"));
	assert_true(has_line(world, "SOURCE_NOT_FOUND /s0/p30.html"));
}

static void
test_sitemap(void **state)
{
	struct world *world = *state;

	world->config.scope = WEB_SITEMAP;
	assert_int_equal(crawl_path(world, "/"), 0);
	check_pages(world, "page");
	assert_int_equal(world->tally.pages, PAGES);
	assert_int_equal(world->tally.failed, 0);
	assert_int_equal(world->tally.cuts, 0);
	/* robots.txt, two sitemaps, and each page once. */
	assert_int_equal(world->tally.requests, 3 + PAGES);
}

static void
test_path(void **state)
{
	struct world *world = *state;

	world->config.scope = WEB_PATH;
	assert_int_equal(crawl_path(world, "/s3/"), 0);
	assert_int_equal(world->tally.failed, 0);
	assert_int_equal(world->tally.pages, 1 + PAGES / SECTIONS - 1);
}

static void
test_stop(void **state)
{
	struct world *world = *state;

	world->web.stop_after = 100;
	assert_int_equal(crawl_path(world, "/"), ERR_CANCELLED);
	assert_int_equal(world->web.entries, 100);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_all), TEST(test_sitemap), TEST(test_path),
	    TEST(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
