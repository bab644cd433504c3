/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary workbooks: those that LibreOffice wrote, and records made by hand for
 * older versions, odd orders and hostile files.
 */
#include "extract_compound.h"

#define BOF 0x0809u
#define END 0x000Au

/* ---- books made by hand -------------------------------------------------- */

#define SHEETS_MAX 4u

struct book {
	struct buf out, body; /* all, and the record at hand */
	size_t offsets[SHEETS_MAX]; /* where those of sheets stand */
	size_t count;
	bool is_8;
};

static void
record(struct book *book, unsigned type)
{
	put_16(&book->out, type);
	put_16(&book->out, (unsigned)book->body.len);
	assert_int_equal(buf_put(&book->out, buf_text(&book->body),
			     book->body.len), 0);
	buf_clear(&book->body);
}

static void
part(struct book *book, unsigned type)
{
	put_16(&book->body, book->is_8 ? 0x0600 : 0x0500);
	put_16(&book->body, type);
	put_32(&book->body, 0);
	put_32(&book->body, 0);
	record(book, BOF);
}

static void
book_init(struct book *book, bool is_8)
{
	memset(book, 0, sizeof(*book));
	buf_init(&book->out, 64 * MIB);
	buf_init(&book->body, 64 * KIB);
	book->is_8 = is_8;
	part(book, 0x0005);
}

/* In BIFF8 a text of one byte for each character. */
static void
put_text(struct book *book, unsigned count_size, const char *text)
{
	size_t len = strlen(text);

	if (count_size == 2)
		put_16(&book->body, (unsigned)len);
	else
		(void)buf_putc(&book->body, (char)len);
	if (book->is_8)
		(void)buf_putc(&book->body, '\0');
	(void)buf_put(&book->body, text, len);
}

static void
sheet_name(struct book *book, const char *name)
{
	book->offsets[book->count++] = book->out.len + 4;
	put_32(&book->body, 0);
	put_16(&book->body, 0);
	put_text(book, 1, name);
	record(book, 0x0085);
}

static void
sheet_begin(struct book *book, size_t sheet)
{
	uint32_t at = (uint32_t)book->out.len;

	memcpy(book->out.data + book->offsets[sheet], &at, sizeof(at));
	part(book, 0x0010);
}

static void
cell_head(struct book *book, unsigned row, unsigned column, unsigned xf)
{
	put_16(&book->body, row);
	put_16(&book->body, column);
	put_16(&book->body, xf);
}

static void
label(struct book *book, unsigned row, unsigned column, const char *text)
{
	cell_head(book, row, column, 0);
	put_text(book, 2, text);
	record(book, 0x0204);
}

static void
number(struct book *book, unsigned row, unsigned column, unsigned xf,
    double value)
{
	cell_head(book, row, column, xf);
	put_f64(&book->body, value);
	record(book, 0x0203);
}

static void
xf(struct book *book, unsigned format)
{
	put_16(&book->body, 0);
	put_16(&book->body, format);
	put_f64(&book->body, 0);
	record(book, 0x00E0);
}

static void
format(struct book *book, unsigned id, const char *code)
{
	put_16(&book->body, id);
	put_text(book, book->is_8 ? 2 : 1, code);
	record(book, 0x041E);
}

static void
book_file(struct book *book, struct buf *ret_file)
{
	struct compound_stream stream = {
	    .name = book->is_8 ? "Workbook" : "Book",
	    .bytes = book->out.data,
	    .len = book->out.len,
	};

	compound(&stream, 1, ret_file);
	buf_fini(&book->out);
	buf_fini(&book->body);
}

static void
check_book(struct book *book, const char *wanted)
{
	struct buf file;

	book_file(book, &file);
	check_bytes("a.xls", file.data, file.len, NULL, wanted);
	check_media_type("a.bin", file.data, file.len,
	    "application/vnd.ms-excel");
	buf_fini(&file);
}

static void
check_book_code(struct book *book, enum item_code code, const char *words)
{
	struct buf file;

	book_file(book, &file);
	check_code("a.xls", file.data, file.len, code, words);
	buf_fini(&file);
}

