/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A multipart/form-data body on its way into uploads and fields.  Bytes are
 * written as they come, on the connection's thread: into the page cache.  A
 * file that is whole waits for form_work(), on a thread of the pool, which
 * makes it durable: that waits for the disk.  The connection is suspended
 * meanwhile, which is the back-pressure.
 */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/http_int.h"
#include "http/multipart.h"

#define FORM_FIELDS_MAX 256u
#define FORM_FIELD_BYTES_MAX (1 * MIB) /* all together */

struct field {
	char *name, *value;
};

struct form {
	struct engine *engine;
	struct multipart *multipart;
	struct http_file *files;
	size_t file_count, file_room;
	size_t worked; /* files before this one are durable */
	struct field fields[FORM_FIELDS_MAX];
	size_t field_count, field_bytes;
	uint64_t file_bytes, file_bytes_max; /* 0: the engine's limit alone */
	bool cuts_names; /* the engine is given the ends of longer ones */
	struct buf value; /* of the field that is coming */
	bool is_file;	  /* what is coming */
	bool is_open;	  /* the last file is still coming */
	int err;
	struct err_note note;
};

static int
form_grow(struct form *form)
{
	struct http_file *files;
	size_t room;

	if (form->file_count >= UPLOAD_FILES_MAX)
		return err_set(&form->note, ERR_TOO_BIG,
		    "more than %u files in one request", UPLOAD_FILES_MAX);
	if (form->file_count < form->file_room)
		return 0;
	room = form->file_room == 0 ? 8 : form->file_room * 2;
	files = mem_resize(form->files, room, sizeof(*files));
	if (files == NULL)
		return ERR_NOMEM;
	form->files = files;
	form->file_room = room;
	return 0;
}

/*
 * The name as the engine takes it.  Where routes hold files to a limit of
 * their own they name documents themselves, from the whole name; what is left
 * here says the format.
 */
static const char *
form_engine_name(const struct form *form, const char *name)
{
	size_t len = strlen(name);

	if (!form->cuts_names || len <= UPLOAD_NAME_BYTES_MAX ||
	    !utf8_is_valid(name, len))
		return name;
	name += len - UPLOAD_NAME_BYTES_MAX;
	/* Not from within a character. */
	while (((unsigned char)*name & 0xC0) == 0x80)
		name++;
	return name;
}

static int
form_begin_file(struct form *form, const struct multipart_part *part)
{
	struct http_file *file;
	char *field, *name;
	int err;

	err = form_grow(form);
	if (err < 0)
		return err;
	field = mem_strdup(part->name);
	name = mem_strdup(part->file_name);
	file = &form->files[form->file_count];
	if (field == NULL || name == NULL)
		err = ERR_NOMEM;
	else
		err = engine_upload_open(form->engine, JOB_KIND_UPLOAD,
		    form_engine_name(form, name), NULL, &file->upload,
		    &form->note);
	if (err < 0) {
		mem_free(field);
		mem_free(name);
		return err;
	}
	file->field = field;
	file->name = name;
	form->file_count++;
	form->is_open = true;
	return 0;
}

static int
on_begin(void *arg, const struct multipart_part *part)
{
	struct form *form = arg;
	struct field *field;

	/* Some clients write filename="" with every field. */
	form->is_file = part->file_name != NULL && part->file_name[0] != '\0';
	form->file_bytes = 0;
	if (form->is_file)
		return form_begin_file(form, part);
	if (form->field_count >= FORM_FIELDS_MAX)
		return err_set(&form->note, ERR_TOO_BIG,
		    "more than %u fields in one request", FORM_FIELDS_MAX);
	field = &form->fields[form->field_count];
	field->name = mem_strdup(part->name);
	if (field->name == NULL)
		return ERR_NOMEM;
	form->field_count++;
	return 0;
}

