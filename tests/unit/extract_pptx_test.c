/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presentations through the real child: what PowerPoint, LibreOffice and
 * pandoc write, and what nobody should.
 */
#include "extract_shared.h"

#define PPTX_TYPE                                                             \
	"application/vnd.openxmlformats-officedocument."                      \
	"presentationml.presentation"

static void
test_features(void **state)
{
	(void)state;
	check_fixture("pptx/features.pptx", "Tides & Ships",
	    "k|author|Ada Harbour\nk|created_at|2024-02-29T12:00:00Z\n"
	    /* The second file is the first slide. */
	    "h1@1|Tables and charts\n"
	    "t@1|Port: Bremen; Depth: 9.6 m; Pilot: yes at night\n"
	    "t@1|Port: Kiel; Pilot: no\n"
	    "p@1|Ports of the north\n"
	    "t@1|a; b\nt@1|c; d\n"
	    "p@1|Ships a month\n"
	    "t@1|Tankers; record; January: 12.5%; February: 30.0%\n"
	    "t@1|Ferries; 2024-01: 4; 2024-02: 5\n"
	    "p@1|thousands\n"
	    "l1@1|Arrive\nl1@1|Unload\nl1@1|the cargo\n"
	    "t@1|Spring: 4.50; Neap: 2.00\np@1|Kinds of tides\n"
	    "p@1|Harbour Office\n"
	    "p@1|Comment by Xenia: Please add a source.\n"
	    "p@1|Reply by Yuri: Done.\n"
	    "h1@2|High water\n"
	    "p@2|Glued and broken\n"
	    "l1@2|First\nl2@2|Below\np@2|Plain\nl1@2|Last\n"
	    "p@2|A caption, no item\n"
	    "l1@2|One\nl1@2|Two\n"
	    "p@2|A group of boats\np@2|In a group\np@2|Deeper\n"
	    "p@2|A lighthouse at dusk\n"
	    "p@2|Page\n"
	    "p@2|x=2\n"
	    "p@2|Notes: Speak slowly.\np@2|Show the map.\n"
	    "p@2|Comment by Bo Quay: Check the depth & date\n"
	    "p@2|Comment: nobody\n"
	    "h1@3|Slide 3\np@3|No title here, and hidden\n"
	    "p@3|Changed Office\n"
	    /* Nothing is on the fourth. */
	    "h1@5|Приливы\nl1@5|Корабли ждут прилива\n"
	    "h1@6|Παλίρροια\nl1@6|Τα πλοία περιμένουν\n"
	    "h1@7|المد والجزر\nl1@7|السفن تنتظر المد\n"
	    "h1@8|גאות ושפל\nl1@8|האוניות מחכות\n"
	    "h1@9|ज्वार भाटा\nl1@9|जहाज इंतज़ार करते हैं\n"
	    "h1@10|潮汐\nl1@10|船只等待涨潮\n"
	    "h1@11|潮の満ち引き\nl1@11|船は満潮を待つ\n"
	    "h1@12|조수\nl1@12|배는 밀물을 기다린다\n"
	    "m|plan.txt|the plan.|9|NONE\n");
}

static void
test_programs(void **state)
{
	(void)state;
	check_fixture("pptx/libre.pptx", "",
	    "k|generator|LibreOffice/7.4.7.2$Linux_X86_64 "
	    "LibreOffice_project/40$Build-2\n"
	    "h1@1|Slide 1\np@1|Harbour report\n"
	    "l1@1|Arrivals\nl2@1|Tankers\nl1@1|Departures\n"
	    "p@1|Notes: Say hello first.\n"
	    "h1@2|Slide 2\np@2|Приливы и 潮汐\n"
	    "t@2|Port; Ships\nt@2|Kiel; 12\n");
	check_fixture("pptx/pandoc.pptx", "Harbour handbook",
	    "k|author|Ada Harbour\n"
	    "k|created_at|2024-02-29T12:00:00Z\n"
	    "k|modified_at|2024-02-29T12:00:00Z\n"
	    "k|generator|Microsoft Macintosh PowerPoint\n"
	    "h1@1|Harbour handbook\np@1|Ada Harbour\n"
	    "h1@2|Berths\n"
	    "h1@3|Where to moor\nl1@3|North quay\nl2@3|Tankers\n"
	    "l2@3|Ferries\nl1@3|South quay\n"
	    "p@3|Notes: Mind the current.\n"
	    "h1@4|Depths\nt@4|Quay: North; Metres: 12.5\n"
	    "t@4|Quay: South; Metres: 7\n"
	    "h1@5|Steps\nl1@5|Call the pilot\nl1@5|Wait\n");
	check_fixture("pptx/strict.pptx", "",
	    "h1@1|Strict\np@1|as the standard has it\n");
}

static void
test_type(void **state)
{
	struct buf bytes;
	struct got got;

	(void)state;
	load_fixture("pptx/features.pptx", &bytes);
	read_bytes("wrong.txt", bytes.data, bytes.len, &got);
	assert_string_equal(got.result.media_type, PPTX_TYPE);
	assert_int_equal(got.result.pages, 12);
	assert_int_equal(got.result.members, 1);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

static void
check_end(const char *name, enum item_code code, const char *words)
{
	char path[64];
	struct buf bytes;

	(void)snprintf(path, sizeof(path), "pptx/%s.pptx", name);
	load_fixture(path, &bytes);
	check_code("a.pptx", bytes.data, bytes.len, code, words);
	buf_fini(&bytes);
}

static void
test_hostile(void **state)
{
	(void)state;
	check_end("bomb", ITEM_CODE_EXTRACTION_LIMIT, "unpacks to more than");
	check_end("deep", ITEM_CODE_EXTRACTION_LIMIT,
	    "slide 1: the XML is nested deeper");
	check_end("entities", ITEM_CODE_EXTRACTION_FAILED, "XML entities");
	check_end("loops", ITEM_CODE_EXTRACTION_LIMIT, "1000 charts");
	check_end("many-charts", ITEM_CODE_EXTRACTION_LIMIT, "1000 charts");
	check_end("malformed", ITEM_CODE_EXTRACTION_FAILED,
	    "slide 2: the XML is malformed in line 2");
	check_end("missing-slide", ITEM_CODE_EXTRACTION_FAILED,
	    "slide 2 is missing");
}

/* Cut anywhere it fails or is something else, and nothing breaks. */
static void
test_truncated(void **state)
{
	struct buf bytes;
	struct got got;
	uint64_t starts;
	size_t len;

	(void)state;
	load_fixture("pptx/features.pptx", &bytes);
	read_bytes("a.pptx", bytes.data, bytes.len, &got);
	buf_fini(&got.text);
	starts = extractor_starts(shared);
	for (len = 1; len < bytes.len; len += 311) {
		read_bytes("a.pptx", bytes.data, len, &got);
		buf_fini(&got.text);
	}
	/* One byte of each part in turn is another one. */
	for (len = 40; len < bytes.len; len += 97) {
		bytes.data[len] = (char)~bytes.data[len];
		read_bytes("a.pptx", bytes.data, bytes.len, &got);
		buf_fini(&got.text);
		bytes.data[len] = (char)~bytes.data[len];
	}
	assert_int_equal(extractor_starts(shared), starts);
	buf_fini(&bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_features),
	    cmocka_unit_test(test_programs),
	    cmocka_unit_test(test_type),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
