/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading pairs: line by line, with one question and one answer in the making.
 *
 *	NONE --Q--> QUESTION --A--> ANSWER --Q--> QUESTION ...
 *
 * A mark that does not fit the state is text like any other.  Within a line a
 * mark counts only with the number that comes next, so that "see Q3: ..." in
 * an answer ends nothing.  Every look at a mark is bounded (LEAD_MAX and so
 * on), so that the whole takes linear time.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chat/qa.h"

#define LEAD_MAX 16u   /* of Markdown before a mark */
#define BLANKS_MAX 4u  /* between the parts of a mark */
#define DIGITS_MAX 6u
#define SLACK 256u /* for blanks and rules that are taken off at last */
#define THINK_OPEN "<think>"
#define THINK_CLOSE "</think>"
#define WIDE_COLON "\xef\xbc\x9a"

enum state { STATE_NONE, STATE_QUESTION, STATE_ANSWER };

struct mark {
	char kind;	 /* 'Q' or 'A' */
	unsigned number; /* 0: none */
	size_t len;	 /* up to where its text begins */
	size_t open;	 /* stars before it that are closed in the text */
};

struct reader {
	enum state state;
	unsigned number; /* of the question in the making; 0: none */
	bool is_fenced;	 /* all of it stands in a block of code */
	struct buf question, answer;
	struct qa_pairs pairs;
	int err;
};

/* ---- marks ------------------------------------------------------------ */

static size_t
run_of(const char *text, size_t len, const char *set, size_t max)
{
	size_t n = 0;

	while (n < len && n < max && text[n] != '\0' &&
	    strchr(set, text[n]) != NULL)
		n++;
	return n;
}

static size_t
digits_read(const char *text, size_t len, unsigned *ret_number)
{
	size_t n = run_of(text, len, "0123456789", DIGITS_MAX), i;

	*ret_number = 0;
	for (i = 0; i < n; i++)
		*ret_number = *ret_number * 10 + (unsigned)(text[i] - '0');
	return n;
}

static size_t
word_read(const char *text, size_t len, char *ret_kind)
{
	static const struct {
		const char *word;
		char kind;
	} words[] = {
	    {"question", 'Q'}, {"answer", 'A'}, {"q", 'Q'}, {"a", 'A'}};
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i].word);
		if (len >= n && strncasecmp(text, words[i].word, n) == 0) {
			*ret_kind = words[i].kind;
			return n;
		}
	}
	return 0;
}

/* "> ", "## ", "- ", "**", "1. ": counts the stars that wait to be closed. */
static size_t
lead_read(const char *text, size_t len, size_t *ret_open)
{
	unsigned number;
	size_t n, at;

	*ret_open = 0;
	for (n = 0; n < len && n < LEAD_MAX; n++) {
		if (text[n] == '*' || text[n] == '_') {
			/* A star and a blank is a point of a list. */
			if (n + 1 < len && text[n + 1] != ' ')
				(*ret_open)++;
		} else if (text[n] >= '0' && text[n] <= '9') {
			at = n + digits_read(text + n, len - n, &number);
			if (at >= len || (text[at] != '.' && text[at] != ')'))
				break;
			n = at;
		} else if (strchr(" \t#>-+`", text[n]) == NULL) {
			break;
		}
	}
	return n;
}

static size_t
colon_read(const char *text, size_t len, bool has_number)
{
	if (len > 0 && text[0] == ':')
		return 1;
	if (len >= 3 && memcmp(text, WIDE_COLON, 3) == 0)
		return 3;
	/* "Q1." and "Q1)"; without a number that is the end of a word. */
	if (has_number && len > 1 && (text[0] == '.' || text[0] == ')') &&
	    strchr(" *_", text[1]) != NULL)
		return 1;
	return 0;
}

/* Is there a mark at text? */
static bool
mark_read(const char *text, size_t len, struct mark *ret_mark)
{
	struct mark mark = {0};
	size_t at, n;

	at = lead_read(text, len, &mark.open);
	n = word_read(text + at, len - at, &mark.kind);
	if (n == 0)
		return false;
	at += n;
	at += run_of(text + at, len - at, " \t", BLANKS_MAX);
	n = digits_read(text + at, len - at, &mark.number);
	at += n;
	/* "**Q1**:" closes here, "**Q1:**" behind the colon. */
	n = run_of(text + at, len - at, "*_", mark.open);
	at += n;
	mark.open -= n;
	at += run_of(text + at, len - at, " \t", BLANKS_MAX);
	n = colon_read(text + at, len - at, mark.number > 0);
	if (n == 0)
		return false;
	at += n;
	n = run_of(text + at, len - at, "*_", mark.open);
	at += n;
	mark.open -= n;
	mark.len = at;
	*ret_mark = mark;
	return true;
}

