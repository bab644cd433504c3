/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part's content ends at CRLF "--" boundary.  What has come is gathered in
 * `held` and given on as soon as it cannot be the beginning of that: at most
 * the delimiter's length stays behind between two calls.  A CRLF is put in
 * front of the body, so that its first boundary is like the others.
 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "http/multipart.h"
#include "http/uri.h"

#define BOUNDARY_MAX 200u
#define PART_HEADER_MAX 8192u
/* Bytes taken in one round; bounds what is held. */
#define ROUND_BYTES 65536u

enum multipart_state {
	PREAMBLE, /* before the first boundary */
	BOUNDARY, /* after a boundary: what follows it? */
	HEADER,	  /* of a part */
	CONTENT,
	EPILOGUE, /* after the last boundary: ignored */
};

struct multipart {
	const struct multipart_events *events;
	void *arg;
	enum multipart_state state;
	int err;
	char delimiter[BOUNDARY_MAX + 5]; /* CRLF -- boundary */
	size_t delimiter_len;
	struct buf held;
};

/*
 * The parameter of a header like `form-data; name="a"; filename=b`, into out.
 * In quotes a backslash hides a quote or another backslash only: old browsers
 * send whole Windows paths.
 */
static bool
header_param(const char *header, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name), n = 0;
	const char *at = header;
	bool is_it, is_quoted;

	while ((at = strchr(at, ';')) != NULL) {
		at += 1 + strspn(at + 1, " \t");
		is_it = strncasecmp(at, name, name_len) == 0 &&
		    at[name_len] == '=';
		at += strcspn(at, "=;");
		if (*at != '=')
			continue;
		at++;
		is_quoted = *at == '"';
		at += is_quoted;
		for (n = 0; *at != '\0'; at++) {
			if (is_quoted ? *at == '"'
				      : strchr("; \t", *at) != NULL)
				break;
			if (is_quoted && *at == '\\' &&
			    (at[1] == '"' || at[1] == '\\'))
				at++;
			if (is_it && n + 1 < size)
				out[n++] = *at;
		}
		if (is_it) {
			out[n] = '\0';
			return true;
		}
	}
	return false;
}

int
multipart_new(const char *content_type,
    const struct multipart_events *events, void *arg,
    struct multipart **ret_multipart)
{
	static const char type[] = "multipart/form-data";
	struct multipart *multipart;
	char boundary[BOUNDARY_MAX + 2];
	size_t len;

	if (strncasecmp(content_type, type, sizeof(type) - 1) != 0 ||
	    !header_param(content_type, "boundary", boundary,
	    sizeof(boundary)))
		return ERR_SYNTAX;
	len = strlen(boundary);
	if (len == 0 || len > BOUNDARY_MAX)
		return ERR_SYNTAX;
	multipart = mem_zalloc(sizeof(*multipart));
	if (multipart == NULL)
		return ERR_NOMEM;
	multipart->events = events;
	multipart->arg = arg;
	multipart->state = PREAMBLE;
	memcpy(multipart->delimiter, "\r\n--", 4);
	memcpy(multipart->delimiter + 4, boundary, len + 1);
	multipart->delimiter_len = len + 4;
	buf_init(&multipart->held, ROUND_BYTES + PART_HEADER_MAX + 1024);
	if (buf_puts(&multipart->held, "\r\n") < 0) {
		multipart_free(multipart);
		return ERR_NOMEM;
	}
	*ret_multipart = multipart;
	return 0;
}

void
multipart_free(struct multipart *multipart)
{
	if (multipart == NULL)
		return;
	buf_fini(&multipart->held);
	mem_free(multipart);
}

/* The first len bytes are dealt with. */
static void
held_drop(struct buf *held, size_t len)
{
	memmove(held->data, held->data + len, held->len - len + 1);
	held->len -= len;
}

/*
 * Where the delimiter begins in held, or where it might begin when more
 * comes; *ret_is_whole tells which.
 */
static size_t
held_find(const struct multipart *multipart, bool *ret_is_whole)
{
	const struct buf *held = &multipart->held;
	const char *at = held->data, *end = held->data + held->len;
	size_t len;

	*ret_is_whole = false;
	for (; at < end; at++) {
		at = memchr(at, '\r', (size_t)(end - at));
		if (at == NULL)
			return held->len;
		len = (size_t)(end - at);
		if (len > multipart->delimiter_len)
			len = multipart->delimiter_len;
		if (memcmp(at, multipart->delimiter, len) == 0) {
			*ret_is_whole = len == multipart->delimiter_len;
			return (size_t)(at - held->data);
		}
	}
	return held->len;
}

/* Preamble or content: returns true when the state has changed. */
static bool
take_content(struct multipart *multipart)
{
	bool is_whole, is_part = multipart->state == CONTENT;
	size_t len;

	len = held_find(multipart, &is_whole);
	if (is_part && len > 0)
		multipart->err = multipart->events->data(multipart->arg,
		    multipart->held.data, len);
	if (multipart->err < 0)
		return false;
	held_drop(&multipart->held, len);
	if (!is_whole)
		return false;
	held_drop(&multipart->held, multipart->delimiter_len);
	multipart->state = BOUNDARY;
	if (is_part)
		multipart->err = multipart->events->end(multipart->arg);
	return multipart->err == 0;
}