static int
on_data(void *arg, const char *bytes, size_t len)
{
	struct form *form = arg;

	if (form->is_file) {
		form->file_bytes += len;
		if (form->file_bytes_max != 0 &&
		    form->file_bytes > form->file_bytes_max)
			return err_set(&form->note, ERR_TOO_BIG,
			    "File size exceeded. The largest file that is "
			    "taken has %llu bytes.",
			    (unsigned long long)form->file_bytes_max);
		return engine_upload_write(
		    form->files[form->file_count - 1].upload, bytes, len);
	}
	form->field_bytes += len;
	if (form->field_bytes > FORM_FIELD_BYTES_MAX)
		return err_set(&form->note, ERR_TOO_BIG,
		    "the fields of the form are over %llu bytes",
		    FORM_FIELD_BYTES_MAX);
	/* Terminated texts have no zero bytes in them. */
	if (memchr(bytes, '\0', len) != NULL)
		return err_set(&form->note, ERR_INVALID,
		    "a field of the form holds a zero byte");
	return buf_put(&form->value, bytes, len);
}

static int
on_end(void *arg)
{
	struct form *form = arg;
	struct field *field;

	if (form->is_file) {
		form->is_open = false;
		return 0;
	}
	field = &form->fields[form->field_count - 1];
	field->value = mem_strdup(buf_text(&form->value));
	buf_clear(&form->value);
	return field->value == NULL ? ERR_NOMEM : 0;
}

static const struct multipart_events events = {
    .begin = on_begin, .data = on_data, .end = on_end};

int
form_new(struct http_conn *conn, const char *content_type)
{
	struct form *form;
	int err;

	form = mem_zalloc(sizeof(*form));
	if (form == NULL)
		return ERR_NOMEM;
	form->engine = conn->server->engine;
	form->cuts_names =
	    (conn->match.route->flags & HTTP_UPLOAD_SMALL) != 0;
	if (form->cuts_names)
		form->file_bytes_max = conn->server->upload_file_bytes_max;
	buf_init(&form->value, FORM_FIELD_BYTES_MAX);
	err = multipart_new(content_type, &events, form, &form->multipart);
	if (err < 0) {
		form_free(form);
		return err;
	}
	conn->form = form;
	return 0;
}

void
form_free(struct form *form)
{
	if (form == NULL)
		return;
	for (size_t i = 0; i < form->file_count; i++) {
		engine_upload_free(form->files[i].upload);
		mem_free((void *)(uintptr_t)form->files[i].field);
		mem_free((void *)(uintptr_t)form->files[i].name);
	}
	mem_free(form->files);
	for (size_t i = 0; i < form->field_count; i++) {
		mem_free(form->fields[i].name);
		mem_free(form->fields[i].value);
	}
	buf_fini(&form->value);
	multipart_free(form->multipart);
	mem_free(form);
}

int
form_feed(struct form *form, const char *bytes, size_t len)
{
	if (form->err == 0)
		form->err = multipart_feed(form->multipart, bytes, len);
	return form->err;
}

static size_t
form_whole(const struct form *form)
{
	return form->file_count - (form->is_open ? 1 : 0);
}

bool
form_has_work(const struct form *form)
{
	return form->err == 0 && form->worked < form_whole(form);
}

void
form_work(struct form *form)
{
	for (; form_has_work(form); form->worked++)
		form->err = engine_upload_finish(
		    form->files[form->worked].upload, &form->note);
}

int
form_end(struct form *form)
{
	if (form->err == 0)
		form->err = multipart_finish(form->multipart);
	return form->err;
}

const char *
form_words(const struct form *form)
{
	if (form->err == ERR_SYNTAX && form->note.text[0] == '\0')
		return "the multipart body is malformed or incomplete";
	return err_words(&form->note, form->err);
}

const struct http_file *
form_file(const struct form *form, size_t nth)
{
	return nth < form->file_count ? &form->files[nth] : NULL;
}

const char *
form_field(const struct form *form, const char *name, size_t *at)
{
	while (*at < form->field_count) {
		const struct field *field = &form->fields[(*at)++];

		if (strcmp(field->name, name) == 0)
			return field->value;
	}
	return NULL;
}
