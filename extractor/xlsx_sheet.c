/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cells of a sheet, while they are parsed: nothing is kept but one cell
 * and what sheet_rows keeps.  Values that formulas had when the workbook was
 * saved are read, formulas are not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "extractor/emit.h"
#include "extractor/xlsx.h"
#include "extractor/xml.h"

#define PAGE_NUMBERING_MAX 16u /* bytes: "Page of" and its like */

enum cell_type {
	CELL_IS_NUMBER,
	CELL_IS_SHARED,
	CELL_IS_TEXT,
	CELL_IS_TRUTH,
	CELL_IS_ERROR,
	CELL_IS_DATE,
};

struct sheet {
	struct xlsx *xlsx;
	struct buf value, words;
	uint32_t row, column; /* of the cell; column from 0 */
	long xf;
	enum cell_type type;
	unsigned reading; /* inside of how a text is read out */
	bool is_in_cell, is_in_value, is_in_header;
};

bool
xlsx_reference(const char *text, size_t len, uint32_t *ret_column,
    uint32_t *ret_row, size_t *ret_end)
{
	uint32_t column = 0, row = 0;
	size_t i = 0, letters;

	for (; i < len && (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z';
	     i++) {
		column = column * 26 + (uint32_t)((text[i] | 0x20) - 'a' + 1);
		if (column > XLSX_COLUMNS_MAX)
			return false;
	}
	letters = i;
	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		row = row * 10 + (uint32_t)(text[i] - '0');
		if (row > XLSX_ROWS_MAX)
			return false;
	}
	if (column == 0 || i == letters || row == 0)
		return false;
	*ret_column = column - 1;
	*ret_row = row;
	*ret_end = i;
	return true;
}

/* ---- values ------------------------------------------------------------- */

static int
put(struct sheet *sheet, enum sheet_kind kind, const char *text, size_t len)
{
	return sheet_rows_cell(&sheet->xlsx->rows, sheet->column, kind, text,
	    len);
}

