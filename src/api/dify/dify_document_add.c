/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents made and updated, by text and by file.
 *
 * What is wrong is told in the order in which the original looks: the body's
 * shape, the technique, the file, the rule, the document.
 */
#include <ctype.h>
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_document_put.h"
#include "api/dify/dify_upload.h"
#include "base/utf8.h"

/* Its name only says that it is plain text; the document's is another one. */
#define TEXT_UPLOAD_NAME "text.txt"

/* One request: what is opened is closed by add_fini(). */
struct add {
	struct dify_dataset dataset;
	struct dify_document document;
	struct dify_draft draft;
	struct upload *upload; /* of a text; a file's is the server's */
	json_t *body;	       /* owned */
};

static void
add_fini(struct add *add)
{
	dify_draft_fini(&add->draft);
	dify_document_close(&add->document);
	dify_dataset_close(&add->dataset);
	engine_upload_free(add->upload);
	json_decref(add->body);
}

static int
add_begin(struct http_request *request, struct add *add)
{
	struct store *reader;
	int err;

	memset(add, 0, sizeof(*add));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_open(request, reader, &add->dataset);
	if (err == 0)
		err = dify_account(request, reader, add->draft.account);
	if (err == 0 && strcmp(dify_text(add->dataset.dify, "provider") == NULL
		? "vendor" : dify_text(add->dataset.dify, "provider"),
		"external") == 0)
		err = err_set(&request->note, ERR_INVALID,
		    "External datasets are not supported.");
	err = http_end(request, reader, err);
	add->draft.dataset = &add->dataset;
	return err;
}

/* The document that the path or the body names becomes the one to update. */
static int
add_document(struct http_request *request, struct add *add,
    const struct uuid *uuid)
{
	int err;

	err = dify_draft_document(request, &add->dataset, uuid,
	    &add->document);
	if (err == 0)
		add->draft.document = &add->document;
	return err;
}

static int
add_original(struct http_request *request, struct add *add)
{
	const char *id = dify_text(add->draft.body, "original_document_id");
	struct uuid uuid;

	if (id == NULL || id[0] == '\0')
		return 0;
	if (uuid_parse(id, strlen(id), &uuid) < 0)
		return dify_missing(request, "Document not found");
	return add_document(request, add, &uuid);
}

/* ---- by text ------------------------------------------------------------ */

static int
add_text(struct http_request *request, struct add *add)
{
	const json_t *text = json_object_get(add->draft.body, "text");
	const char *name = dify_text(add->draft.body, "name");
	size_t len = json_string_length(text);
	int err;

	add->draft.kind = JOB_KIND_TEXT;
	if (name != NULL)
		dify_draft_name(&add->draft, name, false);
	if (!json_is_string(text))
		return 0;
	(void)memcpy(add->draft.extension, "txt", 4);
	add->draft.size = utf8_count(json_string_value(text), len);
	err = engine_upload_open(request->engine, JOB_KIND_TEXT,
	    TEXT_UPLOAD_NAME, NULL, &add->upload, &request->note);
	if (err == 0)
		err = engine_upload_write(add->upload,
		    json_string_value(text), len);
	if (err == 0)
		err = engine_upload_finish(add->upload, &request->note);
	add->draft.upload = add->upload;
	return err;
}

static int
create_text(struct http_request *request, struct http_reply *reply,
    struct add *add)
{
	json_t *body;
	int err;

	err = add_begin(request, add);
	if (err == 0)
		err = dify_body(request, reply, &dify_create_text_form,
		    &body);
	if (err != 0)
		return err;
	add->draft.body = body;
	add->draft.replaces = true;
	if (dify_text(body, "name")[0] == '\0')
		return err_set(&request->note, ERR_INVALID,
		    "name is required.");
	err = dify_draft_technique(request, &add->draft);
	if (err == 0)
		err = add_original(request, add);
	if (err == 0)
		err = dify_draft_rule(request, &add->draft);
	if (err == 0)
		err = add_text(request, add);
	return err < 0 ? err : dify_draft_put(request, reply, &add->draft);
}

static int
update_text(struct http_request *request, struct http_reply *reply,
    struct add *add)
{
	json_t *body;
	const char *name;
	int err;

