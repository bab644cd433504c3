/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_body: what a JSON body, a form, a path or a query must look like, and
 * the 400 for one that does not.
 *
 * Floor 6.  A body is an object of named fields.  Each has two names, which
 * mean the same: dataset_ids and datasetIds; the table has the first.  null is
 * the same as absent unless the field is required, and names that are not
 * known are no matter.  What is wrong is told as the original does, all of it
 * at once:
 *
 *	{"detail":[{"type":"missing","loc":["body","searchType"],
 *	            "msg":"Field required","input":{...}}],"body":{...}}
 *
 * What the client sent is repeated where it is short, and never when a field
 * of the table is a secret.
 */
#ifndef API_COGNEE_COGNEE_BODY_H
#define API_COGNEE_COGNEE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct http_reply;
struct http_request;
struct uuid;

enum cognee_type {
	COGNEE_TEXT,
	COGNEE_SECRET, /* a text that is not repeated, nor what is with it */
	COGNEE_BOOL,   /* or 0, 1, "true", "no", "on"... */
	COGNEE_INT,    /* or 3.0, or its digits in a string */
	COGNEE_REAL,
	COGNEE_UUID,   /* in any form that cognee_parse_uuid() takes */
	COGNEE_OBJECT,
	COGNEE_TEXTS,  /* an array of strings */
	COGNEE_UUIDS,
	COGNEE_ANY,
	COGNEE_TYPE_COUNT
};

struct cognee_field {
	const char *name; /* with underscores */
	enum cognee_type type;
	bool is_required;
	const char *const *words; /* a text is one of these, ended by NULL */
};

/*
 * The request's body, which has those fields; belongs to the request, and is
 * an empty object (NULL) when there is none and nothing is required.  Returns
 * 0; 1 when the reply is written already (400); or an error to be returned.
 */
int cognee_body(struct http_request *request, struct http_reply *reply,
    const struct cognee_field *fields, size_t count, const json_t **ret_body);

/* The same for an object that came in another way. */
int cognee_check(struct http_reply *reply, const json_t *json,
    const struct cognee_field *fields, size_t count);

/* The member by either name; NULL: absent, or null.  name has underscores. */
const json_t *cognee_member(const json_t *body, const char *name);

/* Members of what was checked; absent or null: otherwise. */
const char *cognee_text(const json_t *body, const char *name,
    const char *otherwise);
bool cognee_bool(const json_t *body, const char *name, bool otherwise);
int64_t cognee_int(const json_t *body, const char *name, int64_t otherwise);
double cognee_real(const json_t *body, const char *name, double otherwise);
/* False: absent or null. */
bool cognee_uuid(const json_t *body, const char *name,
    struct uuid *ret_uuid);

/*
 * A 400 of a single entry; where: "body", "query", "path"; name NULL: all of
 * it; input NULL: null.  Returns 1, so that a reader may say `return
 * cognee_invalid(...)`.
 */
int cognee_invalid(struct http_reply *reply, const char *where,
    const char *name, const char *type, const char *message,
    const char *input);

/* Text as a UUID in any form; 0 or ERR_SYNTAX. */
int cognee_uuid_of(const char *text, struct uuid *ret_uuid);
/* The same of a value that came somewhere: 0, or 1 when the reply is written
 * (400). */
int cognee_value_uuid(struct http_reply *reply, const char *where,
    const char *name, const char *text, struct uuid *ret_uuid);

/* The nth placeholder ({}) of the path as a UUID; name is what the original
 * calls it.  0, or 1 when the reply is written (400). */
int cognee_path_uuid(struct http_request *request, struct http_reply *reply,
    size_t nth, const char *name, struct uuid *ret_uuid);

/* A query parameter that is a UUID.  0; 1 when the reply is written (400);
 * *ret_has says whether it was there. */
int cognee_query_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid, bool *ret_has);

/* The same for true or false in the words of COGNEE_BOOL; otherwise when it is
 * absent. */
int cognee_query_bool(struct http_request *request,
    struct http_reply *reply, const char *name, bool otherwise,
    bool *ret_bool);

/* The words of COGNEE_BOOL, of which text is one? */
bool cognee_parse_bool(const char *text, bool *ret_bool);

/* A field of a form that is true or false; otherwise when it is absent or
 * empty.  0; 1 when the reply is written (400). */
int cognee_form_bool(struct http_request *request, struct http_reply *reply,
    const char *name, bool otherwise, bool *ret_bool);
/* One that is a UUID; *ret_has false: it is absent or empty. */
int cognee_form_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid, bool *ret_has);
/* One that is a whole number of at least min; otherwise as above. */
int cognee_form_int(struct http_request *request, struct http_reply *reply,
    const char *name, int64_t min, int64_t otherwise, int64_t *ret_number);

/* "dataset_ids" as "datasetIds", cut to size. */
void cognee_camel(const char *name, char *out, size_t size);

#endif