/* A number that is shown as it is written: few digits, none too many. */
static bool
is_plain_number(const char *text, size_t len)
{
	bool has_point = false;
	size_t i = 0, start;

	i += len > 0 && text[0] == '-';
	start = i;
	if (len <= start || len > start + 15 || text[start] == '.' ||
	    (text[start] == '0' && len > 1 && text[start + 1] != '.'))
		return false;
	for (; i < len; i++) {
		if (text[i] == '.' && !has_point)
			has_point = true;
		else if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return !has_point || (text[len - 1] >= '1' && text[len - 1] <= '9');
}

static int
put_number(struct sheet *sheet)
{
	const struct xlsx *xlsx = sheet->xlsx;
	const char *text = buf_text(&sheet->value);
	const struct cell_format *format;
	enum sheet_kind kind = SHEET_NUMBER;
	char shown[CELL_TEXT_MAX], *end;
	double value;
	size_t len;

	format = xlsx_format(&xlsx->formats, sheet->xf);
	/* Most numbers are like that. */
	if (format == NULL && is_plain_number(text, sheet->value.len))
		return put(sheet, kind, text, sheet->value.len);
	value = strtod(text, &end);
	if (end == text || *end != '\0')
		return put(sheet, SHEET_TEXT, text, sheet->value.len);
	if (format == NULL) {
		len = cell_general(value, shown);
	} else {
		len = cell_format_number(format, value, xlsx->is_1904, shown);
		if (cell_format_is_date(format, value))
			kind = SHEET_DATE;
	}
	return put(sheet, kind, shown, len);
}

static int
put_shared(struct sheet *sheet)
{
	const struct xlsx_strings *strings = &sheet->xlsx->strings;
	const char *text = buf_text(&sheet->value);
	size_t len, count = xlsx_strings_count(strings);
	unsigned long i;
	char *end;

	if (sheet->value.len == 0)
		return 0;
	i = strtoul(text, &end, 10);
	while (*end == ' ' || *end == '\n')
		end++;
	if (end == text || *end != '\0' || i >= count)
		return err_set(sheet->xlsx->note, ERR_SYNTAX,
		    "a cell in row %u is text %.20s of a table that has %zu",
		    sheet->row, text, count);
	text = xlsx_string(strings, i, &len);
	return put(sheet, SHEET_TEXT, text, len);
}

/* "2024-03-01T12:30:00Z" as people write it; no time when it is midnight. */
static int
put_date(struct sheet *sheet)
{
	char *text = sheet->value.data;
	size_t len = sheet->value.len;

	if (len > 0 && text[len - 1] == 'Z')
		len--;
	if (len > 11 && text[10] == 'T') {
		text[10] = ' ';
		if (len == 23 && memcmp(text + 19, ".000", 4) == 0)
			len = 19;
		if (len == 19 && memcmp(text + 11, "00:00:00", 8) == 0)
			len = 10;
	}
	return put(sheet, SHEET_DATE, text, len);
}

static int
put_value(struct sheet *sheet)
{
	struct buf *value = &sheet->value;

	if (value->len == 0)
		return 0;
	switch (sheet->type) {
	case CELL_IS_NUMBER:
		return put_number(sheet);
	case CELL_IS_SHARED:
		return put_shared(sheet);
	case CELL_IS_TEXT:
		xlsx_unescape(value);
		return put(sheet, SHEET_TEXT, buf_text(value), value->len);
	case CELL_IS_TRUTH:
		if (value->data[0] == '1' || (value->data[0] | 0x20) == 't')
			return put(sheet, SHEET_OTHER, "TRUE", 4);
		return put(sheet, SHEET_OTHER, "FALSE", 5);
	case CELL_IS_ERROR:
		return put(sheet, SHEET_OTHER, value->data, value->len);
	case CELL_IS_DATE:
		return put_date(sheet);
	}
	return 0;
}

/* ---- headers and footers ------------------------------------------------ */

/* One of the left, middle and right parts of a header: codes are taken out.
 * What is left of a page's number is no text. */
static void
put_header_part(struct sheet *sheet, const char *text, size_t len)
{
	struct drawing_out *out = &sheet->xlsx->out;
	struct buf *words = &sheet->words;
	bool has_page = false;
	size_t i, end;

	buf_clear(words);
	for (i = 0; i < len; i++) {
		if (text[i] != '&' || i + 1 == len) {
			(void)buf_putc(words, text[i]);
			continue;
		}
		i++;
		if (text[i] == '&') {
			(void)buf_putc(words, '&');
		} else if (text[i] == '"') {
			while (i + 1 < len && text[++i] != '"')
				continue;
		} else if (text[i] >= '0' && text[i] <= '9') {
			while (i + 1 < len && text[i + 1] >= '0' &&
			    text[i + 1] <= '9')
				i++;
		} else if (text[i] == 'K') {
			end = i + 6; /* a colour */
			while (i < end && i + 1 < len && text[i + 1] != '\0' &&
			    strchr("0123456789ABCDEFabcdef+-",
				text[i + 1]) != NULL)
				i++;
		} else if ((unsigned char)text[i] >= 0x80) {
			(void)buf_putc(words, text[i]); /* no code */
		} else {
			has_page |= text[i] == 'P' || text[i] == 'N';
		}
	}
	if (strspn(buf_text(words), " \n") == words->len ||
	    (has_page && words->len <= PAGE_NUMBERING_MAX))
		return;
	(void)drawing_out_open(out, BLOCK_PARAGRAPH, 0);
	(void)emit_words(out->emit, words->data, words->len);
	(void)emit_close(out->emit); /* errors stick */
}

static int
put_header(struct sheet *sheet)
{
	const char *text;
	size_t i, len, start = 0;

	xlsx_unescape(&sheet->value);
	text = buf_text(&sheet->value);
	len = sheet->value.len;
	for (i = 0; i <= len; i++) {
		if (i < len && !(text[i] == '&' && i + 1 < len &&
				   strchr("LCR", text[i + 1]) != NULL &&
				   text[i + 1] != '\0'))
			continue;
		if (i > start)
			put_header_part(sheet, text + start, i - start);
		start = i + 2;
		i += i < len;
	}
	return sheet->words.err < 0 ? sheet->words.err
				    : sheet->xlsx->emit->err;
}

/* ---- events ------------------------------------------------------------- */

static enum cell_type
type_of(const char *type)
{
	static const struct {
		const char *name;
		enum cell_type type;
	} types[] = {
	    {"s", CELL_IS_SHARED}, {"str", CELL_IS_TEXT},
	    {"inlineStr", CELL_IS_TEXT}, {"b", CELL_IS_TRUTH},
	    {"e", CELL_IS_ERROR}, {"d", CELL_IS_DATE},
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i].name) == 0)
			return types[i].type;
	return CELL_IS_NUMBER;
}