	err = add_begin(request, add);
	if (err == 0)
		err = dify_body(request, reply, &dify_update_text_form,
		    &body);
	if (err != 0)
		return err;
	add->draft.body = body;
	name = dify_text(body, "name");
	if (dify_text(body, "text") != NULL &&
	    (name == NULL || name[0] == '\0'))
		return err_set(&request->note, ERR_INVALID,
		    "1 validation error for DocumentTextUpdate\n"
		    "  Value error, name is required when text is provided "
		    "[type=value_error]");
	if (dify_text(body, "text") == NULL &&
	    dify_object(body, "process_rule") == NULL)
		return err_set(&request->note, ERR_INVALID,
		    "Data source or Process rule is required");
	err = dify_draft_technique(request, &add->draft);
	if (err == 0)
		err = add_document(request, add, &request->params[1].uuid);
	if (err == 0)
		err = dify_draft_rule(request, &add->draft);
	if (err == 0)
		err = add_text(request, add);
	return err < 0 ? err : dify_draft_put(request, reply, &add->draft);
}

/* ---- by file ------------------------------------------------------------ */

static void
add_file(struct add *add, const struct http_file *file, const char *name)
{
	const char *extension;
	size_t i;

	add->draft.kind = JOB_KIND_UPLOAD;
	if (name != NULL && name[0] != '\0')
		dify_draft_name(&add->draft, name, true);
	if (file == NULL)
		return;
	add->draft.upload = file->upload;
	/* Longer ones are known to nobody and were refused. */
	extension = dify_extension(file->name);
	for (i = 0; extension[i] != '\0' &&
	    i < sizeof(add->draft.extension) - 1; i++)
		add->draft.extension[i] =
		    (char)tolower((unsigned char)extension[i]);
}

static int
create_file(struct http_request *request, struct http_reply *reply,
    struct add *add)
{
	const struct http_file *file;
	int err;

	err = add_begin(request, add);
	if (err == 0)
		err = dify_upload_data(request, reply, &dify_create_file_form,
		    &add->body);
	if (err != 0)
		return err;
	add->draft.body = add->body;
	add->draft.replaces = dify_bool(add->body, "duplicate", true);
	add->draft.needs_rule = true;
	err = dify_draft_technique(request, &add->draft);
	if (err == 0)
		err = dify_upload_file(request, reply, true, &file);
	if (err == 0)
		err = add_original(request, add);
	if (err == 0)
		err = dify_draft_rule(request, &add->draft);
	if (err != 0)
		return err;
	add_file(add, file, file->name);
	return dify_draft_put(request, reply, &add->draft);
}

static int
update_file(struct http_request *request, struct http_reply *reply,
    struct add *add)
{
	const struct http_file *file;
	const char *name;
	int err;

	err = add_begin(request, add);
	if (err == 0)
		err = dify_upload_data(request, reply, &dify_update_file_form,
		    &add->body);
	if (err != 0)
		return err;
	add->draft.body = add->body;
	err = dify_draft_technique(request, &add->draft);
	if (err == 0)
		err = dify_upload_file(request, reply, false, &file);
	if (err == 0 && file == NULL &&
	    dify_object(add->body, "process_rule") == NULL)
		err = err_set(&request->note, ERR_INVALID,
		    "Data source or Process rule is required");
	if (err == 0)
		err = add_document(request, add, &request->params[1].uuid);
	if (err == 0)
		err = dify_draft_rule(request, &add->draft);
	if (err != 0)
		return err;
	name = dify_text(add->body, "name");
	add_file(add, file, name != NULL && name[0] != '\0' ? name
	    : file != NULL ? file->name : NULL);
	return dify_draft_put(request, reply, &add->draft);
}

/* ---- the handlers ------------------------------------------------------- */

typedef int add_fn(struct http_request *request, struct http_reply *reply,
    struct add *add);

/* 1: the reply is written already. */
static int
run(struct http_request *request, struct http_reply *reply, add_fn *fn)
{
	struct add add;
	int err;

	err = fn(request, reply, &add);
	add_fini(&add);
	return err < 0 ? err : 0;
}

int
dify_create_by_text(struct http_request *request, struct http_reply *reply)
{
	return run(request, reply, create_text);
}

int
dify_create_by_file(struct http_request *request, struct http_reply *reply)
{
	return run(request, reply, create_file);
}

int
dify_update_by_text(struct http_request *request, struct http_reply *reply)
{
	return run(request, reply, update_text);
}

int
dify_update_by_file(struct http_request *request, struct http_reply *reply)
{
	return run(request, reply, update_file);
}
