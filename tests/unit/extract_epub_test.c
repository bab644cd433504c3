/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EPUB, from fixtures (tests/data/make_documents.d/epub) and from packages
 * that are made here.
 */
#include "extract_shared.h"
#include "make_zip.h"

#define CONTAINER                                                             \
	"<container><rootfiles><rootfile full-path='o/b.opf'/></rootfiles>"   \
	"</container>"
#define PACKAGE                                                               \
	"<package xmlns='http://www.idpf.org/2007/opf'><metadata "            \
	"xmlns:dc='http://purl.org/dc/elements/1.1/'>"                        \
	"<dc:title>B</dc:title></metadata>"
#define PAGE(words)                                                           \
	"<html><head><title>no title</title></head><body>" words              \
	"</body></html>"
#define ITEM(id, href)                                                        \
	"<item id='" id "' href='" href "' "                                  \
	"media-type='application/xhtml+xml'/>"

/* A book whose package document lies in a folder, without its chapters. */
static void
book_begin(struct made_zip *zip, const char *opf)
{
	zip_begin(zip);
	zip_text(zip, "mimetype", "application/epub+zip");
	zip_text(zip, "META-INF/container.xml", CONTAINER);
	if (opf != NULL)
		zip_text(zip, "o/b.opf", opf);
}

static void
check_book(struct made_zip *zip, const char *wanted)
{
	struct buf bytes = zip_end(zip);

	check_bytes("b.epub", bytes.data, bytes.len, "B", wanted);
	buf_fini(&bytes);
}

static void
check_failing(struct made_zip *zip, enum item_code code, const char *words)
{
	struct buf bytes = zip_end(zip);

	check_code("b.epub", bytes.data, bytes.len, code, words);
	buf_fini(&bytes);
}

/* EPUB 2: folders, escaped names, parts twice, missing, out of line. */
static void
test_book2(void **state)
{
	struct got got;
	struct buf bytes;

	(void)state;
	check_fixture("epub/book2.epub", "The tide tables",
	    "k|author|Ada Lund; Bo Holm\nk|subject|Tides; Ships\n"
	    "k|description|All tides of a < b.\nk|publisher|Harbour Press\n"
	    "k|generator|Hand 1.0\nk|created_at|2023-02-01T00:00:00Z\n"
	    "k|modified_at|2024-03-04T00:00:00Z\n"
	    "h1|One\np|The héron stands.\nl1|a\nl1|b\nl2|c\np|A bird.\n"
	    "h1|Two\np|unclosed\np|tags & bold\nt|Day: 1; High: 2.5\n"
	    "h1|Drei\np|Ebbe und Flut\np|Plain words.\n"
	    "p|Cover page\nh2|Notes\np|Last of all.\n");
	load_fixture("epub/book2.epub", &bytes);
	read_bytes("a.zip", bytes.data, bytes.len, &got);
	assert_string_equal(got.result.language, "sv-SE");
	assert_string_equal(got.result.media_type, "application/epub+zip");
	assert_int_equal(got.result.pages, 0);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

/* EPUB 3, with a package document in windows-1251 that is broken behind its
 * spine. */
static void
test_book3(void **state)
{
	(void)state;
	check_fixture("epub/book3.epub", "Приливы",
	    "k|author|Анна; Борис\nk|created_at|2024-05-06T00:00:00Z\n"
	    "k|modified_at|2024-05-07T08:09:10Z\n"
	    "h1|Глава\np|Вода поднимается.\n");
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
	    "k|author|Ada Lund\nk|created_at|2023-11-14T22:13:20Z\n"
	    "k|modified_at|2023-11-14T22:13:20Z\nh1|Scripts\np|Ada Lund\n");
	for (i = 0; i < SCRIPTS; i++)
		(void)buf_printf(&wanted, "h1|%s\np|%s\nl1|%s\n",
		    scripts[i].name, scripts[i].words, scripts[i].words);
	(void)buf_puts(&wanted, "h1|Table\n");
	for (i = 0; i < SCRIPTS; i++)
		(void)buf_printf(&wanted, "t|Script: %s; Sentence: %s\n",
		    scripts[i].name, scripts[i].words);
	(void)buf_puts(&wanted, "p|A note.\nc|if x:\n    y\nl1|Said so.\n");
	check_fixture("epub/scripts.epub", "Scripts", buf_text(&wanted));
	buf_fini(&wanted);
}

static void
test_locked(void **state)
{
	struct buf bytes;

	(void)state;
	load_fixture("epub/drm.epub", &bytes);
	check_code("drm.epub", bytes.data, bytes.len,
	    ITEM_CODE_ENCRYPTED_DOCUMENT, "DRM");
	buf_fini(&bytes);
}

/* ---- made here ---------------------------------------------------------- */

