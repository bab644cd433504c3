/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking goes down the form, not down the body: what the form does not name
 * is never looked at, and the form's depth bounds the recursion.  Words about
 * a body are bounded by DIFY_ERRORS_MAX and by what dify_repr.h shows of a
 * value.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_repr.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "http/value.h"

#define ERRORS_BYTES_MAX (64 * KIB)
#define FURTHER                                                               \
	"\n    For further information visit "                                \
	"https://errors.pydantic.dev/2.12/v/"

/* Where in the body: a name or, when it is NULL, an index. */
struct place {
	const struct place *above;
	const char *name;
	size_t index;
};

struct check {
	struct buf *out;
	unsigned errors;
};

/* ---- words -------------------------------------------------------------- */

static void
put_place(struct buf *out, const struct place *place)
{
	if (place->above != NULL) {
		put_place(out, place->above);
		(void)buf_putc(out, '.');
	}
	if (place->name != NULL)
		(void)buf_puts(out, place->name);
	else
		(void)buf_printf(out, "%zu", place->index);
}

static void tell(struct check *check, const struct place *place,
    const json_t *input, const char *type, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void
tell(struct check *check, const struct place *place, const json_t *input,
    const char *type, const char *format, ...)
{
	char words[512];
	va_list args;

	if (++check->errors > DIFY_ERRORS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	if (place != NULL) {
		(void)buf_putc(check->out, '\n');
		put_place(check->out, place);
	}
	(void)buf_printf(check->out, "\n  %s [type=%s, input_value=", words,
	    type);
	dify_repr(check->out, input);
	(void)buf_printf(check->out, ", input_type=%s]" FURTHER "%s",
	    dify_repr_type(input), type);
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* 'a', 'b' or 'c' */
static void
tell_words(struct check *check, const struct place *place,
    const json_t *input, const char *const *words)
{
	char list[400];
	size_t len = 0, i;

	for (i = 0; words[i] != NULL && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len,
		    "%s'%s'", i == 0 ? ""
		    : words[i + 1] == NULL ? " or " : ", ", words[i]);
	tell(check, place, input, "literal_error", "Input should be %s", list);
}

/* ---- values ------------------------------------------------------------- */

static bool
value_bool(const json_t *json, bool *ret_bool)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {{"true", true}, {"false", false}, {"1", true},
	    {"0", false}, {"yes", true}, {"no", false}, {"on", true},
	    {"off", false}};
	const char *text = json_string_value(json);
	size_t i;

	if (json_is_boolean(json)) {
		*ret_bool = json_is_true(json);
		return true;
	}
	if (json_is_integer(json) && (json_integer_value(json) == 0 ||
	    json_integer_value(json) == 1)) {
		*ret_bool = json_integer_value(json) == 1;
		return true;
	}
	for (i = 0; text != NULL && i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(words[i].text, text) == 0) {
			*ret_bool = words[i].value;
			return true;
		}
	return false;
}

/* ---- checking ----------------------------------------------------------- */

static void
check_text(struct check *check, const struct dify_field *field,
    const struct place *place, const json_t *json)
{
	const char *text = json_string_value(json);
	size_t i, chars;

	if (text == NULL) {
		tell(check, place, json, "string_type",
		    "Input should be a valid string");
		return;
	}
	for (i = 0; field->words != NULL && field->words[i] != NULL; i++)
		if (strcmp(field->words[i], text) == 0)
			return;
	if (field->words != NULL) {
		tell_words(check, place, json, field->words);
		return;
	}
	if (!field->has_range)
		return;
	chars = utf8_count(text, json_string_length(json));
	if ((int64_t)chars > field->max)
		tell(check, place, json, "string_too_long",
		    "String should have at most %lld character%s",
		    (long long)field->max, plural(field->max));
	else if ((int64_t)chars < field->min)
		tell(check, place, json, "string_too_short",
		    "String should have at least %lld character%s",
		    (long long)field->min, plural(field->min));
}

static void
check_integer(struct check *check, const struct dify_field *field,
    const struct place *place, const json_t *json)
{
	int64_t value;

	if (!http_value_int(json, &value)) {
		if (json_is_string(json))
			tell(check, place, json, "int_parsing",
			    "Input should be a valid integer, unable to parse "
			    "string as an integer");
		else if (json_is_real(json))
			tell(check, place, json, "int_from_float",
			    "Input should be a valid integer, got a number "
			    "with a fractional part");
		else
			tell(check, place, json, "int_type",
			    "Input should be a valid integer");
	} else if (field->has_range && value < field->min) {
		tell(check, place, json, "greater_than_equal",
		    "Input should be greater than or equal to %lld",
		    (long long)field->min);
	} else if (field->has_range && value > field->max) {
		tell(check, place, json, "less_than_equal",
		    "Input should be less than or equal to %lld",
		    (long long)field->max);
	}
}

static void
check_scalar(struct check *check, const struct dify_field *field,
    const struct place *place, const json_t *json)
{
	double number;
	bool is_true;

	if (field->type == DIFY_TEXT) {
		check_text(check, field, place, json);
	} else if (field->type == DIFY_INTEGER) {
		check_integer(check, field, place, json);
	} else if (field->type == DIFY_BOOL && !value_bool(json, &is_true)) {
		tell(check, place, json,
		    json_is_string(json) ? "bool_parsing" : "bool_type",
		    "Input should be a valid boolean%s", json_is_string(json)
		    ? ", unable to interpret input" : "");
	} else if (field->type == DIFY_REAL &&
	    !http_value_number(json, &number)) {
		tell(check, place, json,
		    json_is_string(json) ? "float_parsing" : "float_type",
		    "Input should be a valid number%s", json_is_string(json)
		    ? ", unable to parse string as a number" : "");
	}
}

static void check_members(struct check *check, const struct dify_form *form,
    const struct place *place, const json_t *json);

static void
check_object(struct check *check, const struct dify_form *form,
    const struct place *place, const json_t *json)
{
	if (json_is_object(json)) {
		if (form != NULL)
			check_members(check, form, place, json);
	} else if (form == NULL) {
		tell(check, place, json, "dict_type",
		    "Input should be a valid dictionary");
	} else {
		tell(check, place, json, "model_type",
		    "Input should be a valid dictionary or instance of %s",
		    form->name);
	}
}

static void
check_array(struct check *check, const struct dify_field *field,
    const struct place *place, const json_t *json)
{
	size_t n = json_array_size(json), i;

	if (!json_is_array(json)) {
		tell(check, place, json, "list_type",
		    "Input should be a valid list");
		return;
	}
	if (field->has_range && (int64_t)n > field->max) {
		tell(check, place, json, "too_long",
		    "List should have at most %lld item%s after validation, "
		    "not %zu", (long long)field->max, plural(field->max), n);
		return;
	}
	if (field->has_range && (int64_t)n < field->min)
		tell(check, place, json, "too_short",
		    "List should have at least %lld item%s after validation, "
		    "not %zu", (long long)field->min, plural(field->min), n);
	for (i = 0; i < n && check->errors < DIFY_ERRORS_MAX; i++) {
		const struct place at = {.above = place, .index = i};
		const json_t *member = json_array_get(json, i);

		if (field->type == DIFY_OBJECTS)
			check_object(check, field->of, &at, member);
		else if (!json_is_string(member))
			tell(check, &at, member, "string_type",
			    "Input should be a valid string");
	}
}

static void
check_members(struct check *check, const struct dify_form *form,
    const struct place *place, const json_t *json)
{
	size_t i;

	for (i = 0; i < form->count; i++) {
		const struct dify_field *field = &form->fields[i];
		const struct place at = {.above = place, .name = field->name};
		const json_t *value = json_object_get(json, field->name);

		if (value == NULL && field->is_required)
			tell(check, &at, json, "missing", "Field required");
		if (value == NULL ||
		    (json_is_null(value) && !field->is_required))
			continue;
		if (field->type == DIFY_OBJECT)
			check_object(check, field->of, &at, value);
		else if (field->type == DIFY_TEXTS ||
		    field->type == DIFY_OBJECTS)
			check_array(check, field, &at, value);
		else if (field->type != DIFY_ANY)
			check_scalar(check, field, &at, value);
	}
}

unsigned
dify_form_check(const struct dify_form *form, const json_t *json,
    struct buf *out)
{
	struct check check = {.errors = 0};
	struct buf lines;

	buf_init(&lines, ERRORS_BYTES_MAX);
	check.out = &lines;
	check_object(&check, form, NULL, json);
	if (check.errors > 0) {
		(void)buf_printf(out, "%u validation error%s for %s",
		    check.errors, plural(check.errors), form->name);
		(void)buf_puts(out, buf_text(&lines));
	}
	buf_fini(&lines);
	return check.errors;
}

/* ---- bodies ------------------------------------------------------------- */

/* 0, or 1 with the reply written. */
static int
form_refuse(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, const json_t *json)
{
	buf_clear(request->scratch);
	if (dify_form_check(form, json, request->scratch) == 0)
		return 0;
	(void)dify_refuse(reply, 400, "invalid_param",
	    buf_text(request->scratch));
	return 1;
}

static bool
is_json_type(const struct http_request *request)
{
	const char *type = http_header(request, "Content-Type");
	size_t len;

	if (http_is_type(request, "application/json"))
		return true;
	len = type == NULL ? 0 : strcspn(type, "; \t");
	return len > 17 && strncasecmp(type, "application/", 12) == 0 &&
	    strncasecmp(type + len - 5, "+json", 5) == 0;
}

int
dify_body(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, json_t **ret_body)
{
	json_t *json;
	int err;

	if (!is_json_type(request)) {
		(void)dify_refuse(reply, 415, "unsupported_media_type",
		    "Did not attempt to load JSON data because the request "
		    "Content-Type was not 'application/json'.");
		return 1;
	}
	err = http_json(request, &json);
	if (err == 0)
		err = form_refuse(request, reply, form, json);
	if (err == 0)
		*ret_body = json;
	return err;
}

int
dify_body_text(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, const char *name, const char *text,
    json_t **ret_json)
{
	json_error_t error;
	json_t *json;
	int err;

	json = json_loads(text, JSON_DECODE_ANY, &error);
	if (json == NULL)
		return err_set(&request->note, ERR_INVALID,
		    "%s is not JSON: line %d, column %d: %s", name, error.line,
		    error.column, error.text);
	err = form_refuse(request, reply, form, json);
	if (err == 0)
		*ret_json = json;
	else
		json_decref(json);
	return err;
}

/* ---- members ------------------------------------------------------------ */

const char *
dify_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

bool
dify_bool(const json_t *object, const char *name, bool otherwise)
{
	bool value;

	return value_bool(json_object_get(object, name), &value) ? value
								 : otherwise;
}

int64_t
dify_integer(const json_t *object, const char *name, int64_t otherwise)
{
	int64_t value;

	return http_value_int(json_object_get(object, name), &value)
	    ? value
	    : otherwise;
}

double
dify_real(const json_t *object, const char *name, double otherwise)
{
	double value;

	return http_value_number(json_object_get(object, name), &value) ? value
								   : otherwise;
}

const json_t *
dify_object(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_object(value) ? value : NULL;
}
