/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server: listens, routes, authenticates and answers.
 *
 * Floor 5.  The design and who owns what is told in server.c.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct err_note;
struct http_dialect;
struct http_server;

struct http_options {
	const char *listen; /* "HOST:PORT", "[::1]:0"; numbers or localhost */
	const struct http_dialect *const *dialects;
	size_t dialect_count;
	unsigned threads;	 /* of connections; 0: two */
	unsigned pool_threads;	 /* of handlers that may wait; 0: 16 */
	bool metrics_need_key;	 /* also from loopback */
	bool logs_requests;	 /* at info; else at debug */
	uint64_t upload_file_bytes_max; /* see http.h */
	bool upload_any_format;
	const char *failures_word; /* see http.h; kept */
	int denied_status; /* see http.h; 403, else it is 409 */
	const char *version;	 /* told by /health */
	/* Origins whose pages may call, as if they were this server's, with
	 * commas or blanks between; "*": all, without cookies; NULL: none. */
	const char *cors_origins;
	unsigned socket_ping_ms; /* between WebSockets' pings; 0: 20000 */
};

/*
 * Listen and serve.  Keeps engine, dialects, words and version until
 * http_server_close(); borrows the rest.  ret_port: the port that was taken.
 * Returns owned (http_server_close).  ERR_INVALID: an address or a table that
 * makes no sense; ERR_BUSY: the port is taken.
 */
int http_server_open(const struct http_options *options,
    struct engine *engine, struct http_server **ret_server,
    unsigned *ret_port, struct err_note *note);

/*
 * Something was committed: wake those who wait.  Any thread; returns at once.
 * NULL is allowed (the engine starts before the server).
 */
void http_server_notify(struct http_server *server);

/*
 * Accept no more, answer what waits, end streams, let running handlers finish
 * for up to grace_ms, close all connections, stop all threads.
 */
void http_server_stop(struct http_server *server, int64_t grace_ms);
/*
 * Stops if need be; NULL is allowed.  Nobody may call http_server_notify()
 * any more: stop the server, stop the engine, close the server, close the
 * engine.
 */
void http_server_close(struct http_server *server);

#endif
