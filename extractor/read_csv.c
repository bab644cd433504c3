/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comma-separated values (RFC 4180 and its many relatives): the delimiter is
 * sniffed, quotes may hold delimiters and line breaks, and the first row names
 * the columns unless it has a number, or more gaps than names.  Each row
 * becomes one block, "column: value; column: value", written while it is read.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"

#define CSV_COLUMNS_MAX 1024u
#define CSV_NAME_MAX 120u
#define CSV_SNIFF_ROWS 20u

struct csv {
	struct input *input;
	struct emit *emit;
	char delimiter;
	/* Names of the columns, one after the other, each terminated. */
	struct buf names;
	size_t columns; /* 0: nameless */
	size_t named;	/* of them */
	/* The field that is being read. */
	size_t column;
	const char *name; /* of the column, NULL when it has none */
	bool has_value;	  /* something of it was put */
};

/* How often c separates fields in each of the first rows, outside quotes:
 * the count of the first row when the others agree, else less. */
static size_t
delimiter_score(const char *text, size_t len, char c)
{
	size_t i, n = 0, first = 0, rows = 0, agree = 0;
	bool is_quoted = false;

	for (i = 0; i < len && rows < CSV_SNIFF_ROWS; i++) {
		if (text[i] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted)
			continue;
		else if (text[i] == c)
			n++;
		if (text[i] == '\n' || i + 1 == len) {
			if (rows == 0)
				first = n;
			/* The sample may end within a row. */
			if (n == first)
				agree++;
			rows++;
			n = 0;
		}
	}
	if (first == 0 || rows == 0)
		return 0;
	return agree * 1000 / rows * 64 + (first < 63 ? first : 63);
}

static char
sniff_delimiter(const char *text, size_t len)
{
	static const char candidates[] = ",;\t|";
	size_t i, score, best_score = 0;
	char best = ',';

	if (len > INPUT_SAMPLE_MAX)
		len = INPUT_SAMPLE_MAX;
	for (i = 0; candidates[i] != '\0'; i++) {
		score = delimiter_score(text, len, candidates[i]);
		if (score > best_score) {
			best_score = score;
			best = candidates[i];
		}
	}
	return best;
}

/* A name has a letter in it; numbers and dates are values. */
static bool
is_name(const char *text, size_t len)
{
	size_t i;

	if (len > CSV_NAME_MAX)
		return false;
	for (i = 0; i < len; i++)
		if ((text[i] >= 'A' && text[i] <= 'Z') ||
		    (text[i] >= 'a' && text[i] <= 'z') ||
		    (unsigned char)text[i] >= 0x80)
			return true;
	return false;
}

/* Add a name, trimmed and folded, or a gap; false when it is neither. */
static bool
add_name(struct csv *csv, const char *text, size_t len)
{
	size_t i, start;

	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	if ((len > 0 && !is_name(text, len)) ||
	    csv->columns >= CSV_COLUMNS_MAX)
		return false;
	csv->named += len > 0;
	start = csv->names.len;
	if (buf_put(&csv->names, text, len) < 0 ||
	    buf_put(&csv->names, "", 1) < 0)
		return false;
	for (i = start; i + 1 < csv->names.len; i++)
		if (csv->names.data[i] == '\n' || csv->names.data[i] == '\t')
			csv->names.data[i] = ' ';
	csv->columns++;
	return true;
}

/* Take the first row for names, if all of it is in the window and all fields
 * look like names. */
static void
csv_header(struct csv *csv)
{
	const char *text = input_text(csv->input);
	size_t len = input_len(csv->input), i = 0, n;
	char field[CSV_NAME_MAX + 1];
	bool is_quoted, is_last = false;

	while (!is_last) {
		n = 0;
		is_quoted = i < len && text[i] == '"';
		i += is_quoted;
		for (; i < len; i++) {
			if (is_quoted && text[i] == '"') {
				if (i + 1 < len && text[i + 1] == '"')
					i++;
				else {
					is_quoted = false;
					continue;
				}
			} else if (!is_quoted && (text[i] == csv->delimiter ||
						     text[i] == '\n')) {
				break;
			}
			if (n == sizeof(field))
				goto nameless;
			field[n++] = text[i];
		}
		if (i == len || !add_name(csv, field, n))
			goto nameless;
		is_last = text[i++] == '\n';
	}
	/* A row of names and nothing below is a row like any other. */
	if (csv->named * 2 >= csv->columns && (i < len ||
	    !csv->input->is_end)) {
		input_eat(csv->input, i);
		return;
	}
nameless:
	csv->columns = 0;
	buf_clear(&csv->names);
}

