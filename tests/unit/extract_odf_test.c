/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenDocument, from fixtures (tests/data/make_documents.d/odf) and from
 * packages that are made here: damaged, boundless, going round in circles.
 */
#include "extract_shared.h"
#include "make_zip.h"

#define NAMES                                                                 \
	" xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'"    \
	" xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'"        \
	" xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0'"      \
	" xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0'"     \
	" xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0'"      \
	" xmlns:xlink='http://www.w3.org/1999/xlink'"
#define BEGIN "<office:document-content" NAMES "><office:body>"
#define END "</office:body></office:document-content>"
#define TEXT BEGIN "<office:text>"
#define TEXT_END "</office:text>" END
#define SHEET BEGIN "<office:spreadsheet><table:table table:name='S'>"
#define SHEET_END "</table:table></office:spreadsheet>" END
#define TYPE "application/vnd.oasis.opendocument."

/* A package with that content. */
static struct buf
package_of(const char *kind, const char *content)
{
	struct made_zip zip;

	zip_begin(&zip);
	zip_text(&zip, "mimetype", kind);
	if (content != NULL)
		zip_text(&zip, "content.xml", content);
	return zip_end(&zip);
}

static void
check_content(const char *kind, const char *content, const char *wanted)
{
	struct buf bytes = package_of(kind, content);

	check_bytes("a.odt", bytes.data, bytes.len, NULL, wanted);
	buf_fini(&bytes);
}

static void
check_failing(const char *kind, const char *content, enum item_code code,
    const char *words)
{
	struct buf bytes = package_of(kind, content);

	check_code("a.odt", bytes.data, bytes.len, code, words);
	buf_fini(&bytes);
}

