/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "search/filter.h"

#define US_PER_SECOND 1000000

enum operator { OP_EQ, OP_NE, OP_GT, OP_GTE, OP_LT, OP_LTE, OP_IN, OP_NIN,
	OP_EXISTS, OP_CONTAINS, OP_NCONTAINS, OP_STARTS, OP_ENDS, OP_EMPTY,
	OP_COUNT };

static const char *const operator_names[OP_COUNT] = {
    [OP_EQ] = "$eq",
    [OP_NE] = "$ne",
    [OP_GT] = "$gt",
    [OP_GTE] = "$gte",
    [OP_LT] = "$lt",
    [OP_LTE] = "$lte",
    [OP_IN] = "$in",
    [OP_NIN] = "$nin",
    [OP_EXISTS] = "$exists",
    [OP_CONTAINS] = "$contains",
    [OP_NCONTAINS] = "$ncontains",
    [OP_STARTS] = "$starts",
    [OP_ENDS] = "$ends",
    [OP_EMPTY] = "$empty",
};

/* What an operator's value must be. */
static bool
wants_string(enum operator op)
{
	return op == OP_CONTAINS || op == OP_NCONTAINS || op == OP_STARTS ||
	    op == OP_ENDS;
}

static enum operator
operator_parse(const char *name)
{
	int i;

	for (i = 0; i < OP_COUNT; i++)
		if (strcmp(operator_names[i], name) == 0)
			break;
	return (enum operator)i;
}

/* ---- checking ----------------------------------------------------------- */

struct check {
	struct err_note *note;
	unsigned terms;
};

static int
check_operator(struct check *check, const char *name, const json_t *value)
{
	enum operator op = operator_parse(name);
	bool wants_array = op == OP_IN || op == OP_NIN;

	if (op == OP_COUNT)
		return err_set(check->note, ERR_INVALID,
		    "a filter knows no operator %s", name);
	if (wants_array != json_is_array(value))
		return err_set(check->note, ERR_INVALID,
		    "%s in a filter needs %s", name,
		    wants_array ? "an array" : "a value");
	if ((op == OP_EXISTS || op == OP_EMPTY) && !json_is_boolean(value))
		return err_set(check->note, ERR_INVALID,
		    "%s in a filter needs true or false", name);
	if (wants_string(op) && !json_is_string(value))
		return err_set(check->note, ERR_INVALID,
		    "%s in a filter needs a string", name);
	return 0;
}

static int
check_field(struct check *check, json_t *value)
{
	const char *name;
	json_t *operand;
	int err = 0;

	if (!json_is_object(value))
		return 0;
	json_object_foreach(value, name, operand) {
		err = check_operator(check, name, operand);
		if (err < 0)
			break;
	}
	return err;
}

static int
check_object(struct check *check, json_t *filter, unsigned depth)
{
	const char *name;
	json_t *value, *part;
	size_t i;
	int err = 0;

	if (!json_is_object(filter))
		return err_set(check->note, ERR_INVALID,
		    "a filter must be an object");
	if (depth > FILTER_DEPTH_MAX)
		return err_set(check->note, ERR_INVALID,
		    "the filter is nested too deeply");
	json_object_foreach(filter, name, value) {
		if (++check->terms > FILTER_TERMS_MAX)
			return err_set(check->note, ERR_INVALID,
			    "the filter has more than %d terms",
			    FILTER_TERMS_MAX);
		if (strcmp(name, "$not") == 0) {
			err = check_object(check, value, depth + 1);
		} else if (strcmp(name, "$and") != 0 &&
		    strcmp(name, "$or") != 0) {
			err = name[0] == '$'
			    ? check_operator(check, name, NULL)
			    : check_field(check, value);
		} else if (!json_is_array(value)) {
			err = err_set(check->note, ERR_INVALID,
			    "%s in a filter needs an array", name);
		} else {
			json_array_foreach(value, i, part) {
				err = check_object(check, part, depth + 1);
				if (err < 0)
					break;
			}
		}
		if (err < 0)
			return err;
	}
	return 0;
}

int
filter_check(const struct json_t *filter, struct err_note *note)
{
	struct check check = {note, 0};

	/* jansson's walks take no const, and change nothing. */
	return check_object(&check, (json_t *)(uintptr_t)filter, 1);
}

/* ---- matching ----------------------------------------------------------- */

static bool
is_equal(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b)) {
		if (json_is_integer(a) && json_is_integer(b))
			return json_integer_value(a) == json_integer_value(b);
		return !(json_number_value(a) < json_number_value(b)) &&
		    !(json_number_value(a) > json_number_value(b));
	}
	return json_equal(a, b) != 0;
}

/* A field that holds an array equals each of its members. */
static bool
field_equals(const json_t *field, const json_t *value)
{
	size_t i;

	if (is_equal(field, value))
		return true;
	for (i = 0; i < json_array_size(field); i++)
		if (is_equal(json_array_get(field, i), value))
			return true;
	return false;
}

static bool
field_is_in(const json_t *field, const json_t *values)
{
	size_t i;

	for (i = 0; i < json_array_size(values); i++)
		if (field_equals(field, json_array_get(values, i)))
			return true;
	return false;
}

