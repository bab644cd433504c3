/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_metadata: a dataset's fields, and the values documents have of them.
 *
 * Floor 6.  A field is a row {"id", "name", "type"} in the dataset's
 * settings; a value is a member of the document's metadata, by the field's
 * name.  Members that are no fields (another dialect's) stay as they are.
 */
#ifndef API_DIFY_DIFY_METADATA_H
#define API_DIFY_DIFY_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct dify_dataset;
struct document;
struct err_note;
struct http_request;
struct uuid;

#define DIFY_FIELDS_MAX 200u /* of one dataset */

/* The array of fields, NULL: there are none. */
const json_t *dify_fields(const json_t *dify);
/* The field of that id, or of that name; NULL: there is none. */
json_t *dify_field_by_id(const json_t *dify, const char *id);
json_t *dify_field_by_name(const json_t *dify, const char *name);
bool dify_is_built_in(const char *name);

/*
 * The document's own metadata, to be changed and given back: what was given to
 * it, without what its content says of itself.  Returns owned (json_decref);
 * NULL: no memory.
 */
json_t *dify_own_metadata(const struct document *document);

/* A value as a field of that type keeps it: digits of a number become one.
 * Returns owned (json_decref); NULL: no memory. */
json_t *dify_value_of(const char *type, const json_t *value);

/*
 * Values of documents are read, changed and written: one request of a dataset
 * at a time, so that none is lost.  ERR_BUSY with words: too many wait behind
 * one that takes long.
 */
int dify_metadata_lock(const struct uuid *dataset, struct err_note *note);
/* With the lock held: it will be, over many documents. */
void dify_metadata_takes_long(const struct uuid *dataset);
void dify_metadata_unlock(const struct uuid *dataset);
/* dify_dataset_of() with the lock held; finishes what was cut short. */
int dify_metadata_open(struct http_request *request,
    struct dify_dataset *ret_dataset);

/* In all documents of the dataset: move values from one name to another, or
 * remove them (to NULL).  May be done again.  With the lock held. */
int dify_values_move(struct http_request *request,
    const struct dify_dataset *dataset, const char *from, const char *to);

#endif