static void
test_features(void **state)
{
	struct got got;
	struct buf bytes;

	(void)state;
	check_fixture("odf/features.odt", "The harbour book",
	    "k|author|Ada Lund\nk|subject|Ships\nk|keywords|gulls, tides\n"
	    "k|description|What the harbour has.\nk|generator|Hand/1.0\n"
	    "k|created_at|2024-05-06T07:08:09Z\n"
	    "k|modified_at|2024-05-07T07:00:00Z\n"
	    "h1@1|Harbour handbook\nh1@1|Quays\n"
	    "p@1|The quay has two sides and a light, see the map.\n"
	    "p@1|Built in 1910.\np@1|Bo Holm: Is it so?\np@1|Ask Ada.\n"
	    "h6@1|Deep\np@1|Ships:\nl1@1|Anna\np@1|of Bergen\n"
	    "l2@1|her boat\nl1@1|Berta\np@1|Seen again\n"
	    "p@1|In a section that goes on\np@2|Base 漢字\n"
	    "c@2|while true; do\n  tide \thigh\ndone\n"
	    "t@2|Ship: Anna the old; Length: 31\np@2|Since 1920\n"
	    "t@3|Length: 12; Flag: DK\np@3|Picture: and box end.\n"
	    "p@3|A gull\np@3|sits on a pole\nh2@3|Boxed\nt@3|in; box\n"
	    "t@3|before\nh2@3|Layout\np@3|flows\np@3|on\np@4|New page\n"
	    "p@4|Tides of May\nt@4|1 May; High: 2.5\np@4|Twice\n"
	    "m|Object 2|PK..........!X..9%............note.txt"
	    "KTH..IU.OS.,)V./...PK.|133|NONE\n"
	    "p@4|Lund, A.: Tides\n"
	    "p@4|Harbour office,\np@4|Confidential draft\n");
	load_fixture("odf/features.odt", &bytes);
	read_bytes("features.odt", bytes.data, bytes.len, &got);
	assert_string_equal(got.result.language, "en-GB");
	assert_string_equal(got.result.media_type, TYPE "text");
	assert_int_equal(got.result.pages, 5);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

static void
test_old(void **state)
{
	(void)state;
	check_fixture("odf/old.sxw", "Old heading",
	    "h2|Old heading\np|Old words.\np|Old note\nl1|Old item\nt|a\n"
	    "t|b\n");
	check_fixture("odf/old.sxc", "",
	    "h1@1|Old\np@1|Bo: Metres\nt@1|Ship: Anna; Length: 31\n");
}

#define OFFICE                                                                \
	"k|generator|LibreOffice/7.4.7.2$Linux_X86_64 "                       \
	"LibreOffice_project/40$Build-2\n"

static void
test_office(void **state)
{
	(void)state;
	check_fixture("odf/sheets.ods", NULL,
	    OFFICE "h1@1|Ships\nt@1|All ships of the harbour\n"
	    "t@1|Ship: Anna; Built: 1910; Price: 3820\np@1|Bo: Or 1911?\n"
	    "t@1|Ship: Berta\nt@1|Ship: Berta\nt@1|Ship: Berta\n"
	    "t@1|Ship: Möwe 海鸥; Built: 1; Price: 7; 7\nh1@2|Бухта\n"
	    "t@2|one cell\n");
	check_fixture("odf/slides.odp", "Tour",
	    OFFICE "h1@1|Harbour tour\nl1@1|Quays\nl2@1|North quay\n"
	    "l1@1|Ships\np@1|Speak slowly\nh1@2|Lights\np@2|a lamp\n"
	    "t@2|red; port\n");
	check_fixture("odf/drawing.odg", NULL,
	    OFFICE "p@1|in a box\np@1|in a frame\n");
	check_fixture("odf/flat.fodt", "One file",
	    "h1|Flat\np|Text of one file.\np|An object\np|At the foot\n");
	check_fixture("odf/nomimetype.odt", NULL,
	    "p|Told by its manifest\n");
}

/* Three pages, of which LibreOffice broke two itself. */
static void
test_pages(void **state)
{
	static const char *const names[] = {"odf/pages.odt", "odf/pages.ott"};
	struct got got;
	struct buf bytes;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		load_fixture(names[i], &bytes);
		read_bytes("a", bytes.data, bytes.len, &got);
		assert_int_equal(got.result.pages, 3);
		assert_int_equal(got.blocks, 43);
		assert_non_null(strstr(buf_text(&got.text),
		    "h1@1|First\np@1|Paragraph 1 of the harbour book speaks"));
		assert_non_null(strstr(buf_text(&got.text),
		    "p@2|Paragraph 40 of the harbour book"));
		assert_non_null(strstr(buf_text(&got.text),
		    "h1@3|Second\np@3|After the break.\n"));
		buf_fini(&got.text);
		buf_fini(&bytes);
	}
}

static const struct {
	const char *name, *words;
} scripts[] = {
    {"Latin", "Die Möwen fliegen über den Hafen."},
    {"Cyrillic", "Чайки летят над гаванью."},
    {"Greek", "Οι γλάροι πετούν πάνω από το λιμάνι."},
    {"Arabic", "تطير النوارس فوق الميناء."},
    {"Hebrew", "השחפים עפים מעל הנמל."},
    {"Hindi", "समुद्री पक्षी बंदरगाह के ऊपर उड़ते हैं।"},
    {"Chinese", "海鸥在港口上空飞翔。"},
    {"Japanese", "カモメが港の上を飛んでいます。"},
    {"Korean", "갈매기가 항구 위를 날고 있습니다."},
};
#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

