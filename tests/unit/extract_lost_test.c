/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that was lost in documents from the wild: names of columns that have
 * nothing below them, rows that look like a page's header, marks that other
 * programs put where the format has none.
 */
#include "extract_compound.h"
#include "make_zip.h"

#define CHECK(name, bytes, wanted)                                            \
	check_bytes(name, bytes, sizeof(bytes) - 1, NULL, wanted)

/* ---- names of columns ---------------------------------------------------- */

#define ROW(a, b, c)                                                          \
	"<tr><" a ">" b "</" a "><" a ">" c "</" a "></tr>"
#define NAMES ROW("th", "Name", "Signature")
#define WORDS "harbour master and the keeper "

static void
test_columns(void **state)
{
	(void)state;
	CHECK("a.html", "<table>" NAMES ROW("td", "", "") "</table>after",
	    "t|Name; Signature\np|after\n");
	CHECK("a.html", "<table>" NAMES ROW("td", "", "") ROW("td", "Ada", "")
	    ROW("td", "Ben", "") "</table>",
	    "t|Name: Ada\nt|Name: Ben\nt|Signature\n");
	CHECK("a.html", "<table>" NAMES ROW("td", "Ada", "x") "</table>",
	    "t|Name: Ada; Signature: x\n");
	/* A table in a table has names of its own. */
	CHECK("a.html", "<table>" NAMES ROW("td", "Ada", "<table>"
	    ROW("th", "Day", "Hour") ROW("td", "Monday", "") "</table>")
	    "</table>", "t|Name: Ada\nt|Signature\nt|Day: Monday\nt|Hour\n");
	/* A name is cut where it stands in front of cells, not before. */
	CHECK("a.html", "<table>" ROW("th", "Who",
	    WORDS WORDS WORDS WORDS "both") ROW("td", "Ada", "") "</table>",
	    "t|Who; " WORDS WORDS WORDS WORDS "both\nt|Who: Ada\n");
}

/* ---- Word ---------------------------------------------------------------- */

#define CELL(bold, text)                                                      \
	"<w:tc><w:p><w:r>" bold "<w:t>" text "</w:t></w:r></w:p></w:tc>"
#define BOLD "<w:rPr><w:b/></w:rPr>"
#define DOCX_NAMES                                                            \
	"<w:tbl><w:tr>" CELL(BOLD, "Name") CELL(BOLD, "Signature") "</w:tr>"
#define DOCX(body)                                                            \
	"<w:document xmlns:w=\"http://schemas.openxmlformats.org/"            \
	"wordprocessingml/2006/main\"><w:body>" body "</w:body></w:document>"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/"
#define RELATIONS(type, target)                                               \
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/"   \
	"2006/relationships\"><Relationship Id=\"r1\" Type=\"" OFFICE         \
	"relationships/" type "\" Target=\"" target "\"/></Relationships>"

static void
check_docx(const char *document, const char *wanted)
{
	struct made_zip zip;
	struct buf file;

	zip_begin(&zip);
	zip_text(&zip, "_rels/.rels", RELATIONS("officeDocument",
	    "word/document.xml"));
	zip_text(&zip, "word/document.xml", document);
	file = zip_end(&zip);
	check_bytes("a.docx", file.data, file.len, NULL, wanted);
	buf_fini(&file);
}

static void
test_docx_columns(void **state)
{
	(void)state;
	check_docx(DOCX(DOCX_NAMES "<w:tr>" CELL("", "") CELL("", "")
	    "</w:tr></w:tbl>"), "t|Name; Signature\n");
	check_docx(DOCX(DOCX_NAMES "<w:tr>" CELL("", "Ada") CELL("", "")
	    "</w:tr></w:tbl>"), "t|Name: Ada\nt|Signature\n");
}

#define DRAWING "http://schemas.openxmlformats.org/drawingml/2006/"

