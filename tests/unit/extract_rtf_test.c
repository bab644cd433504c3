/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rich Text through the real child: what LibreOffice writes of known texts,
 * and what other programs write, by hand.
 */
#include "extract_got.h"

static char program[4096];
static struct extractor *shared;

static void
read_bytes(const void *bytes, size_t len, struct got *got)
{
	got->stop_after = got->stop_with = 0;
	assert_int_equal(run_with(shared, &extract_limits_default, "a.rtf",
			     bytes, len, got), 0);
}

static void
check(const char *bytes, size_t len, const char *wanted)
{
	struct got got;

	read_bytes(bytes, len, &got);
	if (got.result.code != ITEM_CODE_NONE)
		print_error("%s\n", got.result.message);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(buf_text(&got.text), wanted);
	buf_fini(&got.text);
}

#define CHECK(bytes, wanted) check(bytes, sizeof(bytes) - 1, wanted)
#define RTF "{\\rtf1\\ansi\\ansicpg1252 "

static void
check_file(const char *name, const char *title, const char *wanted)
{
	static char bytes[256 * KIB];
	char path[256];
	struct got got;
	size_t len;
	FILE *file;

	(void)snprintf(path, sizeof(path), "tests/data/documents/rtf/%s",
	    name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	read_bytes(bytes, len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(got.result.media_type, "application/rtf");
	assert_string_equal(got.result.title, title);
	assert_string_equal(strstr(buf_text(&got.text), "k|subject"), wanted);
	buf_fini(&got.text);
}

#define PROPERTIES                                                            \
	"k|subject|Lamps & lenses\n"                                          \
	"k|keywords|light, sea\n"                                             \
	"k|description|A note on Φάρος\n"                                     \
	"k|author|Zoë Müller\n"                                               \
	"k|created_at|2021-03-04T05:06:00Z\n"                                 \
	"k|modified_at|2022-04-05T06:07:00Z\n"

static void
test_structure(void **state)
{
	(void)state;
	check_file("structure.rtf", "The lighthouse – Маяк", PROPERTIES
	    "p|Keeper's log\n"
	    "p|Bell Rock\n"
	    "h1|The lighthouse\n"
	    "p|A lamp burns through the night and the sea answers.\n"
	    "p|Whale oil, at first.\n"
	    "h2|Its keepers\n"
	    "l1|the old man\n"
	    "l2|his daughter\n"
	    "l1|the dog\n"
	    "l1|Light the lamp.\n"
	    "l1|Wind the clock.\n"
	    "h3|Their hours\n"
	    "t|Watch: first; Keeper: Anna; Hours: 20–24\n"
	    "t|Watch: middle; Keeper: Björn; Hours: 0–4\n"
	    "p|Between\ntwo lines\tand a tab, a link and bold, not seen, "
	    "cooperate, non\u2011stop.\n"
	    "p|The end.\n"
	    "p|Of the note.\n"
	    "p|Really the end?\n"
	    "p|Inside a box.\n"
	    "p|Around the box.\n");
}

static void
test_scripts(void **state)
{
	(void)state;
	check_file("scripts.rtf", "The lighthouse – Маяк", PROPERTIES
	    "p|The quick brown fox jumps – naïve café, Łódź, Dvořák, "
	    "İstanbul.\n"
	    "p|Съешь же ещё этих мягких французских булок, да выпей чаю.\n"
	    "p|Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.\n"
	    "p|نص حكيم له سر قاطع وذو شأن عظيم.\n"
	    "p|דג סקרן שט בים מאוכזב ולפתע מצא חברה.\n"
	    "p|ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण।\n"
	    "p|我能吞下玻璃而不伤身体。\n"
	    "p|いろはにほへと ちりぬるを。カタカナも。\n"
	    "p|다람쥐 헌 쳇바퀴에 타고파.\n"
	    "p|Music 𝄞 and a smile 😀.\n");
}

static void
test_bytes(void **state)
{
	(void)state;
	/* Of the document, of the font, and by code page. */
	CHECK("{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0\\'e8\\'e2\\'e5\\'f2}",
	    "p|Привет\n");
	CHECK(RTF "{\\fonttbl{\\f0\\fcharset204 Arial;}"
	    "{\\f1\\fcharset161 Arial;}{\\f2\\fcharset0 Arial;}"
	    "{\\f3\\cpg1255 Arial;}}"
	    "\\f0 \\'ec\\'e8\\'f0, \\f1 \\'ea\\'fc\\'f3\\'ec\\'ef\\'f2"
	    "{\\f2 , na\\'efve} \\'ea{\\f3 \\'f9}\\'ea\\par}",
	    "p|мир, κόσμος, naïve κשκ\n");
	/* Fonts without groups, and without a semicolon at the end. */
	CHECK(RTF "{\\fonttbl\\f0\\fnil Arial;\\f1\\fcharset204 Ar}"
	    "\\f1 \\'ec\\f0\\'ec\\par}", "p|мì\n");
	/* Escapes and line ends of the file are inside of words. */
	CHECK(RTF "Esp\\'ed\r\nrito\\'20S\\'E3o\\par}", "p|Espírito São\n");
	CHECK("{\\rtf1\\mac \\'8ae\\par}", "p|äe\n");
	CHECK("{\\rtf1\\pc \\'81\\par}", "p|ü\n");
	CHECK("{\\rtf1\\ansi\\ansicpg65001 \\'d0\\'94\xD0\xB0\\par}",
	    "p|Да\n");
	CHECK(RTF "{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset2 Symbol;}"
	    "{\\f2\\fcharset2 Wingdings;}}{\\f1 a\\'b3b} {\\f2 \\'fcx}y\\par}",
	    "p|α≥β y\n");
}

static void
test_two_bytes(void **state)
{
	(void)state;
	CHECK("{\\rtf1\\ansi\\ansicpg932 \\'93\\'fa\\'96\\'7b\\'8c\\'ea}",
	    "p|日本語\n");
	/* The second byte may be a letter, or look like a backslash. */
	CHECK("{\\rtf1\\ansi\\ansicpg932 \\'83A\\'83\\\\\\'83\\'5c}",
	    "p|アソソ\n");
	CHECK(RTF "{\\fonttbl{\\f0\\fcharset134 A;}{\\f1\\fcharset136 B;}"
	    "{\\f2\\fcharset129 C;}}\\f0 \\'d6\\'d0\\f1 \\'a4\\'a4"
	    "\\f2 \\'c7\\'d1\\par}", "p|中中한\n");
	CHECK(RTF "{\\fonttbl{\\f0 A;}{\\f13\\fcharset128 B;}}"
	    "\\loch\\af0\\hich\\af0\\dbch\\af13 \\'93\\'fa"
	    "\\loch\\f0 \\'e9\\par}", "p|日é\n");
}

static void
test_unicode(void **state)
{
	(void)state;
	CHECK(RTF "\\u1047?\\uc0\\u1072\\uc2\\u1088\\'81\\'40\\u1103ab"
	    "{\\uc1\\u-3913\\'3f}!\\par}", "p|Заря!\n");
	CHECK(RTF "\\u8364 \\'80\\u8364 ?x\\par}", "p|€€x\n");
	CHECK(RTF "\\u-10179?\\u-8704?\\u-10179?z\\par}", "p|😀z\n");
	CHECK(RTF "a\\u1047{b}\\u1047\\par c\\par}", "p|aЗbЗ\np|c\n");
	CHECK(RTF "a\\u1\\u7 b\\u127 c\\'07\\'00d\\par}", "p|ad\n");
	CHECK(RTF "{\\upr{plain}{\\*\\ud{caf\\u233?}}} x\\par}",
	    "p|café x\n");
	CHECK(RTF "a\\~b\\_c co\\-op \\{\\}\\\\ \\ldblquote q\\rdblquote "
	    "\\endash\\bullet\\tab t\\line l\\zwj\\zwnj\\par}",
	    "p|a\u00A0b\u2011c coop {}\\ “q”–•\tt\nl\u200D\u200C\n");
}

static void
test_destinations(void **state)
{
	(void)state;
	CHECK(RTF "a{\\*\\unknown b{c}\\par}{\\pict\\wmetafile8 0123{x}}d"
	    "{\\colortbl;\\red1;}{\\*\\bkmkstart z}{\\v hid}{\\deleted gone}"
	    "\\v more\\v0 e{\\xe{\\v index}}\\par}", "p|ade\n");
	CHECK(RTF "{\\pict\\bin5 }}}}}}a\\bin3 {{{b\\par}", "p|ab\n");
	CHECK(RTF "a {\\field{\\*\\fldinst HYPERLINK \"u\"}"
	    "{\\fldrslt{b}}} c{\\field{\\*\\fldinst{PAGE "
	    "{\\field{\\fldinst X}{\\fldrslt y}}}}{\\fldrslt 1}}\\par}",
	    "p|a b c1\n");
	CHECK(RTF "one{\\footnote{\\super\\chftn} first\\par second}, two"
	    "{\\*\\annotation why?}\\par three\\par}",
	    "p|one, two\np|first\np|second\np|why?\np|three\n");
	CHECK(RTF "{\\header H}a\\par{\\header H}b\\par{\\headerr I}c\\par}",
	    "p|H\np|a\np|b\np|I\np|c\n");
	CHECK(RTF "{\\info{\\title T \\u233?}{\\author A}{\\operator O}"
	    "{\\creatim\\yr2001\\mo2\\dy30}"
	    "{\\revtim\\yr2001\\mo2\\dy3\\hr4\\min5}{\\doccomm D}}"
	    "{\\*\\generator G 1;}{\\title no}x\\par}",
	    "k|author|A\nk|modified_at|2001-02-03T04:05:00Z\n"
	    "k|description|D\nk|generator|G 1\np|nox\n");
}

static void
test_paragraphs(void **state)
{
	(void)state;
	CHECK(RTF "{\\stylesheet{ Normal;}{\\s1\\outlinelevel0 Eins;}"
	    "{\\s2 heading 2;}{\\*\\cs3 heading 3;}{\\s4 Title;}}"
	    "\\pard\\s4 T\\par\\pard\\s1 A\\par\\pard\\s2 B\\par"
	    "\\pard\\s1\\outlinelevel9 C\\par\\pard\\outlinelevel8 D\\par"
	    "\\pard E\\par}", "h1|T\nh1|A\nh2|B\np|C\nh6|D\np|E\n");
	CHECK(RTF "\\pard\\ls1{\\listtext 1.\\tab}a\\par"
	    "{\\listtext 2.\\tab}\\ilvl1 b\\par\\pard c\\par"
	    "\\pard{\\pntext\\'b7\\tab}{\\*\\pn\\pnlvlblt\\pnf1{\\pntxtb x}}"
	    "d\\par{\\pntext\\'b7\\tab}e\\par\\pard f}",
	    "l1|a\nl2|b\np|c\nl1|d\nl1|e\np|f\n");
	/* Typed by hand. */
	CHECK(RTF "\\bullet\\tab a\\par\\~\\'b7\\tab b\\par\\bullet c}",
	    "l1|a\nl1|b\np|•c\n");
	CHECK(RTF "a\\page b\\sect c\\\nd\\par\\par\\par e}",
	    "p|a\np|b\np|c\np|d\np|e\n");
}

static void
test_tables(void **state)
{
	(void)state;
	CHECK(RTF "\\trowd\\trhdr\\cellx1\\cellx2\\pard\\intbl N\\cell M\\cell"
	    "\\row\\trowd\\cellx1\\cellx2 1\\par 2\\cell 3{\\footnote f}"
	    "\\cell\\row\\pard z\\par}", "t|N: 1 2; M: 3\np|f\np|z\n");
	/* The bold row is the header; without one there are only cells. */
	CHECK(RTF "\\trowd\\pard\\intbl{\\b A\\cell B\\cell}\\row "
	    "x\\cell y\\cell\\row\\pard p\\par\\trowd\\intbl a\\cell\\cell "
	    "b\\cell\\row c\\cell\\row\\pard q}",
	    "t|A: x; B: y\np|p\nt|a; b\nt|c\np|q\n");
	CHECK(RTF "\\trowd\\intbl a\\cell{i\\nestcell j\\nestcell"
	    "{\\*\\nesttableprops\\trowd\\nestrow}{\\nonesttables\\par}k"
	    "\\nestcell\\nestrow}o\\cell\\row\\pard p}",
	    "t|a; i j k o\np|p\n");
	/* Rows that never end. */
	CHECK(RTF "\\intbl a\\cell b\\cell c\\par\\pard d\\par}",
	    "t|a; b\np|c\np|d\n");
}

static void
test_broken(void **state)
{
	(void)state;
	CHECK(RTF "a{b{c\\par d", "p|abc\np|d\n");
	CHECK(RTF "a}}} b\\par} c", "p|a b\np|c\n");
	CHECK(RTF "a\\", "p|a\n");
	CHECK(RTF "a\\'", "p|a\n");
	CHECK(RTF "a\\'4", "p|a\n");
	CHECK(RTF "a\\'zzb", "p|azzb\n");
	CHECK(RTF "a\\u99999999999999999999 ?b\\f-1\\f999999\\s-5\\ilvl99 c",
	    "p|abc\n");
	CHECK(RTF "a\\bin99999999 bcd}", "p|a\n");
	CHECK(RTF "a\\bin-5 b\\abcdefghijklmnopqrstuvwxyzabcdefghijk1 c}",
	    "p|abc\n");
	CHECK(RTF "{\\*\\ud x}{\\upr}{\\upr{\\upr{\\*\\ud y}}}z}", "p|xz\n");
}

/* Groups in groups, to an end. */
static void
test_depth(void **state)
{
	const size_t depth = 4000;
	struct got got;
	struct buf bytes;
	size_t i;

	(void)state;
	buf_init(&bytes, MIB);
	(void)buf_puts(&bytes, "{\\rtf1 ");
	for (i = 0; i < depth; i++)
		(void)buf_puts(&bytes, "{");
	(void)buf_puts(&bytes, "deep");
	check(bytes.data, bytes.len, "p|deep\n");
	for (i = 0; i < depth; i++)
		(void)buf_puts(&bytes, "{\\footnote x");
	read_bytes(bytes.data, bytes.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_EXTRACTION_LIMIT);
	assert_string_equal(got.result.message,
	    "groups are nested deeper than 4096");
	buf_fini(&got.text);
	buf_fini(&bytes);
}

/* A file in the packager's manner, and a PDF as it is. */
static void
test_objects(void **state)
{
	(void)state;
	CHECK(RTF "a {\\object\\objemb{\\*\\objclass Package}{\\*\\objdata "
	    "0105000002000000080000005061636b61676500\r\n0000000000000000"
	    "2a000000" "0200" "6e6f7465732e74787400" "433a5c6e2e74787400"
	    "00000300" "04000000" "433a5c00" "05000000" "68656c6c6f"
	    "00000000}{\\result b}} c\\par}",
	    "m|notes.txt|hello|5|NONE\np|a b c\n");
	CHECK(RTF "{\\object{\\*\\objdata 255044462d312e34}}"
	    "{\\object{\\*\\objdata 0105}}{\\object{\\*\\objdata zz}}"
	    "{\\object{\\*\\objdata 0105000002000000ffffffff00}}a}",
	    "m|object-1.pdf|%PDF-1.4|8|NONE\np|a\n");
}

/* A compound file as an object: a document as it is. */
static void
test_object_document(void **state)
{
	struct buf rtf;
	FILE *file;
	int c;

	(void)state;
	buf_init(&rtf, MIB);
	(void)buf_puts(&rtf, RTF "a{\\object{\\*\\objdata 0105000002000000"
	    "0000000000000000000000000016 0000\n");
	file = fopen("tests/data/documents/doc/word6.doc", "rb");
	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		(void)buf_printf(&rtf, "%02X%s", (unsigned)c,
		    c == 0 ? "\r\n" : "");
	(void)fclose(file);
	(void)buf_puts(&rtf, "0105}}b\\par}");
	check(rtf.data, rtf.len, "m|object-1.doc|........................>"
	    "...................................|5632|NONE\np|ab\n");
	buf_fini(&rtf);
}

/* A mail's HTML in Rich Text is read as the text that it is. */
static void
test_from_html(void **state)
{
	(void)state;
	CHECK("{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\*\\htmltag18 <html>}"
	    "{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hello "
	    "{\\*\\htmltag84 &lt;}\\htmlrtf <\\htmlrtf0 you"
	    "\\htmlrtf\\par}\\htmlrtf0 {\\*\\htmltag72 </p>}bye}",
	    "p|Hello <you\np|bye\n");
}

static int
setup(void **state)
{
	const char *given = getenv("TIDEMARK_EXTRACT");
	ssize_t n;
	char *slash;

	(void)state;
	n = readlink("/proc/self/exe", program, sizeof(program) - 64);
	if (n < 0)
		return -1;
	program[n] = '\0';
	slash = strrchr(program, '/');
	(void)snprintf(slash + 1, 64, "../../tidemark-extract");
	if (given != NULL)
		(void)snprintf(program, sizeof(program), "%s", given);
	shared = extractor_new(program);
	return shared == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	extractor_close(shared);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_structure),
	    cmocka_unit_test(test_scripts),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_two_bytes),
	    cmocka_unit_test(test_unicode),
	    cmocka_unit_test(test_destinations),
	    cmocka_unit_test(test_paragraphs),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_objects),
	    cmocka_unit_test(test_object_document),
	    cmocka_unit_test(test_from_html),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