static void
test_scripts(void **state)
{
	struct buf wanted;
	size_t i;

	(void)state;
	buf_init(&wanted, MIB);
	(void)buf_puts(&wanted,
	    "k|author|Ada Lund\nk|generator|Pandoc/2.17.1.1\n"
	    "k|created_at|2023-11-14T22:13:20Z\n"
	    "k|modified_at|2023-11-14T22:13:20Z\n"
	    "h1|Scripts\np|Ada Lund\nh1|All scripts\n");
	for (i = 0; i < SCRIPTS; i++)
		(void)buf_printf(&wanted, "h2|%s\np|%s\nl1|%s\n",
		    scripts[i].name, scripts[i].words, scripts[i].words);
	(void)buf_puts(&wanted, "h1|Table\n");
	for (i = 0; i < SCRIPTS; i++)
		(void)buf_printf(&wanted, "t|Script: %s; Sentence: %s\n",
		    scripts[i].name, scripts[i].words);
	(void)buf_puts(&wanted, "p|A note.\np|Said so.\nc|if x:\n    y\n");
	check_fixture("odf/scripts.odt", "Scripts", buf_text(&wanted));
	buf_fini(&wanted);
}

static void
test_encrypted(void **state)
{
	struct buf bytes;

	(void)state;
	load_fixture("odf/locked.odt", &bytes);
	check_code("locked.odt", bytes.data, bytes.len,
	    ITEM_CODE_ENCRYPTED_DOCUMENT, "password");
	buf_fini(&bytes);
}

/* ---- made here ---------------------------------------------------------- */

static void
test_repeats(void **state)
{
	struct buf wanted, content;
	int i;

	(void)state;
	check_content(TYPE "spreadsheet",
	    SHEET "<table:table-row table:number-rows-repeated='2147483648'>"
	    "<table:table-cell table:number-columns-repeated='2147483647'/>"
	    "</table:table-row><table:table-row><table:table-cell "
	    "table:number-columns-repeated='99999999999999999999'/>"
	    "<table:table-cell office:value-type='float'><text:p>1</text:p>"
	    "</table:table-cell></table:table-row>" SHEET_END,
	    "h1@1|S\nt@1|1\n");
	/* Rows and cells with something in them: a hundred more of each. */
	buf_init(&wanted, MIB);
	(void)buf_puts(&wanted, "h1@1|S\n");
	for (i = 0; i < 101; i++)
		(void)buf_puts(&wanted, "t@1|7\n");
	(void)buf_puts(&wanted, "t@1|8");
	for (i = 0; i < 100; i++)
		(void)buf_puts(&wanted, "; 8");
	(void)buf_puts(&wanted, "\n");
	check_content(TYPE "spreadsheet",
	    SHEET "<table:table-row table:number-rows-repeated='1000000'>"
	    "<table:table-cell office:value-type='float' office:value='7'/>"
	    "</table:table-row><table:table-row><table:table-cell "
	    "office:value-type='float' table:number-columns-repeated='16384'>"
	    "<text:p>8</text:p></table:table-cell></table:table-row>"
	    SHEET_END,
	    buf_text(&wanted));
	buf_fini(&wanted);

	/* A long row that repeats does so only as far as all may together. */
	buf_init(&content, MIB);
	(void)buf_puts(&content, SHEET);
	for (i = 0; i < 10; i++) {
		(void)buf_puts(&content, "<table:table-row "
		    "table:number-rows-repeated='100'><table:table-cell>"
		    "<text:p>");
		(void)buf_reserve(&content, 60000);
		memset(content.data + content.len, 'x', 60000);
		content.len += 60000;
		(void)buf_puts(&content,
		    "</text:p></table:table-cell></table:table-row>");
	}
	(void)buf_puts(&content, SHEET_END);
	{
		struct buf bytes = package_of(TYPE "spreadsheet",
		    buf_text(&content));
		struct got got;

		read_bytes("a.ods", bytes.data, bytes.len, &got);
		assert_int_equal(got.result.code, ITEM_CODE_NONE);
		assert_true(got.bytes > 600000 && got.bytes < 5 * MIB);
		buf_fini(&got.text);
		buf_fini(&bytes);
	}
	buf_fini(&content);
}