/* ---- pairs ------------------------------------------------------------ */

/* A line of three or more of one kind: what stands between two pairs. */
static bool
is_rule(const char *line, size_t len, bool is_fenced)
{
	if (is_fenced && len >= 3 && run_of(line, len, "`", len) == len)
		return true;
	return len >= 3 && strchr("-*_=", line[0]) != NULL &&
	    run_of(line, len, (const char[]){line[0], '\0'}, len) == len;
}

/* Take blanks off both ends, and rules off the end; returns where the text
 * begins. */
static const char *
text_trim(struct buf *buf, bool is_fenced)
{
	const char *line;
	size_t len = buf->len;

	if (buf->data == NULL)
		return "";
	for (;;) {
		while (len > 0 && strchr(" \t\n", buf->data[len - 1]) != NULL)
			len--;
		buf->data[len] = '\0';
		line = memrchr(buf->data, '\n', len);
		line = line == NULL ? buf->data : line + 1;
		line += strspn(line, " \t");
		if (len == 0 || !is_rule(line,
		    len - (size_t)(line - buf->data), is_fenced))
			break;
		len = (size_t)(line - buf->data);
	}
	return buf->data + strspn(buf->data, " \t\n");
}

static void
pair_keep(struct reader *reader, const char *question, const char *answer)
{
	struct qa_pairs *pairs = &reader->pairs;
	struct qa_pair pair;

	if (pairs->items == NULL)
		pairs->items = mem_array(QA_PAIRS_MAX, sizeof(pair));
	if (pairs->items == NULL) {
		reader->err = ERR_NOMEM;
		return;
	}
	pair.question = mem_strdup(question);
	pair.answer = mem_strdup(answer);
	if (pair.question == NULL || pair.answer == NULL) {
		mem_free(pair.question);
		mem_free(pair.answer);
		reader->err = ERR_NOMEM;
		return;
	}
	pairs->items[pairs->count++] = pair;
}

static void
pair_end(struct reader *reader, bool is_cut)
{
	const char *question, *answer;

	if (reader->state == STATE_NONE)
		return;
	if (reader->question.err == ERR_NOMEM ||
	    reader->answer.err == ERR_NOMEM) {
		reader->err = ERR_NOMEM;
		return;
	}
	question = text_trim(&reader->question, reader->is_fenced);
	answer = text_trim(&reader->answer, reader->is_fenced);
	if (is_cut || reader->question.err < 0 || reader->answer.err < 0 ||
	    question[0] == '\0' || answer[0] == '\0' ||
	    strlen(question) > QA_QUESTION_BYTES_MAX ||
	    strlen(answer) > QA_ANSWER_BYTES_MAX ||
	    reader->pairs.count == QA_PAIRS_MAX)
		reader->pairs.dropped++;
	else
		pair_keep(reader, question, answer);
	buf_clear(&reader->question);
	buf_clear(&reader->answer);
	reader->state = STATE_NONE;
}

/* ---- lines ------------------------------------------------------------ */

static void
text_put(struct reader *reader, const char *text, size_t len)
{
	struct buf *buf;
	size_t i;

	if (reader->state == STATE_NONE)
		return;
	buf = reader->state == STATE_QUESTION ? &reader->question
					      : &reader->answer;
	for (i = 0; i < len && buf->err == 0; i++)
		(void)buf_putc(buf,
		    ((unsigned char)text[i] < 0x20 && text[i] != '\t') ||
			    text[i] == 0x7f ?
			' ' :
			text[i]);
}

static void
mark_take(struct reader *reader, const struct mark *mark)
{
	if (mark->kind == 'Q') {
		pair_end(reader, false);
		reader->number = mark->number;
		reader->state = STATE_QUESTION;
	} else {
		reader->state = STATE_ANSWER;
	}
}

