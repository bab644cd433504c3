/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One WebSocket: its handshake, what is said in it, what is refused, its end.
 */
#include "socket_world.h"

/* The example of RFC 6455 1.3; texts in their order; the end. */
static void
test_texts(void **state)
{
	struct client client;
	const char *head;

	(void)state;
	start(0);
	client_tell(&client, "?last=4");
	head = buf_text(&client.in);
	assert_non_null(strstr(head,
	    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	assert_non_null(strstr(head, "Upgrade: websocket\r\n"));
	assert_non_null(strstr(head, "Connection: Upgrade\r\n"));
	assert_text(&client, "text 1");
	assert_text(&client, "text 2");
	assert_text(&client, "text 3");
	assert_text(&client, "text 4");
	assert_closed(&client, 1000, "all said");
	tellers_wait(0);
	finish();
}

/* A request that is none of a WebSocket's, and what is said to it. */
static void
test_handshakes(void **state)
{
	static const struct {
		const char *line, *headers, *status, *words;
	} bad[] = {
	    {"GET /t/tell HTTP/1.1\r\n", "", "426 ", "Upgrade: websocket"},
	    {"GET /t/tell HTTP/1.1\r\n",
		"Connection: Upgrade\r\nUpgrade: h2c\r\n"
		"Sec-WebSocket-Version: 13\r\n" KEY,
		"426 ", "Upgrade: websocket"},
	    {"GET /t/tell HTTP/1.1\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 8\r\n" KEY, "426 ", "version 13"},
	    {"GET /t/tell HTTP/1.1\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n" KEY, "426 ",
		"version 13"},
	    {"GET /t/tell HTTP/1.1\r\n",
		"Connection: keep-alive\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\n" KEY, "400 ", "Connection"},
	    {"GET /t/tell HTTP/1.1\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\n", "400 ", "16 bytes"},
	    {"GET /t/tell HTTP/1.1\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", "400 ",
		"16 bytes"},
	    {"GET /t/tell HTTP/1.1\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub2 jZQ==\r\n", "400 ",
		"16 bytes"},
	    {"GET /t/tell HTTP/1.1\r\nContent-Length: 2\r\n", REST, "400 ",
		"no body"},
	    {"GET /t/tell HTTP/1.0\r\n", REST, "400 ", "HTTP/1.1"},
	    {"HEAD /t/tell HTTP/1.1\r\n", REST, "400 ", ""},
	    {"POST /t/tell HTTP/1.1\r\n", REST, "405 ", "method"},
	};
	struct client client;
	char line[512];
	const char *head;

	(void)state;
	start(0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		(void)snprintf(line, sizeof(line),
		    "%sHost: x\r\nX-Api-Key: good\r\nConnection: close\r\n",
		    bad[i].line);
		client_ask(&client, line, bad[i].headers);
		if (strstr(bad[i].line, "Content-Length") != NULL)
			client_send(&client, "{}", 2);
		while (client_more(&client))
			;
		head = buf_text(&client.in);
		if (strncmp(head + 9, bad[i].status, 4) != 0 ||
		    strstr(head, bad[i].words) == NULL)
			fail_msg("%zu: %s", i, head);
		if (bad[i].status[2] == '6') {
			assert_non_null(strstr(head,
			    "Upgrade: websocket\r\n"));
			assert_non_null(strstr(head,
			    "Sec-WebSocket-Version: 13\r\n"));
		}
		client_close(&client);
	}
	/* Without a key nobody gets so far. */
	client_ask(&client, "GET /t/tell HTTP/1.1\r\nHost: x\r\n", REST);
	assert_non_null(strstr(client_head(&client), "HTTP/1.1 401 "));
	client_close(&client);
	tellers_wait(0);
	finish();
}

static void
test_bad_frames(void **state)
{
#define BYTES(text) text, sizeof(text) - 1
	static const struct {
		const char *bytes;
		size_t len;
		unsigned code;
		const char *reason;
	} bad[] = {
	    {BYTES("\x89\x01x"), 1002, "a client masks its frames"},
	    {BYTES("\x81\x81\0\0\0\0x"), 1003, "no messages are taken here"},
	    {BYTES("\x82\x80\0\0\0\0"), 1003, "no messages are taken here"},
	    {BYTES("\x01\x81\0\0\0\0x"), 1003, "no messages are taken here"},
	    {BYTES("\x82\xFF\0\0\0\x7F\xFF\xFF\xFF\xFF\0\0\0\0x"), 1003,
		"no messages are taken here"},
	    {BYTES("\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0x"),
		1002, "a malformed frame"},
	    {BYTES("\x82\xFF\0\0\0\0\0\0\0\x05\0\0\0\0xxxxx"), 1002,
		"a malformed frame"},
	    {BYTES("\x80\x81\0\0\0\0x"), 1002,
		"there is nothing to go on with"},
	    {BYTES("\xC9\x80\0\0\0\0"), 1002, "no extension was agreed on"},
	    {BYTES("\x83\x80\0\0\0\0"), 1002, "there is no such frame"},
	    {BYTES("\x8B\x80\0\0\0\0"), 1002, "there is no such frame"},
	    {BYTES("\x09\x80\0\0\0\0"), 1002, "a malformed frame"},
	    {BYTES("\x89\xFE\x01\0\0\0\0\0"), 1002, "a malformed frame"},
	    {BYTES("\x88\x81\0\0\0\0x"), 1002, "no such code of closing"},
	    {BYTES("\x88\x82\0\0\0\0\x03\xED"), 1002,
		"no such code of closing"},
	    {BYTES("\x88\x82\0\0\0\0\0\0"), 1002, "no such code of closing"},
	    {BYTES("\x88\x83\0\0\0\0\x03\xE8\xFF"), 1007,
		"the reason is not UTF-8"},
	};
#undef BYTES
	struct client client;

	(void)state;
	start(0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		client_tell(&client, "?kind=2");
		client_send(&client, bad[i].bytes, bad[i].len);
		assert_closed(&client, bad[i].code, bad[i].reason);
	}
	tellers_wait(0);
	finish();
}

/* What is still on its way from a peer that was refused does not take the
 * refusal from it. */
static void
test_refused_goes_on(void **state)
{
	static char much[60000];
	struct client client;

	(void)state;
	start(0);
	client_tell(&client, "?kind=2");
	client_frame(&client, 0x82, true, much, sizeof(much));
	client_frame(&client, 0x82, true, much, sizeof(much));
	assert_closed(&client, 1003, "no messages are taken here");
	tellers_wait(0);
	finish();
}

static void
test_control(void **state)
{
	static const char payload[] =
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "4567890123456789012345678901234567890123456789012345678901234";
	struct client client;
	unsigned char frame[64];
	size_t i;

	(void)state;
	start(0);
	client_tell(&client, "?kind=2");
	assert_int_equal(sizeof(payload) - 1, 125);
	client_frame(&client, 0x89, true, payload, 125);
	assert_int_equal(client_next(&client), 0x8A);
	assert_string_equal(client.text, payload);
	/* A pong that nobody asked for is no matter. */
	client_frame(&client, 0x8A, true, "a", 1);
	/* Byte by byte, with a mask. */
	memcpy(frame, "\x89\x83\x01\x02\x03\x04" "`ab", 9);
	for (i = 0; i < 9; i++)
		client_send(&client, frame + i, 1);
	assert_int_equal(client_next(&client), 0x8A);
	assert_int_equal(client.len, 3);
	assert_memory_equal(client.text, "aca", 3);
	/* Of a flood the last one is answered. */
	for (i = 0; i < 5000; i++)
		client_frame(&client, 0x89, true, "flood", 5);
	client_frame(&client, 0x89, true, "last", 4);
	do
		assert_int_equal(client_next(&client), 0x8A);
	while (strcmp(client.text, "last") != 0);
	client_frame(&client, 0x88, true, "\x0F\xA0" "bye", 5);
	assert_int_equal(client_next(&client), 0x88);
	assert_int_equal(client.code, 4000);
	assert_string_equal(client.text, "");
	assert_int_equal(client_read(&client), 0);
	client_close(&client);
	/* A close without a code is answered likewise. */
	client_tell(&client, "?kind=2");
	client_frame(&client, 0x88, true, "", 0);
	assert_int_equal(client_next(&client), 0x88);
	assert_int_equal(client.len, 0);
	assert_int_equal(client_read(&client), 0);
	client_close(&client);
	tellers_wait(0);
	finish();
}

/* Frames may come with the request, before the answer to it. */
static void
test_early(void **state)
{
	static const char frames[] = "\x89\x85\0\0\0\0early";
	struct client client;
	char text[1024];
	int len;

	(void)state;
	start(0);
	len = snprintf(text, sizeof(text), LINE REST "\r\n", "?kind=2");
	memcpy(text + len, frames, sizeof(frames) - 1);
	client_open(&client);
	client_send(&client, text, (size_t)len + sizeof(frames) - 1);
	assert_non_null(strstr(client_head(&client), " 101 "));
	assert_int_equal(client_next(&client), 0x8A);
	assert_string_equal(client.text, "early");
	client_frame(&client, 0x88, true, "\x03\xE8", 2);
	assert_int_equal(client_next(&client), 0x88);
	client_close(&client);
	tellers_wait(0);
	finish();
}

/* What the handler says goes wrong, and clients that vanish. */
static void
test_ends(void **state)
{
	struct client client;

	(void)state;
	start(0);
	client_tell(&client, "?kind=4");
	assert_closed(&client, 1011, err_text(ERR_CORRUPT));
	client_tell(&client, "?kind=2");
	client_close(&client);
	client_tell(&client, "?kind=3");
	assert_int_equal(client_next(&client), 0x81);
	assert_int_equal(client.len, BIG_BYTES);
	client_close(&client);
	tellers_wait(0);
	finish();
}

static void
test_authenticates(void **state)
{
	static const struct {
		const char *headers, *reason; /* NULL: it is let in */
	} rows[] = {
	    {"X-Api-Key: good\r\n", NULL},
	    {"Authorization: Bearer good\r\n", NULL},
	    {"Cookie: who=good\r\n", NULL},
	    {"Cookie: who=good\r\nOrigin: http://x\r\n", NULL},
	    {"Cookie: who=good\r\nSec-Fetch-Site: same-origin\r\n", NULL},
	    {"", "no: UNAUTHORIZED"},
	    {"X-Api-Key: evil\r\n", "no: UNAUTHORIZED"},
	    {"Cookie: who=evil\r\n", "no: UNAUTHORIZED"},
	    {"Cookie: who=good\r\nOrigin: http://y\r\n", "no: FORBIDDEN"},
	    {"Cookie: who=good\r\nSec-Fetch-Site: same-site\r\n",
		"no: FORBIDDEN"},
	};
	struct client client;
	char line[512];

	(void)state;
	start(0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		(void)snprintf(line, sizeof(line), "GET /t/open?last=1 "
		    "HTTP/1.1\r\nHost: x\r\n%s", rows[i].headers);
		client_ask(&client, line, REST);
		assert_non_null(strstr(client_head(&client), " 101 "));
		if (rows[i].reason == NULL) {
			assert_text(&client, "text 1");
			assert_closed(&client, 1000, "all said");
		} else {
			assert_closed(&client, 1008, rows[i].reason);
		}
	}
	tellers_wait(0);
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_handshakes),
	    cmocka_unit_test(test_bad_frames),
	    cmocka_unit_test(test_refused_goes_on),
	    cmocka_unit_test(test_control),
	    cmocka_unit_test(test_early),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_authenticates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
