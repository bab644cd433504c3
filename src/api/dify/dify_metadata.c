/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields and values, without requests: pure but for the lock.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_dataset_view.h"
#include "api/dify/dify_filter.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_metadata.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "sys/thread.h"

#define NUMBER_CHARS_MAX 40u
#define BUILT_IN "built-in" /* the id of all of them */

/*
 * A dataset's requests wait for each other, others' seldom.  Those that wait
 * keep threads that serve everybody: behind one that is quickly done any
 * number may, behind one that goes over many documents only a few.
 */
#define TURNS 64u
#define WAITING_MAX 4u

struct turn {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	bool is_taken, is_long;
	unsigned waiting;
};

static struct turn turns[TURNS];
static pthread_once_t turns_once = PTHREAD_ONCE_INIT;

static void
turns_init(void)
{
	size_t i;

	for (i = 0; i < TURNS; i++) {
		(void)pthread_mutex_init(&turns[i].lock, NULL);
		thread_cond_init(&turns[i].freed);
	}
}

static struct turn *
turn_of(const struct uuid *dataset)
{
	(void)pthread_once(&turns_once, turns_init);
	return &turns[dataset->bytes[sizeof(dataset->bytes) - 1] % TURNS];
}

int
dify_metadata_lock(const struct uuid *dataset, struct err_note *note)
{
	struct turn *turn = turn_of(dataset);
	int err = 0;

	(void)pthread_mutex_lock(&turn->lock);
	turn->waiting++;
	while (turn->is_taken && err == 0)
		if (turn->is_long && turn->waiting > WAITING_MAX)
			err = err_set(note, ERR_BUSY,
			    "Metadata of many documents is being changed, "
			    "please try again later");
		else
			thread_wait_us(&turn->freed, &turn->lock, -1);
	turn->waiting--;
	if (err == 0)
		turn->is_taken = true;
	(void)pthread_mutex_unlock(&turn->lock);
	return err;
}

void
dify_metadata_takes_long(const struct uuid *dataset)
{
	struct turn *turn = turn_of(dataset);

	(void)pthread_mutex_lock(&turn->lock);
	turn->is_long = true;
	(void)pthread_cond_broadcast(&turn->freed);
	(void)pthread_mutex_unlock(&turn->lock);
}

void
dify_metadata_unlock(const struct uuid *dataset)
{
	struct turn *turn = turn_of(dataset);

	(void)pthread_mutex_lock(&turn->lock);
	turn->is_taken = turn->is_long = false;
	(void)pthread_cond_signal(&turn->freed);
	(void)pthread_mutex_unlock(&turn->lock);
}

/* ---- fields ------------------------------------------------------------- */

const json_t *
dify_fields(const json_t *dify)
{
	const json_t *fields = json_object_get(dify, "metadata_fields");

	return json_is_array(fields) ? fields : NULL;
}

static json_t *
field_by(const json_t *dify, const char *key, const char *value)
{
	const json_t *fields = dify_fields(dify);
	const char *text;
	size_t i;

	for (i = 0; i < json_array_size(fields); i++) {
		text = dify_text(json_array_get(fields, i), key);
		if (text != NULL && strcmp(text, value) == 0)
			return json_array_get(fields, i);
	}
	return NULL;
}

json_t *
dify_field_by_id(const json_t *dify, const char *id)
{
	return field_by(dify, "id", id);
}

json_t *
dify_field_by_name(const json_t *dify, const char *name)
{
	return field_by(dify, "name", name);
}

bool
dify_is_built_in(const char *name)
{
	size_t i;

	for (i = 0; dify_built_in_name(i) != NULL; i++)
		if (strcmp(dify_built_in_name(i), name) == 0)
			return true;
	return false;
}

/* ---- values ------------------------------------------------------------- */

json_t *
dify_own_metadata(const struct document *document)
{
	json_t *metadata = json_loads(document->own_metadata, 0, NULL);

	if (json_is_object(metadata))
		return metadata;
	json_decref(metadata);
	return json_object();
}

json_t *
dify_value_of(const char *type, const json_t *value)
{
	const char *text = json_string_value(value);
	json_t *number;

	if (text == NULL || type == NULL || strcmp(type, "string") == 0 ||
	    text[0] == '\0' ||
	    strlen(text) > NUMBER_CHARS_MAX ||
	    strspn(text, "+-.0123456789eE") != strlen(text))
		return json_deep_copy(value);
	number = json_loads(text, JSON_DECODE_ANY, NULL);
	if (json_is_number(number))
		return number;
	json_decref(number);
	return json_deep_copy(value);
}

