/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format: what can be read, by what, and how it is told from the rest.
 */
#ifndef EXTRACTOR_FORMAT_H
#define EXTRACTOR_FORMAT_H

#include <stddef.h>

struct emit;
struct err_note;
struct input;

/*
 * Reads all of input and emits its blocks.  Returns 0, or negative:
 * ERR_SYNTAX the document is damaged (note says where), ERR_TOO_BIG or
 * ERR_NOMEM over a limit, ERR_IO the file could not be read, ERR_CLOSED
 * nobody listens.
 */
typedef int format_read_fn(struct input *input, struct emit *emit,
    struct err_note *note);

#define READER(name) format_read_fn read_##name
READER(txt);
READER(md);
READER(html);
READER(csv);
READER(json);
READER(jsonl);
READER(xml);
READER(rst);
READER(code);
#undef READER

enum format_id {
#define FORMAT(id, media_type, read, extensions) FORMAT_##id,
#include "extractor/formats_tbl.h"
	FORMAT_COUNT
};

struct format {
	const char *media_type;
	format_read_fn *read;
	const char *extensions; /* " a b c ": in spaces, lower case */
};

extern const struct format formats[FORMAT_COUNT];

/* Load what telling types needs; before the sandbox closes.  0, or
 * ERR_INTERNAL with note. */
int format_init(struct err_note *note);
void format_fini(void);

/*
 * Tell the format of input, which was opened, and decode its first window.
 * name is what its source calls it.  On success *ret_format is set and the
 * input ready to be read.  ERR_UNSUPPORTED: note names what it is instead,
 * and media_type (size bytes) holds its type.  ERR_IO.
 */
int format_tell(struct input *input, const char *name, char *media_type,
    size_t size, const struct format **ret_format, struct err_note *note);

#endif
