/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of documents that come from the web: by RFC 6266 ("filename*" goes
 * before "filename") or of the address.  All of it is written by strangers:
 * what is not UTF-8 is no name, and nothing in front of a slash counts.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "source/web_int.h"
#include "source/web_link.h"

/* ---- names --------------------------------------------------------------- */

/* The part of text behind its last slash, as a name; false: it is none. */
static bool
name_take(const char *text, size_t len, char out[WEB_LINK_NAME_SIZE])
{
	size_t at = len, i;

	while (at > 0 && text[at - 1] != '/' && text[at - 1] != '\\')
		at--;
	text += at;
	len -= at;
	if (len == 0 || memchr(text, '\0', len) != NULL ||
	    !utf8_is_valid(text, len) || (len == 1 && text[0] == '.') ||
	    (len == 2 && memcmp(text, "..", 2) == 0))
		return false;
	len = utf8_floor(text, len, UPLOAD_NAME_BYTES_MAX);
	for (i = 0; i < len; i++)
		out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7F
		    ? '_'
		    : text[i];
	out[len] = '\0';
	return true;
}

/* Append len bytes of text with its escapes (%41) undone. */
static int
escapes_undo(const char *text, size_t len, struct buf *out)
{
	size_t i;
	int byte;

	for (i = 0; i < len; i++) {
		byte = text[i] == '%' ? web_escape_read(text + i, len - i)
				      : -1;
		(void)buf_putc(out, byte < 0 ? text[i] : (char)byte);
		i += byte < 0 ? 0 : 2;
	}
	return out->err;
}

/* ---- Content-Disposition ------------------------------------------------- */

/* One of its parameters: name=value, the value without quotes. */
struct parameter {
	const char *name;
	size_t name_len;
	struct buf value;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *
value_take(const char *at, struct buf *value)
{
	if (*at != '"') {
		for (; *at != '\0' && *at != ';'; at++)
			(void)buf_putc(value, *at);
		while (value->len > 0 && is_blank(value->data[value->len - 1]))
			value->len--;
		return at;
	}
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		(void)buf_putc(value, *at);
	}
	return at + (*at == '"');
}

/* The next one behind a semicolon; NULL: there is none. */
static const char *
parameter_take(const char *at, struct parameter *parameter)
{
	at += strcspn(at, ";");
	if (*at == '\0')
		return NULL;
	for (at++; is_blank(*at); at++)
		continue;
	parameter->name = at;
	parameter->name_len = strcspn(at, "=; \t");
	at += parameter->name_len;
	while (is_blank(*at))
		at++;
	buf_clear(&parameter->value);
	if (*at != '=')
		return at;
	for (at++; is_blank(*at); at++)
		continue;
	return value_take(at, &parameter->value);
}

static bool
is_named(const struct parameter *parameter, const char *name)
{
	return parameter->name_len == strlen(name) &&
	    strncasecmp(parameter->name, name, parameter->name_len) == 0;
}

/* UTF-8'en'caf%C3%A9.pdf; other character sets are hardly seen. */
static bool
extended_take(const struct buf *value, char out[WEB_LINK_NAME_SIZE])
{
	const char *text = value->len == 0 ? "" : value->data, *end;
	struct buf plain;
	bool is_name = false;

	end = memchr(text, '\'', value->len);
	if (end == NULL || end - text != 5 ||
	    strncasecmp(text, "UTF-8", 5) != 0)
		return false;
	end = memchr(end + 1, '\'', value->len - 6);
	if (end == NULL)
		return false;
	buf_init(&plain, WEB_DISPOSITION_SIZE);
	if (escapes_undo(end + 1, value->len - (size_t)(end + 1 - text),
		&plain) == 0)
		is_name = name_take(buf_text(&plain), plain.len, out);
	buf_fini(&plain);
	return is_name;
}

static bool
disposition_take(const char *disposition, char out[WEB_LINK_NAME_SIZE])
{
	struct parameter parameter;
	const char *at = disposition;
	bool is_named_so = false;

	buf_init(&parameter.value, WEB_DISPOSITION_SIZE);
	while ((at = parameter_take(at, &parameter)) != NULL) {
		if (is_named(&parameter, "filename*") &&
		    extended_take(&parameter.value, out)) {
			is_named_so = true;
			break;
		}
		if (!is_named_so && is_named(&parameter, "filename"))
			is_named_so = name_take(buf_text(&parameter.value),
			    parameter.value.len, out);
	}
	buf_fini(&parameter.value);
	return is_named_so;
}

/* ---- all of it ----------------------------------------------------------- */

int
web_link_name(const char *url, const char *disposition,
    char out[WEB_LINK_NAME_SIZE])
{
	struct web_url parts;
	struct buf name;
	size_t at;
	int err;

	if (disposition_take(disposition, out))
		return 0;
	web_url_parse(url, &parts);
	for (at = parts.path_len; at > 0 && parts.path[at - 1] != '/'; at--)
		continue;
	buf_init(&name, WEB_URL_BYTES_MAX);
	err = escapes_undo(parts.path + at, parts.path_len - at, &name);
	if (err == 0 && !name_take(buf_text(&name), name.len, out)) {
		buf_clear(&name);
		err = web_url_name(url, &name);
		if (err == 0) {
			name.len = utf8_floor(name.data, name.len,
			    UPLOAD_NAME_BYTES_MAX);
			memcpy(out, name.data, name.len);
			out[name.len] = '\0';
		}
	}
	buf_fini(&name);
	return err;
}