/* ---- what is read -------------------------------------------------------- */

static void
test_ledger(void **state)
{
	(void)state;
	check_fixture("xls/ledger.xls", "Harbour ledger",
	    "k|subject|Ships\nk|author|Ada Lund\n"
	    "h1@1|Ledger\n"
	    "t@1|Arrivals of the week\n"
	    "t@1|Ship: Freya; Arrival: 2021-03-04; Cargo: 1,234.50 kg; "
	    "Share: 12.5%; Count: 42\n"
	    "t@1|Ship: Ran and Hugin; Arrival: 2021-03-05 13:45; "
	    "Cargo: -7.00 kg; Count: 0.1\n"
	    "t@1|Ship: Sum; Cargo: 1227.5; Share: Freya!; Count: TRUE\n"
	    "t@1|Ship: Broken; Arrival: #DIV/0!; "
	    "Cargo: tide table <https://example.org/tide?a=1>\n"
	    "p@1|Comment by Bo (A4): Was late again\n"
	    "p@1|Boxed words by the quay\nsecond line\n"
	    "p@1|Port authority internal\n"
	    "h1@2|Письма\n"
	    "t@2|Language: Cyrillic; Words: Гавань закрыта\n"
	    "t@2|Language: Greek; Words: Το λιμάνι\n"
	    "t@2|Language: Arabic; Words: الميناء مغلق\n"
	    "t@2|Language: Hebrew; Words: הנמל סגור\n"
	    "t@2|Language: Hindi; Words: बंदरगाह बंद है\n"
	    "t@2|Language: Chinese; Words: 港口已关闭\n"
	    "t@2|Language: Japanese; Words: 港は閉まっています\n"
	    "t@2|Language: Korean; Words: 항구가 닫혔다\n"
	    "t@2|Language: Beyond; Words: \U0001F6A2 ship \U00020BB7\n"
	    "t@2|Language: Latin; Words: Ærøskøbing – naïve\n"
	    "h1@4|Merged\n"
	    "t@4|Quay: North; Tonnes: 1; 2; Remark: fine\n"
	    "t@4|Quay: South; Tonnes: 3; 4; Remark: wet\n"
	    "h1@5|Secret\n"
	    "t@5|hidden words\n");
}

static void
put_times(struct buf *out, const char *text, unsigned times)
{
	while (times-- > 0)
		(void)buf_puts(out, text);
}

/* Texts of all widths that the ends of records cut in two. */
static void
test_long(void **state)
{
	struct buf wanted;
	char words[32];
	unsigned i;

	(void)state;
	buf_init(&wanted, 1 * MIB);
	(void)buf_puts(&wanted, "k|subject|Ships\nk|author|Ada Lund\n"
				"h1@1|Long\n");
	for (i = 0; i < 40; i++) {
		(void)buf_printf(&wanted, "t@1|%u; B%u line %u ", i, i, i);
		(void)snprintf(words, sizeof(words), "порт %u ", i);
		if (i % 3 == 0)
			put_times(&wanted, "harbour ", 120);
		else if (i % 3 == 1)
			put_times(&wanted, words, 150);
		else {
			put_times(&wanted, "abc é ", 100);
			put_times(&wanted, "末 ", 60);
		}
		wanted.data[wanted.len - 1] = '\n';
	}
	(void)buf_puts(&wanted, "p@1|Port authority internal\n");
	check_fixture("xls/long.xls", "Harbour ledger", buf_text(&wanted));
	buf_fini(&wanted);
}

