/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_view.h"
#include "base/limits.h"
#include "http/value.h"

#define NAME_SIZE 64u	     /* of a field */
#define INPUT_BYTES_MAX (4 * KIB)  /* that is repeated of one value */
#define ECHO_BYTES_MAX (16 * KIB)  /* of the body */
#define ENTRIES_MAX 32u	     /* that are told of one body */
#define WHY_BYTES_MAX 512u

/* ---- names --------------------------------------------------------------- */

void
cognee_camel(const char *name, char *out, size_t size)
{
	size_t at = 0;

	for (; *name != '\0' && at + 1 < size; name++) {
		if (*name == '_' && name[1] >= 'a' && name[1] <= 'z') {
			name++;
			out[at++] = (char)(*name - 'a' + 'A');
		} else {
			out[at++] = *name;
		}
	}
	out[at] = '\0';
}

static const json_t *
member_find(const json_t *body, const char *name)
{
	char camel[NAME_SIZE];
	const json_t *value;

	cognee_camel(name, camel, sizeof(camel));
	value = json_object_get(body, camel);
	return value != NULL ? value : json_object_get(body, name);
}

const json_t *
cognee_member(const json_t *body, const char *name)
{
	const json_t *value = member_find(body, name);

	return json_is_null(value) ? NULL : value;
}

/* ---- one value ----------------------------------------------------------- */

static const struct {
	const char *type, *message;
} misfits[COGNEE_TYPE_COUNT] = {
    [COGNEE_TEXT] = {"string_type", "Input should be a valid string"},
    [COGNEE_SECRET] = {"string_type", "Input should be a valid string"},
    [COGNEE_BOOL] = {"bool_parsing", "Input should be a valid boolean, "
				     "unable to interpret input"},
    [COGNEE_INT] = {"int_parsing", "Input should be a valid integer, unable "
				   "to parse string as an integer"},
    [COGNEE_REAL] = {"float_parsing", "Input should be a valid number, "
				      "unable to parse string as a number"},
    [COGNEE_UUID] = {"uuid_type", "UUID input should be a string, bytes or "
				  "UUID object"},
    [COGNEE_OBJECT] = {"dict_type", "Input should be a valid dictionary"},
    [COGNEE_TEXTS] = {"list_type", "Input should be a valid list"},
    [COGNEE_UUIDS] = {"list_type", "Input should be a valid list"},
    [COGNEE_ANY] = {NULL, NULL},
};

bool
cognee_parse_bool(const char *text, bool *ret_bool)
{
	static const char *const yes[] = {"true", "t", "yes", "y", "on", "1"};
	static const char *const no[] = {"false", "f", "no", "n", "off", "0"};
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		*ret_bool = strcasecmp(text, yes[i]) == 0;
		if (*ret_bool || strcasecmp(text, no[i]) == 0)
			return true;
	}
	return false;
}

static bool
value_bool(const json_t *value, bool *ret_bool)
{
	if (json_is_string(value))
		return cognee_parse_bool(json_string_value(value), ret_bool);
	*ret_bool = json_is_true(value) || json_integer_value(value) == 1;
	return json_is_boolean(value) ||
	    (json_is_integer(value) && json_integer_value(value) >= 0 &&
		json_integer_value(value) <= 1);
}

static bool
value_fits(const json_t *value, enum cognee_type type)
{
	int64_t whole;
	double number;
	bool is_true;

	switch (type) {
	case COGNEE_TEXT:
	case COGNEE_SECRET:
	case COGNEE_UUID:
		return json_is_string(value);
	case COGNEE_BOOL:
		return value_bool(value, &is_true);
	case COGNEE_INT:
		return http_value_int(value, &whole);
	case COGNEE_REAL:
		return http_value_number(value, &number);
	case COGNEE_OBJECT:
		return json_is_object(value);
	case COGNEE_TEXTS:
	case COGNEE_UUIDS:
		return json_is_array(value);
	case COGNEE_ANY:
	case COGNEE_TYPE_COUNT:
		break;
	}
	return true;
}

/* ---- what is wrong with it ----------------------------------------------- */

struct check {
	struct jsonw *w;
	const json_t *body;
	bool is_secret; /* nothing that came is repeated */
	unsigned entries;
};

static int
on_dump(const char *bytes, size_t len, void *arg)
{
	return buf_put(arg, bytes, len) < 0 ? -1 : 0;
}

/* The value as it came, or null: a secret may be in it, or it is long, and
 * then it is not gone through either. */
