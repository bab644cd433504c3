/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_int: what the files of chat share.  Pure functions.
 */
#ifndef CHAT_CHAT_INT_H
#define CHAT_CHAT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "chat/chat.h"
#include "net/service.h"

struct err_note;

struct chat_client {
	struct net_service service;
	int64_t retry_after_s;
	struct net_meter *meter; /* NULL: nobody counts */
};

/* ---- body.c ------------------------------------------------------------ */

/* The request's body.  The result is in out, its failure in out->err. */
void chat_body_write(const char *model, const struct chat_request *request,
    bool is_streamed, struct buf *out);

/* Read the body of an answer in the 200s.  ERR_UPSTREAM with words (without
 * the host), ERR_NOMEM. */
int chat_body_read(const char *json, size_t len,
    struct chat_answer *ret_answer, struct err_note *note);

/* The member "usage" of an answer or of one of its events; absent or of
 * another form: *usage stays. */
void chat_usage_read(const json_t *root, struct chat_usage *usage);

/* ---- feed.c: server-sent events of an answer --------------------------- */

struct chat_feed {
	chat_piece_fn *fn;
	void *arg;
	const char *key; /* that no words may show; NULL: none */
	struct buf line; /* the last one, as far as it has come */
	struct buf text; /* of the whole answer */
	struct chat_usage usage;
	bool is_over; /* [DONE] has come */
	bool is_done; /* the service said so, or why the model ended */
	bool is_cut;
};

void chat_feed_init(struct chat_feed *feed, chat_piece_fn *fn, void *arg);
void chat_feed_fini(struct chat_feed *feed);

/*
 * The next bytes.  ERR_UPSTREAM with words (without the host): an event makes
 * no sense, or tells of an error; ERR_TOO_BIG: a line over
 * CHAT_LINE_BYTES_MAX, the text over CHAT_ANSWER_BYTES_MAX; ERR_NOMEM; and
 * what fn says.
 */
int chat_feed_put(struct chat_feed *feed, const char *bytes, size_t len,
    struct err_note *note);

/* There is no more.  ERR_CLOSED with words: the answer has no end. */
int chat_feed_end(struct chat_feed *feed, struct chat_answer *ret_answer,
    struct err_note *note);

/* ---- chat.c ------------------------------------------------------------ */

/* The body of a request in the buf out, which is empty.  ERR_TOO_BIG with
 * words, ERR_NOMEM. */
int chat_question_write(const struct chat_client *client,
    const struct chat_request *request, bool is_streamed, struct buf *out,
    struct err_note *note);

#endif