/* After a boundary: "--" ends the body, else blanks and CRLF. */
static bool
take_boundary(struct multipart *multipart)
{
	struct buf *held = &multipart->held;
	size_t blanks;

	if (held->len < 2)
		return false;
	if (memcmp(held->data, "--", 2) == 0) {
		multipart->state = EPILOGUE;
		return true;
	}
	blanks = strspn(held->data, " \t");
	if (blanks > 256) {
		multipart->err = ERR_SYNTAX;
		return false;
	}
	if (held->len < blanks + 2)
		return false;
	if (memcmp(held->data + blanks, "\r\n", 2) != 0) {
		multipart->err = ERR_SYNTAX;
		return false;
	}
	/* The CRLF stays: a header without lines ends at once. */
	held_drop(held, blanks);
	multipart->state = HEADER;
	return true;
}

/* "filename*=UTF-8''a%20b" wins over filename=; bad ones are ignored. */
static bool
extended_name(const char *header, char *out, size_t size)
{
	char *text;

	if (!header_param(header, "filename*", out, size))
		return false;
	text = strchr(out, '\'');
	text = text == NULL ? NULL : strchr(text + 1, '\'');
	if (text == NULL || strncasecmp(out, "utf-8'", 6) != 0 ||
	    uri_decode(text + 1, false, false, NULL) < 0)
		return false;
	memmove(out, text + 1, strlen(text + 1) + 1);
	return true;
}

/* lines: CRLF between and after them, terminated. */
static int
begin_part(struct multipart *multipart, char *lines)
{
	static const char disposition[] = "Content-Disposition:",
	    type[] = "Content-Type:";
	char name[PART_HEADER_MAX + 1], file_name[PART_HEADER_MAX + 1];
	struct multipart_part part = {.name = NULL};
	char *at = lines, *next;

	for (; at != NULL && *at != '\0'; at = next) {
		next = strstr(at, "\r\n");
		if (next != NULL) {
			*next = '\0';
			next += 2;
		}
		if (strncasecmp(at, type, sizeof(type) - 1) == 0) {
			part.type = at + sizeof(type) - 1;
			part.type += strspn(part.type, " \t");
		}
		if (strncasecmp(at, disposition,
		    sizeof(disposition) - 1) != 0)
			continue;
		if (header_param(at, "name", name, sizeof(name)))
			part.name = name;
		if (extended_name(at, file_name, sizeof(file_name)) ||
		    header_param(at, "filename", file_name,
		    sizeof(file_name)))
			part.file_name = file_name;
	}
	if (part.name == NULL)
		return ERR_SYNTAX;
	return multipart->events->begin(multipart->arg, &part);
}

static bool
take_header(struct multipart *multipart)
{
	struct buf *held = &multipart->held;
	char *end;

	/* A zero byte hides the end, and a header has none. */
	end = strstr(held->data, "\r\n\r\n");
	if (end == NULL) {
		if (held->len > PART_HEADER_MAX)
			multipart->err = ERR_TOO_BIG;
		else if (memchr(held->data, '\0', held->len) != NULL)
			multipart->err = ERR_SYNTAX;
		return false;
	}
	if ((size_t)(end - held->data) > PART_HEADER_MAX) {
		multipart->err = ERR_TOO_BIG;
		return false;
	}
	end[2] = '\0';
	multipart->err = begin_part(multipart, held->data + 2);
	if (multipart->err < 0)
		return false;
	/* An empty content may begin with its delimiter's CRLF: keep what
	 * follows the blank line as it is. */
	held_drop(held, (size_t)(end - held->data) + 4);
	multipart->state = CONTENT;
	return true;
}

static void
multipart_round(struct multipart *multipart)
{
	bool is_going = true;

	while (is_going && multipart->err == 0) {
		switch (multipart->state) {
		case PREAMBLE:
		case CONTENT:
			is_going = take_content(multipart);
			break;
		case BOUNDARY:
			is_going = take_boundary(multipart);
			break;
		case HEADER:
			is_going = take_header(multipart);
			break;
		case EPILOGUE:
			buf_clear(&multipart->held);
			is_going = false;
			break;
		}
	}
}

int
multipart_feed(struct multipart *multipart, const char *bytes, size_t len)
{
	size_t n;

	while (len > 0 && multipart->err == 0) {
		n = len < ROUND_BYTES ? len : ROUND_BYTES;
		multipart->err = buf_put(&multipart->held, bytes, n);
		multipart_round(multipart);
		bytes += n;
		len -= n;
	}
	return multipart->err;
}

int
multipart_finish(const struct multipart *multipart)
{
	if (multipart->err < 0)
		return multipart->err;
	return multipart->state == EPILOGUE ? 0 : ERR_SYNTAX;
}
