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
	/* Of the comment, and of the reply to it that is being read: replies
	 * stand before the text that they answer. */
	char author[AUTHOR_SIZE], reply_author[AUTHOR_SIZE];
	struct buf text, reply;
	struct buf replies; /* number of author and text, each terminated */
	bool is_in_text, is_reply;
};

static int
put_comment(struct comments *comments, const char *what, const char *author,
    const char *text)
{
	const char *name = author_name(comments->authors, author);
	struct emit *emit = comments->out->emit;

	if (strspn(text, " \t\n") == strlen(text))
		return 0;
	(void)drawing_out_open(comments->out, BLOCK_PARAGRAPH, 0);
	(void)emit_put(emit, what, strlen(what));
	if (*name != '\0') {
		(void)emit_put(emit, " by ", 4); /* errors stick */
		(void)emit_words(emit, name, strlen(name));
	}
	(void)emit_put(emit, ": ", 2);
	emit->has_space = false;
	(void)emit_words(emit, text, strlen(text));
	return emit_close(emit);
}

static int
end_comment(struct comments *comments)
{
	const char *at = buf_text(&comments->replies);
	const char *end = at + comments->replies.len, *author;
	int err;

	err = put_comment(comments, "Comment", comments->author,
	    buf_text(&comments->text));
	while (err == 0 && at < end) {
		author = at;
		at += strlen(at) + 1;
		err = put_comment(comments, "Reply", author, at);
		at += strlen(at) + 1;
	}
	buf_clear(&comments->text);
	buf_clear(&comments->replies);
	return err;
}

static int
end_reply(struct comments *comments)
{
	struct buf *replies = &comments->replies;

	comments->is_reply = false;
	(void)buf_put(replies, comments->reply_author,
	    strlen(comments->reply_author) + 1); /* sticks */
	(void)buf_put(replies, buf_text(&comments->reply),
	    comments->reply.len + 1);
	buf_clear(&comments->reply);
	return replies->err;
}

static int
comments_text(void *arg, const char *text, size_t len)
{
	struct comments *comments = arg;

	if (!comments->is_in_text)
		return 0;
	return buf_put(comments->is_reply ? &comments->reply
					  : &comments->text, text, len);
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
	} else if (strcmp(name, "text") == 0 || strcmp(name, "t") == 0) {
		comments->is_in_text = true;
	} else if (strcmp(name, "p") == 0 || strcmp(name, "br") == 0) {
		return buf_putc(comments->is_reply ? &comments->reply
						   : &comments->text, ' ');
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
	else if (strcmp(name, "reply") == 0)
		return end_reply(comments);
	else if (strcmp(name, "cm") == 0)
		return end_comment(comments);
	return 0;
}

int
pptx_comments(struct package *package, const char *part,
    const struct buf *authors, struct drawing_out *out, struct err_note *note)
{
	static const struct xml_events events = {comments_start, comments_end,
	    comments_text};
	struct comments comments = {.out = out, .authors = authors};
	int err;

	buf_init(&comments.text, PPTX_COMMENT_MAX);
	buf_init(&comments.reply, PPTX_COMMENT_MAX);
	buf_init(&comments.replies, PPTX_COMMENT_MAX);
	err = xml_parse_part(package, part, &events, &comments, note);
	if (err == ERR_TOO_BIG && comments.text.err + comments.reply.err +
		comments.replies.err < 0)
		(void)err_set(note, err, "a comment has more than %llu bytes",
		    PPTX_COMMENT_MAX);
	buf_fini(&comments.text);
	buf_fini(&comments.reply);
	buf_fini(&comments.replies);
	return err == ERR_NOT_FOUND ? 0 : err;
}
