/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors out of an answer that nobody trusts: each text has one, each of them
 * as many numbers as all others, none of which is infinite, or not a number,
 * and not all of which are zero.  A vector that breaks this would be found by
 * everything or by nothing for as long as the document stays.
 */
#include <jansson.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "embed/openai.h"

/* What one answer becomes. */
struct reading {
	size_t count, dimensions;
	float *vectors;
	bool *is_there; /* by text */
	struct err_note *note;
};

/* Its numbers, of unit length; false: they are none. */
static bool
vector_read(const json_t *numbers, size_t dimensions, float *vector)
{
	double squares = 0, scale;
	const json_t *number;
	double value;
	size_t i;

	for (i = 0; i < dimensions; i++) {
		number = json_array_get(numbers, i);
		value = json_number_value(number);
		if (!json_is_number(number) || !(fabs(value) <= FLT_MAX))
			return false;
		vector[i] = (float)value;
		squares += (double)vector[i] * (double)vector[i];
	}
	if (!(squares > 0))
		return false;
	scale = 1 / sqrt(squares);
	if (!isfinite(scale))
		return false;
	for (i = 0; i < dimensions; i++)
		vector[i] = (float)((double)vector[i] * scale);
	return true;
}

static int
length_check(struct reading *reading, const json_t *numbers)
{
	size_t size = json_array_size(numbers);

	if (reading->dimensions == 0 && size <= DIMENSIONS_MAX)
		reading->dimensions = size;
	if (size == 0)
		return err_set(reading->note, ERR_INVALID,
		    "a vector in its answer has no numbers");
	if (size > DIMENSIONS_MAX)
		return err_set(reading->note, ERR_INVALID,
		    "its vectors have more than %u dimensions",
		    DIMENSIONS_MAX);
	if (size != reading->dimensions)
		return err_set(reading->note, ERR_INVALID,
		    "its vectors have %zu dimensions instead of %zu", size,
		    reading->dimensions);
	return 0;
}

/* Who says no index means that they come in order. */
static int
entry_read(struct reading *reading, const json_t *entry, size_t place,
    size_t *ret_at)
{
	const json_t *index = json_object_get(entry, "index");
	const json_t *numbers = json_object_get(entry, "embedding");
	json_int_t at = index == NULL ? (json_int_t)place
				      : json_integer_value(index);
	int err;

	if ((index != NULL && !json_is_integer(index)) || at < 0 ||
	    (uint64_t)at >= reading->count || reading->is_there[at] ||
	    !json_is_array(numbers))
		return err_set(reading->note, ERR_INVALID,
		    "an entry of its answer makes no sense");
	*ret_at = (size_t)at;
	err = length_check(reading, numbers);
	if (err < 0)
		return err;
	if (!vector_read(numbers, reading->dimensions,
		reading->vectors + (size_t)at * reading->dimensions))
		return err_set(reading->note, ERR_INVALID,
		    "what it gave for the text is no vector: a number of it "
		    "is none, or all are zero");
	reading->is_there[at] = true;
	*ret_at = reading->count;
	return 0;
}

static int
list_read(struct reading *reading, const json_t *list, size_t *ret_at)
{
	size_t i;
	int err = 0;

	if (json_array_size(list) != reading->count)
		return err_set(reading->note, ERR_INVALID,
		    "%zu vectors came back for %zu texts",
		    json_array_size(list), reading->count);
	for (i = 0; err == 0 && i < reading->count; i++)
		err = entry_read(reading, json_array_get(list, i), i,
		    ret_at);
	return err;
}

static uint64_t
tokens_read(const json_t *root)
{
	const json_t *usage = json_object_get(root, "usage");
	const json_t *tokens = json_object_get(usage, "prompt_tokens");
	json_int_t count;

	if (tokens == NULL)
		tokens = json_object_get(usage, "total_tokens");
	count = json_integer_value(tokens);
	return count < 0 || count > UINT32_MAX ? 0 : (uint64_t)count;
}

/* NaN and numbers that overflow are no JSON: an answer that begins like one
 * with vectors is meant to be it, another one is from somebody else. */
static int
unread(const char *json, size_t len, const json_error_t *error,
    struct err_note *note)
{
	size_t at = 0;

	if (json_error_code(error) == json_error_out_of_memory)
		return ERR_NOMEM;
	while (at < len && strchr(" \t\r\n", json[at]) != NULL)
		at++;
	if (at == len || json[at] != '{')
		return err_set(note, ERR_UPSTREAM,
		    "its answer is not the JSON of vectors");
	return err_set(note, ERR_INVALID,
	    "its answer is JSON that cannot be read, or has a number in it "
	    "that is none");
}

int
openai_body_read(const char *json, size_t len, size_t count,
    size_t *dimensions, float *vectors, uint64_t *ret_tokens,
    size_t *ret_at, struct err_note *note)
{
	struct reading reading = {.count = count, .dimensions = *dimensions,
	    .vectors = vectors, .note = note};
	json_error_t error;
	json_t *root;
	int err = ERR_NOMEM;

	*ret_at = count;
	root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		return unread(json, len, &error, note);
	reading.is_there = mem_zalloc(count);
	if (reading.is_there != NULL)
		err = list_read(&reading, json_object_get(root, "data"),
		    ret_at);
	if (err == 0) {
		*dimensions = reading.dimensions;
		*ret_tokens = tokens_read(root);
	}
	mem_free(reading.is_there);
	json_decref(root);
	return err;
}
