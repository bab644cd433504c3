/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_record: an object of a JSON file on its way to be blocks.
 *
 * The title becomes a heading, what is called text, content and so on becomes
 * paragraphs, and all other values become lines "path: value".  What a record
 * holds is gathered and sent at its end, because its title may come after its
 * text; it is sent earlier when it grows large.
 */
#ifndef EXTRACTOR_JSON_RECORD_H
#define EXTRACTOR_JSON_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct emit;

struct json_record {
	struct emit *emit;
	struct buf title, body, fields;
	bool has_begun;	 /* some of it was sent */
	bool is_listing; /* the last line may get another value */
};

/* emit is kept. */
void json_record_init(struct json_record *record, struct emit *emit);
void json_record_fini(struct json_record *record);

/* More of a value, to one of the three; it may be very long. */
int json_record_gather(struct json_record *record, struct buf *to,
    const char *text, size_t len);

/* Begin a line "path: " of the fields; is_element: of an array, which may go
 * on in the line before. */
int json_record_field(struct json_record *record, const char *path,
    size_t path_len, bool is_element);

/* The record is complete, or what there is of it is enough. */
int json_record_send(struct json_record *record);

#endif
