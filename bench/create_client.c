/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create_client: how many small documents are taken a second.
 *
 *	create_client post PORT KEY PATH FORM COUNT CONNECTIONS POLLERS RATE
 *	create_client insert FILE COUNT GROUP
 *
 * post sends COUNT texts, one in each request, over CONNECTIONS connections
 * without a pause.  FORM is "native" or "dify": what a request looks like, and
 * which status page its answer leads to.  Meanwhile each of POLLERS connections
 * asks RATE times a second for the page of one of the jobs made so far, of the
 * last thousand; the time of such an answer counts from when it was due.
 * Prints median, 99 of 100 and slowest of the posts (microseconds), how many
 * there were and how many went wrong; nanoseconds for all of them; and the same
 * five of the pages.
 *
 * insert writes the same texts into a table by the SQLite library, GROUP of
 * them in each commit, as durable, from one thread: nanoseconds.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "loopback.h"

#define CONNECTIONS_MAX 64u
#define POLLERS_MAX 512u
#define PAGES 1000u
#define PAGE_BYTES_MAX 256u
#define REPLY_BYTES_MAX (64 * KIB)
#define SAMPLES_MAX 1000000u
#define SAMPLES_EACH 50000u /* of one connection */

struct samples {
	uint32_t *us;
	size_t count;
	unsigned bad;
};

struct load {
	in_port_t port;
	const char *key, *path;
	bool is_dify;
	unsigned count, rate, pollers;
	atomic_uint next;  /* document */
	atomic_bool is_over;
	pthread_mutex_t lock;
	char pages[PAGES][PAGE_BYTES_MAX]; /* of the last jobs; by lock */
	unsigned made;
};

struct client {
	pthread_t thread;
	struct load *load;
	unsigned number;
	struct samples samples;
};

static void
samples_put(struct samples *samples, int64_t since_ns, bool is_good)
{
	if (samples->count < SAMPLES_EACH)
		samples->us[samples->count++] =
		    (uint32_t)((now_ns() - since_ns) / 1000);
	samples->bad += !is_good;
}

static void
text_write(unsigned number, char *out, size_t size)
{
	(void)snprintf(out, size, "Tide %u. Spring tides come twice in a "
	    "month, and the neap tide follows a week later. The harbour "
	    "master of pier %u writes the height of the water down, and "
	    "rows back before the ebb begins.", number, number % 977);
}

static size_t
request_write(const struct load *load, unsigned number, char *out,
    size_t size)
{
	char text[512], body[1024];
	int len;

	text_write(number, text, sizeof(text));
	len = snprintf(body, sizeof(body), load->is_dify
	    ? "{\"name\":\"note-%u.txt\",\"text\":\"%s\","
	      "\"indexing_technique\":\"high_quality\","
	      "\"process_rule\":{\"mode\":\"automatic\"}}"
	    : "{\"documents\":[{\"name\":\"note-%u.txt\",\"text\":\"%s\"}]}",
	    number, text);
	len = snprintf(out, size, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	    "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
	    "Content-Length: %d\r\n\r\n%s", load->path, load->key, len, body);
	return (size_t)len;
}