static int
start_row(struct sheet *sheet, const struct xml_attributes *attributes)
{
	long row;

	row = xml_attribute_number(attributes, XML_NS_NONE, "r", 0);
	if (row <= 0 || row > (long)XLSX_ROWS_MAX)
		row = (long)sheet->row + 1;
	sheet->row = (uint32_t)row;
	sheet->column = UINT32_MAX; /* the next one is the first */
	return sheet_rows_row(&sheet->xlsx->rows, sheet->row);
}

static void
start_cell(struct sheet *sheet, const struct xml_attributes *attributes)
{
	const char *reference;
	uint32_t column, row;
	size_t len, end;
	char type[12];

	reference = xml_attribute(attributes, XML_NS_NONE, "r", &len);
	if (reference != NULL && xlsx_reference(reference, len, &column, &row,
		&end))
		sheet->column = column;
	else
		sheet->column++;
	sheet->xf = xml_attribute_number(attributes, XML_NS_NONE, "s", 0);
	(void)xml_attribute_copy(attributes, XML_NS_NONE, "t", type,
	    sizeof(type));
	sheet->type = type[0] == '\0' ? CELL_IS_NUMBER : type_of(type);
	sheet->is_in_cell = true;
	buf_clear(&sheet->value);
}

static bool
is_header(const char *name)
{
	size_t len = strlen(name);

	return len > 6 && (strcmp(name + len - 6, "Header") == 0 ||
			      strcmp(name + len - 6, "Footer") == 0) &&
	    strcmp(name, "headerFooter") != 0;
}

static int
sheet_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct sheet *sheet = arg;

	(void)ns;
	if (sheet->is_in_cell) {
		if (strcmp(name, "rPh") == 0)
			sheet->reading++;
		else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
			sheet->is_in_value = sheet->reading == 0;
	} else if (strcmp(name, "c") == 0) {
		start_cell(sheet, attributes);
	} else if (strcmp(name, "row") == 0) {
		return start_row(sheet, attributes);
	} else if (is_header(name)) {
		sheet->is_in_header = true;
		buf_clear(&sheet->value);
	}
	return 0;
}

static int
sheet_end(void *arg, enum xml_ns ns, const char *name)
{
	struct sheet *sheet = arg;

	(void)ns;
	if (sheet->is_in_cell) {
		if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
			sheet->is_in_value = false;
		} else if (strcmp(name, "rPh") == 0) {
			sheet->reading--;
		} else if (strcmp(name, "c") == 0) {
			sheet->is_in_cell = false;
			return put_value(sheet);
		}
	} else if (sheet->is_in_header) {
		sheet->is_in_header = false;
		return put_header(sheet);
	} else if (strcmp(name, "sheetData") == 0) {
		return sheet_rows_end(&sheet->xlsx->rows);
	}
	return 0;
}

static int
sheet_text(void *arg, const char *text, size_t len)
{
	struct sheet *sheet = arg;

	if (!sheet->is_in_value && !sheet->is_in_header)
		return 0;
	if (buf_put(&sheet->value, text, len) < 0)
		return sheet->value.err != ERR_TOO_BIG
		    ? sheet->value.err
		    : err_set(sheet->xlsx->note, ERR_TOO_BIG,
			  "a cell in row %u has more than %llu bytes",
			  sheet->row, XLSX_CELL_BYTES_MAX);
	return 0;
}

int
xlsx_sheet_read(struct xlsx *xlsx, const char *part)
{
	static const struct xml_events events = {sheet_start, sheet_end,
	    sheet_text};
	struct sheet sheet = {.xlsx = xlsx, .column = UINT32_MAX};
	int err;

	buf_init(&sheet.value, XLSX_CELL_BYTES_MAX);
	buf_init(&sheet.words, XLSX_CELL_BYTES_MAX);
	err = xml_parse_part(xlsx->package, part, &events, &sheet, xlsx->note);
	if (err == 0)
		err = sheet_rows_end(&xlsx->rows);
	buf_fini(&sheet.value);
	buf_fini(&sheet.words);
	return err;
}
