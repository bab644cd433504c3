/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain text: paragraphs between blank lines.
 *
 * A line is a heading only when that is certain: when it is underlined, or
 * when it is one of the capital headings of a manual page that was rendered
 * to text (at the left edge, with indented text right below).  Form feeds
 * count pages.  Paragraphs are sent straight from the input's window.
 */
#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"

#define TXT_HEADING_MAX 100u
#define TXT_CAPITALS_MAX 60u

struct txt {
	struct input *input;
	struct emit *emit;
	size_t paragraph; /* bytes of it at the start of the input */
	bool is_manual;	  /* the first line is that of a manual page */
	bool has_begun;	  /* a line with text was seen */
	bool is_cut; /* the paragraph's beginning was sent already */
};

static bool
is_blank(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\f')
			return false;
	return true;
}

static size_t
trimmed(const char *line, size_t len)
{
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	return len;
}

/* "NAME", "SEE ALSO", "EXIT STATUS". */
static bool
is_capitals(const char *line, size_t len)
{
	size_t i, letters = 0;
	char c;

	len = trimmed(line, len);
	if (len > TXT_CAPITALS_MAX)
		return false;
	for (i = 0; i < len; i++) {
		c = line[i];
		if (c >= 'A' && c <= 'Z')
			letters++;
		else if ((c < '0' || c > '9') &&
		    (i == 0 || strchr(" -/&,'()_.:", c) == NULL || c == '\0'))
			return false;
	}
	return letters >= 2 && letters * 2 >= len;
}

/* The level that the line below gives a heading: 0 when it is no underline. */
static unsigned
underline_level(const char *line, size_t len, size_t above)
{
	size_t i;

	len = trimmed(line, len);
	if (len < 3 || len + 1 < above || len > above + 8 ||
	    strchr("=-~", *line) == NULL)
		return 0;
	for (i = 1; i < len; i++)
		if (line[i] != line[0])
			return 0;
	return line[0] == '=' ? 1 : line[0] == '-' ? 2 : 3;
}

/* "LS(1)      User Commands      LS(1)": the length of its first word, or 0. */
static size_t
manual_title(const char *line, size_t len)
{
	size_t word = 0;

	len = trimmed(line, len);
	while (word < len && line[word] != ' ')
		word++;
	if (word < 4 || word > 64 || len < 2 * word + 2 ||
	    line[word - 1] != ')' || memchr(line, '(', word) == NULL ||
	    memcmp(line, line + len - word, word) != 0 ||
	    line[len - word - 1] != ' ')
		return 0;
	return word;
}

/* Send what was gathered; is_done: the paragraph ends here. */
static int
txt_flush(struct txt *txt, bool is_done)
{
	struct emit *emit = txt->emit;
	const char *text = input_text(txt->input);
	size_t len = txt->paragraph;
	int err = 0;

	if (is_done && !txt->is_cut) {
		if (len > 0)
			err = emit_block(emit, BLOCK_PARAGRAPH, 0, text, len);
	} else {
		err = emit_put(emit, text, len);
		txt->is_cut = true;
		if (is_done) {
			err = emit_close(emit);
			txt->is_cut = false;
		}
	}
	input_eat(txt->input, len);
	txt->paragraph = 0;
	return err;
}

/*
 * The heading that begins at the line of len bytes, where a paragraph may
 * begin.  Sets *ret_used to the bytes it takes, 0 when there is none.
 */
