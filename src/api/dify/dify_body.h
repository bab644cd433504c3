/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_body: what a JSON body must look like, and words for one that does not.
 *
 * Floor 6; all but dify_body() is pure.  A body is an object of named fields.
 * null is the same as absent, names that are not known are no matter.  What is
 * wrong is told in the lines that the original's clients are used to:
 *
 *	1 validation error for DatasetCreatePayload
 *	name
 *	  Field required [type=missing, input_value={}, input_type=dict]
 */
#ifndef API_DIFY_DIFY_BODY_H
#define API_DIFY_DIFY_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct buf;
struct http_reply;
struct http_request;

#define DIFY_ERRORS_MAX 20u /* told of one body */

enum dify_type {
	DIFY_TEXT,
	DIFY_BOOL,    /* or "true", "false", 0, 1 */
	DIFY_INTEGER, /* or its digits in a string, or 3.0 */
	DIFY_REAL,    /* any number, or one in a string */
	DIFY_OBJECT,  /* of the form of `of`, or of any */
	DIFY_TEXTS,   /* an array of strings */
	DIFY_OBJECTS, /* an array of objects of the form of `of` */
	DIFY_ANY,
};

struct dify_field {
	const char *name;
	enum dify_type type;
	bool is_required;
	/* Of a text: code points; of an array: members; of an integer: its
	 * value.  has_range says whether they count. */
	bool has_range;
	int64_t min, max;
	const char *const *words; /* a text is one of these, ended by NULL */
	const struct dify_form *of;
};

struct dify_form {
	const char *name; /* "DatasetCreatePayload": of the outermost, told */
	const struct dify_field *fields;
	size_t count;
};

#define DIFY_FORM(title, table)                                               \
	{                                                                     \
		.name = (title), .fields = (table),                           \
		.count = sizeof(table) / sizeof((table)[0])                   \
	}

/* How many errors json has by form; their words are appended to out. */
unsigned dify_form_check(const struct dify_form *form, const json_t *json,
    struct buf *out);

/*
 * The request's body, which has that form; belongs to the request.  Returns 0;
 * 1 when the reply is written already (415, 400); or an error to be returned.
 */
int dify_body(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, json_t **ret_body);

/* The same of a text that is JSON (a part of a form); *ret_json is owned
 * (json_decref).  name: of the part, for words. */
int dify_body_text(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, const char *name, const char *text,
    json_t **ret_json);

/* Members of what was checked; absent, null or of another type: otherwise. */
const char *dify_text(const json_t *object, const char *name);
bool dify_bool(const json_t *object, const char *name, bool otherwise);
int64_t dify_integer(const json_t *object, const char *name,
    int64_t otherwise);
double dify_real(const json_t *object, const char *name, double otherwise);
const json_t *dify_object(const json_t *object, const char *name);

#endif
