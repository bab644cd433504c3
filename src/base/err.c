/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

struct err_row {
	int err;
	const char *name;
	const char *text;
	enum err_class class;
	int http;
};

static const struct err_row err_rows[] = {
#define ERR(name, value, class, http, text)                                   \
	{-(value), #name, text, ERR_CLASS_##class, http},
#include "base/err_tbl.h"
};

static const struct err_row *
err_row(int err)
{
	static const struct err_row unknown = {
	    0, "UNKNOWN", "unknown error", ERR_CLASS_PERMANENT, 500};
	size_t i;

	for (i = 0; i < sizeof(err_rows) / sizeof(err_rows[0]); i++)
		if (err_rows[i].err == err)
			return &err_rows[i];
	return &unknown;
}

const char *
err_name(int err)
{
	return err_row(err)->name;
}

const char *
err_text(int err)
{
	return err_row(err)->text;
}

enum err_class
err_class(int err)
{
	return err_row(err)->class;
}

int
err_http(int err)
{
	return err_row(err)->http;
}

int
err_set(struct err_note *note, int err, const char *format, ...)
{
	va_list args;

	if (note == NULL)
		return err;
	va_start(args, format);
	(void)vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
	utf8_trim(note->text);
	return err;
}

void
err_wrap(struct err_note *note, const char *format, ...)
{
	struct err_note inner;
	size_t used;
	va_list args;

	if (note == NULL)
		return;
	inner = *note;
	va_start(args, format);
	(void)vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
	if (inner.text[0] != '\0') {
		used = strlen(note->text);
		(void)snprintf(note->text + used, sizeof(note->text) - used,
		    ": %s", inner.text);
	}
	utf8_trim(note->text);
}

const char *
err_words(const struct err_note *note, int err)
{
	if (note != NULL && note->text[0] != '\0')
		return note->text;
	return err_text(err);
}

int
err_from_errno(int errnum)
{
	switch (errnum) {
	case ENOMEM:
		return ERR_NOMEM;
	case ENOSPC:
	case EDQUOT:
		return ERR_STORAGE_FULL;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
		return ERR_FORBIDDEN;
	case EEXIST:
		return ERR_EXISTS;
	case EPIPE:
	case ECONNRESET:
		return ERR_CLOSED;
	case EAGAIN:
	case EMFILE:
	case ENFILE:
		return ERR_BUSY;
	case ETIMEDOUT:
		return ERR_TIMEOUT;
	default:
		return ERR_IO;
	}
}