/* What somebody drew upon a chart stands in a part of its own. */
static void
test_chart_shapes(void **state)
{
	struct made_zip zip;
	struct buf file;

	(void)state;
	zip_begin(&zip);
	zip_text(&zip, "_rels/.rels", RELATIONS("officeDocument",
	    "word/document.xml"));
	zip_text(&zip, "word/document.xml", DOCX("<w:p><w:r><w:drawing>"
	    "<c:chart xmlns:c=\"" DRAWING "chart\" xmlns:r=\"" OFFICE
	    "relationships\" r:id=\"r1\"/></w:drawing></w:r></w:p>"));
	zip_text(&zip, "word/_rels/document.xml.rels", RELATIONS("chart",
	    "charts/chart1.xml"));
	zip_text(&zip, "word/charts/chart1.xml", "<c:chartSpace xmlns:c=\""
	    DRAWING "chart\" xmlns:a=\"" DRAWING "main\"><c:chart><c:title>"
	    "<c:tx><c:rich><a:p><a:r><a:t>Tides</a:t></a:r></a:p></c:rich>"
	    "</c:tx></c:title></c:chart></c:chartSpace>");
	zip_text(&zip, "word/charts/_rels/chart1.xml.rels",
	    RELATIONS("chartUserShapes", "../drawings/drawing1.xml"));
	zip_text(&zip, "word/drawings/drawing1.xml", "<c:userShapes xmlns:c=\""
	    DRAWING "chart\" xmlns:a=\"" DRAWING "main\" xmlns:cdr=\""
	    DRAWING "chartDrawing\"><cdr:relSizeAnchor><cdr:sp><cdr:txBody>"
	    "<a:p><a:r><a:t>rises this way</a:t></a:r></a:p></cdr:txBody>"
	    "</cdr:sp></cdr:relSizeAnchor></c:userShapes>");
	file = zip_end(&zip);
	check_bytes("a.docx", file.data, file.len, NULL,
	    "p|Tides\np|rises this way\n");
	buf_fini(&file);
}

/* ---- Rich Text ----------------------------------------------------------- */

/* A star is a mark only where a group begins. */
static void
test_star(void **state)
{
	(void)state;
	CHECK("a.rtf", "{\\rtf1\\ansi {\\field{\\*\\fldinst HYPERLINK a}"
	    "{\\fldrslt \\*\\cs12\\ul seen}} and{\\*\\strange not}"
	    "{ \\*\\strange too}\\par}", "p|seen and too\n");
}

/* ---- workbooks ----------------------------------------------------------- */

static void
put_record(struct buf *out, unsigned type, const char *bytes, size_t len)
{
	put_16(out, type);
	put_16(out, (unsigned)len);
	assert_int_equal(buf_put(out, bytes, len), 0);
}

