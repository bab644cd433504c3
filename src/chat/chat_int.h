/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_int: what the files of chat share.  Pure functions.
 */
#ifndef CHAT_CHAT_INT_H
#define CHAT_CHAT_INT_H

#include <stddef.h>

struct buf;
struct chat_answer;
struct chat_request;
struct err_note;

/* The request's body.  The result is in out, its failure in out->err. */
void chat_body_write(const char *model, const struct chat_request *request,
    struct buf *out);

/* Read the body of an answer in the 200s.  ERR_UPSTREAM with words (without
 * the host), ERR_NOMEM. */
int chat_body_read(const char *json, size_t len,
    struct chat_answer *ret_answer, struct err_note *note);

#define CHAT_REASON_SIZE 192

/* The service's own words in the body of a refusal, made fit to be shown: one
 * line, no control characters, no piece of key.  "" when there are none. */
void chat_reason_read(const char *body, size_t len, const char *key,
    char out[CHAT_REASON_SIZE]);

#endif