/* Notes in notes in notes, more than there are levels. */
static void
test_levels(void **state)
{
	struct buf content;
	int i;

	(void)state;
	buf_init(&content, MIB);
	(void)buf_puts(&content, TEXT);
	for (i = 0; i < 12; i++)
		(void)buf_printf(&content, "<text:p>a%d<text:note>"
		    "<text:note-body>", i);
	for (i = 11; i >= 0; i--)
		(void)buf_printf(&content,
		    "</text:note-body></text:note>z%d</text:p>", i);
	(void)buf_puts(&content, TEXT_END);
	check_content(TYPE "text", buf_text(&content),
	    "p|a0z0\np|a1z1\np|a2z2\np|a3z3\np|a4z4\np|a5z5\np|a6z6\n"
	    "p|a7 a8 a9 a10 a11z11 z10 z9 z8 z7\n");

	buf_clear(&content);
	(void)buf_puts(&content, TEXT "<text:p>");
	for (i = 0; i < 2000; i++)
		(void)buf_puts(&content, "<text:span>");
	check_failing(TYPE "text", buf_text(&content),
	    ITEM_CODE_EXTRACTION_LIMIT, "nested deeper");
	buf_fini(&content);
}

static void
test_damaged(void **state)
{
	(void)state;
	check_failing(TYPE "text", NULL, ITEM_CODE_EXTRACTION_FAILED,
	    "no content.xml");
	check_failing(TYPE "text", TEXT "<text:p>cut",
	    ITEM_CODE_EXTRACTION_FAILED, "malformed");
	check_failing(TYPE "text", "", ITEM_CODE_EXTRACTION_FAILED, "XML");
	check_failing(TYPE "text",
	    "<!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;'>"
	    "<!ENTITY c '&b;&b;&b;&b;&b;'>]>" TEXT "<text:p>&c;</text:p>"
	    TEXT_END,
	    ITEM_CODE_EXTRACTION_FAILED, "entities");
	check_failing(TYPE "text",
	    "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" TEXT
	    "<text:p>&a;</text:p>" TEXT_END,
	    ITEM_CODE_EXTRACTION_FAILED, "entities");
	/* What is where it does not belong is text all the same. */
	check_content(TYPE "text",
	    TEXT "<table:table-cell><text:p>a</text:p></table:table-cell>"
	    "<table:table-row><text:p>b</text:p></table:table-row>"
	    "<text:p>c<text:p>d</text:p>e</text:p><text:list-item>"
	    "<text:p>f</text:p></text:list-item>loose" TEXT_END,
	    "p|a\np|b\np|ce\np|d\np|f\n");
}

/* What is on all slides, and other files' sheets. */
static void
test_masters(void **state)
{
	struct made_zip zip;
	struct buf bytes;

	(void)state;
	zip_begin(&zip);
	zip_text(&zip, "mimetype", TYPE "presentation");
	zip_text(&zip, "content.xml",
	    BEGIN "<office:presentation><draw:page draw:name='p1'><draw:frame>"
	    "<draw:text-box><text:p>on one</text:p></draw:text-box>"
	    "</draw:frame></draw:page></office:presentation>" END);
	zip_text(&zip, "styles.xml",
	    "<office:document-styles" NAMES " xmlns:presentation='urn:oasis:"
	    "names:tc:opendocument:xmlns:presentation:1.0'><office:styles>"
	    "<draw:marker><text:p>no</text:p></draw:marker></office:styles>"
	    "<office:master-styles><style:handout-master><draw:frame>"
	    "<text:p>handout</text:p></draw:frame></style:handout-master>"
	    "<style:master-page><draw:frame presentation:class='title'>"
	    "<text:p>Click here</text:p></draw:frame><draw:frame "
	    "presentation:class='footer'><draw:text-box><text:p>on all"
	    "</text:p></draw:text-box></draw:frame><draw:custom-shape><text:p>"
	    "a logo</text:p></draw:custom-shape><presentation:notes>"
	    "<draw:frame><text:p>notes</text:p></draw:frame>"
	    "</presentation:notes></style:master-page></office:master-styles>"
	    "</office:document-styles>");
	bytes = zip_end(&zip);
	check_bytes("a.odp", bytes.data, bytes.len, NULL,
	    "p@1|on one\np@1|on all\np@1|a logo\n");
	buf_fini(&bytes);

	check_content(TYPE "spreadsheet",
	    BEGIN "<office:spreadsheet><table:table table:name=\""
	    "'file:///x.ods'#$Other\"><table:table-row><table:table-cell>"
	    "<text:p>cached</text:p></table:table-cell></table:table-row>"
	    "</table:table><table:table table:name='Own'/>"
	    "</office:spreadsheet>" END,
	    "h1@1|Own\n");
}