/* Excel 5 and 95: bytes of a code page, notes with their text. */
static void
test_biff5(void **state)
{
	struct book book;

	(void)state;
	book_init(&book, false);
	put_16(&book.body, 1251);
	record(&book, 0x0042);
	format(&book, 164, "0.0 \"\xEA\xE3\"");
	xf(&book, 0);
	xf(&book, 164);
	xf(&book, 14);
	sheet_name(&book, "\xCB\xE8\xF1\xF2");
	sheet_name(&book, "Empty");
	record(&book, END);
	sheet_begin(&book, 0);
	label(&book, 0, 0, "\xCF\xEE\xF0\xF2");
	label(&book, 0, 1, "\xC2\xE5\xF1");
	label(&book, 0, 2, "Day");
	label(&book, 1, 0, "a");
	number(&book, 1, 1, 1, 2.25);
	number(&book, 1, 2, 2, 36526);
	put_16(&book.body, 1);
	put_16(&book.body, 0);
	put_16(&book.body, 9);
	(void)buf_puts(&book.body, "A no");
	record(&book, 0x001C);
	put_16(&book.body, 0xFFFF);
	put_16(&book.body, 0);
	put_16(&book.body, 5);
	(void)buf_puts(&book.body, "te \xE6.");
	record(&book, 0x001C);
	record(&book, END);
	sheet_begin(&book, 1);
	record(&book, END);
	check_book(&book,
	    "h1@1|Лист\nt@1|Порт: a; Вес: 2.3 кг; Day: 2000-01-01\n"
	    "p@1|Comment (A2): A note ж.\n");
}

/* All kinds of cells, in no order at all. */
static void
test_cells(void **state)
{
	struct book book;

	(void)state;
	book_init(&book, true);
	put_16(&book.body, 1);
	record(&book, 0x0022); /* days from 1904 on */
	xf(&book, 0);
	xf(&book, 14);
	sheet_name(&book, "S");
	record(&book, END);
	sheet_begin(&book, 0);
	label(&book, 5, 1, "last");
	number(&book, 5, 0, 1, 0);
	label(&book, 0, 1, "B");
	label(&book, 0, 0, "A");
	/* 12 hundredths, 3, 1.5, -2 */
	cell_head(&book, 1, 0, 0);
	put_32(&book.body, 12u << 2 | 3);
	put_16(&book.body, 0);
	put_32(&book.body, 3u << 2 | 2);
	put_16(&book.body, 2);
	record(&book, 0x00BD);
	cell_head(&book, 2, 0, 0);
	put_32(&book.body, 0x3FF80000);
	record(&book, 0x027E);
	cell_head(&book, 2, 1, 0);
	put_32(&book.body, (uint32_t)-2 << 2 | 2);
	record(&book, 0x027E);
	/* A formula, its text behind an array's record; truth; an error. */
	cell_head(&book, 3, 0, 0);
	put_32(&book.body, 0);
	put_32(&book.body, 0xFFFF0000);
	record(&book, 0x0006);
	put_32(&book.body, 0);
	record(&book, 0x0221);
	put_text(&book, 2, "of formula");
	record(&book, 0x0207);
	cell_head(&book, 3, 1, 0);
	put_32(&book.body, 0x00010001);
	put_32(&book.body, 0xFFFF0000);
	record(&book, 0x0006);
	cell_head(&book, 4, 0, 0);
	put_16(&book.body, 0x012A);
	record(&book, 0x0205);
	/* The same cell again: this is what it holds. */
	label(&book, 5, 1, "the last");
	record(&book, END);
	check_book(&book,
	    "h1@1|S\nt@1|A: 0.12; B: 3\nt@1|A: 1.5; B: -2\n"
	    "t@1|A: of formula; B: TRUE\nt@1|A: #N/A\n"
	    "t@1|A: 1904-01-01; B: the last\n");
}

/* A text that is narrow in one record and wide in the next, with runs of
 * fonts and a reading behind it. */
