/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "base/utf8.h"
#include "http/value.h"

/* ---- one value ----------------------------------------------------------- */

/* Of [type] and [msg], when a value is of another one. */
static const struct {
	const char *type, *message;
} misfits[CAPTAIN_TYPE_COUNT] = {
    [CAPTAIN_TEXT] = {"string_type", "Input should be a valid string"},
    [CAPTAIN_BOOL] = {"bool_parsing", "Input should be a valid boolean"},
    [CAPTAIN_INT] = {"int_parsing", "Input should be a valid integer"},
    [CAPTAIN_REAL] = {"float_parsing", "Input should be a valid number"},
    [CAPTAIN_OBJECT] = {"dict_type", "Input should be a valid dictionary"},
    [CAPTAIN_TEXTS] = {"list_type", "Input should be a list of strings"},
    [CAPTAIN_OBJECTS] = {"list_type", "Input should be a list of objects"},
    [CAPTAIN_ANY] = {NULL, NULL},
};

static bool
text_is_bool(const char *text, bool *ret_bool)
{
	*ret_bool = strcasecmp(text, "true") == 0;
	return *ret_bool || strcasecmp(text, "false") == 0;
}

static bool
members_are(const json_t *array, json_type type)
{
	size_t i;

	for (i = 0; i < json_array_size(array); i++)
		if (json_typeof(json_array_get(array, i)) != type)
			return false;
	return json_is_array(array);
}

static bool
value_fits(const json_t *value, enum captain_type type)
{
	const char *text = json_string_value(value);
	int64_t whole;
	double number;
	bool is_true;

	switch (type) {
	case CAPTAIN_TEXT:
		return text != NULL;
	case CAPTAIN_BOOL:
		return json_is_boolean(value) ||
		    (text != NULL && text_is_bool(text, &is_true));
	case CAPTAIN_INT:
		return http_value_int(value, &whole);
	case CAPTAIN_REAL:
		return http_value_number(value, &number);
	case CAPTAIN_OBJECT:
		return json_is_object(value);
	case CAPTAIN_TEXTS:
		return members_are(value, JSON_STRING);
	case CAPTAIN_OBJECTS:
		return members_are(value, JSON_OBJECT);
	case CAPTAIN_ANY:
	case CAPTAIN_TYPE_COUNT:
		break;
	}
	return true;
}

/* What of a value has a range. */
static double
value_size(const json_t *value, enum captain_type type)
{
	double number = 0;

	if (type == CAPTAIN_TEXT)
		return (double)utf8_count(json_string_value(value),
		    json_string_length(value));
	if (json_is_array(value))
		return (double)json_array_size(value);
	(void)http_value_number(value, &number);
	return number;
}

static bool
is_word(const char *const *words, const char *text)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, text) == 0)
			return true;
	return false;
}

/* ---- what is wrong with it ----------------------------------------------- */

static void
put_entry(struct jsonw *w, const char *where, const char *name,
    const char *type, const char *message)
{
	jsonw_object(w);
	jsonw_nstring(w, "type", type);
	jsonw_name(w, "loc");
	jsonw_array(w);
	jsonw_string(w, where);
	if (name != NULL)
		jsonw_string(w, name);
	jsonw_array_end(w);
	jsonw_nstring(w, "msg", message);
	jsonw_object_end(w);
}

int
captain_invalid(struct http_reply *reply, const char *where,
    const char *name, const char *type, const char *message)
{
	struct jsonw *w = http_reply_json(reply, 422);

	jsonw_object(w);
	jsonw_name(w, "detail");
	jsonw_array(w);
	put_entry(w, where, name, type, message);
	jsonw_array_end(w);
	jsonw_object_end(w);
	return 1;
}

static void
range_words(const struct captain_field *field, bool is_low, char *out,
    size_t size)
{
	double limit = is_low ? field->min : field->max;

	if (field->type == CAPTAIN_TEXT)
		(void)snprintf(out, size,
		    "String should have at %s %.0f characters",
		    is_low ? "least" : "most", limit);
	else if (field->type == CAPTAIN_TEXTS ||
	    field->type == CAPTAIN_OBJECTS)
		(void)snprintf(out, size, "List should have at %s %.0f items",
		    is_low ? "least" : "most", limit);
	else
		(void)snprintf(out, size,
		    "Input should be %s than or equal to %g",
		    is_low ? "greater" : "less", limit);
}

static const char *
range_type(const struct captain_field *field, bool is_low)
{
	if (field->type == CAPTAIN_TEXT)
		return is_low ? "string_too_short" : "string_too_long";
	if (field->type == CAPTAIN_TEXTS || field->type == CAPTAIN_OBJECTS)
		return is_low ? "too_short" : "too_long";
	return is_low ? "greater_than_equal" : "less_than_equal";
}

