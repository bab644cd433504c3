/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "api/cognee/cognee_form.h"
#include "api/cognee/cognee_int.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "http/multipart.h"
#include "http/uri.h"

struct reading {
	struct cognee_form_field *fields;
	size_t count;
	struct cognee_form_field *field; /* that comes; NULL: nobody asked */
};

/* The field of that name, if it comes for the first time. */
static struct cognee_form_field *
field_begin(struct cognee_form_field *fields, size_t count, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].seen++ == 0 ? &fields[i] : NULL;
	return NULL;
}

/* A text has no zero in it, or it would be another one to C. */
static int
field_check(const struct cognee_form_field *field)
{
	if (field->value.err < 0)
		return field->value.err;
	return field->value.len > 0 &&
		(memchr(field->value.data, '\0', field->value.len) != NULL ||
		    !utf8_is_valid(field->value.data, field->value.len))
	    ? ERR_SYNTAX : 0;
}

/* ---- multipart ---------------------------------------------------------- */

static int
on_begin(void *arg, const struct multipart_part *part)
{
	struct reading *reading = arg;

	reading->field = part->file_name != NULL
	    ? NULL : field_begin(reading->fields, reading->count, part->name);
	return 0;
}

static int
on_data(void *arg, const char *bytes, size_t len)
{
	struct reading *reading = arg;

	return reading->field == NULL
	    ? 0 : buf_put(&reading->field->value, bytes, len);
}

static int
on_end(void *arg)
{
	struct reading *reading = arg;

	reading->field = NULL;
	return 0;
}

static int
read_multipart(const char *type, const char *body, size_t len,
    struct reading *reading)
{
	static const struct multipart_events events = {.begin = on_begin,
	    .data = on_data, .end = on_end};
	struct multipart *multipart = NULL;
	int err;

	err = multipart_new(type, &events, reading, &multipart);
	if (err == 0)
		err = multipart_feed(multipart, body, len);
	if (err == 0)
		err = multipart_finish(multipart);
	multipart_free(multipart);
	return err;
}

/* ---- urlencoded --------------------------------------------------------- */

/* One "name=value", cut up in place. */
static int
read_pair(char *pair, struct reading *reading)
{
	struct cognee_form_field *field;
	char *value = strchr(pair, '=');
	size_t len = 0;
	int err;

	if (value != NULL)
		*value++ = '\0';
	err = uri_decode(pair, true, true, NULL);
	if (err == 0 && value != NULL)
		err = uri_decode(value, true, true, &len);
	if (err < 0)
		return err;
	field = field_begin(reading->fields, reading->count, pair);
	return field == NULL || value == NULL
	    ? 0 : buf_put(&field->value, value, len);
}

static int
read_urlencoded(const char *body, size_t len, struct reading *reading)
{
	struct buf copy;
	char *at, *end;
	int err;

	if (len > 0 && memchr(body, '\0', len) != NULL)
		return ERR_SYNTAX;
	buf_init(&copy, LOGIN_BODY_BYTES_MAX);
	err = buf_put(&copy, body, len);
	for (at = copy.data; err == 0 && at != NULL; at = end) {
		end = strchr(at, '&');
		if (end != NULL)
			*end++ = '\0';
		err = read_pair(at, reading);
	}
	buf_fini(&copy);
	return err;
}

static bool
is_type(const char *text, const char *type)
{
	size_t len = strlen(type);

	return strncasecmp(text, type, len) == 0 &&
	    strchr("; \t", text[len]) != NULL;
}

int
cognee_form_read(const char *type, const char *body, size_t len,
    struct cognee_form_field *fields, size_t count)
{
	struct reading reading = {.fields = fields, .count = count};
	size_t i;
	int err = ERR_SYNTAX;

	if (len > LOGIN_BODY_BYTES_MAX)
		return ERR_TOO_BIG;
	if (type != NULL && is_type(type, "multipart/form-data"))
		err = read_multipart(type, body, len, &reading);
	else if (type != NULL &&
	    is_type(type, "application/x-www-form-urlencoded"))
		err = read_urlencoded(body, len, &reading);
	for (i = 0; err == 0 && i < count; i++)
		err = field_check(&fields[i]);
	return err;
}

int
cognee_form(const struct http_request *request,
    struct cognee_form_field *fields, size_t count)
{
	return cognee_form_read(http_header(request, "Content-Type"),
	    request->body, request->body_len, fields, count);
}
