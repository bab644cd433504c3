/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml: the XML of a package's parts, as events.
 *
 * libxml2's SAX2, fed piece by piece: no tree, no network, no entities but
 * those that XML itself has.  A document type that declares entities is
 * refused: office formats have none, and hostile files do.
 */
#ifndef EXTRACTOR_XML_H
#define EXTRACTOR_XML_H

#include <stdbool.h>
#include <stddef.h>

struct err_note;
struct package;

/* The namespaces that readers know; the transitional and the strict address
 * of one are the same here. */
enum xml_ns {
#define XML_NS(id, uri) XML_NS_##id,
#include "extractor/xml_ns_tbl.h"
	XML_NS_NONE,  /* without a namespace */
	XML_NS_OTHER, /* any other */
};

struct xml_attributes {
	const void *list; /* libxml2's */
	int count;
};

/*
 * The value of the attribute with that name: *ret_len bytes, not terminated,
 * its entities replaced; NULL when there is none.  XML_NS_NONE is the usual
 * namespace of attributes; XML_NS_OTHER matches any.
 */
const char *xml_attribute(const struct xml_attributes *attributes,
    enum xml_ns ns, const char *name, size_t *ret_len);
/* The same, copied and cut to size; "" when there is none; true when there
 * is. */
bool xml_attribute_copy(const struct xml_attributes *attributes,
    enum xml_ns ns, const char *name, char *out, size_t size);
/* As a number; missing or wrong: otherwise. */
long xml_attribute_number(const struct xml_attributes *attributes,
    enum xml_ns ns, const char *name, long otherwise);

/* A negative return stops and is returned by the function that parses.  The
 * same name is at the same address all through one parse.
 * text may come in several pieces; it is valid UTF-8, but for a character
 * that XML allows and we do not (emit and clean deal with those). */
struct xml_events {
	int (*start)(void *arg, enum xml_ns ns, const char *name,
	    const struct xml_attributes *attributes);
	int (*end)(void *arg, enum xml_ns ns, const char *name);
	int (*text)(void *arg, const char *text, size_t len);
};

/* Up to size bytes; 0 at the end; negative: an error. */
typedef long xml_pull_fn(void *from, void *bytes, size_t size,
    struct err_note *note);

/*
 * Parse what pull gives.  ERR_SYNTAX: malformed, or it declares entities;
 * ERR_TOO_BIG: deeper than XML_DEPTH_MAX or over a limit of libxml2's;
 * ERR_NOMEM; what pull or an event returned.
 */
int xml_parse(xml_pull_fn *pull, void *from, const struct xml_events *events,
    void *arg, struct err_note *note);

/* A part of a package; ERR_NOT_FOUND: it has none of that name. */
int xml_parse_part(struct package *package, const char *name,
    const struct xml_events *events, void *arg, struct err_note *note);

#endif
