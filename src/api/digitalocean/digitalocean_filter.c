/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both forms become the filter's own, twice: once whole, for single results,
 * and once for documents, where what a document cannot know (the field is of a
 * result) is taken to hold.  No other part is turned round by a negation, so
 * the second never leaves out what the first would let through.
 */
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_filter.h"
#include "base/err.h"
#include "base/uuid.h"
#include "engine/engine.h"
#include "search/filter.h"

#define LIST_MAX 256u /* conditions in one list, values of "in" */
#define FIELD_BYTES_MAX 256u

enum wants { WANTS_SCALAR, WANTS_TEXT, WANTS_PREFIX, WANTS_LIST };

static const struct {
	const char *name, *operator;
	enum wants wants;
} operators[] = {
    {"eq", "$eq", WANTS_SCALAR},
    {"equals", "$eq", WANTS_SCALAR},
    {"ne", "$ne", WANTS_SCALAR},
    {"not_equals", "$ne", WANTS_SCALAR},
    {"gt", "$gt", WANTS_SCALAR},
    {"greater_than", "$gt", WANTS_SCALAR},
    {"gte", "$gte", WANTS_SCALAR},
    {"greater_than_or_equals", "$gte", WANTS_SCALAR},
    {"lt", "$lt", WANTS_SCALAR},
    {"less_than", "$lt", WANTS_SCALAR},
    {"lte", "$lte", WANTS_SCALAR},
    {"less_than_or_equals", "$lte", WANTS_SCALAR},
    {"in", "$in", WANTS_LIST},
    {"not_in", "$nin", WANTS_LIST},
    {"contains", "$contains", WANTS_TEXT},
    {"starts_with", "$starts", WANTS_PREFIX},
};
#define OPERATOR_COUNT (sizeof(operators) / sizeof(*operators))

/* name: as the model's filter has it; is_result: it is of a result. */
static const struct {
	const char *field, *name;
	bool is_result;
} fields[] = {
    {"item_name", "document.name", false},
    {"file_id", "document.id", false},
    {"source", "document.uri", false},
    {"page_number", "page_number", true},
    {"chunk_category", "chunk_category", true},
};
#define FIELD_COUNT (sizeof(fields) / sizeof(*fields))

struct making {
	struct err_note *note;
	bool is_of_documents; /* what is of a result is taken to hold */
	bool has_result_field;
};

static size_t
operator_find(const char *name)
{
	size_t i;

	for (i = 0; i < OPERATOR_COUNT; i++)
		if (strcmp(operators[i].name, name) == 0)
			break;
	return i;
}

/* ---- one condition ------------------------------------------------------ */

static bool
is_scalar(const json_t *value)
{
	return json_is_string(value) || json_is_number(value) ||
	    json_is_boolean(value);
}

/* What the operator compares with; owned. */
static int
operand_make(struct making *making, size_t operator, const json_t *value,
    json_t **ret_operand)
{
	const char *text = json_string_value(value);
	enum wants wants = operators[operator].wants;
	size_t i, len;

	if (wants == WANTS_LIST) {
		for (i = 0; i < json_array_size(value); i++)
			if (!is_scalar(json_array_get(value, i)))
				break;
		if (!json_is_array(value) || i < json_array_size(value) ||
		    i > LIST_MAX)
			return err_set(making->note, ERR_INVALID,
			    "%s in a filter needs an array of at most %u "
			    "values", operators[operator].name, LIST_MAX);
	} else if (wants == WANTS_SCALAR ? !is_scalar(value) : text == NULL) {
		return err_set(making->note, ERR_INVALID,
		    "%s in a filter needs %s", operators[operator].name,
		    wants == WANTS_SCALAR ? "a value" : "a string");
	}
	len = text == NULL ? 0 : strlen(text);
	if (wants == WANTS_PREFIX && len > 0 && text[len - 1] == '*')
		*ret_operand = json_stringn(text, len - 1);
	else
		*ret_operand = json_deep_copy(value);
	return *ret_operand == NULL ? ERR_NOMEM : 0;
}