static void
test_strings(void **state)
{
	struct book book;
	unsigned i;

	(void)state;
	book_init(&book, true);
	sheet_name(&book, "S");
	put_32(&book.body, 2);
	put_32(&book.body, 1000000); /* promised */
	put_16(&book.body, 6);
	(void)buf_putc(&book.body, 0x0C);
	put_16(&book.body, 1);
	put_32(&book.body, 3);
	(void)buf_put(&book.body, "abc", 3);
	record(&book, 0x00FC);
	(void)buf_putc(&book.body, 1);
	for (i = 0; i < 3; i++)
		put_16(&book.body, 0x0431 + i);
	put_16(&book.body, 0);
	record(&book, 0x003C);
	put_16(&book.body, 0); /* the rest of the run */
	(void)buf_put(&book.body, "xyz", 3);
	put_16(&book.body, 2);
	(void)buf_put(&book.body, "\0ok", 3);
	record(&book, 0x003C);
	record(&book, END);
	sheet_begin(&book, 0);
	for (i = 0; i < 2; i++) {
		cell_head(&book, i, 0, 0);
		put_32(&book.body, i);
		record(&book, 0x00FD);
	}
	record(&book, END);
	check_book(&book, "h1@1|S\nt@1|abcбвг\nt@1|ok\n");
}

/* ---- what is not --------------------------------------------------------- */

static void
test_refused(void **state)
{
	struct book book;

	(void)state;
	book_init(&book, true);
	put_16(&book.body, 1);
	record(&book, 0x002F);
	record(&book, END);
	check_book_code(&book, ITEM_CODE_ENCRYPTED_DOCUMENT, "password");

	/* The text of a cell that is not there. */
	book_init(&book, true);
	sheet_name(&book, "S");
	record(&book, END);
	sheet_begin(&book, 0);
	cell_head(&book, 0, 0, 0);
	put_32(&book.body, 7);
	record(&book, 0x00FD);
	record(&book, END);
	check_book_code(&book, ITEM_CODE_EXTRACTION_FAILED, "sheet 1");

	/* A sheet that is nowhere. */
	book_init(&book, true);
	sheet_name(&book, "S");
	record(&book, END);
	check_book_code(&book, ITEM_CODE_EXTRACTION_FAILED,
	    "not where the workbook says");

	/* A string that is cut off. */
	book_init(&book, true);
	put_32(&book.body, 1);
	put_32(&book.body, 1);
	put_16(&book.body, 500);
	(void)buf_put(&book.body, "\0abc", 4);
	record(&book, 0x00FC);
	record(&book, END);
	check_book_code(&book, ITEM_CODE_EXTRACTION_FAILED, "string 1");
}

/* Many sheets in one place would make a big file of a small one. */
static void
test_overlap(void **state)
{
	struct book book;
	size_t i;

	(void)state;
	book_init(&book, true);
	for (i = 0; i < SHEETS_MAX; i++)
		sheet_name(&book, "S");
	record(&book, END);
	sheet_begin(&book, 0);
	for (i = 0; i < 400; i++)
		label(&book, (unsigned)i, 0, "the same in all of them");
	record(&book, END);
	for (i = 1; i < SHEETS_MAX; i++)
		memcpy(book.out.data + book.offsets[i],
		    book.out.data + book.offsets[0], 4);
	check_book_code(&book, ITEM_CODE_EXTRACTION_FAILED,
	    "lie upon each other");
}

/* Places that are wrong, where the sheets follow all the same; and the end of
 * the last one left out. */
static void
test_liberal(void **state)
{
	struct book book;

	(void)state;
	book_init(&book, true);
	sheet_name(&book, "One");
	sheet_name(&book, "Two");
	record(&book, END);
	sheet_begin(&book, 0);
	label(&book, 0, 0, "first");
	record(&book, END);
	sheet_begin(&book, 1);
	label(&book, 0, 0, "second");
	memset(book.out.data + book.offsets[0], 0xEE, 4);
	memset(book.out.data + book.offsets[1], 0x11, 4);
	check_book(&book, "h1@1|One\nt@1|first\nh1@2|Two\nt@2|second\n");
}

static void
test_damaged(void **state)
{
	struct buf file;

	(void)state;
	load_fixture("xls/ledger.xls", &file);
	check_damaged("a.xls", &file, 97);
	buf_fini(&file);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ledger),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_biff5),
	    cmocka_unit_test(test_cells),
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_overlap),
	    cmocka_unit_test(test_liberal),
	    cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