/* ---- answers ------------------------------------------------------------ */

/* A name that may hold any character. */
static void
put_name(struct jsonw *w, const char *name)
{
	jsonw_string(w, name);
	(void)buf_putc(w->out, ':');
	w->after_name = true;
}

static void
put_value(struct jsonw *w, const json_t *value)
{
	char *text = NULL;

	if (json_is_string(value)) {
		jsonw_stringn(w, json_string_value(value),
		    json_string_length(value));
	} else if (json_is_integer(value)) {
		jsonw_int(w, json_integer_value(value));
	} else if (json_is_real(value)) {
		jsonw_real(w, json_real_value(value), 9);
	} else {
		/* Of another dialect: what it is as a text. */
		if (!json_is_null(value))
			text = json_dumps(value,
			    JSON_COMPACT | JSON_ENCODE_ANY);
		jsonw_string(w, text);
		free(text);
	}
}

/* The nth built-in field's value. */
static void
put_built_in(struct jsonw *w, const struct document *document, size_t nth)
{
	const char *name = dify_built_in_name(nth);

	if (strcmp(name, "document_name") == 0)
		jsonw_string(w, document->name);
	else if (strcmp(name, "uploader") == 0)
		jsonw_string(w, DIFY_UPLOADER);
	else if (strcmp(name, "upload_date") == 0)
		jsonw_int(w, document->created_us / 1000000);
	else if (strcmp(name, "last_update_date") == 0)
		jsonw_int(w, document->updated_us / 1000000);
	else
		jsonw_string(w, DIFY_SOURCE);
}

static void
put_entry(struct jsonw *w, const char *id, const char *name,
    const char *type)
{
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "name", name);
	jsonw_nstring(w, "type", type);
	jsonw_name(w, "value");
}

/* Entries of an array or, if is_object, values by name; how many. */
static size_t
put_values(struct jsonw *w, const struct dify_dataset *dataset,
    const struct document *document, const json_t *metadata, bool is_object)
{
	const json_t *fields = dify_fields(dataset->dify), *field, *value;
	bool has_built_in = dify_bool(dataset->dify,
	    "built_in_field_enabled", false);
	size_t i, n = 0;

	for (i = 0; i < json_array_size(fields); i++) {
		field = json_array_get(fields, i);
		value = json_object_get(metadata, dify_text(field, "name"));
		if (value == NULL)
			continue;
		n++;
		if (w == NULL)
			continue;
		if (is_object)
			put_name(w, dify_text(field, "name"));
		else
			put_entry(w, dify_text(field, "id"),
			    dify_text(field, "name"),
			    dify_text(field, "type"));
		put_value(w, value);
		if (!is_object)
			jsonw_object_end(w);
	}
	for (i = 0; has_built_in && dify_built_in_name(i) != NULL; i++, n++) {
		if (w == NULL)
			continue;
		if (is_object)
			jsonw_name(w, dify_built_in_name(i));
		else
			put_entry(w, BUILT_IN, dify_built_in_name(i),
			    dify_built_in_type(i));
		put_built_in(w, document, i);
		if (!is_object)
			jsonw_object_end(w);
	}
	return n;
}

void
dify_write_metadata(struct jsonw *w, const struct dify_dataset *dataset,
    const struct document *document, bool may_be_null)
{
	json_t *metadata = json_loads(document->metadata, 0, NULL);

	if (may_be_null &&
	    put_values(NULL, dataset, document, metadata, false) == 0) {
		jsonw_null(w);
	} else {
		jsonw_array(w);
		(void)put_values(w, dataset, document, metadata, false);
		jsonw_array_end(w);
	}
	json_decref(metadata);
}

void
dify_write_values(struct jsonw *w, const struct dify_dataset *dataset,
    const struct document *document)
{
	json_t *metadata = json_loads(document->metadata, 0, NULL);

	if (put_values(NULL, dataset, document, metadata, true) == 0) {
		jsonw_null(w);
	} else {
		jsonw_object(w);
		(void)put_values(w, dataset, document, metadata, true);
		jsonw_object_end(w);
	}
	json_decref(metadata);
}
