/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Word documents through the real child: one fixture for each structure, what
 * LibreOffice and pandoc write, damaged and hostile ones.
 */
#include "extract_shared.h"

/* ---- packages made here: parts stored as they are ----------------------- */

struct zip {
	struct buf file, directory;
	unsigned count;
};

static uint32_t
crc_of(const char *bytes, size_t len)
{
	uint32_t crc = 0xFFFFFFFF;
	size_t i;
	int bit;

	for (i = 0; i < len; i++) {
		crc ^= (unsigned char)bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

static void
put_number(struct buf *to, uint32_t number, int bytes)
{
	for (; bytes > 0; bytes--, number >>= 8)
		assert_int_equal(buf_putc(to, (char)(number & 0xFF)), 0);
}

/* What both heads of an entry have in common. */
static void
put_entry(struct buf *to, uint32_t crc, size_t len, const char *name)
{
	put_number(to, 20, 2);
	put_number(to, 0, 4);
	put_number(to, 0x58210000, 4); /* 1 January 2024 */
	put_number(to, crc, 4);
	put_number(to, (uint32_t)len, 4);
	put_number(to, (uint32_t)len, 4);
	put_number(to, (uint32_t)strlen(name), 2);
	put_number(to, 0, 2);
}

static void
zip_add(struct zip *zip, const char *name, const char *bytes)
{
	uint32_t crc = crc_of(bytes, strlen(bytes));
	size_t at = zip->file.len;

	assert_int_equal(buf_put(&zip->file, "PK\3\4", 4), 0);
	put_entry(&zip->file, crc, strlen(bytes), name);
	assert_int_equal(buf_puts(&zip->file, name), 0);
	assert_int_equal(buf_puts(&zip->file, bytes), 0);
	assert_int_equal(buf_put(&zip->directory, "PK\1\2\24\0", 6), 0);
	put_entry(&zip->directory, crc, strlen(bytes), name);
	put_number(&zip->directory, 0, 2);
	put_number(&zip->directory, 0, 4);
	put_number(&zip->directory, 0, 4);
	put_number(&zip->directory, (uint32_t)at, 4);
	assert_int_equal(buf_puts(&zip->directory, name), 0);
	zip->count++;
}

static void
zip_begin(struct zip *zip)
{
	buf_init(&zip->file, 64 * MIB);
	buf_init(&zip->directory, 64 * MIB);
	zip->count = 0;
}

static void
zip_end(struct zip *zip)
{
	size_t at = zip->file.len;

	assert_int_equal(buf_put(&zip->file, zip->directory.data,
			     zip->directory.len), 0);
	assert_int_equal(buf_put(&zip->file, "PK\5\6\0\0\0\0", 8), 0);
	put_number(&zip->file, zip->count, 2);
	put_number(&zip->file, zip->count, 2);
	put_number(&zip->file, (uint32_t)zip->directory.len, 4);
	put_number(&zip->file, (uint32_t)at, 4);
	put_number(&zip->file, 0, 2);
	buf_fini(&zip->directory);
}

#define DOCUMENT(body)                                                        \
	"<w:document xmlns:w=\"http://schemas.openxmlformats.org/"             \
	"wordprocessingml/2006/main\"><w:body>" body "</w:body></w:document>"
#define PARAGRAPH(text) "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"

/* ---- structures --------------------------------------------------------- */

static void
test_styles(void **state)
{
	char wanted[2048], long_one[601];

	(void)state;
	memset(long_one, 'x', 600);
	long_one[600] = '\0';
	/* What is far too long is no heading. */
	(void)snprintf(wanted, sizeof(wanted),
	    "h1|The Title\nh1|Chapter\nh2|Part two\nh2|Inherited\n"
	    "p|No heading\np|Round\np|and round\nh6|Level nine\n"
	    "h3|Direct\np|Body again\nh4|Unknown\np|Plain\n"
	    "h2|Heading with number\nl1|first\nl2|nested\nl1|bullet\n"
	    "l3|third\np|no bullet\np|%s\n", long_one);
	check_fixture("docx/styles.docx", "The Title", wanted);
}

static void
test_runs(void **state)
{
	(void)state;
	check_fixture("docx/runs.docx", "",
	    "p|Split words stay whole.\n"
	    "p|No preserved space here.\n"
	    "p|Tab and break\n"
	    "and return\n"
	    "end.\n"
	    "p|well-known, softhyphen and written\n"
	    "p|Symbols: α≤✓€ done.\n"
	    "p|Seen shown again.\n"
	    "p|Kept inserted moved here.\n"
	    "p|One paragraph, joined.\n"
	    "p|See the site or this one.\n"
	    "p|Simple Ada, nested outcome.\n"
	    "p|Dear «Name»,\n"
	    "p|Choice: green.\n"
	    "p|A field that\n"
	    "p|does not hide the rest.\n"
	    "p|Controlled and tagged.\n"
	    "p|漢字\n"
	    "p|Area A=πr^2a/b end.\n"
	    "c|int main(void)\n"
	    "{ }\n"
	    "  indented\n"
	    "  more\n"
	    "p|After code.\n");
}

static void
test_tables(void **state)
{
	(void)state;
	check_fixture("docx/tables.docx", "",
	    "p|Declared.\n"
	    "t|Name: Bob; Age: 12\n"
	    "t|Name: Eve\n"
	    "p|Bold.\n"
	    "t|City: Oslo; Rain: 763\n"
	    "p|Styled.\n"
	    "t|Word: bank; Sense: river\n"
	    "p|None.\n"
	    "t|Name; Ann\n"
	    "t|Age; 7\n"
	    "p|Merged.\n"
	    "t|North; 2023 May: 1; 2023 June: 2; Sum: 3\n"
	    "t|North; 2023 May: 4; 2023 June: 5; Sum: 9\n"
	    "t|South; 2023 May: none; Sum: 0\n"
	    "p|Nested.\n"
	    "p|before\n"
	    "t|Key: a; Value: 1\n"
	    "t|one two; three\n"
	    "p|Layout.\n"
	    "h2|Boxed\n"
	    "p|text in a box\n"
	    "l1|item\n"
	    "h2|Left\n"
	    "p|left text\n"
	    "p|right text\n"
	    "p|Deleted.\n"
	    "t|stays; here\n"
	    "p|Only names.\n"
	    "t|Alpha; Beta\n"
	    "p|Before.\n"
	    "t|x; y\n"
	    "p|In a paragraph.\n"
	    "t|run; too\n"
	    "p|End.\n");
	check_fixture("docx/tables-in-tables.docx", "",
	    "p|In.\n"
	    "p|Out.\n");
}

static void
test_boxes(void **state)
{
	(void)state;
	check_fixture("docx/boxes.docx", "",
	    "p|A sentence is not split.\n"
	    "h2|Boxed heading\n"
	    "p|Boxed text.\n"
	    "t|A: 1; B: 2\n"
	    "p|Old: done.\n"
	    "p|old shape\n"
	    "p|outer box\n"
	    "p|inner\n"
	    "p|Only the has text.\n"
	    "p|fallback\n"
	    "p|Picture here.\n"
	    "p|A cat & a dog\n"
	    "p|Alone\n"
	    "p|DRAFT\n"
	    "p|Canvas\n"
	    "words\n"
	    "t|Cell text box in cell; second\n"
	    "p|End.\n");
}

static void
test_notes(void **state)
{
	(void)state;
	check_fixture("docx/notes.docx", "",
	    "p|Annual report\n"
	    "p|Confidential\n"
	    "p|A claim with a note, and another.\n"
	    "p|First note.\n"
	    "p|At the end.\n"
	    "p|Commented text.\n"
	    "t|left; right\n"
	    "p|Cell's note.\n"
	    "p|Again.\n"
	    "p|Nobody asks for this one.\n"
	    "p|Page\n"
	    "p|of\n"
	    "p|Ada: Is it so?\n"
	    "p|Really?\n"
	    "p|Nobody's.\n");
}

/* Pages end where Word says that they did, not where it was told to. */
static void
test_pages(void **state)
{
	(void)state;
	check_fixture("docx/pages.docx", "",
	    "k|generator|Test Writer\n"
	    "p@1|Page one.\n"
	    "p@1|Begins on one, ends on two.\n"
	    "p@3|Page three.\n"
	    "p@3|Still three.\n"
	    "p@4|Page four.\n"
	    "t@4|four; five\n");
	check_fixture("docx/no-pages.docx", "",
	    "k|generator|Test Writer\n"
	    "p|Page one.\n"
	    "p|Begins on one, ends on two.\n"
	    "p|Page three.\n"
	    "p|Still three.\n"
	    "p|Page four.\n"
	    "t|four; five\n");
}

static void
test_languages(void **state)
{
	(void)state;
	check_fixture("docx/languages.docx", "Many tongues",
	    "k|author|Ada; Bob\n"
	    "k|subject|Words & things\n"
	    "k|keywords|one, two\n"
	    "k|description|All of it\n"
	    "k|category|Test\n"
	    "k|created_at|2024-03-01T00:30:00Z\n"
	    "p|Quick brown fox, naïve café.\n"
	    "p|Съешь же ещё.\n"
	    "p|Ξεσκεπάζω.\n"
	    "p|نص حكيم\n"
	    "p|עטלף אבק\n"
	    "p|नमस्ते दुनिया\n"
	    "p|我能吞下玻璃。\n"
	    "p|いろはにほへと\n"
	    "p|다람쥐 헌\n"
	    "p|🦀 𠀀\n");
}

static void
test_objects(void **state)
{
	(void)state;
	check_fixture("docx/objects.docx", "",
	    "p|See the chart above.\n"
	    "p|Rain by month\n"
	    "t|Oslo; May: 55; June: 65.5\n"
	    "l1|Plan\n"
	    "l1|Do\n"
	    "l1|Check\n"
	    "p|After.\n"
	    "m|afchunk.html|<p>Chunk</p>|12|NONE\n"
	    "m|file one.bin|elsewhere|9|NONE\n"
	    "m|Sheet.xlsx|not really a sheet|18|NONE\n"
	    "m|note.txt|Packed words....................................."
	    "...........|5000|NONE\n");
}

static void
test_variants(void **state)
{
	(void)state;
	check_fixture("docx/template.dotx", "",
	    "p|In template.dotx.\n");
	check_fixture("docx/macro.docm", "",
	    "p|In macro.docm.\n");
	check_fixture("docx/macro.dotm", "",
	    "p|In macro.dotm.\n");
	check_fixture("docx/strict.docx", "",
	    "h1|Head\n"
	    "p|Strict text.\n");
	check_fixture("docx/bare.docx", "",
	    "p|No labels at all.\n");
	check_fixture("docx/slashes.docx", "",
	    "p|Back slashes.\n");
}

static void
test_programs(void **state)
{
	(void)state;
	check_fixture("docx/office.docx", "From Office",
	    "k|generator|LibreOffice/7.4.7.2$Linux_X86_64 LibreOffice_pro"
	    "ject/40$Build-2\n"
	    "h1|Report\n"
	    "p|First paragraph with bold words.\n"
	    "h2|Results\n"
	    "l1|one\n"
	    "l2|inner\n"
	    "l1|two\n"
	    "t|Name: Ada; Score: 10\n"
	    "t|Name: Bob; Score: 9\n"
	    "l1|first\n"
	    "l1|second\n"
	    "p|السلام שלום\n");
	check_fixture("docx/pandoc.docx", "From Pandoc",
	    "k|author|Ada\n"
	    "k|created_at|2024-01-01T00:00:00Z\n"
	    "k|modified_at|2024-01-01T00:00:00Z\n"
	    "k|generator|Microsoft Word 12.0.0\n"
	    "h1|From Pandoc\n"
	    "p|Ada\n"
	    "h1|Chapter\n"
	    "p|A paragraph with a note.\n"
	    "p|The note.\n"
	    "l1|one\n"
	    "l2|inner\n"
	    "l1|two\n"
	    "t|Name: Ada; Score: 10\n"
	    "t|Name: Bob; Score: 9\n"
	    "c|int main(void)\n"
	    "{\n"
	    "    return 0;\n"
	    "}\n"
	    "h2|第二章\n"
	    "p|The end, with x^2.\n");
}

static void
test_media_types(void **state)
{
	struct buf bytes;

	(void)state;
	load_fixture("docx/macro.docm", &bytes);
	check_media_type("macro.docm", buf_text(&bytes), bytes.len,
	    "application/vnd.ms-word.document.macroEnabled");
	/* The content decides, not the name. */
	check_media_type("macro.pdf", buf_text(&bytes), bytes.len,
	    "application/vnd.ms-word.document.macroEnabled");
	buf_fini(&bytes);
}

/* A paragraph that does not fit into one block, and words across the cut. */
static void
test_long_paragraph(void **state)
{
	struct buf body;
	struct zip zip;
	struct got got;
	size_t i;

	(void)state;
	buf_init(&body, 64 * MIB);
	assert_int_equal(buf_puts(&body, "<w:document xmlns:w=\"http://"
		"schemas.openxmlformats.org/wordprocessingml/2006/main\">"
		"<w:body><w:p>"), 0);
	for (i = 0; i < 100000; i++)
		assert_int_equal(buf_puts(&body,
		    "<w:r><w:t>wo</w:t></w:r><w:r><w:t>rd </w:t></w:r>"), 0);
	assert_int_equal(buf_puts(&body, "</w:p>" PARAGRAPH("End.")
		"</w:body></w:document>"), 0);
	zip_begin(&zip);
	zip_add(&zip, "word/document.xml", buf_text(&body));
	zip_end(&zip);
	read_bytes("long.docx", zip.file.data, zip.file.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_int_equal(got.bytes, 5 * 100000 - 1 + 4);
	assert_int_equal(got.blocks, 3);
	assert_null(strstr(buf_text(&got.text), "wo "));
	assert_non_null(strstr(buf_text(&got.text), "word\np|End.\n"));
	buf_fini(&got.text);
	buf_fini(&zip.file);
	buf_fini(&body);
}

/* ---- dates -------------------------------------------------------------- */

static void
check_date(const char *date, const char *wanted)
{
	char core[512], text[128];
	struct zip zip;

	(void)snprintf(core, sizeof(core), "<p><created>%s</created></p>",
	    date);
	(void)snprintf(text, sizeof(text), "%s%s%sp|x\n",
	    *wanted == '\0' ? "" : "k|created_at|", wanted,
	    *wanted == '\0' ? "" : "\n");
	zip_begin(&zip);
	zip_add(&zip, "word/document.xml", DOCUMENT(PARAGRAPH("x")));
	zip_add(&zip, "docProps/core.xml", core);
	zip_end(&zip);
	check_bytes(date, zip.file.data, zip.file.len, "", text);
	buf_fini(&zip.file);
}

static void
test_dates(void **state)
{
	static const struct {
		const char *date, *wanted;
	} dates[] = {
	    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
	    {"2024-02-29", "2024-02-29T00:00:00Z"},
	    {"2000-02-29", "2000-02-29T00:00:00Z"},
	    {"1900-02-29", ""}, {"2023-02-29", ""}, {"2024-13-01", ""},
	    {"2024-00-01", ""}, {"2024-01-00", ""}, {"2024-04-31", ""},
	    {"2024", "2024-01-01T00:00:00Z"},
	    {"2024-05", "2024-05-01T00:00:00Z"},
	    {"20240506", "2024-05-06T00:00:00Z"},
	    {"20240506T070809", "2024-05-06T07:08:09Z"},
	    {"2024-05-06T07:08", "2024-05-06T07:08:00Z"},
	    {"2024-05-06T07:08:09.123+02:00", "2024-05-06T05:08:09Z"},
	    {"2024-05-06T07:08:09,5-0330", "2024-05-06T10:38:09Z"},
	    {"2024-12-31T23:30-01", "2025-01-01T00:30:00Z"},
	    {" \n2024-05-06 07:08:09Z\t", "2024-05-06T07:08:09Z"},
	    {"0001-01-01", "0001-01-01T00:00:00Z"},
	    {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
	    {"9999-12-31T23:59:60Z", ""}, {"0001-01-01T00:00:00+01:00", ""},
	    {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
	    {"0000-01-01", ""}, {"2024-05-06T24:00", ""},
	    {"2024-05-06T07:60", ""}, {"2024-05-06T07", ""},
	    {"2024-05-06T", ""}, {"2024-05-06 at noon", ""}, {"soon", ""},
	    {"2024-05-06T07:08:09+99:00", ""}, {"2024-", ""}, {"-2024", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		check_date(dates[i].date, dates[i].wanted);
}

/* ---- damaged and hostile ------------------------------------------------ */

static void
check_broken(const char *path, enum item_code code, const char *words)
{
	struct buf bytes;

	load_fixture(path, &bytes);
	check_code(path + 5, buf_text(&bytes), bytes.len, code, words);
	buf_fini(&bytes);
}

static void
test_hostile(void **state)
{
	(void)state;
	check_broken("docx/missing.docx", ITEM_CODE_EXTRACTION_FAILED,
	    "no main part");
	check_broken("docx/malformed.docx", ITEM_CODE_EXTRACTION_FAILED,
	    "malformed in line 2");
	check_broken("docx/entities.docx", ITEM_CODE_EXTRACTION_FAILED,
	    "declares XML entities");
	check_broken("docx/external.docx", ITEM_CODE_EXTRACTION_FAILED,
	    "declares XML entities");
	check_broken("docx/locked.docx", ITEM_CODE_ENCRYPTED_DOCUMENT,
	    "password");
	check_broken("docx/bomb.docx", ITEM_CODE_EXTRACTION_LIMIT,
	    "unpacks to more");
	check_broken("docx/attribute.docx", ITEM_CODE_EXTRACTION_LIMIT,
	    "over a limit");
	check_broken("docx/deep.docx", ITEM_CODE_EXTRACTION_LIMIT,
	    "nested deeper than 1024");
	check_broken("docx/boxes-in-boxes.docx", ITEM_CODE_EXTRACTION_LIMIT,
	    "text boxes are nested");
	check_broken("docx/pictures.docx", ITEM_CODE_NO_TEXT, "pictures");
	/* A million columns, of which one claims two thousand million. */
	check_fixture("docx/wide.docx", "", "t|a; a; a; z\n");
	/* Names that would lead out of the package are names in it. */
	check_fixture("docx/targets.docx", "",
	    "p|Header.\np|Safe.\np|Inside.\np|Inside.\n");
}

/* Cut off anywhere it ends with a sentence, and nothing worse. */
static void
test_truncated(void **state)
{
	struct buf bytes;
	struct got got;
	size_t len;

	(void)state;
	load_fixture("docx/tables.docx", &bytes);
	for (len = bytes.len - 1; len > 200; len -= 97) {
		read_bytes("cut.docx", buf_text(&bytes), len, &got);
		assert_int_not_equal(got.result.code, ITEM_CODE_NONE);
		assert_true(got.result.message[0] != '\0');
		buf_fini(&got.text);
	}
	buf_fini(&bytes);
}

/* Parts that may be missing or damaged without harm to the text. */
static void
test_damaged_parts(void **state)
{
	static const char rels[] = "<Relationships><Relationship Id=\"a\" "
	    "Type=\"x/styles\" Target=\"styles.xml\"/><Relationship Id=\"b\""
	    " Type=\"x/chart\" Target=\"chart.xml\"/><Relationship Id=\"c\" "
	    "Type=\"x/footer\" Target=\"gone.xml\"/></Relationships>";
	struct zip zip;

	(void)state;
	zip_begin(&zip);
	zip_add(&zip, "word/document.xml", DOCUMENT(PARAGRAPH("Text.")));
	zip_add(&zip, "word/_rels/document.xml.rels", rels);
	zip_add(&zip, "word/styles.xml", "<w:styles><w:style>");
	zip_add(&zip, "word/chart.xml", "no chart");
	zip_add(&zip, "docProps/core.xml", "<a><title>Kept</title><b");
	zip_end(&zip);
	check_bytes("parts.docx", zip.file.data, zip.file.len, "Kept",
	    "p|Text.\n");
	buf_fini(&zip.file);
	/* Notes are text: without them the document is not whole. */
	zip_begin(&zip);
	zip_add(&zip, "word/document.xml", DOCUMENT(PARAGRAPH("Text.")));
	zip_add(&zip, "word/_rels/document.xml.rels",
	    "<Relationships><Relationship Id=\"a\" Type=\"x/footnotes\" "
	    "Target=\"notes.xml\"/></Relationships>");
	zip_add(&zip, "word/notes.xml", "<notes>");
	zip_end(&zip);
	check_code("notes.docx", zip.file.data, zip.file.len,
	    ITEM_CODE_EXTRACTION_FAILED, "malformed");
	buf_fini(&zip.file);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_runs),
	    cmocka_unit_test(test_styles),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_boxes),
	    cmocka_unit_test(test_notes),
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_objects),
	    cmocka_unit_test(test_variants),
	    cmocka_unit_test(test_programs),
	    cmocka_unit_test(test_media_types),
	    cmocka_unit_test(test_long_paragraph),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_damaged_parts),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