/* Crystal Reports writes records that are longer than they say, by zeros. */
static void
test_zeros(void **state)
{
	struct compound_stream stream = {.name = "BOOK"};
	struct buf book, file;

	(void)state;
	buf_init(&book, 64 * KIB);
	put_record(&book, 0x0809, "\0\6\5\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	put_record(&book, 0x0085, "\x26\0\0\0\0\0\2\0ab", 10);
	put_record(&book, 0x000A, "", 0);
	assert_int_equal(book.len, 0x26);
	put_record(&book, 0x0809, "\0\6\x10\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	put_record(&book, 0x0026, "\0\0\0\0\0\0\xD0\x3F", 8);
	put_32(&book, 0);
	put_record(&book, 0x0204, "\0\0\0\0\0\0\5\0\0first", 14);
	put_32(&book, 0);
	put_32(&book, 0);
	put_record(&book, 0x0204, "\1\0\0\0\0\0\6\0\0second", 15);
	put_record(&book, 0x000A, "", 0);
	put_padding(&book, 512);
	stream.bytes = book.data;
	stream.len = book.len;
	compound(&stream, 1, &file);
	check_bytes("a.xls", file.data, file.len, NULL,
	    "h1@1|ab\nt@1|first\nt@1|second\n");
	buf_fini(&book);
	buf_fini(&file);
}

/* ---- Word 95 ------------------------------------------------------------- */

#define WORD_FIRST 0x300u

/* Two bytes for each character, in the code page of an East Asian font. */
static void
put_word(struct buf *file, unsigned charset, const char *units, size_t len)
{
	char font[] = "\x0E\0\x0C\x30\0\0\x80\0 Name One";
	struct compound_stream stream = {.name = "WordDocument"};
	struct buf word;

	buf_init(&word, 64 * KIB);
	font[6] = (char)charset;
	font[2] = sizeof(font) - 3; /* without its own byte */
	font[0] = sizeof(font);
	put_padding(&word, WORD_FIRST);
	memcpy(word.data, "\xDC\xA5\x65\0", 4);
	memcpy(word.data + 6, "\x09\x04", 2);
	word.data[11] = 0x10;
	assert_int_equal(buf_put(&word, units, len), 0);
	word.data[24] = word.data[28] = (char)(WORD_FIRST & 0xFF);
	word.data[25] = word.data[29] = (char)(WORD_FIRST >> 8);
	word.data[28] = (char)(word.data[28] + (char)len);
	word.data[0x34] = (char)(len / 2);
	memcpy(word.data + 0x58 + 8 * 15, word.data + 28, 2);
	word.data[0x58 + 8 * 15 + 4] = sizeof(font);
	assert_int_equal(buf_put(&word, font, sizeof(font)), 0);
	put_padding(&word, 512);
	stream.bytes = word.data;
	stream.len = word.len;
	compound(&stream, 1, file);
	buf_fini(&word);
}

static void
test_east(void **state)
{
	static const char chinese[] =
	    "\x93\x10\xB4\xB4\xA8\xBD\x94\x10 \0A\0\xE9\0\r";
	static const char japanese[] = "\xFA\x93\x7B\x96\xB1\0\r";
	struct buf file;

	(void)state;
	put_word(&file, 0x86, chinese, sizeof(chinese));
	check_bytes("a.doc", file.data, file.len, NULL,
	    "p|“创建” Aé\n");
	buf_fini(&file);
	put_word(&file, 0x80, japanese, sizeof(japanese));
	check_bytes("a.doc", file.data, file.len, NULL, "p|日本ｱ\n");
	buf_fini(&file);
	/* No such font: they are what they are. */
	put_word(&file, 0, "\x1F\x04\x30\x04\r", 6);
	check_bytes("a.doc", file.data, file.len, NULL, "p|Па\n");
	buf_fini(&file);
}

/* ---- PDF ----------------------------------------------------------------- */

static void
put_page(struct buf *pdf, unsigned page)
{
	unsigned line, n = 100 * page;
	struct buf text;

	buf_init(&text, 64 * KIB);
	(void)buf_printf(&text, "BT /F 12 Tf 50 560 Td (Log %u) Tj ", page);
	for (line = 0; line < 6; line++)
		(void)buf_printf(&text, "0 -%u Td (%u %u %u) Tj ",
		    line == 0 ? 40 : 60, n + line, n + line + 10,
		    n + line + 20);
	(void)buf_puts(&text, "ET");
	(void)buf_printf(pdf, "%u 0 obj<</Type/Page/Parent 2 0 R/MediaBox"
	    "[0 0 400 600]/Contents %u 0 R/Resources<</Font<</F<</Type/Font"
	    "/Subtype/Type1/BaseFont/Courier>>>>>>>>endobj\n"
	    "%u 0 obj<</Length %zu>>stream\n%s\nendstream endobj\n",
	    page + 2, page + 10, page + 10, text.len, buf_text(&text));
	buf_fini(&text);
}

/* A table of numbers goes on over the pages; only the header is one. */
static void
test_numbers(void **state)
{
	struct buf pdf, words;
	char row[40];
	struct got got;
	unsigned page, line, n;

	(void)state;
	buf_init(&pdf, 64 * KIB);
	(void)buf_puts(&pdf, "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>"
	    "endobj\n2 0 obj<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 6 0 R]"
	    "/Count 4>>endobj\n");
	for (page = 1; page <= 4; page++)
		put_page(&pdf, page);
	(void)buf_puts(&pdf, "trailer<</Root 1 0 R>>\n%%EOF\n");
	assert_int_equal(pdf.err, 0);
	read_bytes("a.pdf", pdf.data, pdf.len, &got);
	assert_string_equal(item_code_name(got.result.code), "NONE");
	buf_init(&words, 64 * KIB); /* however its cells are put */
	for (n = 0; n < got.text.len; n++)
		if (strchr(";", got.text.data[n]) == NULL)
			(void)buf_putc(&words, got.text.data[n]);
	for (page = 1; page <= 4; page++)
		for (line = 0; line < 6; line++) {
			n = 100 * page + line;
			(void)snprintf(row, sizeof(row), "%u %u %u", n, n + 10,
			    n + 20);
			if (strstr(buf_text(&words), row) == NULL)
				print_error("%s in\n%s\n", row,
				    buf_text(&words));
			assert_non_null(strstr(buf_text(&words), row));
		}
	assert_non_null(strstr(buf_text(&words), "Log 1"));
	assert_null(strstr(buf_text(&words), "Log 2"));
	assert_null(strstr(buf_text(&words), "Log 4"));
	buf_fini(&words);
	buf_fini(&got.text);
	buf_fini(&pdf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_docx_columns),
	    cmocka_unit_test(test_chart_shapes),
	    cmocka_unit_test(test_star),
	    cmocka_unit_test(test_zeros),
	    cmocka_unit_test(test_east),
	    cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
