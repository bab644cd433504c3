/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_body: what a JSON body or a query string must look like, and the 422
 * for one that does not.
 *
 * Floor 6.  A body is an object of named fields.  null is the same as absent,
 * names that are not known are no matter: clients send many.  What is wrong is
 * told as the original's framework does, all of it at once:
 *
 *	{"detail":[{"type":"missing","loc":["body","query"],
 *	            "msg":"Field required"}]}
 *
 * Nothing of what the client sent is repeated.
 */
#ifndef API_CAPTAIN_CAPTAIN_BODY_H
#define API_CAPTAIN_CAPTAIN_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct http_reply;
struct http_request;
struct jsonw;

enum captain_type {
	CAPTAIN_TEXT,
	CAPTAIN_BOOL,	/* or "true", "false" in any case */
	CAPTAIN_INT,	/* or 3.0, or its digits in a string */
	CAPTAIN_REAL,	/* any number, or one in a string */
	CAPTAIN_OBJECT,
	CAPTAIN_TEXTS,	/* an array of strings */
	CAPTAIN_OBJECTS, /* an array of objects */
	CAPTAIN_ANY,
	CAPTAIN_TYPE_COUNT
};

struct captain_field {
	const char *name;
	enum captain_type type;
	bool is_required;
	/* Of a text: code points; of an array: members; of a number: its
	 * value.  Both 0: no matter. */
	double min, max;
	const char *const *words; /* a text is one of these, ended by NULL */
};

/*
 * The request's body, which has those fields; belongs to the request, and is
 * an empty object when there is none and nothing is required.  Returns 0; 1
 * when the reply is written already (422); or an error to be returned.
 */
int captain_body(struct http_request *request, struct http_reply *reply,
    const struct captain_field *fields, size_t count, const json_t **ret_body);

/* The same for an object that came in another way; NULL: an empty one.  Returns
 * 0 or 1. */
int captain_check(struct http_reply *reply, const json_t *json,
    const struct captain_field *fields, size_t count);

/* Members of what was checked; absent or null: otherwise. */
const char *captain_text(const json_t *body, const char *name,
    const char *otherwise);
bool captain_bool(const json_t *body, const char *name, bool otherwise);
int64_t captain_int(const json_t *body, const char *name, int64_t otherwise);
double captain_real(const json_t *body, const char *name, double otherwise);
/* Was it given, and is not null? */
bool captain_has(const json_t *body, const char *name);

/*
 * A decimal query parameter from min to max; otherwise when it is absent.
 * Returns 0, or 1 when the reply is written (422).
 */
int captain_query_number(struct http_request *request,
    struct http_reply *reply, const char *name, uint64_t min, uint64_t max,
    uint64_t otherwise, uint64_t *ret_number);

/* The same for true or false, in any case, or 1 or 0. */
int captain_query_bool(struct http_request *request,
    struct http_reply *reply, const char *name, bool otherwise,
    bool *ret_bool);

/*
 * A 422 of a single entry; where: "body", "query", "path" or "header"; name
 * NULL: all of it.  Returns 1, so that a reader may say `return
 * captain_invalid(...)`.
 */
int captain_invalid(struct http_reply *reply, const char *where,
    const char *name, const char *type, const char *message);

#endif
