/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PDF through the real child: fixtures that tests/data/make_documents.d/pdf
 * makes of known texts, and hostile documents that are put together here.
 */
#include "extract_shared.h"

/* What comes out behind the properties, which have the day in them on which
 * a fixture was made. */
static void
check_pages(const char *name, const char *title, const char *wanted)
{
	struct buf bytes;
	struct got got;
	const char *text;
	char path[128];

	(void)snprintf(path, sizeof(path), "pdf/%s", name);
	load_fixture(path, &bytes);
	read_bytes(name, buf_text(&bytes), bytes.len, &got);
	assert_string_equal(item_code_name(got.result.code), "NONE");
	assert_string_equal(got.result.media_type, "application/pdf");
	assert_string_equal(got.result.title, title);
	text = buf_text(&got.text);
	while (strncmp(text, "k|", 2) == 0)
		text = strchr(text, '\n') + 1;
	if (strcmp(text, wanted) != 0)
		print_error("%s:\n%s\n", name, text);
	assert_string_equal(text, wanted);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

#define TIDES                                                                 \
	"The moon pulls the water of the oceans towards itself,\n"            \
	"and the earth turns below the two bulges that come of\n"             \
	"it. Twice a day the sea rises, and twice a day it falls;\n"          \
	"sailors have kept tables of these hours for a thousand\n"            \
	"years.\n"
#define HARBOUR_FIRST                                                         \
	"In a harbour the water arrives late, because the shelf\n"            \
	"in front of it is shallow and the entrance narrow. Pilots\n"         \
	"know the delay of their own port by heart and call it\n"
#define HARBOUR HARBOUR_FIRST "the establishment.\n"

/* Headings, paragraphs, hyphens, items in items, a table, running headers
 * that are kept once. */
static void
test_article(void **state)
{
	(void)state;
	check_pages("article.pdf", "Of tides",
	    "p@1|The book of tides\n"
	    "h1@1|Of tides\n"
	    "p@1|" TIDES "h2@1|In harbours\n"
	    "p@1|" HARBOUR
	    "p@1|International committees have agreed on harmonic\n"
	    "constituents, whose amplitudes and phases are deter-\n"
	    "mined from observations; a well-known approximation\n"
	    "is sufficient for most navigational purposes, although\n"
	    "meteorological influences are unpredictable.\n"
	    "h2@1|What to know\n"
	    "l1@1|the moon is near\n"
	    "l1@1|the sun is far\n"
	    "l2@1|it still counts\n"
	    "l1@1|both may add up, which is called a spring tide\n"
	    "and needs a line more than one to say\n"
	    "l1@1|1. look at the clock\n"
	    "l1@1|2. look at the table\n"
	    "p@1|Page 1\n"
	    "h1@2|The tables\n"
	    "p@2|" HARBOUR
	    "t@2|Port: Brest; Delay: 3 h 47; Range: 6.4 m\n"
	    "t@2|Port: Dover; Delay: 11 h 12; Range: 5.9 m\n"
	    "t@2|Port: Saint-Malo; Delay: 6 h 05; Range: 10.7 m\n"
	    "h2@2|A last word\n"
	    "p@2|" TIDES "p@2|" HARBOUR "p@2|" TIDES "p@2|" HARBOUR_FIRST
	    "p@3|the establishment.\n"
	    "p@3|" TIDES "p@3|" TIDES "p@3|" HARBOUR);
}

/* One column after the other, stretched lines whole. */
static void
test_columns(void **state)
{
	static const char soft[] =
	    "tion is sufficient for\nmost navigational pur-\n"
	    "poses, although meteo-\nrological influences are\n"
	    "unpredictable.\n";
	static const char tides[] =
	    "p@1|The moon pulls the\nwater of the oceans\n"
	    "towards itself, and the\nearth turns below the\n"
	    "two bulges that come of\nit. Twice a day the sea\n"
	    "rises, and twice a day it\nfalls; sailors have kept\n"
	    "tables of these hours for\na thousand years.\n";
	static char wanted[4096];

	(void)state;
	(void)snprintf(wanted, sizeof(wanted),
	    "h1@1|Two columns\n"
	    "p@1|Left begins. Inter-\nnational committees\n"
	    "have agreed on har-\nmonic constituents,\n"
	    "whose amplitudes and\nphases are determined\n"
	    "from observations; a\nwell-known approxima-\n%s%s"
	    "p@1|In a harbour the water\narrives late, because the\n"
	    "shelf in front of it is\nshallow and the\n"
	    "entrance narrow. Pilots\nknow the delay of their\n"
	    "own port by heart and\ncall it the establishment.\n"
	    "p@1|International commit-\ntees have agreed on har-\n"
	    "monic constituents,\nwhose amplitudes and\n"
	    "phases are determined\nfrom observations; a\n"
	    "well-known approxima-\n%s%s"
	    "p@1|Right ends. In a harbour\nthe water arrives late,\n"
	    "because the shelf in\nfront of it is shallow and\n"
	    "the entrance narrow.\nPilots know the delay of\n"
	    "their own port by heart\nand call it the\nestablishment.\n"
	    "p@2|Below both columns this paragraph goes on over the\n"
	    "whole width of the page, and nothing else follows it.\n",
	    soft, tides, soft, tides);
	check_pages("columns.pdf", "Two columns", wanted);
}

/* Nothing but an indent tells paragraphs apart. */
static void
test_indents(void **state)
{
	static const char tides[] =
	    "p@1|The moon pulls the water of the oceans towards\n"
	    "itself, and the earth turns below the two bulges that\n"
	    "come of it. Twice a day the sea rises, and twice a day\n"
	    "it falls; sailors have kept tables of these hours for a\n"
	    "thousand years.\n";
	static char wanted[2048];

	(void)state;
	(void)snprintf(wanted, sizeof(wanted),
	    "h1@1|Indented\n%s"
	    "p@1|In a harbour the water arrives late, because the\n"
	    "shelf in front of it is shallow and the entrance narrow.\n"
	    "Pilots know the delay of their own port by heart and\n"
	    "call it the establishment.\n%s",
	    tides, tides);
	check_pages("indents.pdf", "Indented", wanted);
}

static void
test_languages(void **state)
{
	(void)state;
	check_pages("languages.pdf", "Languages",
	    "h1@1|Русский\n"
	    "p@1|Луна притягивает воду океанов, и дважды в день\n"
	    "море поднимается и опускается.\n"
	    "h1@1|Ελληνικά\n"
	    "p@1|Η σελήνη έλκει το νερό των ωκεανών και δύο φορές\n"
	    "την ημέρα η θάλασσα ανεβαίνει.\n"
	    "h1@1|العربية\n"
	    "p@1|يجذب القمر مياه المحيطات فيرتفع البحر مرتين كل يوم ثم "
	    "ينخفض\n"
	    "مرتين، ويحتفظ البحارة بجداول 1234 لهذه الساعات.\n"
	    "h1@1|עברית\n"
	    "p@1|הירח מושך את מי האוקיינוסים ופעמיים ביום הים עולה ויורד,\n"
	    "והמלחים שומרים טבלאות PDF של השעות האלה.\n"
	    "h1@1|हिन्दी\n"
	    "p@1|चन्द्रमा महासागरों के पानी को अपनी ओर खींचता है और "
	    "दिन में दो बार समुद्र\nचढ़ता है।\n"
	    "h1@1|中文\n"
	    "p@1|月亮吸引着海洋的水，每天海水涨两次，落两次。水手们一千年来"
	    "一直记录着这些时刻的表格，港口里的水来得晚。\n"
	    "h1@1|日本語\n"
	    "p@1|月は海の水を引き寄せ、一日に二回海面が上がり、二回下が\n"
	    "p@2|ります。船乗りは千年の間この時刻の表を付けてきました。\n"
	    "h1@2|한국어\n"
	    "p@2|달은 바닷물을 끌어당기고 바다는 하루에 두 번 차오르고 두 번\n"
	    "빠진다.\n");
}

/* Poppler's tables are read after the sandbox has closed. */
static void
test_fonts(void **state)
{
	(void)state;
	check_pages("asian.pdf", "",
	    "p@1|日本語の文字\n"
	    "p@1|中文文字\n"
	    "p@1|한국어 문자\n"
	    "p@1|繁體中文\n");
	check_pages("ligatures.pdf", "Ligatures",
	    "p@1|The first official offer of a flat float: five baffling\n"
	    "waffles, an affluent chef and a final fjord.\n");
	check_pages("twice.pdf", "",
	    "p@1|Drawn twice to look bold\n"
	    "p@1|Kerned together\n"
	    "c@1|int main(void)\n{\n    return 0;\n}\n"
	    "p@1|Prose comes after the code, longer than it, so that the\n"
	    "typewriter is not what the page is written with.\n");
	check_pages("holes.pdf", "",
	    "p@1|before after\none \xEF\xBF\xBD two\nthe last line\n");
}

#define TURNED(page)                                                          \
	"p@" page "|The first line of a page\n"                               \
	"is followed by a second one,\n"                                      \
	"and the third is the last.\n"

static void
test_layout(void **state)
{
	(void)state;
	check_pages("turned.pdf", "", TURNED("1") TURNED("2") TURNED("3"));
	check_pages("table.pdf", "",
	    "h2@1|Rainfall by month\n"
	    "t@1|Month: January; Rain (mm): 81; Remark: snow in the hills\n"
	    "t@1|Month: February; Rain (mm): 64\n"
	    "t@1|Month: March; Rain (mm): 70; Remark: a storm on the ninth\n"
	    "p@1|The table above has been measured in the harbour, where\n"
	    "the gauge stands.\n");
}

/* Fields but no passwords, remarks, and all properties. */
static void
test_form(void **state)
{
	(void)state;
	check_fixture("pdf/form.pdf", "Form",
	    "k|author|Жук\n"
	    "k|created_at|2024-02-29T10:00:00Z\n"
	    "p@1|Name:\nColour:\n"
	    "p@1|colour: green\n"
	    "p@1|Your name: Grace Hopper\n"
	    "p@1|A remark in the margin\n"
	    "p@1|Written on the page: сюда\n");
}

static void
test_properties(void **state)
{
	static const char wanted[] =
	    "k|author|Ada Example\nk|subject|Fixtures of tides\n"
	    "k|keywords|tide, moon\nk|generator|Writer\nk|created_at|";
	struct buf bytes;
	struct got got;

	(void)state;
	load_fixture("pdf/article.pdf", &bytes);
	read_bytes("a.pdf", buf_text(&bytes), bytes.len, &got);
	assert_int_equal(got.result.pages, 3);
	assert_memory_equal(buf_text(&got.text), wanted, sizeof(wanted) - 1);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

static void
check_fixture_code(const char *path, enum item_code code, const char *words)
{
	struct buf bytes;

	load_fixture(path, &bytes);
	check_code("a.pdf", buf_text(&bytes), bytes.len, code, words);
	buf_fini(&bytes);
}

static void
test_locked(void **state)
{
	(void)state;
	check_fixture_code("pdf/password.pdf", ITEM_CODE_ENCRYPTED_DOCUMENT,
	    "needs a password");
	check_pages("owner.pdf", "Ligatures",
	    "p@1|The first official offer of a flat float: five baffling\n"
	    "waffles, an affluent chef and a final fjord.\n");
}

static void
test_attachments(void **state)
{
	(void)state;
	check_pages("attached.pdf", "Ligatures",
	    "p@1|The first official offer of a flat float: five baffling\n"
	    "waffles, an affluent chef and a final fjord.\n"
	    "m|note.txt|A text inside of a document..|29|NONE\n"
	    "m|Größe.pdf|%PDF-1.7.%.....1 0 obj.<</Type/Catalog/Pages 2 0 "
	    "R>>.endobj.|1131|NONE\n");
}

/* The limit ends the document, not the child. */
static void
test_attachments_limit(void **state)
{
	struct extract_limits limits = extract_limits_default;
	struct got got = {.stop_after = 0};
	struct buf bytes;

	(void)state;
	load_fixture("pdf/attached.pdf", &bytes);
	limits.member_bytes_max = 100;
	assert_int_equal(run_with(shared, &limits, "a.pdf", buf_text(&bytes),
			     bytes.len, &got), 0);
	assert_string_equal(item_code_name(got.result.code),
	    "EXTRACTION_LIMIT");
	assert_string_equal(got.result.message,
	    "there is more inside than the limits allow");
	assert_non_null(strstr(buf_text(&got.text),
	    "m|note.txt|A text inside of a document..|29|NONE\n"));
	assert_non_null(strstr(buf_text(&got.text),
	    "m|Größe.pdf||0|EXTRACTION_LIMIT\n"));
	buf_fini(&got.text);
	buf_fini(&bytes);
}

static void
test_scan(void **state)
{
	struct buf bytes;
	struct got got;

	(void)state;
	load_fixture("pdf/scan.pdf", &bytes);
	read_bytes("a.pdf", buf_text(&bytes), bytes.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NO_TEXT);
	assert_string_equal(got.result.message,
	    "the pages have no text layer; turn on OCR");
	assert_int_equal(got.result.pages, 1);
	assert_int_equal(got.result.pages_bare, 1);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

/* ---- put together here -------------------------------------------------- */

/* A page with nothing but blanks, in fonts that it does not bring along, and
 * a picture: drawing it looks for the fonts inside of the sandbox. */
#define BLANKS                                                                \
	"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"              \
	"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"                  \
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents "    \
	"4 0 R/Resources<</XObject<</I 5 0 R>>/Font<</F<</Type/Font/Subtype"  \
	"/Type1/BaseFont/Helvetica>>/G<</Type/Font/Subtype/TrueType/BaseFont" \
	"/Arial,Bold/FirstChar 32/LastChar 32/Widths[300]>>>>>>>>endobj\n"    \
	"4 0 obj<</Length 69>>stream\n"                                       \
	"BT /F 12 Tf 50 250 Td ( ) Tj /G 12 Tf ( ) Tj ET q 9 0 0 9 0 0 cm "   \
	"/I Do Q\nendstream endobj\n"                                         \
	"5 0 obj<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace"    \
	"/DeviceGray/BitsPerComponent 8/Length 1>>stream\nx\nendstream "      \
	"endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

static void
test_ocr(void **state)
{
	struct extractor *ocr = extractor_new_ocr(shared_program, "eng");
	struct got got = {.stop_after = 0};
	struct buf bytes;

	(void)state;
	assert_non_null(ocr);
	assert_int_equal(extractor_probe(ocr, NULL), 0);
	if (!extractor_has_ocr(ocr)) {
		extractor_close(ocr);
		skip();
	}
	load_fixture("pdf/scan.pdf", &bytes);
	assert_int_equal(run_with(ocr, &extract_limits_ocr, "a.pdf",
			     buf_text(&bytes), bytes.len, &got), 0);
	assert_string_equal(item_code_name(got.result.code), "NONE");
	assert_non_null(strstr(buf_text(&got.text), "@1|The first official"));
	assert_int_equal(got.result.pages_bare, 0);
	buf_fini(&got.text);
	buf_fini(&bytes);

	assert_int_equal(run_with(ocr, &extract_limits_ocr, "a.pdf", BLANKS,
			     sizeof(BLANKS) - 1, &got), 0);
	assert_string_equal(item_code_name(got.result.code), "NO_TEXT");
	assert_int_equal(got.result.pages_bare, 1);
	buf_fini(&got.text);
	extractor_close(ocr);
}

#define CATALOG "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
#define PAGE                                                                  \
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents "    \
	"4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont"       \
	"/Helvetica>>>>>>>>endobj\n"
#define TEXT                                                                  \
	"4 0 obj<</Length 40>>stream\n"                                       \
	"BT /F 12 Tf 50 250 Td (some text) Tj ET \nendstream endobj\n"
#define TRAILER "trailer<</Root 1 0 R>>\n%%EOF\n"
#define PDF(pages, more)                                                      \
	"%PDF-1.7\n" CATALOG "2 0 obj<</Type/Pages" pages ">>endobj\n" PAGE   \
	TEXT more TRAILER

#define CHECK(bytes, wanted)                                                  \
	check_bytes("a.pdf", bytes, sizeof(bytes) - 1, NULL, wanted)
#define CHECK_CODE(bytes, code, words)                                        \
	check_code("a.pdf", bytes, sizeof(bytes) - 1, ITEM_CODE_##code, words)

static void
test_damaged(void **state)
{
	struct buf bytes;
	size_t len;

	(void)state;
	/* Without a table of objects it is looked for them. */
	CHECK(PDF("/Kids[3 0 R]/Count 1", ""), "p@1|some text\n");
	CHECK_CODE("%PDF-1.4\n", EXTRACTION_FAILED, "damaged");
	CHECK_CODE(PDF("/Kids[]/Count 0", ""), EXTRACTION_FAILED,
	    "no pages");
	CHECK_CODE("%PDF-1.7\n2 0 obj<<>>endobj\n" TRAILER,
	    EXTRACTION_FAILED, "damaged");
	/* Wherever it ends: an answer, and nothing of a page twice. */
	load_fixture("pdf/article.pdf", &bytes);
	for (len = 1; len < bytes.len; len += bytes.len / 16) {
		struct got got;

		read_bytes("a.pdf", buf_text(&bytes), len, &got);
		assert_true(got.blocks == 0 ||
		    got.result.code == ITEM_CODE_NONE);
		buf_fini(&got.text);
	}
	buf_fini(&bytes);
}

static void
test_loops(void **state)
{
	static const char head[] = PDF("/Kids[3 0 R]/Count 1", "");
	char looped[2048];

	(void)state;
	/* Pages that are their own children. */
	CHECK_CODE(PDF("/Kids[2 0 R 2 0 R]/Count 1000", ""),
	    EXTRACTION_FAILED, NULL);
	CHECK(PDF("/Kids[5 0 R 3 0 R]/Count 2",
		  "5 0 obj<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 9>>"
		  "endobj\n"),
	    "p@1|some text\n");
	/* More pages than there are. */
	CHECK_CODE(PDF("/Kids[3 0 R]/Count 2000000000", ""),
	    EXTRACTION_FAILED, "no pages");
	/* A table of objects before itself. */
	(void)snprintf(looped, sizeof(looped),
	    "%.*sxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 5"
	    "/Prev %zu>>\nstartxref\n%zu\n%%%%EOF\n",
	    (int)(sizeof(head) - sizeof(TRAILER)), head,
	    sizeof(head) - sizeof(TRAILER), sizeof(head) - sizeof(TRAILER));
	check_bytes("a.pdf", looped, strlen(looped), NULL,
	    "p@1|some text\n");
	/* An outline below itself. */
	CHECK("%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/Outlines 7 0 R>>"
	      "endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" PAGE
		  TEXT
	      "7 0 obj<</First 8 0 R/Last 8 0 R/Count 3>>endobj\n"
	      "8 0 obj<</Title(Some Text)/Parent 7 0 R/Dest[3 0 R/Fit]"
	      "/First 9 0 R/Last 9 0 R>>endobj\n"
	      "9 0 obj<</Title(x)/Parent 8 0 R/Dest[3 0 R/Fit]/Next 8 0 R"
	      "/First 8 0 R/Last 9 0 R>>endobj\n" TRAILER,
	    "h1@1|some text\n");
}

/* What a time zone may be called; files of that name are not looked for. */
static void
test_time_zones(void **state)
{
	static const struct {
		const char *zone, *time;
	} rows[] = {
	    {"", "T12:00:00Z"},
	    {"Z", "T12:00:00Z"},
	    {"+05'30'", "T06:30:00Z"},
	    {"-03'00", "T15:00:00Z"},
	    {"+99'99'", NULL},
	    {"-77'88'", NULL},
	    {"+-5'-7'", NULL},
	};
	char bytes[2048], wanted[80];
	struct got got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(bytes, sizeof(bytes),
		    "%%PDF-1.7\n" CATALOG
		    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" PAGE
			TEXT "6 0 obj<</CreationDate(D:20200229120000%s)>>"
		    "endobj\ntrailer<</Root 1 0 R/Info 6 0 R>>\n%%%%EOF\n",
		    rows[i].zone);
		read_bytes("a.pdf", bytes, strlen(bytes), &got);
		assert_string_equal(item_code_name(got.result.code), "NONE");
		assert_non_null(strstr(buf_text(&got.text),
		    "p@1|some text\n"));
		(void)snprintf(wanted, sizeof(wanted),
		    "k|created_at|2020-02-29%s\n", rows[i].time);
		if (rows[i].time != NULL)
			assert_non_null(strstr(buf_text(&got.text), wanted));
		buf_fini(&got.text);
	}
}

/* A tree of pages that is a chain, deeper than a stack would like. */
static void
test_deep(void **state)
{
	struct buf bytes;
	unsigned i;

	(void)state;
	buf_init(&bytes, 8 * MIB);
	(void)buf_puts(&bytes,
	    "%PDF-1.7\n" CATALOG
	    "2 0 obj<</Type/Pages/Kids[10 0 R]/Count 1>>endobj\n" PAGE TEXT);
	for (i = 10; i < 5000; i++)
		(void)buf_printf(&bytes,
		    "%u 0 obj<</Type/Pages/Parent %u 0 R/Kids[%u 0 R]"
		    "/Count 1>>endobj\n",
		    i, i == 10 ? 2 : i - 1, i == 4999 ? 3 : i + 1);
	(void)buf_puts(&bytes, TRAILER);
	assert_int_equal(bytes.err, 0);
	check_bytes("a.pdf", buf_text(&bytes), bytes.len, NULL,
	    "p@1|some text\n");
	buf_fini(&bytes);
}

/* Each form draws the next one ten times: the clock ends it, and the next
 * document finds a new child. */
static void
test_bomb(void **state)
{
	struct extract_limits limits = extract_limits_default;
	struct got got = {.stop_after = 0};
	struct buf bytes;
	unsigned i;

	(void)state;
	limits.cpu_seconds_max = 1;
	buf_init(&bytes, MIB);
	(void)buf_puts(&bytes,
	    "%PDF-1.7\n" CATALOG
	    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
	    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]"
	    "/Contents 4 0 R/Resources<</XObject<</X 10 0 R>>>>>>endobj\n"
	    "4 0 obj<</Length 5>>stream\n/X Do\nendstream endobj\n");
	for (i = 10; i < 30; i++)
		(void)buf_printf(&bytes,
		    "%u 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]"
		    "/Resources<</XObject<</X %u 0 R>>>>/Length 60>>stream\n"
		    "/X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do "
		    "/X Do \nendstream endobj\n",
		    i, i + 1);
	(void)buf_puts(&bytes, TRAILER);
	assert_int_equal(run_with(shared, &limits, "a.pdf", buf_text(&bytes),
			     bytes.len, &got), 0);
	assert_string_equal(item_code_name(got.result.code),
	    "EXTRACTION_TIMEOUT");
	buf_fini(&got.text);
	buf_fini(&bytes);
	CHECK(PDF("/Kids[3 0 R]/Count 1", ""), "p@1|some text\n");
}

/* A word processor's list: the bullets stand so far off that Poppler takes
 * them for a column of their own, and the gaps are those of a table. */
static void
test_bullets(void **state)
{
	(void)state;
	CHECK("%PDF-1.7\n" CATALOG "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>"
	    "endobj\n" PAGE "4 0 obj<</Length 532>>stream\n"
	    "BT /F 12 Tf 1 0 0 1 50 250 Tm (The bar that lies, in three "
	    "ways, and each is seen.) Tj\n"
	    "1 0 0 1 68 216 Tm (\267) Tj 1 0 0 1 86 216 Tm (The number is "
	    "kept in memory.) Tj\n"
	    "1 0 0 1 68 200 Tm (\267) Tj 1 0 0 1 86 200 Tm (The number is "
	    "kept in a queue, and the result) Tj\n"
	    "1 0 0 1 86 184 Tm (in a database.) Tj\n"
	    "1 0 0 1 68 168 Tm (\267) Tj 1 0 0 1 86 168 Tm (The number is "
	    "an estimate.) Tj\n"
	    "1 0 0 1 50 134 Tm (There is a remedy, and it is one "
	    "transaction.) Tj ET\nendstream endobj\n" TRAILER,
	    "p@1|The bar that lies, in three ways, and each is seen.\n"
	    "l1@1|The number is kept in memory.\n"
	    "l1@1|The number is kept in a queue, and the result\n"
	    "in a database.\n"
	    "l1@1|The number is an estimate.\n"
	    "p@1|There is a remedy, and it is one transaction.\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_article),
	    cmocka_unit_test(test_bullets),
	    cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_indents),
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_fonts),
	    cmocka_unit_test(test_layout),
	    cmocka_unit_test(test_form),
	    cmocka_unit_test(test_properties),
	    cmocka_unit_test(test_locked),
	    cmocka_unit_test(test_attachments),
	    cmocka_unit_test(test_attachments_limit),
	    cmocka_unit_test(test_scan),
	    cmocka_unit_test(test_ocr),
	    cmocka_unit_test(test_damaged),
	    cmocka_unit_test(test_loops),
	    cmocka_unit_test(test_time_zones),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_bomb),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
