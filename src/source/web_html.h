/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_html: markup as a row of tokens, without a tree.  Floor 3, pure.
 *
 * Reads HTML as browsers cut it: script, style and the like hold no tags, a
 * comment ends where it is closed or at the end, quotes keep what is inside
 * of them.  No input is an error, each byte belongs to one token, and none
 * is looked at more than a few times.  Bytes count as ASCII where it matters,
 * so UTF-8 and all one-byte charsets will do; UTF-16 has no tags.
 */
#ifndef SOURCE_WEB_HTML_H
#define SOURCE_WEB_HTML_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum web_token_kind {
	WEB_TOKEN_TEXT,	 /* between tags, and what is inside of a script */
	WEB_TOKEN_START, /* <a ...> */
	WEB_TOKEN_END,	 /* </a> */
	WEB_TOKEN_OTHER	 /* comments, declarations, what is cut off */
};

struct web_token {
	enum web_token_kind kind;
	const char *at; /* all its bytes */
	size_t len;
	const char *name; /* START and END; in any case */
	size_t name_len;
	const char *attributes; /* START: what follows the name */
	size_t attributes_len;
	bool is_closed; /* <a/> */
};

struct web_scan {
	const char *at, *end;
	bool is_xml; /* no element is special, CDATA is text */
	/* Inside of an element that holds no tags: its name. */
	const char *raw;
	size_t raw_len;
};

void web_scan_init(struct web_scan *scan, const char *text, size_t len,
    bool is_xml);

/* The next token, its pointers into the text; false at the end. */
bool web_scan_next(struct web_scan *scan, struct web_token *ret_token);

/*
 * The next attribute of a tag: *at moves on from attributes towards end.
 * value_len is 0 for one without a value; the value is as written.
 */
struct web_attribute {
	const char *name, *value;
	size_t name_len, value_len;
};
bool web_attribute_next(const char **at, const char *end,
    struct web_attribute *ret_attribute);

/* Is that the name, in any case? */
bool web_name_is(const char *name, size_t len, const char *word);

/* Append text with its character references decoded: numbers, and the names
 * that may occur in an address.  0, or what out says. */
int web_unescape(const char *text, size_t len, struct buf *out);

#endif
