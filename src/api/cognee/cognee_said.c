/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "api/cognee/cognee_data_view.h"
#include "api/cognee/cognee_said.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"

#define METADATA_DEPTH_MAX 32u /* of objects and arrays within each other */

static const char blanks[] = " \t\r\n";

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, blanks);
}

/* json, which it takes, or NULL: ERR_NOMEM. */
static int
append(json_t *array, json_t *json)
{
	return json_array_append_new(array, json) < 0 ? ERR_NOMEM : 0;
}

/* ---- labels -------------------------------------------------------------- */

/* "a, b,c" */
static int
labels_split(const char *text, json_t *labels)
{
	size_t len, end;
	int err = 0;

	for (; err == 0; text += len + 1) {
		text = skip_blanks(text);
		len = end = strcspn(text, ",");
		while (end > 0 && strchr(blanks, text[end - 1]) != NULL)
			end--;
		err = append(labels, json_stringn(text, end));
		if (text[len] == '\0')
			break;
	}
	return err;
}

static int
labels_check(const json_t *labels, struct err_note *note)
{
	size_t i;

	for (i = 0; i < json_array_size(labels); i++)
		if (!json_is_string(json_array_get(labels, i)) &&
		    !json_is_null(json_array_get(labels, i)))
			return err_set(note, ERR_INVALID, "labels must be a "
			    "JSON array of strings, or strings with commas "
			    "between them");
	return 0;
}

/* Sets *labels, which is owned; NULL: there are none. */
static int
labels_read(const char *text, size_t count, json_t **labels,
    struct err_note *note)
{
	json_error_t error;
	int err;

	text = text == NULL ? "" : skip_blanks(text);
	if (*text == '\0')
		return 0;
	if (*text == '[') {
		*labels = json_loads(text, 0, &error);
		if (*labels == NULL)
			return err_set(note, ERR_INVALID,
			    "labels is no valid JSON: %s", error.text);
		err = labels_check(*labels, note);
	} else {
		*labels = json_array();
		err = *labels == NULL ? ERR_NOMEM
				      : labels_split(text, *labels);
	}
	if (err == 0 && json_array_size(*labels) != count)
		err = err_set(note, ERR_INVALID, "there are %zu labels for "
		    "%zu data items", json_array_size(*labels), count);
	return err;
}

/* ---- external metadata --------------------------------------------------- */

/* Is json nested deeper than depth? */
static bool
is_deeper(const json_t *json, unsigned depth)
{
	const char *name;
	json_t *member;
	size_t i;

	if (!json_is_object(json) && !json_is_array(json))
		return false;
	if (depth == 0)
		return true;
	json_array_foreach((json_t *)(uintptr_t)json, i, member)
		if (is_deeper(member, depth - 1))
			return true;
	json_object_foreach((json_t *)(uintptr_t)json, name, member)
		if (is_deeper(member, depth - 1))
			return true;
	return false;
}