/* Sets *ret_order to below 0, 0 or above; false: not comparable. */
static bool
field_order(const json_t *field, const json_t *value, int *ret_order)
{
	double a, b;

	if (json_is_string(field) && json_is_string(value)) {
		*ret_order = strcmp(json_string_value(field),
		    json_string_value(value));
		return true;
	}
	if (!json_is_number(field) || !json_is_number(value))
		return false;
	a = json_number_value(field);
	b = json_number_value(value);
	*ret_order = (a > b) - (a < b);
	return true;
}

/* A string holds its parts; an array what one of its members holds. */
static bool
field_contains(const json_t *field, const char *part)
{
	size_t i;

	if (json_is_string(field))
		return strstr(json_string_value(field), part) != NULL;
	for (i = 0; i < json_array_size(field); i++)
		if (json_is_string(json_array_get(field, i)) &&
		    strstr(json_string_value(json_array_get(field, i)),
			part) != NULL)
			return true;
	return false;
}

static bool
field_starts(const json_t *field, const char *part)
{
	return json_is_string(field) &&
	    strncmp(json_string_value(field), part, strlen(part)) == 0;
}

static bool
field_ends(const json_t *field, const char *part)
{
	size_t len = strlen(part), whole = json_string_length(field);

	return json_is_string(field) && len <= whole &&
	    strcmp(json_string_value(field) + whole - len, part) == 0;
}

static bool
field_is_empty(const json_t *field)
{
	return field == NULL || json_is_null(field) ||
	    (json_is_string(field) && json_string_length(field) == 0) ||
	    (json_is_array(field) && json_array_size(field) == 0);
}

static bool
operator_holds(enum operator op, const json_t *field, const json_t *value)
{
	int order;

	switch (op) {
	case OP_EQ:
		return field_equals(field, value);
	case OP_NE:
		return !field_equals(field, value);
	case OP_IN:
		return field_is_in(field, value);
	case OP_NIN:
		return !field_is_in(field, value);
	case OP_EXISTS:
		return (field != NULL) == json_is_true(value);
	case OP_GT:
		return field_order(field, value, &order) && order > 0;
	case OP_GTE:
		return field_order(field, value, &order) && order >= 0;
	case OP_LT:
		return field_order(field, value, &order) && order < 0;
	case OP_LTE:
		return field_order(field, value, &order) && order <= 0;
	case OP_CONTAINS:
		return field_contains(field, json_string_value(value));
	case OP_NCONTAINS:
		return !field_contains(field, json_string_value(value));
	case OP_STARTS:
		return field_starts(field, json_string_value(value));
	case OP_ENDS:
		return field_ends(field, json_string_value(value));
	case OP_EMPTY:
		return field_is_empty(field) == json_is_true(value);
	case OP_COUNT:
		break;
	}
	return false;
}

static bool
field_holds(const json_t *field, json_t *wanted)
{
	const char *name;
	json_t *value;

	if (json_is_array(wanted))
		return field_is_in(field, wanted);
	if (!json_is_object(wanted))
		return field_equals(field, wanted);
	json_object_foreach(wanted, name, value)
		if (!operator_holds(operator_parse(name), field, value))
			return false;
	return true;
}

#define DOCUMENT "document."

/* What a document has beside its metadata; NULL: no such field. */
static json_t *
built_in(const struct filter_subject *subject, const char *name)
{
	if (strncmp(name, DOCUMENT, strlen(DOCUMENT)) == 0)
		name += strlen(DOCUMENT);
	if (strcmp(name, "name") == 0)
		return json_string(subject->name);
	if (strcmp(name, "uri") == 0)
		return json_string(subject->uri);
	if (strcmp(name, "id") == 0 && subject->id != NULL)
		return json_string(subject->id);
	if (strcmp(name, "created_at") == 0)
		return json_integer(subject->created_us / US_PER_SECOND);
	if (strcmp(name, "updated_at") == 0)
		return json_integer(subject->updated_us / US_PER_SECOND);
	return NULL;
}

static bool
member_holds(const struct filter_subject *subject, const char *name,
    json_t *wanted)
{
	const json_t *field = json_object_get(subject->metadata, name);
	json_t *own = NULL;
	bool holds;

	if (field == NULL || strncmp(name, DOCUMENT, strlen(DOCUMENT)) == 0)
		own = built_in(subject, name);
	holds = field_holds(own != NULL ? own : field, wanted);
	json_decref(own);
	return holds;
}

static bool object_holds(const struct filter_subject *subject, json_t *filter);

static bool
list_holds(const struct filter_subject *subject, const json_t *list,
    bool is_any)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (object_holds(subject, json_array_get(list, i)) == is_any)
			return is_any;
	return !is_any;
}

static bool
object_holds(const struct filter_subject *subject, json_t *filter)
{
	const char *name;
	json_t *value;
	bool holds;

	json_object_foreach(filter, name, value) {
		if (strcmp(name, "$and") == 0)
			holds = list_holds(subject, value, false);
		else if (strcmp(name, "$or") == 0)
			holds = list_holds(subject, value, true);
		else if (strcmp(name, "$not") == 0)
			holds = !object_holds(subject, value);
		else
			holds = member_holds(subject, name, value);
		if (!holds)
			return false;
	}
	return true;
}

bool
filter_holds(const struct json_t *filter, const struct filter_subject *subject)
{
	return object_holds(subject, (json_t *)(uintptr_t)filter);
}