static void
test_bomb(void **state)
{
	struct made_zip zip;
	struct buf bytes;

	(void)state;
	zip_begin(&zip);
	zip_text(&zip, "mimetype", TYPE "text");
	zip_bomb(&zip, "content.xml", TEXT "<text:p>x ", 1100000);
	bytes = zip_end(&zip);
	check_code("bomb.odt", bytes.data, bytes.len,
	    ITEM_CODE_EXTRACTION_LIMIT, "unpacks to more");
	buf_fini(&bytes);
}

#define OBJECT(n) "<draw:frame><draw:object xlink:href='./" n "'/></draw:frame>"

static void
test_circles(void **state)
{
	struct made_zip zip;
	struct buf bytes;

	(void)state;
	zip_begin(&zip);
	zip_text(&zip, "mimetype", TYPE "text");
	zip_text(&zip, "content.xml",
	    "<office:document-content" NAMES "><office:automatic-styles>"
	    "<style:style style:name='A' style:family='paragraph' "
	    "style:parent-style-name='B'/>"
	    "<style:style style:name='B' style:family='paragraph' "
	    "style:parent-style-name='A'/></office:automatic-styles>"
	    "<office:body><office:text><text:p text:style-name='A'>top"
	    OBJECT("O1") OBJECT("..") OBJECT("http://x/") OBJECT("O2")
	    "</text:p>" TEXT_END);
	zip_text(&zip, "O1/content.xml",
	    TEXT "<text:p>one" OBJECT("O1") OBJECT("O2") OBJECT("")
	    "</text:p>" TEXT_END);
	zip_text(&zip, "O2/content.xml",
	    TEXT "<text:p>two" OBJECT("O1") OBJECT("O3") "</text:p>"
	    TEXT_END);
	zip_text(&zip, "O3/content.xml", TEXT "<text:p>broken</text:q>");
	bytes = zip_end(&zip);
	check_bytes("a.odt", bytes.data, bytes.len, NULL,
	    "p|top\np|one\np|two\np|broken\n");
	buf_fini(&bytes);
}

/* Cut anywhere, or with a wrong byte: it ends somehow, in the same child. */
static void
test_torn(void **state)
{
	static const char *const names[] = {"odf/features.odt",
	    "odf/sheets.ods", "odf/flat.fodt"};
	struct buf bytes;
	struct got got;
	size_t i, at;
	char kept;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		load_fixture(names[i], &bytes);
		for (at = 1; at < bytes.len; at += 1 + bytes.len / 60) {
			read_bytes(names[i], bytes.data, at, &got);
			buf_fini(&got.text);
			kept = bytes.data[at];
			bytes.data[at] = (char)(kept ^ 0x55);
			read_bytes(names[i], bytes.data, bytes.len, &got);
			buf_fini(&got.text);
			bytes.data[at] = kept;
		}
		buf_fini(&bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_features),
	    cmocka_unit_test(test_old),
	    cmocka_unit_test(test_office),
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_scripts),
	    cmocka_unit_test(test_encrypted),
	    cmocka_unit_test(test_repeats),
	    cmocka_unit_test(test_levels),
	    cmocka_unit_test(test_damaged),
	    cmocka_unit_test(test_masters),
	    cmocka_unit_test(test_bomb),
	    cmocka_unit_test(test_circles),
	    cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