static int
external_check(const json_t *one, size_t nth, struct err_note *note)
{
	static const char *const reserved[] = {COGNEE_NODE_SET, COGNEE_LABEL};
	size_t i;

	if (!json_is_object(one) && !json_is_null(one))
		return err_set(note, ERR_INVALID, "external_metadata[%zu] "
		    "must be an object or null", nth);
	for (i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (json_object_get(one, reserved[i]) != NULL)
			return err_set(note, ERR_INVALID,
			    "external_metadata[%zu] may not have the key "
			    "'%s', which is reserved", nth, reserved[i]);
	return is_deeper(one, METADATA_DEPTH_MAX)
	    ? err_set(note, ERR_INVALID, "external_metadata[%zu] is nested "
		  "deeper than %u", nth, METADATA_DEPTH_MAX)
	    : 0;
}

static int
external_read(const char *text, size_t count, json_t **external,
    struct err_note *note)
{
	json_error_t error;
	size_t i;
	int err = 0;

	text = text == NULL ? "" : skip_blanks(text);
	if (*text == '\0')
		return 0;
	*external = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (*external == NULL)
		return err_set(note, ERR_INVALID,
		    "external_metadata is no valid JSON: %s", error.text);
	if (!json_is_array(*external))
		return err_set(note, ERR_INVALID, "external_metadata must be "
		    "a JSON array of objects");
	if (json_array_size(*external) != count)
		return err_set(note, ERR_INVALID, "external_metadata has %zu "
		    "entries for %zu data items", json_array_size(*external),
		    count);
	for (i = 0; err == 0 && i < count; i++)
		err = external_check(json_array_get(*external, i), i, note);
	return err;
}

/* ---- sets ---------------------------------------------------------------- */

static bool
are_names(const json_t *array)
{
	size_t i;

	for (i = 0; i < json_array_size(array); i++)
		if (!json_is_string(json_array_get(array, i)))
			return false;
	return json_is_array(array);
}

static int
sets_read(const struct cognee_said *said, json_t **sets)
{
	json_t *whole = NULL;
	size_t i;
	int err = 0;

	*sets = json_array();
	if (*sets == NULL)
		return ERR_NOMEM;
	if (said->set_count == 1 && said->sets[0][0] == '[')
		whole = json_loads(said->sets[0], 0, NULL);
	if (are_names(whole)) {
		for (i = 0; err == 0 && i < json_array_size(whole); i++)
			if (json_string_length(json_array_get(whole, i)) > 0)
				err = json_array_append(*sets,
				    json_array_get(whole, i)) < 0
				    ? ERR_NOMEM : 0;
	} else {
		for (i = 0; err == 0 && i < said->set_count; i++)
			if (said->sets[i][0] != '\0')
				err = append(*sets,
				    json_string(said->sets[i]));
	}
	json_decref(whole);
	return err;
}

/* ---- all of it ----------------------------------------------------------- */

static int
one_make(json_t *label, json_t *external, json_t *sets, json_t **ret_one)
{
	json_t *one = json_is_object(external) ? json_copy(external)
					       : json_object();

	if (one == NULL ||
	    (json_string_length(label) > 0 &&
		json_object_set(one, COGNEE_LABEL, label) < 0) ||
	    (json_array_size(sets) > 0 &&
		json_object_set(one, COGNEE_NODE_SET, sets) < 0)) {
		json_decref(one);
		return ERR_NOMEM;
	}
	*ret_one = one;
	return 0;
}

static int
all_make(size_t count, json_t *labels, json_t *external, json_t *sets,
    json_t **ret_all, struct err_note *note)
{
	json_t *all = json_array(), *one;
	size_t i;
	int err = all == NULL ? ERR_NOMEM : 0;

	for (i = 0; err == 0 && i < count; i++) {
		err = one_make(json_array_get(labels, i),
		    json_array_get(external, i), sets, &one);
		if (err < 0)
			break;
		if (json_dumpb(one, NULL, 0, JSON_COMPACT) >
		    METADATA_BYTES_MAX)
			err = err_set(note, ERR_TOO_BIG, "what is said of one "
			    "data item has more than %llu bytes",
			    METADATA_BYTES_MAX);
		if (err == 0)
			err = append(all, one);
		else
			json_decref(one);
	}
	if (err == 0)
		*ret_all = all;
	else
		json_decref(all);
	return err;
}

static int
texts_check(const struct cognee_said *said, struct err_note *note)
{
	const char *rest[] = {said->labels, said->external};
	bool is_good = true;
	size_t i;

	for (i = 0; i < said->set_count; i++)
		is_good &= utf8_is_valid(said->sets[i],
		    strlen(said->sets[i]));
	for (i = 0; i < sizeof(rest) / sizeof(*rest); i++)
		is_good &= rest[i] == NULL ||
		    utf8_is_valid(rest[i], strlen(rest[i]));
	return is_good ? 0
		       : err_set(note, ERR_INVALID,
			     "a field of the form is not UTF-8");
}

int
cognee_said_read(const struct cognee_said *said, size_t count,
    json_t **ret_metadata, struct err_note *note)
{
	json_t *labels = NULL, *external = NULL, *sets = NULL;
	int err;

	err = texts_check(said, note);
	if (err == 0)
		err = labels_read(said->labels, count, &labels, note);
	if (err == 0)
		err = external_read(said->external, count, &external, note);
	if (err == 0)
		err = sets_read(said, &sets);
	if (err == 0)
		err = all_make(count, labels, external, sets, ret_metadata,
		    note);
	json_decref(labels);
	json_decref(external);
	json_decref(sets);
	return err;
}
