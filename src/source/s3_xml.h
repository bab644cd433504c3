/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_xml: reads the little XML that S3 answers with.  Floor 3, pure.
 *
 * Elements, text, the five named characters and numbered ones, comments, and
 * a declaration at the start.  Attributes are passed over.  What else XML has
 * (document types and their entities, above all) is refused, as is whatever
 * is not well-formed; nothing is fetched, nothing grows.  Time is linear.
 */
#ifndef SOURCE_S3_XML_H
#define SOURCE_S3_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

struct s3_xml_name {
	const char *text; /* in the input */
	size_t len;
};

struct s3_xml {
	const char *at, *end;
	struct s3_xml_name open[S3_XML_DEPTH_MAX];
	size_t depth;
	/* On S3_XML_CLOSE of an element with none inside: what it says.  Not
	 * checked to be UTF-8; no zero byte. */
	struct buf text;
	bool is_leaf;	  /* that is one */
	bool is_begun;	  /* the first element was seen */
	bool owes_close;  /* <a/> was seen: its end comes next */
	bool is_closing;  /* the last event was an end */
};

enum s3_xml_event {
	S3_XML_OPEN,  /* open[depth - 1] has begun */
	S3_XML_CLOSE, /* open[depth - 1] ends here, and is gone next */
	S3_XML_END,   /* of the document */
};

/* Borrows the input until fini. */
void s3_xml_init(struct s3_xml *xml, const char *bytes, size_t len);
void s3_xml_fini(struct s3_xml *xml);

/* The next event; ERR_SYNTAX, ERR_TOO_BIG (depth, one text), ERR_NOMEM; none
 * may follow an error or the end. */
int s3_xml_next(struct s3_xml *xml, enum s3_xml_event *ret_event);

/* Is the element at this depth (0 is the outermost) open, and of this name? */
bool s3_xml_is(const struct s3_xml *xml, size_t depth, const char *name);

#endif
