/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sniff: the looks that formats give to bytes which may be theirs.
 */
#ifndef EXTRACTOR_SNIFF_H
#define EXTRACTOR_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "extractor/format.h"

struct err_note;
struct input;

/*
 * What is in this OLE2 compound file: *ret_id.  ERR_UNSUPPORTED: of no known
 * program, or ERR_FORBIDDEN: an encrypted OOXML package; media_type (size
 * bytes) and note say what it is.  ERR_SYNTAX: damaged.  (ole.c)
 */
int ole_tell(struct input *input, enum format_id *ret_id, char *media_type,
    size_t size, struct err_note *note);

/* Do the first len bytes look like a mail, a mailbox or a saved page?  name
 * helps where they leave doubts. (mail.c) */
bool mail_tell(const char *bytes, size_t len, const char *name,
    enum format_id *ret_id);

#endif
