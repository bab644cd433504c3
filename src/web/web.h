/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web: the dashboard's pages, as the build put them into the program.
 *
 * Floor 6.  The files are those of page/, to the byte: no step makes them into
 * others.  They hold no data and need no key; what they show they ask the
 * native interface for, as every client does.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_dialect;

struct web_file {
	const char *name; /* "app.js"; NULL ends the table */
	const char *type; /* media type */
	const uint8_t *bytes;
	size_t len;
	int64_t tag; /* of the bytes: 60 bits of their SHA-256 */
};

/* Of the build: tools/embed_files makes it. */
extern const struct web_file web_files[];

/* "/", "/ui/..." and "/docs". */
extern const struct http_dialect web_dialect;

/* The file of that name; NULL: none. */
const struct web_file *web_file_find(const char *name);

/*
 * Is a page rather wanted than JSON, by the text of an Accept header (NULL:
 * there is none)?  Only who names text/html wants one, and not who names
 * application/json as well and likes that better: of "anything" the answer is
 * JSON, because that is what programs ask for.
 */
bool web_wants_page(const char *accept);

#endif
