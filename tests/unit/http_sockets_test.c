/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many WebSockets, slow and silent ones, and a server that stops.
 * Everything is ordered by what comes, and by states that are freed; the
 * server's own times are short here.
 */
#include "socket_world.h"

/* Who answers stays; who does not is dropped. */
static void
test_pings(void **state)
{
	struct client lively, silent;
	int i;

	(void)state;
	start(50);
	client_tell(&lively, "?kind=2");
	client_tell(&silent, "?kind=2");
	for (i = 0; i < 6; i++) {
		assert_int_equal(client_read(&lively), 0x89);
		client_frame(&lively, 0x8A, true, "", 0);
	}
	tellers_wait(1);
	while (client_read(&silent) != 0)
		;
	client_close(&silent);
	client_frame(&lively, 0x89, true, "still here", 10);
	assert_int_equal(client_next(&lively), 0x8A);
	client_frame(&lively, 0x88, true, "\x03\xE8", 2);
	assert_int_equal(client_next(&lively), 0x88);
	client_close(&lively);
	tellers_wait(0);
	finish();
}

/* Who does not read costs one text, and not for ever. */
static void
test_slow_reader(void **state)
{
	struct client slow, quick;

	(void)state;
	start(100);
	client_tell(&slow, "?kind=3");
	client_tell(&quick, "?last=2");
	assert_text(&quick, "text 1");
	assert_text(&quick, "text 2");
	assert_closed(&quick, 1000, "all said");
	tellers_wait(0);
	client_close(&slow);
	finish();
}

/* Many at once, all of which hear every stage; no more than there may be. */
static void
test_many(void **state)
{
	static struct client clients[HTTP_SOCKETS_MAX];
	struct client more;
	char line[512], text[32];
	size_t i;
	int now;

	(void)state;
	start(0);
	for (i = 0; i < HTTP_SOCKETS_MAX; i++)
		client_tell(&clients[i], "?kind=1");
	(void)snprintf(line, sizeof(line), LINE, "");
	client_ask(&more, line, REST);
	assert_non_null(strstr(client_head(&more), "HTTP/1.1 503 "));
	client_close(&more);
	/* Those that are only refused have room all the same. */
	client_ask(&more, "GET /t/open HTTP/1.1\r\nHost: x\r\n", REST);
	assert_non_null(strstr(client_head(&more), " 101 "));
	assert_closed(&more, 1008, "no: UNAUTHORIZED");
	for (now = 1; now <= STAGES; now++) {
		atomic_store(&stage, now);
		http_server_notify(server);
		(void)snprintf(text, sizeof(text), "stage %d", now);
		for (i = 0; i < HTTP_SOCKETS_MAX; i++)
			assert_text(&clients[i], text);
	}
	for (i = 0; i < HTTP_SOCKETS_MAX; i++)
		assert_closed(&clients[i], 1000, "");
	tellers_wait(0);
	client_tell(&more, "?last=1");
	assert_text(&more, "text 1");
	assert_closed(&more, 1000, "all said");
	finish();
}

/* Commits of others wake nobody who has nothing to say: no empty texts. */
static void
test_commits(void **state)
{
	struct client client;
	int i;

	(void)state;
	start(0);
	client_tell(&client, "?kind=1");
	for (i = 0; i < 1000; i++)
		http_server_notify(server);
	atomic_store(&stage, STAGES);
	http_server_notify(server);
	assert_text(&client, "stage 5");
	assert_closed(&client, 1000, "");
	finish();
}

static void *
stop(void *arg)
{
	(void)arg;
	http_server_stop(server, 5000);
	return NULL;
}

/* All are told, also one whose text is being made; who does not answer holds
 * nothing up. */
static void
test_stop(void **state)
{
	static struct client clients[16];
	struct client held_one, hello;
	pthread_t thread;
	size_t i;

	(void)state;
	start(0);
	for (i = 0; i < 16; i++)
		client_tell(&clients[i], "?kind=2");
	client_tell(&held_one, "?kind=5");
	(void)pthread_mutex_lock(&lock);
	while (held == 0)
		(void)pthread_cond_wait(&cond, &lock);
	(void)pthread_mutex_unlock(&lock);
	client_ask(&hello, "GET /t/hello HTTP/1.1\r\nHost: x\r\n", "");
	assert_non_null(strstr(client_head(&hello), " 200 "));
	assert_int_equal(pthread_create(&thread, NULL, stop, NULL), 0);
	for (i = 0; i < 15; i++)
		assert_closed(&clients[i], 1001, "the server is stopping");
	assert_int_equal(client_next(&clients[15]), 0x88);
	assert_int_equal(client_next(&held_one), 0x88);
	assert_int_equal(held_one.code, 1001);
	(void)pthread_mutex_lock(&lock);
	is_let = true;
	(void)pthread_cond_broadcast(&cond);
	(void)pthread_mutex_unlock(&lock);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(tellers, 0);
	client_close(&clients[15]);
	client_close(&held_one);
	client_close(&hello);
	finish();
}

/* Without any time for it, and while handshakes are on their way. */
static void
test_stop_at_once(void **state)
{
	static struct client clients[64];
	char line[512];
	size_t i;
	int round;

	(void)state;
	(void)snprintf(line, sizeof(line), LINE, "?kind=2");
	for (round = 0; round < 8; round++) {
		start(0);
		for (i = 0; i < 64; i++)
			client_ask(&clients[i], line, REST);
		finish();
		for (i = 0; i < 64; i++)
			client_close(&clients[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pings),
	    cmocka_unit_test(test_slow_reader),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_commits),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_stop_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
