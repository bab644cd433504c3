/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client: requests to a Tidemark server, and its answers as JSON.
 *
 * One thread.  Every call waits for its answer; Ctrl-C (interrupt.h) ends
 * the wait with ERR_CANCELLED.
 */
#ifndef CMD_CLIENT_H
#define CMD_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/limits.h"

struct client;
struct err_note;

#define CLIENT_BODY_MAX (256 * MIB) /* of one answer */
#define CLIENT_PATH_MAX (8 * KIB)

/* url without a slash at its end, key NULL or "" for none; both copied.
 * Returns owned (client_close). */
int client_open(const char *url, const char *key, struct client **ret_client,
    struct err_note *note);
void client_close(struct client *client);

const char *client_url(const struct client *client);
/* Is that an address of this machine's loopback?  A key that lies on this
 * machine goes to no other. */
bool url_is_loopback(const char *url);
/* Is the server's? */
bool client_is_loopback(const struct client *client);

/* Send this with every request from now on; NULL: no longer.  Copied. */
void client_set_local(struct client *client, const char *token);

/* Send the server's local token with every request from now on, if it can be
 * read: if not, that is no error. */
int local_token_send(struct client *client, struct err_note *note);

/* Called about four times a second while waiting. */
typedef void client_tick_fn(void *arg);
void client_set_tick(struct client *client, client_tick_fn *fn, void *arg);

/*
 * One request below /tidemark/v1.  body: JSON text or NULL.  An answer in
 * the 200s sets *ret_json (owned, json_decref; NULL when it has no body).
 * Any other is the error that fits its status, with the server's words.
 * ERR_UNREACHABLE: no answer came.
 */
int client_call(struct client *client, const char *method, const char *path,
    const char *body, json_t **ret_json, struct err_note *note);

/* A file to be sent; name is what the server shall call it. */
struct client_file {
	const char *path;
	const char *name;
};

/* As client_call() with POST and the files as multipart/form-data, read as
 * they are sent.  *sent, when not NULL, follows the bytes that have left. */
int client_upload(struct client *client, const char *path,
    const struct client_file *files, size_t count, uint64_t *sent,
    json_t **ret_json, struct err_note *note);

/* Who takes the bytes of an answer as they come; an error ends it. */
struct client_sink {
	int (*take)(void *arg, const void *bytes, size_t len);
	void *arg;
};

/* GET whose answer, when it is a 200, goes to sink, however long it is.  An
 * answer that is broken off is ERR_UNREACHABLE. */
int client_fetch(struct client *client, const char *path,
    const struct client_sink *sink, struct err_note *note);
/* A number in a header of the answer that is coming; 0: there is none. */
uint64_t client_header_number(struct client *client, const char *name);

/* Append text to a path or query, percent-encoded. */
struct buf;
void path_put(struct buf *path, const char *text);

/* ---- reading answers: what is missing or of another type is "" or 0 ---- */

const char *json_text(const json_t *object, const char *name);
uint64_t json_uint(const json_t *object, const char *name);
double json_number(const json_t *object, const char *name);

/* Print an answer as it is, indented. */
void json_print(const json_t *json);

#endif
