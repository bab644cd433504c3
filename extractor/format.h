/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format: what can be read, by what, and how it is told from the rest.
 */
#ifndef EXTRACTOR_FORMAT_H
#define EXTRACTOR_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

struct emit;
struct err_note;
struct input;

/*
 * Reads all of input and emits its blocks, properties and members.  A text
 * comes decoded (input_more); of other formats the bytes are asked for
 * (input_read_at).  Returns 0, or negative: ERR_SYNTAX the document is damaged
 * (note says where), ERR_FORBIDDEN it needs a password, ERR_NOT_FOUND it has
 * pages but no text, ERR_UNSUPPORTED it is of a kind that cannot be read,
 * ERR_TOO_BIG or ERR_NOMEM over a limit, ERR_IO the file could not be read,
 * ERR_CLOSED nobody listens.
 */
typedef int format_read_fn(struct input *input, struct emit *emit,
    struct err_note *note);

#define FORMAT(id, media_type, read, shape, extensions)                       \
	format_read_fn read_##read;
#include "extractor/formats_tbl.h"

enum format_id {
#define FORMAT(id, media_type, read, shape, extensions) FORMAT_##id,
#include "extractor/formats_tbl.h"
	FORMAT_COUNT
};

enum format_shape {
	FORMAT_IS_TEXT,	  /* of some charset */
	FORMAT_IS_BINARY, /* bytes with a structure of their own */
};

struct format {
	const char *media_type;
	format_read_fn *read;
	enum format_shape shape;
	const char *extensions; /* " a b c ": in spaces, lower case */
};

extern const struct format formats[FORMAT_COUNT];

/* Is it text that means nothing but itself: prose, a program, a config? */
bool format_is_plain(const struct format *format);

/* Any text of input that is verbatim. */
format_read_fn read_verbatim;

/*
 * What the bytes themselves say, for formats that are no plain text: sets
 * *ret_format, and media_type (size bytes) where the format has variants.
 * ERR_NOT_FOUND: none of these.  ERR_UNSUPPORTED or ERR_FORBIDDEN (a password
 * is needed): note and media_type say what it is.  (sniff.c)
 */
int format_sniff(struct input *input, const char *name, char *media_type,
    size_t size, const struct format **ret_format, struct err_note *note);

/* Is extension (without its dot) that of name? */
bool name_has_extension(const char *name, const char *extension);

/*
 * The charset that a text which begins with "<" declares: encoding="x" or
 * charset=x near its beginning.  false when it does not.
 */
bool format_declared_charset(const char *sample, size_t len, char *out,
    size_t size);

/* Load what telling types needs; before the sandbox closes.  0, or
 * ERR_INTERNAL with note. */
int format_init(struct err_note *note);
void format_fini(void);

/*
 * Tell the format of input, which was opened, and decode its first window if
 * it is a text.  name is what its source calls it: the content decides first,
 * unless input wants text.  Plain text becomes verbatim where that is wanted.
 * On success *ret_format is set and the input ready to be read.
 * ERR_UNSUPPORTED: note names what it is instead, and media_type (size bytes)
 * holds its type.  ERR_FORBIDDEN: it needs a password.  ERR_IO.
 */
int format_tell(struct input *input, const char *name, char *media_type,
    size_t size, const struct format **ret_format, struct err_note *note);

#endif