static void
put_input(struct check *check, const char *name, const json_t *value,
    size_t max)
{
	struct buf text;

	buf_init(&text, max);
	jsonw_name(check->w, name);
	if (!check->is_secret && value != NULL &&
	    json_dump_callback(value, on_dump, &text,
		JSON_COMPACT | JSON_ENCODE_ANY) == 0)
		jsonw_raw(check->w, buf_text(&text), text.len);
	else
		jsonw_null(check->w);
	buf_fini(&text);
}

struct entry {
	const char *name; /* NULL: the body itself */
	int index;	  /* within it; -1: none */
	const char *type, *message;
	const json_t *input;
	const char *context_name, *context; /* NULL: none */
};

static void
put_entry(struct check *check, const struct entry *entry)
{
	struct jsonw *w = check->w;
	char camel[NAME_SIZE];

	if (++check->entries > ENTRIES_MAX)
		return;
	jsonw_object(w);
	jsonw_nstring(w, "type", entry->type);
	jsonw_name(w, "loc");
	jsonw_array(w);
	jsonw_string(w, "body");
	if (entry->name != NULL) {
		cognee_camel(entry->name, camel, sizeof(camel));
		jsonw_string(w, camel);
	}
	if (entry->index >= 0)
		jsonw_int(w, entry->index);
	jsonw_array_end(w);
	jsonw_nstring(w, "msg", entry->message);
	put_input(check, "input", entry->input, INPUT_BYTES_MAX);
	if (entry->context != NULL) {
		jsonw_name(w, "ctx");
		jsonw_object(w);
		jsonw_nstring(w, entry->context_name, entry->context);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void
check_uuid(struct check *check, const char *name, int index,
    const json_t *value)
{
	struct entry entry = {.name = name, .index = index, .input = value,
	    .type = "uuid_parsing", .context_name = "error"};
	struct buf why, words;
	struct uuid uuid;

	if (!json_is_string(value)) {
		entry.type = misfits[COGNEE_UUID].type;
		entry.message = misfits[COGNEE_UUID].message;
		put_entry(check, &entry);
		return;
	}
	buf_init(&why, WHY_BYTES_MAX);
	buf_init(&words, 2 * WHY_BYTES_MAX);
	if (cognee_parse_uuid(json_string_value(value), &uuid, &why) < 0) {
		(void)buf_printf(&words, "Input should be a valid UUID, %s",
		    buf_text(&why));
		entry.message = buf_text(&words);
		entry.context = buf_text(&why);
		put_entry(check, &entry);
	}
	buf_fini(&words);
	buf_fini(&why);
}

static void
check_members(struct check *check, const struct cognee_field *field,
    const json_t *array)
{
	struct entry entry = {.name = field->name, .type = "string_type",
	    .message = misfits[COGNEE_TEXT].message};
	size_t i;

	for (i = 0; i < json_array_size(array) &&
	     check->entries < ENTRIES_MAX; i++) {
		entry.input = json_array_get(array, i);
		entry.index = (int)i;
		if (field->type == COGNEE_UUIDS)
			check_uuid(check, field->name, (int)i, entry.input);
		else if (!json_is_string(entry.input))
			put_entry(check, &entry);
	}
}

/* "'A', 'B' or 'C'" */
static void
words_put(const char *const *words, struct buf *out)
{
	size_t i;

	for (i = 0; words[i] != NULL; i++)
		(void)buf_printf(out, "%s'%s'",
		    i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ",
		    words[i]);
}

static void
check_word(struct check *check, const struct cognee_field *field,
    const json_t *value)
{
	struct entry entry = {.name = field->name, .index = -1,
	    .type = "enum", .input = value, .context_name = "expected"};
	const char *const *word = field->words;
	struct buf expected, words;

	for (; *word != NULL; word++)
		if (strcmp(*word, json_string_value(value)) == 0)
			return;
	buf_init(&expected, 4 * KIB);
	buf_init(&words, 5 * KIB);
	words_put(field->words, &expected);
	(void)buf_printf(&words, "Input should be %s", buf_text(&expected));
	entry.message = buf_text(&words);
	entry.context = buf_text(&expected);
	put_entry(check, &entry);
	buf_fini(&words);
	buf_fini(&expected);
}

static void
check_field(struct check *check, const struct cognee_field *field)
{
	const json_t *value = member_find(check->body, field->name);
	struct entry entry = {.name = field->name, .index = -1,
	    .input = value, .type = misfits[field->type].type,
	    .message = misfits[field->type].message};

	if (value == NULL && field->is_required) {
		entry.type = "missing";
		entry.message = "Field required";
		entry.input = check->body;
		put_entry(check, &entry);
	}
	if (value == NULL || (json_is_null(value) && !field->is_required))
		return;
	if (!value_fits(value, field->type))
		put_entry(check, &entry);
	else if (field->type == COGNEE_UUID)
		check_uuid(check, field->name, -1, value);
	else if (json_is_array(value) && field->type != COGNEE_ANY)
		check_members(check, field, value);
	else if (field->words != NULL)
		check_word(check, field, value);
}

/* Once: the reply says something else, so nothing is lost by starting. */
static void
check_begin(struct check *check, struct http_reply *reply)
{
	check->w = http_reply_json(reply, 400);
	jsonw_object(check->w);
	jsonw_name(check->w, "detail");
	jsonw_array(check->w);
}

static void
check_end(struct check *check)
{
	jsonw_array_end(check->w);
	put_input(check, "body", check->body, ECHO_BYTES_MAX);
	jsonw_object_end(check->w);
}

int
cognee_check(struct http_reply *reply, const json_t *json,
    const struct cognee_field *fields, size_t count)
{
	struct entry entry = {.index = -1, .type = "model_attributes_type",
	    .message = "Input should be a valid dictionary or object to "
		       "extract fields from",
	    .input = json};
	struct check check = {.body = json};
	size_t i;

	for (i = 0; i < count; i++)
		check.is_secret |= fields[i].type == COGNEE_SECRET;
	check_begin(&check, reply);
	if (json != NULL && !json_is_object(json))
		put_entry(&check, &entry);
	for (i = 0; i < count && check.entries < ENTRIES_MAX &&
	     (json == NULL || json_is_object(json)); i++)
		check_field(&check, &fields[i]);
	check_end(&check);
	return check.entries > 0;
}

int
cognee_body(struct http_request *request, struct http_reply *reply,
    const struct cognee_field *fields, size_t count, const json_t **ret_body)
{
	json_t *json = NULL;
	int err;

	/* Clients say "application/json" and send nothing. */
	if (request->body_len > 0) {
		err = http_json(request, &json);
		if (err == ERR_SYNTAX)
			return cognee_invalid(reply, "body", NULL,
			    "json_invalid", "JSON decode error", NULL);
		if (err < 0)
			return err;
	}
	err = cognee_check(reply, json, fields, count);
	*ret_body = json;
	return err;
}

int
cognee_invalid(struct http_reply *reply, const char *where,
    const char *name, const char *type, const char *message,
    const char *input)
{
	struct jsonw *w = http_reply_json(reply, 400);

	jsonw_object(w);
	jsonw_name(w, "detail");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_nstring(w, "type", type);
	jsonw_name(w, "loc");
	jsonw_array(w);
	jsonw_string(w, where);
	if (name != NULL)
		jsonw_string(w, name);
	jsonw_array_end(w);
	jsonw_nstring(w, "msg", message);
	jsonw_nstring(w, "input", input);
	jsonw_object_end(w);
	jsonw_array_end(w);
	jsonw_nnull(w, "body");
	jsonw_object_end(w);
	return 1;
}

/* ---- what it says -------------------------------------------------------- */

const char *
cognee_text(const json_t *body, const char *name, const char *otherwise)
{
	const json_t *value = cognee_member(body, name);

	return value == NULL ? otherwise : json_string_value(value);
}

bool
cognee_bool(const json_t *body, const char *name, bool otherwise)
{
	const json_t *value = cognee_member(body, name);
	bool is_true;

	return value != NULL && value_bool(value, &is_true) ? is_true
							    : otherwise;
}

int64_t
cognee_int(const json_t *body, const char *name, int64_t otherwise)
{
	const json_t *value = cognee_member(body, name);
	int64_t number;

	return value != NULL && http_value_int(value, &number) ? number
							  : otherwise;
}

double
cognee_real(const json_t *body, const char *name, double otherwise)
{
	const json_t *value = cognee_member(body, name);
	double number;

	return value != NULL && http_value_number(value, &number) ? number
							     : otherwise;
}

bool
cognee_uuid(const json_t *body, const char *name, struct uuid *ret_uuid)
{
	const json_t *value = cognee_member(body, name);
	struct buf why;
	bool is_good;

	buf_init(&why, WHY_BYTES_MAX);
	is_good = json_is_string(value) &&
	    cognee_parse_uuid(json_string_value(value), ret_uuid, &why) == 0;
	buf_fini(&why);
	return is_good;
}
