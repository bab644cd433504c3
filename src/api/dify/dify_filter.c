/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions come from forms that know texts only, so that a number may be
 * asked for by its digits: whatever looks like a number is looked for as both.
 * As in the original a condition without a value is none, and none but
 * `empty` holds for a document that has not got the field.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_filter.h"
#include "base/err.h"
#include "search/filter.h"

#define CONDITIONS_MAX 100
#define VALUES_MAX 200u /* of one condition */
#define NUMBER_CHARS 40u

enum kind { KIND_ONE, KIND_ORDER, KIND_PART, KIND_LIST, KIND_EMPTY };

/* The operators of search/filter.h; a text stands for several words of
 * Dify's. */
static const struct {
	const char *word, *operator;
	enum kind kind;
} operators[] = {
    {"contains", "$contains", KIND_PART},
    {"not contains", "$ncontains", KIND_PART},
    {"start with", "$starts", KIND_PART},
    {"end with", "$ends", KIND_PART},
    {"is", "$in", KIND_ONE},
    {"is not", "$nin", KIND_ONE},
    {"empty", "$empty", KIND_EMPTY},
    {"not empty", "$empty", KIND_EMPTY},
    {"in", "$in", KIND_LIST},
    {"not in", "$nin", KIND_LIST},
    {"=", "$in", KIND_ONE},
    {"\xE2\x89\xA0", "$nin", KIND_ONE},
    {">", "$gt", KIND_ORDER},
    {"<", "$lt", KIND_ORDER},
    {"\xE2\x89\xA5", "$gte", KIND_ORDER},
    {"\xE2\x89\xA4", "$lte", KIND_ORDER},
    {"before", "$lt", KIND_ORDER},
    {"after", "$gt", KIND_ORDER},
};
#define OPERATOR_COUNT (sizeof(operators) / sizeof(operators[0]))

static const char *const operator_words[] = {"contains", "not contains",
    "start with", "end with", "is", "is not", "empty", "not empty", "in",
    "not in", "=", "\xE2\x89\xA0", ">", "<", "\xE2\x89\xA5", "\xE2\x89\xA4",
    "before", "after", NULL};
_Static_assert(sizeof(operator_words) / sizeof(operator_words[0]) ==
    OPERATOR_COUNT + 1, "every word has an operator");

/* What is a field of the document itself, or the same for all of them. */
static const struct {
	const char *name, *field, *constant;
} built_ins[] = {
    {"document_name", "document.name", NULL},
    {"upload_date", "document.created_at", NULL},
    {"last_update_date", "document.updated_at", NULL},
    {"uploader", NULL, DIFY_UPLOADER},
    {"source", NULL, DIFY_SOURCE},
};

static const struct dify_field condition_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = 255},
    {.name = "comparison_operator", .type = DIFY_TEXT, .is_required = true,
	.words = operator_words},
    {.name = "value", .type = DIFY_ANY},
};
static const struct dify_form condition_form =
    DIFY_FORM("Condition", condition_fields);
static const char *const logical_words[] = {"and", "or", NULL};
static const struct dify_field conditions_fields[] = {
    {.name = "logical_operator", .type = DIFY_TEXT, .words = logical_words},
    {.name = "conditions", .type = DIFY_OBJECTS, .has_range = true,
	.max = CONDITIONS_MAX, .of = &condition_form},
};
const struct dify_form dify_conditions_form =
    DIFY_FORM("MetadataFilteringCondition", conditions_fields);

/* ---- values ------------------------------------------------------------- */

