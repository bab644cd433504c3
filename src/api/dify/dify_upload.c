/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form has a file and, beside it, a part "data" that is JSON.  Clients write
 * that part with and without a type, with an empty file name, before and
 * behind the file; some send its members as parts of their own.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_upload.h"

static const struct {
	const char *extension, *media_type;
	bool is_own;
} extensions[] = {
#define DIFY_OWN(extension, media_type) {(extension), (media_type), true},
#define DIFY_MORE(extension, media_type) {(extension), (media_type), false},
#include "api/dify/dify_upload_tbl.h"
};
#define EXTENSION_COUNT (sizeof(extensions) / sizeof(extensions[0]))

const char *
dify_extension(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot == NULL || strpbrk(dot, "/\\") != NULL ? "" : dot + 1;
}

/* EXTENSION_COUNT: it is not known. */
static size_t
extension_find(const char *extension)
{
	size_t i;

	for (i = 0; i < EXTENSION_COUNT; i++)
		if (strcasecmp(extensions[i].extension, extension) == 0)
			break;
	return i;
}

const char *
dify_media_type(const char *extension)
{
	size_t i = extension_find(extension);

	return i == EXTENSION_COUNT ? "application/octet-stream"
				    : extensions[i].media_type;
}

bool
dify_extension_is_taken(const char *extension, bool is_any_format)
{
	size_t i = extension_find(extension);

	return i < EXTENSION_COUNT && (is_any_format || extensions[i].is_own);
}

/* ---- the part "data" ---------------------------------------------------- */

/* Old examples wrap it in quotes once more, with or without escaping those
 * within. */
static bool
is_quoted(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	if (*text++ != '"')
		return false;
	while (isspace((unsigned char)*text))
		text++;
	return *text == '{';
}

/* A part as the value of its field; an object comes as JSON. */
static json_t *
field_value(const struct dify_field *field, const char *text)
{
	json_t *json;

	if (field->type != DIFY_OBJECT)
		return json_string(text);
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	/* The check by the form then says that it is no object. */
	return json == NULL ? json_string(text) : json;
}

static int
data_of_fields(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, json_t **ret_body)
{
	json_t *body = json_object();
	const char *text;
	size_t i;

	for (i = 0; i < form->count; i++) {
		text = http_field(request, form->fields[i].name);
		if (text == NULL || text[0] == '\0')
			continue;
		if (json_object_set_new(body, form->fields[i].name,
			field_value(&form->fields[i], text)) < 0) {
			json_decref(body);
			return ERR_NOMEM;
		}
	}
	if (body == NULL)
		return ERR_NOMEM;
	buf_clear(request->scratch);
	if (dify_form_check(form, body, request->scratch) > 0) {
		json_decref(body);
		(void)dify_refuse(reply, 400, "invalid_param",
		    buf_text(request->scratch));
		return 1;
	}
	*ret_body = body;
	return 0;
}

int
dify_upload_data(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, json_t **ret_body)
{
	const char *text = http_field(request, "data");

	if (text == NULL || text[strspn(text, " \t\r\n")] == '\0')
		return data_of_fields(request, reply, form, ret_body);
	if (is_quoted(text)) {
		(void)dify_refuse(reply, 400, "invalid_param",
		    "The part \"data\" is wrapped in quotes: it must be a "
		    "JSON object, that is begin with { and end with }.");
		return 1;
	}
	return dify_body_text(request, reply, form, "data", text, ret_body);
}

/* ---- the file ----------------------------------------------------------- */

static int
refuse(struct http_reply *reply, int status, const char *code,
    const char *message)
{
	(void)dify_refuse(reply, status, code, message);
	return 1;
}

int
dify_upload_file(struct http_request *request, struct http_reply *reply,
    bool is_needed, const struct http_file **ret_file)
{
	const struct http_file *file = http_file_at(request, 0);

	if (http_file_at(request, 1) != NULL)
		return refuse(reply, 400, "too_many_files",
		    "Only one file is allowed.");
	if (file == NULL && http_field(request, "file") != NULL)
		return refuse(reply, 400, "filename_not_exists_error",
		    "The specified filename does not exist.");
	if (file != NULL && strcmp(file->field, "file") != 0)
		file = NULL;
	if (file == NULL) {
		if (is_needed)
			return refuse(reply, 400, "no_file_uploaded",
			    "Please upload your file.");
		*ret_file = NULL;
		return 0;
	}
	if (strpbrk(file->name, "/\\") != NULL)
		return refuse(reply, 400, "invalid_param",
		    "Filename contains invalid characters");
	if (!dify_extension_is_taken(dify_extension(file->name),
		http_upload_any_format(request)))
		return refuse(reply, 415, "unsupported_file_type",
		    "File type not allowed.");
	*ret_file = file;
	return 0;
}