static int
csv_put(struct csv *csv, const char *text, size_t len)
{
	size_t i = 0;

	if (!csv->has_value) {
		while (i < len && (text[i] == ' ' || text[i] == '\t' ||
				      text[i] == '\n'))
			i++;
		if (i == len)
			return 0;
		csv->has_value = true;
		if (emit_has_text(csv->emit))
			(void)emit_put(csv->emit, "; ", 2); /* sticks */
		if (csv->name != NULL && *csv->name != '\0') {
			(void)emit_put(csv->emit, csv->name,
			    strlen(csv->name));
			(void)emit_put(csv->emit, ": ", 2);
		}
	}
	return emit_words(csv->emit, text + i, len - i);
}

static void
csv_next_field(struct csv *csv)
{
	csv->emit->has_space = false; /* of the value before */
	csv->has_value = false;
	csv->column++;
	if (csv->column >= csv->columns)
		csv->name = NULL;
	else
		csv->name += strlen(csv->name) + 1;
}

static int
csv_next_row(struct csv *csv)
{
	csv->column = 0;
	csv->has_value = false;
	csv->name = csv->columns > 0 ? csv->names.data : NULL;
	return emit_open(csv->emit, BLOCK_TABLE_ROW, 0);
}

/* The inside of quotes, which were opened; goes past the closing one. */
static int
csv_quoted(struct csv *csv)
{
	struct input *input = csv->input;
	const char *quote;
	size_t len;
	int err = 0;

	while (err == 0 && input_peek(input) >= 0) {
		len = input_len(input);
		quote = memchr(input_text(input), '"', len);
		if (quote != NULL)
			len = (size_t)(quote - input_text(input));
		err = csv_put(csv, input_text(input), len);
		input_eat(input, len);
		if (quote == NULL)
			continue;
		input_eat(input, 1);
		if (input_peek(input) != '"')
			break;
		if (err == 0)
			err = csv_put(csv, "\"", 1);
		input_eat(input, 1);
	}
	return err;
}

/* What stands outside quotes, up to a delimiter or the row's end. */
static int
csv_bare(struct csv *csv)
{
	const char *text = input_text(csv->input);
	size_t len = input_len(csv->input), i = 0;
	int err;

	while (i < len && text[i] != csv->delimiter && text[i] != '\n')
		i++;
	err = csv_put(csv, text, i);
	input_eat(csv->input, i);
	return err;
}

static int
csv_rows(struct csv *csv)
{
	bool is_at_start = true;
	int c, err;

	err = csv_next_row(csv);
	while (err == 0 && (c = input_peek(csv->input)) >= 0) {
		if (c == '\n') {
			input_eat(csv->input, 1);
			err = csv_next_row(csv);
			is_at_start = true;
		} else if (c == csv->delimiter) {
			input_eat(csv->input, 1);
			csv_next_field(csv);
			is_at_start = true;
		} else if (c == '"' && is_at_start) {
			input_eat(csv->input, 1);
			err = csv_quoted(csv);
			is_at_start = false;
		} else {
			err = csv_bare(csv);
			is_at_start = false;
		}
	}
	if (err == 0)
		err = csv->input->err;
	return err < 0 ? err : emit_close(csv->emit);
}

int
read_csv(struct input *input, struct emit *emit, struct err_note *note)
{
	struct csv csv = {.input = input, .emit = emit};
	int err;

	(void)note;
	buf_init(&csv.names, (size_t)CSV_COLUMNS_MAX * (CSV_NAME_MAX + 1));
	csv.delimiter = sniff_delimiter(input_text(input), input_len(input));
	csv_header(&csv);
	err = csv_rows(&csv);
	buf_fini(&csv.names);
	return err;
}
