/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents sent in a request: files of a form, or texts in a JSON body.
 */
#include <stdlib.h>
#include <string.h>

#include "api/native/native_int.h"
#include "base/limits.h"
#include "base/mem.h"

/* The uploads of a form are the server's; those of texts are ours. */
struct uploads {
	struct upload **items;
	size_t count;
};

static int
add_texts_one(struct http_request *request, const json_t *document, size_t i,
    struct upload **ret_upload)
{
	struct upload *upload = NULL;
	const json_t *text = json_object_get(document, "text");
	const char *name = NULL;
	char *metadata = NULL;
	int err;

	err = native_text(request, document, "name", &name);
	if (err == 0 && (name == NULL || name[0] == '\0'))
		err = err_set(&request->note, ERR_INVALID, "name is needed");
	if (err == 0 && !json_is_string(text))
		err = err_set(&request->note, ERR_INVALID,
		    "text must be a string");
	if (err == 0)
		err = native_object_text(request, document, "metadata",
		    METADATA_BYTES_MAX, &metadata);
	if (err == 0)
		err = engine_upload_open(request->engine, JOB_KIND_TEXT, name,
		    metadata, &upload, &request->note);
	if (err == 0)
		err = engine_upload_write(upload, json_string_value(text),
		    json_string_length(text));
	if (err == 0)
		err = engine_upload_finish(upload, &request->note);
	free(metadata);
	if (err < 0) {
		engine_upload_free(upload);
		err_wrap(&request->note, "documents[%zu]", i);
		return err;
	}
	*ret_upload = upload;
	return 0;
}

static int
add_texts(struct http_request *request, struct uploads *uploads)
{
	json_t *body, *documents;
	size_t count;
	int err;

	err = native_object(request, false, &body);
	if (err < 0)
		return err;
	documents = json_object_get(body, "documents");
	count = json_array_size(documents);
	if (count == 0 || count > UPLOAD_FILES_MAX)
		return err_set(&request->note, ERR_INVALID,
		    "documents must be an array of 1 to %u",
		    UPLOAD_FILES_MAX);
	uploads->items = mem_array(count, sizeof(struct upload *));
	if (uploads->items == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < count && err == 0; i++) {
		err = add_texts_one(request, json_array_get(documents, i), i,
		    &uploads->items[i]);
		if (err == 0)
			uploads->count++;
	}
	return err;
}

static int
add_files(struct http_request *request, struct uploads *uploads)
{
	const struct http_file *file;
	size_t count = 0;

	while ((file = http_file_at(request, count)) != NULL) {
		if (strcmp(file->field, "file") != 0)
			return err_set(&request->note, ERR_INVALID,
			    "a file's part must be named \"file\"");
		if (file->name[0] == '\0')
			return err_set(&request->note, ERR_INVALID,
			    "a file has no name");
		count++;
	}
	if (count == 0)
		return err_set(&request->note, ERR_INVALID,
		    "no part is a file named \"file\"");
	uploads->items = mem_array(count, sizeof(struct upload *));
	if (uploads->items == NULL)
		return ERR_NOMEM;
	for (; uploads->count < count; uploads->count++)
		uploads->items[uploads->count] =
		    http_file_at(request, uploads->count)->upload;
	return 0;
}

int
native_documents_add(struct http_request *request, struct http_reply *reply)
{
	bool is_form = http_is_type(request, "multipart/form-data");
	struct job_request order = {.account_id = request->caller.account_id,
	    .dialect = DIALECT_NATIVE};
	struct uploads uploads = {NULL, 0};
	struct native_base base;
	struct job job;
	int err;

	err = native_base_of(request, &base);
	if (err < 0)
		return err;
	order.base = base.uuid;
	err = is_form ? add_files(request, &uploads)
		      : add_texts(request, &uploads);
	if (err == 0)
		err = engine_job_uploads(request->engine, &order,
		    is_form ? JOB_KIND_UPLOAD : JOB_KIND_TEXT, uploads.items,
		    uploads.count, &job, &request->note);
	if (!is_form)
		for (size_t i = 0; i < uploads.count; i++)
			engine_upload_free(uploads.items[i]);
	mem_free(uploads.items);
	return err < 0 ? err : native_reply_job(request, reply, 202, &job);
}
