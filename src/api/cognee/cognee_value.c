/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that come one by one: in a path, a query or a form.
 */
#include <inttypes.h>
#include <stdio.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_view.h"
#include "http/http.h"
#include "http/value.h"

#define WHY_BYTES_MAX 512u
#define BOOL_TYPE "bool_parsing"
#define BOOL_MESSAGE                                                          \
	"Input should be a valid boolean, unable to interpret input"

/* ---- paths and queries --------------------------------------------------- */

int
cognee_uuid_of(const char *text, struct uuid *ret_uuid)
{
	struct buf why;
	int err;

	buf_init(&why, WHY_BYTES_MAX);
	err = cognee_parse_uuid(text, ret_uuid, &why);
	buf_fini(&why);
	return err;
}

int
cognee_value_uuid(struct http_reply *reply, const char *where, const char *name,
    const char *text, struct uuid *ret_uuid)
{
	struct buf why, words;
	int err;

	buf_init(&why, WHY_BYTES_MAX);
	buf_init(&words, 2 * WHY_BYTES_MAX);
	err = cognee_parse_uuid(text, ret_uuid, &why);
	if (err < 0) {
		(void)buf_printf(&words, "Input should be a valid UUID, %s",
		    buf_text(&why));
		err = cognee_invalid(reply, where, name, "uuid_parsing",
		    buf_text(&words), text);
	}
	buf_fini(&words);
	buf_fini(&why);
	return err;
}

int
cognee_path_uuid(struct http_request *request, struct http_reply *reply,
    size_t nth, const char *name, struct uuid *ret_uuid)
{
	return cognee_value_uuid(reply, "path", name, request->params[nth].text,
	    ret_uuid);
}

int
cognee_query_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid, bool *ret_has)
{
	const char *text = http_query(request, name);

	*ret_has = text != NULL;
	return text == NULL ? 0
			    : cognee_value_uuid(reply, "query", name, text,
				  ret_uuid);
}

int
cognee_query_bool(struct http_request *request, struct http_reply *reply,
    const char *name, bool otherwise, bool *ret_bool)
{
	const char *text = http_query(request, name);

	*ret_bool = otherwise;
	if (text == NULL || cognee_parse_bool(text, ret_bool))
		return 0;
	return cognee_invalid(reply, "query", name,
	    BOOL_TYPE, BOOL_MESSAGE, text);
}

/* ---- forms --------------------------------------------------------------- */

/* NULL: it is absent, or empty, which is the same. */
static const char *
form_text(struct http_request *request, const char *name)
{
	const char *text = http_field(request, name);

	return text == NULL || text[0] == '\0' ? NULL : text;
}

int
cognee_form_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid, bool *ret_has)
{
	const char *text = form_text(request, name);

	*ret_has = text != NULL;
	return text == NULL ? 0
			    : cognee_value_uuid(reply, "body", name, text,
				  ret_uuid);
}

int
cognee_form_bool(struct http_request *request, struct http_reply *reply,
    const char *name, bool otherwise, bool *ret_bool)
{
	const char *text = form_text(request, name);

	*ret_bool = otherwise;
	if (text == NULL || cognee_parse_bool(text, ret_bool))
		return 0;
	return cognee_invalid(reply, "body", name, BOOL_TYPE, BOOL_MESSAGE,
	    text);
}

int
cognee_form_int(struct http_request *request, struct http_reply *reply,
    const char *name, int64_t min, int64_t otherwise, int64_t *ret_number)
{
	const char *text = form_text(request, name);
	json_t *value = text == NULL ? NULL : json_string(text);
	char words[80];
	bool is_number;

	*ret_number = otherwise;
	if (text == NULL)
		return 0;
	is_number = http_value_int(value, ret_number);
	json_decref(value);
	if (!is_number)
		return cognee_invalid(reply, "body", name, "int_parsing",
		    "Input should be a valid integer, unable to parse string "
		    "as an integer", text);
	if (*ret_number >= min)
		return 0;
	(void)snprintf(words, sizeof(words), "Input should be greater than "
	    "or equal to %" PRId64, min);
	return cognee_invalid(reply, "body", name, "greater_than_equal",
	    words, text);
}
