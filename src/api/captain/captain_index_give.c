/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexing what comes with the request: a text, or files.  A document is known
 * by the name of its file: the same name again is the same document.
 */
#include <string.h>

#include "api/captain/captain_index.h"
#include "api/captain/captain_int.h"

#define SNIPPET "snippet-#.txt"

/* ---- a text -------------------------------------------------------------- */

static int
text_upload(struct http_request *request, struct http_reply *reply,
    const json_t *body, struct upload **ret_upload)
{
	const json_t *content = json_object_get(body, "content");
	struct upload *upload = NULL;
	int err;

	err = engine_upload_open(request->engine, JOB_KIND_TEXT,
	    captain_text(body, "filename", SNIPPET), NULL, &upload,
	    &request->note);
	if (err == ERR_INVALID || err == ERR_TOO_BIG)
		return captain_invalid(reply, "body", "filename",
		    "value_error", "This is no name of a file");
	if (err == 0)
		err = engine_upload_write(upload, json_string_value(content),
		    json_string_length(content));
	if (err == 0)
		err = engine_upload_finish(upload, &request->note);
	if (err < 0)
		engine_upload_free(upload);
	else
		*ret_upload = upload;
	return err;
}

int
captain_index_text(struct http_request *request, struct http_reply *reply,
    const struct captain_index *index, struct job *ret_job)
{
	bool has_name = captain_has(index->body, "filename");
	struct put put = {.name = has_name ? NULL : SNIPPET,
	    .is_numbered = !has_name, .metadata = index->metadata};
	int err;

	err = text_upload(request, reply, index->body, &put.upload);
	if (err != 0)
		return err;
	err = engine_job_puts(request->engine, &index->order, JOB_KIND_TEXT,
	    &put, 1, NULL, index->is_forced, ret_job, &request->note);
	engine_upload_free(put.upload);
	return err;
}

/* ---- files --------------------------------------------------------------- */

/* Those of the form's parts that are files to be indexed; more than may be
 * are counted, not kept. */
static size_t
files_gather(const struct http_request *request, const char *metadata,
    struct put puts[CAPTAIN_FILES_MAX])
{
	const struct http_file *file;
	size_t i, count = 0;

	for (i = 0; (file = http_file_at(request, i)) != NULL; i++) {
		if (strcmp(file->field, "files") != 0 &&
		    strcmp(file->field, "file") != 0)
			continue;
		if (count < CAPTAIN_FILES_MAX)
			puts[count] = (struct put){.upload = file->upload,
			    .metadata = metadata};
		count++;
	}
	return count;
}

int
captain_index_file(struct http_request *request, struct http_reply *reply,
    const struct captain_index *index, struct job *ret_job)
{
	struct put puts[CAPTAIN_FILES_MAX];
	size_t count = files_gather(request, index->metadata, puts);

	if (count == 0)
		return captain_invalid(reply, "body", "files", "missing",
		    "Field required");
	if (count > CAPTAIN_FILES_MAX) {
		(void)captain_refuse(reply, 400,
		    "At most 20 files can be sent in one request");
		return 1;
	}
	return engine_job_puts(request->engine, &index->order,
	    JOB_KIND_UPLOAD, puts, count, NULL, index->is_forced, ret_job,
	    &request->note);
}