static int
txt_heading(struct txt *txt, size_t len, size_t *ret_used)
{
	const char *line;
	size_t below, word;
	unsigned level;
	int err;

	*ret_used = 0;
	line = input_text(txt->input);
	if (len > 4 * TXT_HEADING_MAX)
		return 0;
	word = txt->has_begun ? 0 : manual_title(line, len);
	if (word > 0) {
		txt->is_manual = true;
		*ret_used = len;
		emit_title(txt->emit, line, word);
		return emit_block(txt->emit, BLOCK_HEADING, 1, line, word);
	}
	if (trimmed(line, len) > TXT_HEADING_MAX ||
	    (*line == ' ' && !txt->is_manual) || *line == '\t')
		return 0;
	err = input_line(txt->input, len + 1, &below);
	if (err < 0 || below == SIZE_MAX)
		return err;
	line = input_text(txt->input);
	level = underline_level(line + len + 1, below,
	    utf8_count(line, trimmed(line, len)));
	if (level > 0 && *line != ' ') {
		*ret_used = len + 1 + below;
		return emit_block(txt->emit, BLOCK_HEADING, level, line, len);
	}
	if (below == 0 || (line[len + 1] != ' ' && line[len + 1] != '\t') ||
	    is_blank(line + len + 1, below))
		return 0;
	level = txt->is_manual ? 2 : 1;
	if (*line == ' ') {
		/* Sub-sections of manual pages stand three columns in. */
		if (len < 5 || below < 6 || memcmp(line, "   ", 3) != 0 ||
		    line[3] == ' ' || memcmp(line + len + 1, "     ", 5) != 0)
			return 0;
		level = 3;
	} else if (!is_capitals(line, len)) {
		return 0;
	}
	*ret_used = len;
	return emit_block(txt->emit, BLOCK_HEADING, level, line, len);
}

/* The line of len bytes at the paragraph's end holds a form feed. */
static int
txt_page(struct txt *txt, size_t len, bool *ret_is_fed)
{
	const char *line = input_text(txt->input) + txt->paragraph;
	const char *feed = memchr(line, '\f', len);
	int err;

	*ret_is_fed = feed != NULL;
	if (feed == NULL)
		return 0;
	txt->paragraph += (size_t)(feed - line);
	err = txt_flush(txt, true);
	input_eat(txt->input, 1);
	if (txt->emit->page > 0)
		txt->emit->page++;
	return err;
}

/* One more line. */
static int
txt_line(struct txt *txt, size_t len)
{
	const char *line = input_text(txt->input) + txt->paragraph;
	bool is_fed;
	size_t used;
	int err;

	err = txt_page(txt, len, &is_fed);
	if (err < 0 || is_fed)
		return err;
	if (is_blank(line, len)) {
		err = txt_flush(txt, true);
		input_eat_line(txt->input, len);
		return err;
	}
	if (txt->paragraph == 0 && !txt->is_cut) {
		err = txt_heading(txt, len, &used);
		txt->has_begun = true;
		if (err < 0 || used > 0) {
			input_eat_line(txt->input, used);
			return err;
		}
	}
	/* Beyond the limit it is cut, at a line's end if there is one. */
	if (txt->paragraph + len > BLOCK_BYTES_MAX) {
		if (txt->paragraph == 0)
			txt->paragraph = utf8_floor(input_text(txt->input),
			    len, BLOCK_BYTES_MAX);
		return txt_flush(txt, false);
	}
	txt->paragraph += len;
	if (txt->paragraph < input_len(txt->input))
		txt->paragraph++; /* the line feed */
	return 0;
}

int
read_verbatim(struct input *input, struct emit *emit, struct err_note *note)
{
	int err;

	(void)note;
	for (;;) {
		err = emit_verbatim(emit, input_text(input),
		    input_len(input));
		input_eat(input, input_len(input));
		if (err < 0 || input->is_end)
			return err;
		err = input_more(input);
		if (err < 0)
			return err;
	}
}

int
read_txt(struct input *input, struct emit *emit, struct err_note *note)
{
	struct txt txt = {.input = input, .emit = emit};
	size_t len;
	int err;

	(void)note;
	/* Pages are told when the beginning of the text has a page's end. */
	if (memchr(input_text(input), '\f', input_len(input)) != NULL)
		emit->page = 1;
	for (;;) {
		err = input_line(input, txt.paragraph, &len);
		if (err < 0)
			return err;
		if (len == SIZE_MAX)
			break;
		err = txt_line(&txt, len);
		if (err < 0)
			return err;
	}
	err = txt_flush(&txt, true);
	emit->pages = emit->page;
	return err;
}
