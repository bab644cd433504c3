/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_int.h"
#include "http/value.h"

#define DIGITS_MAX 20u	  /* of 64 bits */
#define WORDS_BYTES_MAX 200u /* that are told of an enum */

int
do_body(struct http_request *request, const json_t **ret_body)
{
	json_t *json;
	int err;

	*ret_body = NULL;
	if (request->body[strspn(request->body, " \t\r\n")] == '\0' &&
	    strlen(request->body) == request->body_len)
		return 0;
	err = http_json(request, &json);
	if (err < 0)
		return err;
	if (json_is_object(json))
		*ret_body = json;
	else if (!json_is_null(json))
		return err_set(&request->note, ERR_INVALID,
		    "the body must be a JSON object");
	return 0;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Nothing at all, or what a generated client sends for nothing. */
static bool
is_empty(const json_t *value)
{
	const char *text = json_string_value(value);

	if (text != NULL)
		return text[0] == '\0';
	return value == NULL || json_is_null(value) ||
	    (json_is_array(value) && json_array_size(value) == 0) ||
	    (json_is_object(value) && json_object_size(value) == 0);
}

static bool
is_default(const char *word)
{
	return strcmp(word, "UNKNOWN") == 0 || ends_with(word, "_UNKNOWN") ||
	    ends_with(word, "_UNSPECIFIED");
}

bool
do_is_blank(const json_t *value)
{
	const char *name, *text;
	json_t *member, *object;

	if (is_empty(value))
		return true;
	if (!json_is_object(value))
		return false;
	/* jansson's walk takes no const, and changes nothing. */
	object = (json_t *)(uintptr_t)value;
	json_object_foreach(object, name, member) {
		text = json_string_value(member);
		if (!is_empty(member) && !json_is_false(member) &&
		    !(text != NULL && is_default(text)))
			return false;
	}
	return true;
}

static int
wrong(struct err_note *note, const char *name, const char *what)
{
	return err_set(note, ERR_INVALID, "%s must be %s", name, what);
}

int
do_text(const json_t *object, const char *name, const char **ret_text,
    struct err_note *note)
{
	const json_t *value = json_object_get(object, name);

	*ret_text = NULL;
	if (is_empty(value))
		return 0;
	if (!json_is_string(value))
		return wrong(note, name, "a string");
	if (json_string_length(value) > DO_TEXT_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "%s has more than %u bytes", name, DO_TEXT_BYTES_MAX);
	*ret_text = json_string_value(value);
	return 0;
}

/* Of digits alone. */
static bool
digits_parse(const char *text, uint64_t *ret_number)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > DIGITS_MAX || text[len] != '\0')
		return false;
	errno = 0;
	*ret_number = strtoull(text, NULL, 10);
	return errno == 0;
}

int
do_number(const json_t *object, const char *name, uint64_t max,
    uint64_t *ret_number, struct err_note *note)
{
	const json_t *value = json_object_get(object, name);
	const char *text = json_string_value(value);
	uint64_t number = 0;
	double real;

	*ret_number = 0;
	if (is_empty(value))
		return 0;
	if (json_is_real(value)) {
		real = json_real_value(value);
		if (!(real >= 0 && real <= HTTP_VALUE_EXACT) ||
		    (double)(uint64_t)real < real)
			return wrong(note, name, "a whole number");
		number = (uint64_t)real;
	} else if (json_is_integer(value)) {
		if (json_integer_value(value) < 0)
			return wrong(note, name, "a positive number");
		number = (uint64_t)json_integer_value(value);
	} else if (text == NULL || !digits_parse(text, &number)) {
		return wrong(note, name, "a number");
	}
	if (number > max)
		return err_set(note, ERR_INVALID, "%s must be at most %llu",
		    name, (unsigned long long)max);
	*ret_number = number;
	return 0;
}

int
do_real(const json_t *object, const char *name, double min, double max,
    double otherwise, double *ret_real, struct err_note *note)
{
	const json_t *value = json_object_get(object, name);
	double real;

	*ret_real = otherwise;
	if (is_empty(value))
		return 0;
	if (!http_value_number(value, &real))
		return wrong(note, name, "a number");
	if (!(real >= min && real <= max))
		return err_set(note, ERR_INVALID,
		    "%s must be from %g to %g", name, min, max);
	*ret_real = real;
	return 0;
}

int
do_bool(const json_t *object, const char *name, int *ret_bool,
    struct err_note *note)
{
	const json_t *value = json_object_get(object, name);

	*ret_bool = -1;
	if (is_empty(value))
		return 0;
	if (!json_is_boolean(value))
		return wrong(note, name, "true or false");
	*ret_bool = json_is_true(value);
	return 0;
}

int
do_object(const json_t *object, const char *name, const json_t **ret_object,
    struct err_note *note)
{
	const json_t *value = json_object_get(object, name);

	*ret_object = NULL;
	if (is_empty(value))
		return 0;
	if (!json_is_object(value))
		return wrong(note, name, "an object");
	*ret_object = value;
	return 0;
}

int
do_array(const json_t *object, const char *name, size_t max,
    const json_t **ret_array, struct err_note *note)
{
	const json_t *value = json_object_get(object, name);

	*ret_array = NULL;
	if (is_empty(value))
		return 0;
	if (!json_is_array(value))
		return wrong(note, name, "an array");
	if (json_array_size(value) > max)
		return err_set(note, ERR_INVALID,
		    "%s has more than %zu members", name, max);
	*ret_array = value;
	return 0;
}

int
do_texts(const json_t *object, const char *name, size_t max,
    const json_t **ret_array, struct err_note *note)
{
	const json_t *array, *value;
	size_t i;
	int err;

	*ret_array = NULL;
	err = do_array(object, name, max, &array, note);
	if (err < 0)
		return err;
	for (i = 0; i < json_array_size(array); i++) {
		value = json_array_get(array, i);
		if (!json_is_string(value) ||
		    json_string_length(value) > DO_TEXT_BYTES_MAX)
			return wrong(note, name, "an array of strings");
	}
	*ret_array = array;
	return 0;
}

int
do_word(const json_t *object, const char *name, const char *const *words,
    int *ret_index, struct err_note *note)
{
	char list[WORDS_BYTES_MAX];
	const char *text;
	size_t len = 0;
	int i, err;

	*ret_index = -1;
	err = do_text(object, name, &text, note);
	if (err < 0 || text == NULL || is_default(text))
		return err;
	for (i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], text) == 0) {
			*ret_index = i;
			return 0;
		}
	for (i = 0; words[i] != NULL && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len,
		    "%s%s", i == 0 ? "" : ", ", words[i]);
	return err_set(note, ERR_INVALID, "%s must be one of %s", name, list);
}
