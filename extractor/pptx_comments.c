/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comments: the old ones (p:cm with p:text) and those with threads, whose
 * replies follow (p188:cm and p188:reply with paragraphs).  Names of authors
 * are in a part of their own.
 */
#include <string.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/pptx.h"
#include "extractor/xml.h"

#define AUTHOR_SIZE 256u

static int
author_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct buf *authors = arg;
	char id[AUTHOR_SIZE], words[AUTHOR_SIZE];

	(void)ns;
	if (strcmp(name, "cmAuthor") != 0 && strcmp(name, "author") != 0)
		return 0;
	if (!xml_attribute_copy(attributes, XML_NS_NONE, "id", id,
		sizeof(id)) ||
	    !xml_attribute_copy(attributes, XML_NS_NONE, "name", words,
		sizeof(words)))
		return 0;
	(void)buf_put(authors, id, strlen(id) + 1);
	return buf_put(authors, words, strlen(words) + 1);
}

int
pptx_authors(struct package *package, const char *part, struct buf *authors,
    struct err_note *note)
{
	static const struct xml_events events = {.start = author_start};
	int err;

	err = xml_parse_part(package, part, &events, authors, note);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static const char *
author_name(const struct buf *authors, const char *id)
{
	const char *at = buf_text(authors), *end = at + authors->len;
	bool is_it;

	while (at < end) {
		is_it = strcmp(at, id) == 0;
		at += strlen(at) + 1;
		if (is_it)
			return at;
		at += strlen(at) + 1;
	}
	return "";
}

struct comments {
	struct drawing_out *out;
	const struct buf *authors;
	/* Of the comment and of the reply to it that are being read. */
	char author[AUTHOR_SIZE], reply_author[AUTHOR_SIZE];
	bool is_in_text, is_reply, has_text;
};

static int
put_text(struct comments *comments, const char *text, size_t len)
{
	struct emit *emit = comments->out->emit;
	const char *what = comments->is_reply ? "Reply" : "Comment";
	const char *name;

	if (!comments->has_text) {
		while (len > 0 && (unsigned char)*text <= ' ') {
			text++;
			len--;
		}
		if (len == 0)
			return 0;
		comments->has_text = true;
		name = author_name(comments->authors, comments->is_reply
			? comments->reply_author
			: comments->author);
		(void)drawing_out_open(comments->out, BLOCK_PARAGRAPH, 0);
		(void)emit_put(emit, what, strlen(what));
		if (*name != '\0') {
			(void)emit_put(emit, " by ", 4); /* errors stick */
			(void)emit_words(emit, name, strlen(name));
		}
		(void)emit_put(emit, ": ", 2);
	}
	return emit_words(emit, text, len);
}

static int
comments_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct comments *comments = arg;

	(void)ns;
	if (strcmp(name, "cm") == 0 || strcmp(name, "reply") == 0) {
		comments->is_reply = *name == 'r';
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "authorId",
		    comments->is_reply ? comments->reply_author
				       : comments->author,
		    AUTHOR_SIZE);
		comments->has_text = false;
	} else if (strcmp(name, "text") == 0 || strcmp(name, "t") == 0) {
		comments->is_in_text = true;
	} else if (comments->has_text && (strcmp(name, "p") == 0 ||
		       strcmp(name, "br") == 0)) {
		return put_text(comments, " ", 1);
	}
	return 0;
}

static int
comments_end(void *arg, enum xml_ns ns, const char *name)
{
	struct comments *comments = arg;

	(void)ns;
	if (strcmp(name, "text") == 0 || strcmp(name, "t") == 0)
		comments->is_in_text = false;
	/* Replies stand before the text that they answer. */
	if (strcmp(name, "reply") == 0 || strcmp(name, "cm") == 0) {
		comments->has_text = comments->is_reply = false;
		return emit_close(comments->out->emit);
	}
	return 0;
}

static int
comments_text(void *arg, const char *text, size_t len)
{
	struct comments *comments = arg;

	return comments->is_in_text ? put_text(comments, text, len) : 0;
}

int
pptx_comments(struct package *package, const char *part,
    const struct buf *authors, struct drawing_out *out, struct err_note *note)
{
	static const struct xml_events events = {comments_start, comments_end,
	    comments_text};
	struct comments comments = {.out = out, .authors = authors};
	int err;

	err = xml_parse_part(package, part, &events, &comments, note);
	return err == ERR_NOT_FOUND ? 0 : err;
}
