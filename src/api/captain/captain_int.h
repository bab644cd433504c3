/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_int: what the files of this folder share.
 */
#ifndef API_CAPTAIN_CAPTAIN_INT_H
#define API_CAPTAIN_CAPTAIN_INT_H

#include "base/limits.h"
#include "base/uuid.h"
#include "http/http.h"

/* Answer with {"detail":message}; returns 0, so that a handler may say
 * `return captain_refuse(...)`. */
int captain_refuse(struct http_reply *reply, int status,
    const char *message);

http_problem_fn captain_problem;

/*
 * Does X-Organization-ID name the caller's account?  True without the header,
 * with the account's uuid, and with what is no uuid at all: client libraries
 * demand that something is given.  Else the reply is a 403.
 */
bool captain_is_member(struct http_request *request,
    struct http_reply *reply);

/* The collection that the path's first placeholder names. */
struct captain_base {
	int64_t id;
	struct uuid uuid;
	char name[NAME_BYTES_MAX + 1];
};
/* Returns 0; 1 when the reply is written (403, 404); or an error to be
 * returned. */
int captain_base(struct http_request *request, struct http_reply *reply,
    struct captain_base *ret_base);

/* GET /v2/jobs/{} */
http_handler_fn captain_get_job;

#endif
