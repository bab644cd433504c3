/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat: one question to a chat model, one answer.
 *
 * Floor 3.  Speaks to whatever answers POST .../chat/completions as OpenAI's
 * service does.  A client belongs to one thread at a time; any number of them
 * can be made from one config.  Sentences in a note name the service's host,
 * and never hold the key, a prompt or an answer.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat_client;
struct err_note;
struct net_meter;

struct chat_config {
	/* "https://api.example.com/v1" or the same without "/v1", or with
	 * "/chat/completions" behind it.  It is the operator's own, so it
	 * may lead anywhere. */
	const char *url;
	const char *model;
	const char *key; /* NULL or "": none is sent */
	unsigned timeout_ms; /* of one answer; 0: CHAT_TIMEOUT_MS */
	struct net_meter *meter; /* that counts; kept; NULL: none */
};

struct chat_request {
	const char *system; /* NULL: none */
	const char *user;
	unsigned tokens_max; /* of the answer; 0: as the service likes */
	const atomic_bool *stop; /* NULL: none; true breaks it off */
};

/* What the service counted; all 0 when it did not say. */
struct chat_usage {
	uint64_t prompt, completion, total; /* tokens */
};

struct chat_answer {
	char *text; /* UTF-8, terminated, without zeros; may be empty */
	size_t len;
	bool is_cut; /* the model ran into a limit before its end */
	struct chat_usage usage;
};

/*
 * Copies the config; nobody is asked yet.  Returns owned (chat_client_free).
 * ERR_INVALID with words: url, model or key cannot be used; ERR_NOMEM.
 */
int chat_client_new(const struct chat_config *config,
    struct chat_client **ret_client, struct err_note *note);
void chat_client_free(struct chat_client *client);

/*
 * Ask and wait.  The answer is the caller's to free (chat_answer_fini).
 *
 *	ERR_BUSY	408, 425 or 429: again later
 *	ERR_UPSTREAM	5xx, no connection, or an answer that makes no sense
 *	ERR_TIMEOUT, ERR_CLOSED
 *	ERR_INVALID	refused for good (any other status), with its words
 *	ERR_TOO_BIG	prompt over CHAT_PROMPT_BYTES_MAX or answer over
 *			CHAT_ANSWER_BYTES_MAX
 *	ERR_CANCELLED	*stop became true
 *	ERR_NOMEM
 */
int chat_run(struct chat_client *client, const struct chat_request *request,
    struct chat_answer *ret_answer, struct err_note *note);
void chat_answer_fini(struct chat_answer *answer);

/*
 * The next piece of an answer: len bytes (more than 0) of UTF-8 that end at a
 * character's border, not terminated.  A negative value breaks the answer off
 * and is what chat_stream() returns.
 */
typedef int chat_piece_fn(void *arg, const char *text, size_t len);

/*
 * The same as chat_run(), and fn is given the text as the model writes it.  A
 * service that does not stream gives all of it at once.  Pieces that fn has
 * seen before an error stand: the answer is then incomplete.
 */
int chat_stream(struct chat_client *client,
    const struct chat_request *request, chat_piece_fn *fn, void *arg,
    struct chat_answer *ret_answer, struct err_note *note);

/* After an error of chat_run(): the seconds that the service asked to be left
 * alone (at most NET_RETRY_SECONDS_MAX); -1: it did not say. */
int64_t chat_retry_after_s(const struct chat_client *client);

#endif
