/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_world: a service on loopback that answers as a test has written down,
 * one step after the other, and a client of it whose waits take no time.
 */
#ifndef TESTS_S3_WORLD_H
#define TESTS_S3_WORLD_H

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "http_peer.h"
#include "source/s3.h"
#include "source/s3_int.h"
#include "sys/fs.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WAITS_MAX 64
#define LIST "encoding-type=url&list-type=2&max-keys=1000"
#define RESULT "<ListBucketResult><EncodingType>url</EncodingType>"
#define RESULT_END "</ListBucketResult>"

struct step {
	const char *target; /* "/b/key?x=y", the whole of it */
	const char *has;    /* a part of the request; NULL: nothing special */
	const char *hasnt;  /* none of it; NULL */
	const char *status; /* NULL: answer is all that is sent */
	const char *headers;
	const char *answer;
	bool hangs; /* and then does not close the connection */
};

struct s3_world {
	struct peer peer;
	struct s3_config config;
	struct s3_client *client;
	const struct step *steps;
	size_t step_count;
	size_t step; /* the next one; of the peer's threads, then the test's */
	char surprise[2048]; /* a request that was not the one to come */
	char endpoint[64];
	int64_t waits[WAITS_MAX];
	size_t wait_count;
	struct buf seen; /* a line for each entry */
	int fd;
};

static inline int
world_wait(void *arg, int64_t us, const atomic_bool *stop)
{
	struct s3_world *world = arg;

	assert_true(world->wait_count < WAITS_MAX);
	world->waits[world->wait_count++] = us;
	return stop != NULL && atomic_load(stop) ? ERR_CANCELLED : 0;
}

static inline bool
step_fits(const struct step *step, const char *request)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n",
	    step->target);
	return strncmp(request, line, strlen(line)) == 0 &&
	    (step->has == NULL || strstr(request, step->has) != NULL) &&
	    (step->hasnt == NULL || strstr(request, step->hasnt) == NULL);
}

static inline bool
world_behave(struct peer *peer, int fd, const char *path, const char *request)
{
	struct s3_world *world = peer->arg;
	const struct step *step;

	(void)path;
	if (world->step == world->step_count ||
	    !step_fits(&world->steps[world->step], request)) {
		(void)snprintf(world->surprise, sizeof(world->surprise),
		    "step %zu: %s", world->step, request);
		return peer_answer(fd, "400 Surprise", "", "");
	}
	step = &world->steps[world->step++];
	if (step->status != NULL)
		return peer_answer(fd, step->status,
		    step->headers == NULL ? "" : step->headers,
		    step->answer == NULL ? "" : step->answer);
	peer_say(fd, step->answer);
	if (step->hangs)
		peer_hang(peer);
	return false;
}

static inline int
world_setup_with(void **state, peer_fn *fn)
{
	struct s3_world *world;

	(void)signal(SIGPIPE, SIG_IGN);
	world = mem_zalloc(sizeof(*world));
	assert_non_null(world);
	peer_open(&world->peer, fn, world);
	(void)snprintf(world->endpoint, sizeof(world->endpoint),
	    "http://127.0.0.1:%u", world->peer.port);
	world->config = (struct s3_config){.provider = S3_PROVIDER_OTHER,
	    .endpoint = world->endpoint,
	    .bucket = "b",
	    .key_id = "KEYIDKEYID",
	    .secret = "secretsecret",
	    .policy = {.allows_any = true},
	    .wait = world_wait,
	    .wait_arg = world};
	buf_init(&world->seen, MIB);
	world->fd = fs_temporary("/tmp");
	assert_true(world->fd >= 0);
	*state = world;
	return 0;
}

static inline int
world_setup(void **state)
{
	return world_setup_with(state, world_behave);
}

static inline int
world_teardown(void **state)
{
	struct s3_world *world = *state;

	s3_client_free(world->client);
	peer_close(&world->peer);
	buf_fini(&world->seen);
	(void)close(world->fd);
	mem_free(world);
	return 0;
}

/* A client as config says, in place of the one there is. */
static inline void
world_connect(struct s3_world *world)
{
	struct err_note note = {""};

	s3_client_free(world->client);
	world->client = NULL;
	if (s3_client_new(&world->config, &world->client, &note) < 0)
		fail_msg("%s", note.text);
}

static inline void
world_expect(struct s3_world *world, const struct step *steps, size_t count)
{
	peer_wait_idle(&world->peer);
	world->steps = steps;
	world->step_count = count;
	world->step = 0;
	world->wait_count = 0;
	buf_clear(&world->seen);
}

/* All steps were taken, and nothing else was asked for. */
static inline void
world_check(struct s3_world *world)
{
	peer_wait_idle(&world->peer);
	assert_string_equal(world->surprise, "");
	assert_int_equal(world->step, world->step_count);
}

static inline int
world_note_entry(void *arg, const struct remote_entry *entry)
{
	struct s3_world *world = arg;

	return buf_printf(&world->seen, "%s|%s|%llu|%lld|%s|%s|%s\n",
	    entry->uri, entry->name, (unsigned long long)entry->bytes,
	    (long long)entry->mtime_us, entry->etag,
	    item_code_name(entry->code),
	    entry->message == NULL ? "" : entry->message);
}

static inline int
world_list(struct s3_world *world, struct err_note *note)
{
	return s3_list(world->client, NULL, world_note_entry, world, note);
}

#endif