/* May this mark stand here?  Within a line only the number that is next. */
static bool
mark_fits(const struct reader *reader, const struct mark *mark,
    bool is_line_start)
{
	unsigned next;

	if (mark->kind == 'A' && reader->state != STATE_QUESTION)
		return false;
	/* Who numbers questions has no others. */
	if (mark->kind == 'Q' && mark->number == 0 && reader->number > 0)
		return false;
	if (is_line_start)
		return true;
	if (mark->kind == 'Q' && reader->state != STATE_ANSWER)
		return false;
	next = reader->number + (mark->kind == 'Q' ? 1 : 0);
	return reader->number > 0 && mark->number == next;
}

/* "**Q1: Why?**": open stars before the mark are closed behind the text. */
static void
closed_put(struct reader *reader, const char *text, size_t len, size_t open)
{
	if (open > 0)
		while (len > 0 && (text[len - 1] == ' ' ||
				      text[len - 1] == '\t'))
			len--;
	for (; open > 0 && len > 0; open--, len--)
		if (text[len - 1] != '*' && text[len - 1] != '_')
			break;
	text_put(reader, text, len);
}

/* One line without its end; skip: blanks at its start. */
static void
line_read(struct reader *reader, const char *line, size_t len, size_t skip)
{
	struct mark mark;
	size_t at = skip, from = 0, open = 0;

	while (at < len && reader->err == 0) {
		if ((at == skip || line[at - 1] == ' ' ||
			line[at - 1] == '\t') &&
		    mark_read(line + at, len - at, &mark) &&
		    mark_fits(reader, &mark, at == skip)) {
			closed_put(reader, line + from, at - from, open);
			mark_take(reader, &mark);
			open = mark.open;
			at += mark.len;
			at += run_of(line + at, len - at, " \t", len);
			from = at;
		} else {
			at++;
		}
	}
	closed_put(reader, line + from, len - from, open);
}

static void
line_end(struct reader *reader)
{
	if (reader->state == STATE_QUESTION)
		(void)buf_putc(&reader->question, '\n');
	else if (reader->state == STATE_ANSWER)
		(void)buf_putc(&reader->answer, '\n');
}

static void
lines_read(struct reader *reader, const char *text, size_t len)
{
	const char *end;
	size_t line_len, next, skip;

	for (; len > 0 && reader->err == 0; text += next, len -= next) {
		end = memchr(text, '\n', len);
		line_len = end == NULL ? len : (size_t)(end - text);
		next = line_len + (end == NULL ? 0 : 1);
		if (line_len > 0 && text[line_len - 1] == '\r')
			line_len--;
		skip = run_of(text, line_len, " \t", line_len);
		if (reader->state == STATE_NONE && line_len - skip >= 3 &&
		    memcmp(text + skip, "```", 3) == 0)
			reader->is_fenced = true;
		line_read(reader, text, line_len, skip);
		line_end(reader);
	}
}

/* Some models say first what they thought. */
static size_t
thoughts_len(const char *text, size_t len)
{
	size_t skip = run_of(text, len, " \t\r\n", len), end = 0;
	const char *close;

	if (len - skip < strlen(THINK_OPEN) ||
	    memcmp(text + skip, THINK_OPEN, strlen(THINK_OPEN)) != 0)
		return 0;
	while ((close = memmem(text + end, len - end, THINK_CLOSE,
		    strlen(THINK_CLOSE))) != NULL)
		end = (size_t)(close - text) + strlen(THINK_CLOSE);
	return end;
}

int
qa_parse(const char *text, size_t len, bool is_cut,
    struct qa_pairs *ret_pairs)
{
	struct reader reader = {.state = STATE_NONE};
	size_t skip = thoughts_len(text, len);

	buf_init(&reader.question, QA_QUESTION_BYTES_MAX + SLACK);
	buf_init(&reader.answer, QA_ANSWER_BYTES_MAX + SLACK);
	lines_read(&reader, text + skip, len - skip);
	if (reader.err == 0)
		pair_end(&reader, is_cut);
	if (reader.err == 0) {
		*ret_pairs = reader.pairs;
		reader.pairs = (struct qa_pairs){0};
	}
	qa_pairs_fini(&reader.pairs);
	buf_fini(&reader.question);
	buf_fini(&reader.answer);
	return reader.err;
}

void
qa_pairs_fini(struct qa_pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->count; i++) {
		mem_free(pairs->items[i].question);
		mem_free(pairs->items[i].answer);
	}
	mem_free(pairs->items);
	*pairs = (struct qa_pairs){0};
}