/* How many errors the field has: 0 or 1. */
static unsigned
field_check(struct jsonw *w, const struct captain_field *field,
    const json_t *value)
{
	char words[160];
	double size;

	if (value == NULL || json_is_null(value)) {
		if (field->is_required)
			put_entry(w, "body", field->name, "missing",
			    "Field required");
		return field->is_required;
	}
	if (!value_fits(value, field->type)) {
		put_entry(w, "body", field->name, misfits[field->type].type,
		    misfits[field->type].message);
		return 1;
	}
	if (field->words != NULL &&
	    !is_word(field->words, json_string_value(value))) {
		put_entry(w, "body", field->name, "enum",
		    "Input should be one of the words of the documentation");
		return 1;
	}
	size = value_size(value, field->type);
	if (!(field->max > field->min) ||
	    (size >= field->min && size <= field->max))
		return 0;
	range_words(field, size < field->min, words, sizeof(words));
	put_entry(w, "body", field->name,
	    range_type(field, size < field->min), words);
	return 1;
}

int
captain_check(struct http_reply *reply, const json_t *json,
    const struct captain_field *fields, size_t count)
{
	unsigned errors = 0;
	struct jsonw *w;
	size_t i;

	if (json != NULL && !json_is_object(json) && !json_is_null(json))
		return captain_invalid(reply, "body", NULL,
		    "model_attributes_type",
		    "Input should be a valid dictionary");
	w = http_reply_json(reply, 422);
	jsonw_object(w);
	jsonw_name(w, "detail");
	jsonw_array(w);
	for (i = 0; i < count; i++)
		errors += field_check(w, &fields[i],
		    json_object_get(json, fields[i].name));
	jsonw_array_end(w);
	jsonw_object_end(w);
	return errors > 0 ? 1 : 0;
}

int
captain_body(struct http_request *request, struct http_reply *reply,
    const struct captain_field *fields, size_t count, const json_t **ret_body)
{
	json_t *json = NULL;
	int err;

	/* Clients say "application/json" and send nothing. */
	if (request->body_len > 0) {
		err = http_json(request, &json);
		if (err < 0)
			return err;
	}
	err = captain_check(reply, json, fields, count);
	*ret_body = json;
	return err;
}

/* ---- what it says -------------------------------------------------------- */

bool
captain_has(const json_t *body, const char *name)
{
	const json_t *value = json_object_get(body, name);

	return value != NULL && !json_is_null(value);
}

const char *
captain_text(const json_t *body, const char *name, const char *otherwise)
{
	return captain_has(body, name)
	    ? json_string_value(json_object_get(body, name))
	    : otherwise;
}

bool
captain_bool(const json_t *body, const char *name, bool otherwise)
{
	const json_t *value = json_object_get(body, name);
	bool is_true = otherwise;

	if (json_is_string(value))
		(void)text_is_bool(json_string_value(value), &is_true);
	return json_is_boolean(value) ? json_is_true(value) : is_true;
}

int64_t
captain_int(const json_t *body, const char *name, int64_t otherwise)
{
	int64_t number;

	return http_value_int(json_object_get(body, name), &number)
	    ? number
	    : otherwise;
}

double
captain_real(const json_t *body, const char *name, double otherwise)
{
	double number;

	return http_value_number(json_object_get(body, name), &number)
	    ? number
	    : otherwise;
}

int
captain_query_number(struct http_request *request,
    struct http_reply *reply, const char *name, uint64_t min, uint64_t max,
    uint64_t otherwise, uint64_t *ret_number)
{
	const char *text = http_query(request, name);
	uint64_t number = 0;
	char words[96];
	size_t i, len;

	*ret_number = otherwise;
	if (text == NULL)
		return 0;
	len = strlen(text);
	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		if (number <= max)
			number = number * 10 + (uint64_t)(text[i] - '0');
	if (len == 0 || i < len) {
		(void)snprintf(words, sizeof(words),
		    "Input should be a valid integer from %llu to %llu",
		    (unsigned long long)min, (unsigned long long)max);
		return captain_invalid(reply, "query", name, "int_parsing",
		    words);
	}
	if (number >= min && number <= max) {
		*ret_number = number;
		return 0;
	}
	(void)snprintf(words, sizeof(words),
	    "Input should be %s than or equal to %llu",
	    number < min ? "greater" : "less",
	    (unsigned long long)(number < min ? min : max));
	return captain_invalid(reply, "query", name,
	    number < min ? "greater_than_equal" : "less_than_equal", words);
}

int
captain_query_bool(struct http_request *request, struct http_reply *reply,
    const char *name, bool otherwise, bool *ret_bool)
{
	const char *text = http_query(request, name);

	*ret_bool = otherwise;
	if (text == NULL || text_is_bool(text, ret_bool))
		return 0;
	if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return captain_invalid(reply, "query", name,
		    misfits[CAPTAIN_BOOL].type, misfits[CAPTAIN_BOOL].message);
	*ret_bool = text[0] == '1';
	return 0;
}