static void
test_paths(void **state)
{
	struct made_zip zip;

	(void)state;
	book_begin(&zip, PACKAGE "<manifest>"
	    ITEM("a", "../../../../a.xhtml") ITEM("b", "/etc/passwd")
	    ITEM("c", "file:///etc/passwd") ITEM("d", "%2e%2E/d.xhtml?q#f")
	    ITEM("e", "%00") ITEM("f", "#") ITEM("g", "x/../G.xhtml")
	    ITEM("h", "%zz%") "</manifest><spine>"
	    "<itemref idref='a'/><itemref idref='b'/><itemref idref='c'/>"
	    "<itemref idref='d'/><itemref idref='e'/><itemref idref='f'/>"
	    "<itemref idref='g'/><itemref idref='h'/></spine></package>");
	zip_text(&zip, "a.xhtml", PAGE("at the root"));
	zip_text(&zip, "d.xhtml", PAGE("escaped"));
	zip_text(&zip, "O/g.XHTML", PAGE("other case"));
	check_book(&zip, "p|at the root\np|escaped\np|other case\n");

	book_begin(&zip, PACKAGE "<manifest>" ITEM("b", "/etc/passwd")
	    "</manifest><spine><itemref idref='b'/></spine></package>");
	check_failing(&zip, ITEM_CODE_EXTRACTION_FAILED,
	    "none of the book's chapters");
}

/* What may be missing, and what may not. */
static void
test_missing(void **state)
{
	struct made_zip zip;

	(void)state;
	book_begin(&zip, NULL);
	check_failing(&zip, ITEM_CODE_EXTRACTION_FAILED,
	    "no package document");

	zip_begin(&zip);
	zip_text(&zip, "mimetype", "application/epub+zip");
	zip_text(&zip, "x/y.OPF", PACKAGE "<manifest>" ITEM("z", "z.html")
	    ITEM("a", "a.html") "</manifest></package>");
	zip_text(&zip, "x/a.html", PAGE("second"));
	zip_text(&zip, "x/z.html", PAGE("first"));
	check_book(&zip, "p|first\np|second\n");

	book_begin(&zip, "<package><spine><item");
	check_failing(&zip, ITEM_CODE_EXTRACTION_FAILED, "malformed");

	book_begin(&zip,
	    "<!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]>" PACKAGE
	    "<manifest>" ITEM("a", "&b;") "</manifest></package>");
	check_failing(&zip, ITEM_CODE_EXTRACTION_FAILED, "entities");
}

/* One chapter, over and over. */
static void
test_endless(void **state)
{
	struct made_zip zip;
	struct buf opf;
	int i, round;

	(void)state;
	for (round = 0; round < 2; round++) {
		buf_init(&opf, 64 * MIB);
		(void)buf_puts(&opf, PACKAGE "<manifest>" ITEM("a", "a.html")
		    "</manifest><spine>");
		for (i = 0; i < (round == 0 ? 99999 : 1000000); i++)
			(void)buf_puts(&opf, "<itemref idref='a'/>");
		(void)buf_puts(&opf, "</spine></package>");
		book_begin(&zip, buf_text(&opf));
		zip_text(&zip, "o/a.html", PAGE("<h1>once</h1>"));
		if (round == 0)
			check_book(&zip, "h1|once\n");
		else
			check_failing(&zip, ITEM_CODE_EXTRACTION_LIMIT,
			    "more than 100000 parts");
		buf_fini(&opf);
	}
}

#define TWO                                                                   \
	PACKAGE "<manifest>" ITEM("a", "a.html") ITEM("b", "b.html")          \
	"</manifest><spine><itemref idref='a'/><itemref idref='b'/></spine>"  \
	"</package>"

/* A chapter that cannot be read does not take the others along. */
static void
test_chapters(void **state)
{
	struct made_zip zip;
	struct buf page;
	int i;

	(void)state;
	buf_init(&page, MIB);
	(void)buf_puts(&page, "<p>before</p>");
	for (i = 0; i < 5000; i++)
		(void)buf_puts(&page, "<div>");
	book_begin(&zip, TWO);
	zip_text(&zip, "o/a.html", buf_text(&page));
	zip_text(&zip, "o/b.html", PAGE("after"));
	check_book(&zip, "p|before\np|after\n");
	buf_fini(&page);

	book_begin(&zip, TWO);
	zip_stored(&zip, "o/a.html", "\x7F" "ELF\0\1\2\3\4\5\6\0\0\0\0\1", 16);
	zip_text(&zip, "o/b.html", PAGE("<p>only"));
	check_book(&zip, "p|only\n");

	/* Its checksum does not fit. */
	book_begin(&zip, TWO);
	zip_part(&zip, "o/a.html", 0, "<p>bad", 6, 1, 6);
	zip_text(&zip, "o/b.html", "");
	check_failing(&zip, ITEM_CODE_EMPTY_CONTENT, NULL);

	book_begin(&zip, TWO);
	zip_bomb(&zip, "o/a.html", "<p>x ", 270000);
	check_failing(&zip, ITEM_CODE_EXTRACTION_LIMIT, "chapter is larger");
}

static void
test_torn(void **state)
{
	struct buf bytes;
	struct got got;
	size_t at;
	char kept;

	(void)state;
	load_fixture("epub/book2.epub", &bytes);
	for (at = 1; at < bytes.len; at += 1 + bytes.len / 100) {
		read_bytes("a.epub", bytes.data, at, &got);
		buf_fini(&got.text);
		kept = bytes.data[at];
		bytes.data[at] = (char)(kept ^ 0x55);
		read_bytes("a.epub", bytes.data, bytes.len, &got);
		buf_fini(&got.text);
		bytes.data[at] = kept;
	}
	buf_fini(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_book2),
	    cmocka_unit_test(test_book3),
	    cmocka_unit_test(test_scripts),
	    cmocka_unit_test(test_locked),
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_endless),
	    cmocka_unit_test(test_chapters),
	    cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