static int
condition_make(struct making *making, const char *field, const char *word,
    const json_t *value, json_t **ret_filter)
{
	size_t operator = operator_find(word), i;
	json_t *operand = NULL;
	int err;

	if (operator == OPERATOR_COUNT)
		return err_set(making->note, ERR_INVALID,
		    "a filter knows no operator %.40s", word);
	if (field == NULL || field[0] == '\0' || field[0] == '$' ||
	    strlen(field) > FIELD_BYTES_MAX)
		return err_set(making->note, ERR_INVALID,
		    "a condition of a filter needs a field");
	err = operand_make(making, operator, value, &operand);
	if (err < 0)
		return err;
	for (i = 0; i < FIELD_COUNT; i++)
		if (strcmp(fields[i].field, field) == 0)
			break;
	if (i < FIELD_COUNT && fields[i].is_result)
		making->has_result_field = true;
	if (i < FIELD_COUNT && fields[i].is_result &&
	    making->is_of_documents) {
		json_decref(operand);
		*ret_filter = json_object();
	} else {
		*ret_filter = json_pack("{s:{s:o}}",
		    i < FIELD_COUNT ? fields[i].name : field,
		    operators[operator].operator, operand);
	}
	return *ret_filter == NULL ? ERR_NOMEM : 0;
}

/* {"field": ..., "operator": ..., "value": ...} */
static int
flat_make(struct making *making, const json_t *condition,
    json_t **ret_filter)
{
	const char *word, *field;
	int err;

	err = do_text(condition, "operator", &word, making->note);
	if (err == 0)
		err = do_text(condition, "field", &field, making->note);
	if (err < 0)
		return err;
	return condition_make(making, field, word == NULL ? "eq" : word,
	    json_object_get(condition, "value"), ret_filter);
}

/* The object of {"equals": {...}}. */
static int
named_make(struct making *making, const char *word, const json_t *object,
    json_t **ret_filter)
{
	json_t *copy = (json_t *)(uintptr_t)object;
	const char *field = NULL, *name;
	json_t *value;

	if (json_object_get(object, "value") != NULL) {
		name = json_object_get(object, "field") != NULL ? "field"
								: "key";
		field = json_string_value(json_object_get(object, name));
		return condition_make(making, field, word,
		    json_object_get(object, "value"), ret_filter);
	}
	if (json_object_size(object) != 1)
		return err_set(making->note, ERR_INVALID,
		    "%.40s in a filter needs a field and a value", word);
	json_object_foreach(copy, name, value)
		return condition_make(making, name, word, value, ret_filter);
	return ERR_INTERNAL;
}

/* ---- lists of them ------------------------------------------------------ */

static int part_make(struct making *making, const json_t *part,
    unsigned depth, json_t **ret_filter);

/* {"$and": [...]} or another of the parts of list.  Negated: each of them. */
static int
list_make(struct making *making, const char *word, const json_t *list,
    const char *operator, bool is_negated, unsigned depth,
    json_t **ret_filter)
{
	json_t *filters, *filter;
	bool had_field, is_unknown;
	size_t i;
	int err = 0;

	if (!json_is_array(list) || json_array_size(list) > LIST_MAX)
		return err_set(making->note, ERR_INVALID,
		    "%s in a filter needs an array of at most %u conditions",
		    word, LIST_MAX);
	filters = json_array();
	if (filters == NULL)
		return ERR_NOMEM;
	had_field = making->has_result_field;
	for (i = 0; i < json_array_size(list) && err == 0; i++) {
		making->has_result_field = false;
		filter = NULL;
		err = part_make(making, json_array_get(list, i), depth + 1,
		    &filter);
		is_unknown = making->has_result_field &&
		    making->is_of_documents;
		had_field |= making->has_result_field;
		if (err == 0 && is_negated && is_unknown) {
			json_decref(filter);
			filter = json_object();
		} else if (err == 0 && is_negated) {
			filter = json_pack("{s:o}", "$not", filter);
		}
		if (err == 0 && json_array_append_new(filters, filter) < 0)
			err = ERR_NOMEM;
	}
	making->has_result_field = had_field;
	if (err == 0)
		*ret_filter = json_pack("{s:o}", operator, filters);
	else
		json_decref(filters);
	return err == 0 && *ret_filter == NULL ? ERR_NOMEM : err;
}