/* The text of the first member of that name. */
static bool
member_take(const char *answer, const char *name, char *out, size_t size)
{
	const char *at = strstr(answer, name);
	size_t len;

	if (at == NULL)
		return false;
	at += strlen(name);
	len = strcspn(at, "\"");
	if (len >= size)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

static bool
page_take(struct load *load, const char *answer)
{
	char page[PAGE_BYTES_MAX], batch[64];
	const char *end;
	bool is_good;

	if (load->is_dify) {
		is_good = member_take(answer, "\"batch\":\"", batch,
		    sizeof(batch));
		end = strstr(load->path, "/document/");
		if (is_good && end != NULL)
			(void)snprintf(page, sizeof(page),
			    "%.*s/documents/%s/indexing-status",
			    (int)(end - load->path), load->path, batch);
		is_good = is_good && end != NULL;
	} else {
		is_good = member_take(answer, "\"self\":\"", page,
		    sizeof(page));
	}
	if (!is_good)
		return false;
	(void)pthread_mutex_lock(&load->lock);
	memcpy(load->pages[load->made++ % PAGES], page, sizeof(page));
	(void)pthread_mutex_unlock(&load->lock);
	return true;
}

static void *
post_run(void *arg)
{
	struct client *client = arg;
	struct load *load = client->load;
	char request[2048], *answer;
	unsigned number;
	int64_t since;
	size_t len;
	int fd, status;

	answer = mem_alloc(REPLY_BYTES_MAX);
	if (answer == NULL)
		die("no memory");
	fd = loopback_connect(load->port);
	while ((number = atomic_fetch_add(&load->next, 1)) < load->count) {
		len = request_write(load, number, request, sizeof(request));
		since = now_ns();
		status = loopback_ask(fd, request, len, answer,
		    REPLY_BYTES_MAX);
		samples_put(&client->samples, since, status / 100 == 2 &&
		    page_take(load, answer));
	}
	(void)close(fd);
	mem_free(answer);
	return NULL;
}

static size_t
poll_write(struct load *load, unsigned turn, char *out, size_t size)
{
	int len = 0;

	(void)pthread_mutex_lock(&load->lock);
	if (load->made > 0)
		len = snprintf(out, size, "GET %s HTTP/1.1\r\n"
		    "Host: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n",
		    load->pages[turn % (load->made < PAGES ? load->made
							   : PAGES)],
		    load->key);
	(void)pthread_mutex_unlock(&load->lock);
	return (size_t)len;
}

static void *
poll_run(void *arg)
{
	struct client *client = arg;
	struct load *load = client->load;
	int64_t gap_ns = SECOND_NS / load->rate, due;
	unsigned turn = client->number * 7919;
	char request[1024], *answer;
	size_t len;
	int fd;

	answer = mem_alloc(REPLY_BYTES_MAX);
	if (answer == NULL)
		die("no memory");
	fd = loopback_connect(load->port);
	/* Evenly over the gap: they do not know of each other. */
	due = now_ns() + gap_ns * client->number / load->pollers;
	for (;;) {
		sleep_until(due);
		if (atomic_load(&load->is_over))
			break;
		len = poll_write(load, turn++, request, sizeof(request));
		if (len > 0)
			samples_put(&client->samples, due,
			    loopback_ask(fd, request, len, answer,
				REPLY_BYTES_MAX) == 200);
		due += gap_ns;
	}
	(void)close(fd);
	mem_free(answer);
	return NULL;
}

static void
clients_start(struct client *clients, unsigned count, struct load *load,
    void *(*run)(void *))
{
	unsigned i;

	for (i = 0; i < count; i++) {
		clients[i].load = load;
		clients[i].number = i;
		clients[i].samples.us = mem_array(SAMPLES_EACH,
		    sizeof(uint32_t));
		if (clients[i].samples.us == NULL)
			die("no memory");
		if (pthread_create(&clients[i].thread, NULL, run,
			&clients[i]) != 0)
			die("cannot start a thread");
	}
}

/* Wait for them, put all their samples together and print them. */
static void
clients_end(struct client *clients, unsigned count)
{
	struct samples all = {.count = 0};
	unsigned i;

	all.us = mem_array(SAMPLES_MAX, sizeof(uint32_t));
	if (all.us == NULL)
		die("no memory");
	for (i = 0; i < count; i++) {
		struct samples *one = &clients[i].samples;

		(void)pthread_join(clients[i].thread, NULL);
		if (all.count + one->count > SAMPLES_MAX)
			die("too many samples");
		memcpy(all.us + all.count, one->us,
		    one->count * sizeof(uint32_t));
		all.count += one->count;
		all.bad += one->bad;
		mem_free(one->us);
	}
	qsort(all.us, all.count, sizeof(uint32_t), sample_order);
	if (all.count == 0)
		all.us[all.count++] = 0;
	(void)printf(" %u %u %u %zu %u", all.us[all.count / 2],
	    all.us[all.count * 99 / 100], all.us[all.count - 1], all.count,
	    all.bad);
	mem_free(all.us);
}

static int
run_post(char **words)
{
	static struct client posters[CONNECTIONS_MAX], pollers[POLLERS_MAX];
	static struct load load;
	unsigned connections, count;
	int64_t since;

	load.port = (in_port_t)strtoul(words[0], NULL, 10);
	load.key = words[1];
	load.path = words[2];
	load.is_dify = strcmp(words[3], "dify") == 0;
	load.count = (unsigned)strtoul(words[4], NULL, 10);
	connections = (unsigned)strtoul(words[5], NULL, 10);
	count = (unsigned)strtoul(words[6], NULL, 10);
	load.rate = (unsigned)strtoul(words[7], NULL, 10);
	if (connections == 0 || connections > CONNECTIONS_MAX ||
	    count > POLLERS_MAX || load.rate == 0)
		return 2;
	load.pollers = count;
	(void)pthread_mutex_init(&load.lock, NULL);
	clients_start(pollers, count, &load, poll_run);
	since = now_ns();
	clients_start(posters, connections, &load, post_run);
	clients_end(posters, connections);
	(void)printf(" %lld", (long long)(now_ns() - since));
	atomic_store(&load.is_over, true);
	clients_end(pollers, count);
	(void)printf("\n");
	return 0;
}

static void
sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
}

static int
run_insert(char **words)
{
	unsigned count = (unsigned)strtoul(words[1], NULL, 10), i;
	unsigned group = (unsigned)strtoul(words[2], NULL, 10);
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int64_t since;
	char text[512];

	if (group == 0 || sqlite3_open(words[0], &db) != SQLITE_OK)
		die("cannot open the database");
	sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);");
	if (sqlite3_prepare_v2(db, "INSERT INTO note (text) VALUES (?1)", -1,
		&stmt, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(db));
	since = now_ns();
	for (i = 0; i < count; i++) {
		if (i % group == 0)
			sql(db, "BEGIN IMMEDIATE");
		text_write(i, text, sizeof(text));
		(void)sqlite3_bind_text(stmt, 1, text, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(stmt) != SQLITE_DONE)
			die(sqlite3_errmsg(db));
		(void)sqlite3_reset(stmt);
		if (i % group == group - 1 || i == count - 1)
			sql(db, "COMMIT");
	}
	(void)printf("%lld\n", (long long)(now_ns() - since));
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return 0;
}

int
main(int argc, char **argv)
{
	int status = 2;

	if (argc == 10 && strcmp(argv[1], "post") == 0)
		status = run_post(argv + 2);
	else if (argc == 5 && strcmp(argv[1], "insert") == 0)
		status = run_insert(argv + 2);
	if (status == 2)
		(void)fprintf(stderr, "usage: create_client post PORT KEY "
		    "PATH native|dify COUNT CONNECTIONS POLLERS RATE\n"
		    "       create_client insert FILE COUNT GROUP\n");
	return status;
}