/* Returns owned; NULL: it is no number, or no memory. */
static json_t *
number_of(const char *text)
{
	size_t len = strlen(text);
	json_t *json;

	if (len == 0 || len > NUMBER_CHARS ||
	    strchr("-0123456789", text[0]) == NULL)
		return NULL;
	json = json_loadb(text, len, JSON_DECODE_ANY, NULL);
	if (!json_is_number(json)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

/* A value as a text and, when it may be one, as a number. */
static int
put_both(json_t *array, const json_t *value)
{
	char text[NUMBER_CHARS + 1];
	json_t *other = NULL;

	if (json_is_string(value)) {
		other = number_of(json_string_value(value));
	} else if (json_is_number(value)) {
		if (json_is_integer(value))
			(void)snprintf(text, sizeof(text), "%lld",
			    (long long)json_integer_value(value));
		else
			(void)snprintf(text, sizeof(text), "%.15g",
			    json_real_value(value));
		other = json_string(text);
		if (other == NULL)
			return ERR_NOMEM;
	}
	if (other != NULL && json_array_append_new(array, other) < 0)
		return ERR_NOMEM;
	return json_array_append_new(array, json_deep_copy(value)) < 0
	    ? ERR_NOMEM
	    : 0;
}

/* "a, b" is a list of two. */
static int
put_parts(json_t *array, const char *text)
{
	size_t len, start;
	json_t *part;
	int err = 0;

	while (err == 0) {
		start = strspn(text, " ");
		text += start;
		len = strcspn(text, ",");
		while (len > 0 && text[len - 1] == ' ')
			len--;
		part = json_stringn(text, len);
		err = part == NULL ? ERR_NOMEM : put_both(array, part);
		json_decref(part);
		if (json_array_size(array) > 2 * VALUES_MAX)
			return ERR_TOO_BIG;
		text += strcspn(text, ",");
		if (*text++ == '\0')
			break;
	}
	return err;
}

static int
put_list(json_t *array, const json_t *value)
{
	size_t i;
	int err = 0;

	if (json_is_string(value))
		return put_parts(array, json_string_value(value));
	if (!json_is_array(value))
		return put_both(array, value);
	if (json_array_size(value) > VALUES_MAX)
		return ERR_TOO_BIG;
	for (i = 0; i < json_array_size(value) && err == 0; i++)
		err = put_both(array, json_array_get(value, i));
	return err;
}

/* Returns owned. */
static json_t *
text_of(const json_t *value)
{
	json_t *both, *text = NULL;
	size_t i;

	both = json_array();
	if (both != NULL && put_both(both, value) == 0)
		for (i = 0; i < json_array_size(both) && text == NULL; i++)
			if (json_is_string(json_array_get(both, i)))
				text = json_incref(json_array_get(both, i));
	json_decref(both);
	return text;
}

/* The operand of an operator; returns owned. */
static int
operand_make(enum kind kind, const char *word, const json_t *value,
    json_t **ret_operand)
{
	json_t *operand = NULL;
	int err = 0;

	switch (kind) {
	case KIND_EMPTY:
		operand = json_boolean(strcmp(word, "empty") == 0);
		break;
	case KIND_PART:
		operand = text_of(value);
		break;
	case KIND_ORDER:
		if (json_is_string(value))
			operand = number_of(json_string_value(value));
		if (operand == NULL)
			operand = json_deep_copy(value);
		break;
	case KIND_ONE:
	case KIND_LIST:
		operand = json_array();
		if (operand != NULL)
			err = kind == KIND_LIST ? put_list(operand, value)
						: put_both(operand, value);
		break;
	}
	if (operand == NULL)
		err = ERR_NOMEM;
	if (err < 0)
		json_decref(operand);
	else
		*ret_operand = operand;
	return err;
}

/* ---- conditions --------------------------------------------------------- */

/* Does test hold for a field of that value, whatever the document? */
static bool
constant_holds(const char *value, json_t *test)
{
	struct filter_subject subject = {.name = "", .uri = ""};
	json_t *metadata, *filter;
	bool holds;

	metadata = json_pack("{s:s}", "value", value);
	filter = json_pack("{s:O}", "value", test);
	subject.metadata = metadata;
	holds = metadata != NULL && filter != NULL &&
	    filter_holds(filter, &subject);
	json_decref(metadata);
	json_decref(filter);
	return holds;
}

/* The filter of test on the field of that name; takes test. */
static json_t *
field_filter(const char *name, json_t *test)
{
	size_t i;

	for (i = 0; i < sizeof(built_ins) / sizeof(*built_ins); i++)
		if (strcmp(built_ins[i].name, name) == 0)
			break;
	if (i == sizeof(built_ins) / sizeof(*built_ins))
		return json_pack("{s:o}", name, test);
	if (built_ins[i].field != NULL)
		return json_pack("{s:o}", built_ins[i].field, test);
	/* {} holds always, none of no filters never. */
	if (constant_holds(built_ins[i].constant, test)) {
		json_decref(test);
		return json_object();
	}
	json_decref(test);
	return json_pack("{s:[]}", "$or");
}

static bool
is_value(const json_t *value, enum kind kind)
{
	size_t i;

	if (kind == KIND_EMPTY)
		return true;
	if (kind == KIND_LIST && json_is_array(value)) {
		for (i = 0; i < json_array_size(value); i++)
			if (!json_is_string(json_array_get(value, i)) &&
			    !json_is_number(json_array_get(value, i)))
				return false;
		return true;
	}
	return json_is_string(value) || json_is_number(value);
}

static int
condition_add(json_t *filters, const json_t *condition, struct err_note *note)
{
	const char *name = dify_text(condition, "name");
	const char *word = dify_text(condition, "comparison_operator");
	const json_t *value = json_object_get(condition, "value");
	json_t *operand, *test, *filter;
	size_t i;
	int err;

	for (i = 0; i + 1 < OPERATOR_COUNT; i++)
		if (strcmp(operators[i].word, word) == 0)
			break;
	if ((value == NULL || json_is_null(value)) &&
	    operators[i].kind != KIND_EMPTY)
		return 0;
	if (!is_value(value, operators[i].kind))
		return err_set(note, ERR_INVALID,
		    "the value of the condition on %.60s cannot be compared",
		    name);
	if (name[0] == '$')
		return err_set(note, ERR_INVALID,
		    "there is no metadata field of that name: %.60s", name);
	err = operand_make(operators[i].kind, word, value, &operand);
	if (err == ERR_TOO_BIG)
		return err_set(note, ERR_INVALID,
		    "a condition has at most %u values", VALUES_MAX);
	if (err < 0)
		return err;
	test = operators[i].kind == KIND_EMPTY
	    ? json_pack("{s:o}", operators[i].operator, operand)
	    : json_pack("{s:o, s:b}", operators[i].operator, operand,
		  "$exists", 1);
	filter = test == NULL ? NULL : field_filter(name, test);
	return filter == NULL || json_array_append_new(filters, filter) < 0
	    ? ERR_NOMEM
	    : 0;
}

int
dify_filter_make(const json_t *conditions, json_t **ret_filter,
    struct err_note *note)
{
	const json_t *list = json_object_get(conditions, "conditions");
	const char *logic = dify_text(conditions, "logical_operator");
	json_t *filters, *filter = NULL;
	size_t i;
	int err = 0;

	filters = json_array();
	if (filters == NULL)
		return ERR_NOMEM;
	for (i = 0; i < json_array_size(list) && err == 0; i++)
		err = condition_add(filters, json_array_get(list, i), note);
	if (err == 0 && json_array_size(filters) > 0) {
		filter = json_pack("{s:O}", logic != NULL &&
		    strcmp(logic, "or") == 0 ? "$or" : "$and", filters);
		err = filter == NULL ? ERR_NOMEM
				     : filter_check(filter, note);
	}
	json_decref(filters);
	if (err < 0)
		json_decref(filter);
	else
		*ret_filter = filter;
	return err;
}