static const struct {
	const char *word, *operator;
	bool is_negated;
} lists[] = {
    {"must", "$and", false},
    {"must_not", "$and", true},
    {"should", "$or", false},
    {"and_all", "$and", false},
    {"or_all", "$or", false},
};

static int
member_make(struct making *making, const char *word, const json_t *value,
    unsigned depth, json_t **ret_filter)
{
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (strcmp(lists[i].word, word) == 0)
			return list_make(making, word, value,
			    lists[i].operator, lists[i].is_negated, depth,
			    ret_filter);
	if (operator_find(word) < OPERATOR_COUNT && json_is_object(value))
		return named_make(making, word, value, ret_filter);
	return err_set(making->note, ERR_INVALID, "a filter knows no %.40s",
	    word);
}

/* All members of part hold. */
static int
part_make(struct making *making, const json_t *part, unsigned depth,
    json_t **ret_filter)
{
	json_t *copy = (json_t *)(uintptr_t)part, *value, *filters, *filter;
	const char *word;
	int err = 0;

	if (!json_is_object(part))
		return err_set(making->note, ERR_INVALID,
		    "a condition of a filter must be an object");
	if (depth > FILTER_DEPTH_MAX)
		return err_set(making->note, ERR_INVALID,
		    "the filter is nested too deeply");
	if (json_object_get(part, "field") != NULL)
		return flat_make(making, part, ret_filter);
	if (json_object_get(part, "and_all") != NULL &&
	    json_object_get(part, "or_all") != NULL)
		return err_set(making->note, ERR_INVALID,
		    "and_all and or_all cannot stand side by side");
	filters = json_array();
	if (filters == NULL)
		return ERR_NOMEM;
	json_object_foreach(copy, word, value) {
		/* An empty list asks for nothing. */
		if (do_is_blank(value))
			continue;
		filter = NULL;
		err = member_make(making, word, value, depth, &filter);
		if (err == 0 && json_array_append_new(filters, filter) < 0)
			err = ERR_NOMEM;
		if (err < 0)
			break;
	}
	if (err < 0) {
		json_decref(filters);
		return err;
	}
	if (json_array_size(filters) == 1) {
		*ret_filter = json_incref(json_array_get(filters, 0));
		json_decref(filters);
	} else {
		*ret_filter = json_pack("{s:o}", "$and", filters);
	}
	return *ret_filter == NULL ? ERR_NOMEM : 0;
}

/* ---- all of it ---------------------------------------------------------- */

void
do_filter_fini(struct do_filter *filter)
{
	json_decref(filter->before);
	json_decref(filter->after);
	filter->before = filter->after = NULL;
}

int
do_filter_make(const json_t *filters, struct do_filter *ret_filter,
    struct err_note *note)
{
	struct making making = {.note = note, .is_of_documents = true};
	struct do_filter filter = {NULL, NULL};
	int err;

	if (filters == NULL) {
		*ret_filter = filter;
		return 0;
	}
	err = part_make(&making, filters, 1, &filter.before);
	if (err == 0)
		err = filter_check(filter.before, note);
	making.is_of_documents = false;
	if (err == 0 && making.has_result_field)
		err = part_make(&making, filters, 1, &filter.after);
	if (err == 0)
		*ret_filter = filter;
	else
		do_filter_fini(&filter);
	return err;
}

bool
do_filter_holds(const struct do_filter *filter, const struct result *result)
{
	const struct document *document = result->document;
	struct filter_subject subject = {.name = result->name,
	    .uri = result->uri, .created_us = document->created_us,
	    .updated_us = document->updated_us};
	char id[UUID_TEXT_SIZE];
	json_t *metadata;
	bool holds;

	if (filter->after == NULL)
		return true;
	uuid_format(&result->document_id, id);
	subject.id = id;
	metadata = json_loads(result->metadata, 0, NULL);
	if (!json_is_object(metadata)) {
		json_decref(metadata);
		metadata = json_object();
	}
	(void)json_object_set_new(metadata, "chunk_category",
	    json_string(DO_CHUNK_CATEGORY));
	if (result->page_start != 0)
		(void)json_object_set_new(metadata, "page_number",
		    json_integer(result->page_start));
	else
		(void)json_object_del(metadata, "page_number");
	subject.metadata = metadata;
	holds = filter_holds(filter->after, &subject);
	json_decref(metadata);
	return holds;
}
