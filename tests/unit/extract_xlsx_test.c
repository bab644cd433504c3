/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workbooks through the real child: what Excel and LibreOffice write, how
 * numbers are shown, which rows name columns, and what nobody should write.
 */
#include "extract_shared.h"

static void
test_features(void **state)
{
	(void)state;
	check_fixture("xlsx/features.xlsx", "",
	    "h1@1|Ports\n"
	    "t@1|Port: Bremen; Opened: 2024-03-01; Share: 12.5%; Load: "
	    "1,234.50 kg\n"
	    "t@1|Port: line one A 😀 _x; Opened: 2024-03-01 12:00; Share: "
	    "0.3; Load: TRUE\n"
	    "t@1|Port: spaced; Opened: #N/A; Share: by formula; Load: FALSE\n"
	    "t@1|Opened: 2024-03-01\nt@1|Unused\np@1|Harbour & Co\n"
	    "p@1|Draft\np@1|A box of text\np@1|A map of the quay\n"
	    "p@1|Ships\nt@1|Arrivals; Mon: 3; 4; Wed: 5\n"
	    "p@1|Comment by Ada (B2): Check this\n"
	    "p@1|Comment by Xenia (C3): Too deep?\n"
	    "p@1|Reply by Yuri (C3): No & yes\nh1@2|Sparse & hidden\n"
	    "t@2|Port; 7\nt@2|8\nt@2|9; 10\nh1@4|Tables\n"
	    "t@4|A title above; and beside\n"
	    "t@4|Ship: Anna; Tons: 12; Pilot: Bo; Port: Kiel\n"
	    "t@4|Ship: Berta; Tons: 7\nt@4|below the table; x\n"
	    "t@4|Empty; table\nh1@5|Languages\n"
	    "t@5|Порт: Архангельск; Глубина: 12.5\n"
	    "t@5|Λιμάνι: Πειραιάς; Βάθος: 12.5\n"
	    "t@5|ميناء: الإسكندرية; عمق: 12.5\n"
	    "t@5|נמל: חיפה; עומק: 12.5\nt@5|बंदरगाह: मुंबई; गहराई: 12.5\n"
	    "t@5|港口: 上海; 深度: 12.5\nt@5|港: 横浜; 深さ: 12.5\n"
	    "t@5|항구: 부산; 깊이: 12.5\nm|plan.txt|the plan.|9|NONE\n");
}

static void
test_libre(void **state)
{
	(void)state;
	check_fixture("xlsx/libre.xlsx", "Ships of the week",
	    "k|author|Ada Harbour\n"
	    "k|generator|LibreOffice/7.4.7.2$Linux_X86_64 "
	    "LibreOffice_project/40$Build-2\nh1@1|Ships\n"
	    "t@1|Ship: Анна 安娜; Arrived: 2024-03-01; Full: 12.5%; Fee: "
	    "1,234.50 €\nt@1|Ship: Berta; Full: 0.3; Fee: 1\n"
	    "p@1|Comment by Bo (A2): Is late\nh1@2|Скрытый\n"
	    "t@2|two lines\n");
	check_fixture("xlsx/strict.xlsx", "",
	    "h1@1|S\nt@1|Port: Kiel; Ships: 5\n");
}

static void
test_headers(void **state)
{
	(void)state;
	check_fixture("xlsx/headers.xlsx", "",
	    "h1@1|title above\nt@1|Report of the harbour\n"
	    "t@1|Port: Kiel; Ships: 5\nt@1|Port: Bremen; Ships: 6\n"
	    "h1@2|two titles\nt@2|2023; 2024\n"
	    "t@2|Port: Kiel; In: 1; Out: 2; In: 3; Out: 4\n"
	    "h1@3|no header\nt@3|Kiel; 5\nt@3|Bremen; 6\nh1@4|form\n"
	    "t@4|Name:; Ada\nt@4|Port:; Kiel\nh1@5|years\n"
	    "t@5|Port: Kiel; 2023: 5; 2024: 6\nh1@6|second\n"
	    "t@6|Port: Kiel; Ships: 5\nt@6|Pilot: Bo; Hours: 7\n"
	    "t@6|Pilot: just; Hours: words\nt@6|Pilot: and; Hours: more\n"
	    "h1@7|list\nt@7|Kiel\nt@7|Bremen\nt@7|Hamburg\nh1@8|column\n"
	    "t@8|Depth: 5\nt@8|Depth: 6\nh1@9|lonely\nt@9|Port; Ships\n"
	    "h1@10|index\nt@10|0; a: 1; b: 2\nt@10|1; a: 3; b: 4\n");
}

/* The codes stand in the script that makes the file. */
static void
test_formats(void **state)
{
	(void)state;
	check_fixture("xlsx/formats.xlsx", "",
	    "h1@1|Codes\nt@1|1); 0.3\nt@1|2); 1234567890123\n"
	    "t@1|3); 1E+25\nt@1|4); -0.00001\nt@1|5); 2.68\n"
	    "t@1|6); 0.00\nt@1|7); 1,234,567.89\nt@1|8); 1,000\n"
	    "t@1|9); 13%\nt@1|10); 12.5%\nt@1|11); 12.50 kg\n"
	    "t@1|12); € 1,234.50\nt@1|13); ($1,234)\nt@1|14); 1.23E+05\n"
	    "t@1|15); 123.5E+3\nt@1|16); 1 1/2\nt@1|17); 1/3\n"
	    "t@1|18); 2 2/8\nt@1|19); 3/2\nt@1|20); 2024-03-01\n"
	    "t@1|21); 2024-03-01 12:00\nt@1|22); 36:00:00\n"
	    "t@1|23); 00:30.0\nt@1|24); 2024-03\nt@1|25); 2024-03-01\n"
	    "t@1|26); 2024\nt@1|27); 18:00\nt@1|28); 2024-03-01\n"
	    "t@1|29); 1900-02-29\nt@1|30); 1900-02-28\n"
	    "t@1|31); 1900-03-01\nt@1|32); 1900-01-01\n"
	    "t@1|33); 9999-12-31\nt@1|34); -5\nt@1|35); 2958466\n"
	    "t@1|36); 00042\nt@1|37); 123-45-6789\n"
	    "t@1|38); (555) 123-4567\nt@1|39); 1,235\nt@1|40); 1.2M\n"
	    "t@1|41); 5\nt@1|42); .50\nt@1|43); 12.50\nt@1|44); No\n"
	    "t@1|45); 0.50\nt@1|46); 1,000\nt@1|47); 5.0\nt@1|48); 3.5\n"
	    "t@1|49); -5\nt@1|50); 3 pcs\nt@1|51); -3.0\nt@1|52); 1.25\n"
	    "t@1|53); 1E+30\nt@1|54); 0.01%\nt@1|55); 50%\n"
	    "t@1|56); -1,234.50\nt@1|57); -\nt@1|58); 2024-03-02 00:00\n"
	    "t@1|59); 2024-03-01\nt@1|60); 144:00\nt@1|61); 1234 567\n"
	    "t@1|62); 5\nt@1|63); unclosed\nt@1|64); 5\nt@1|65); 5\n"
	    "t@1|66); 5.55\nt@1|67); 12:00:00\n"
	    "t@1|68); 5E+00000000000000000000\nt@1|69); 21/4\n"
	    "t@1|70); "
	    "000000000000000000000000000000000000000000000000000000000000"
	    "000000000000000000000000000000000000000000000000000000000000"
	    "000000000000000000000000000000000000000000000000000000000000"
	    "000000000000000000000000000000000000000000000000000000000000"
	    "0000000005\n"
	    "t@1|71); «7»\nt@1|72)\n"
	    "t@1|73)\nt@1|74)\nh1@2|Known\nt@2|0:; 45352.75\n"
	    "t@2|1:; 45353\nt@2|2:; 45352.75\nt@2|3:; 45,353\n"
	    "t@2|4:; 45,352.75\nt@2|9:; 4535275%\nt@2|10:; 4535275.00%\n"
	    "t@2|11:; 4.54E+04\nt@2|12:; 45352 3/4\nt@2|13:; 45352 3/4\n"
	    "t@2|14:; 2024-03-01\nt@2|15:; 2024-03-01\n"
	    "t@2|16:; 2024-03-01\nt@2|17:; 2024-03\nt@2|18:; 18:00\n"
	    "t@2|19:; 18:00:00\nt@2|20:; 18:00\nt@2|21:; 18:00:00\n"
	    "t@2|22:; 2024-03-01 18:00\nt@2|37:; 45,353\n"
	    "t@2|38:; 45,353\nt@2|39:; 45,352.75\nt@2|40:; 45,352.75\n"
	    "t@2|45:; 00:00\nt@2|46:; 1088466:00:00\nt@2|47:; 00:00.0\n"
	    "t@2|48:; 45.4E+3\nt@2|49:; 45352.75\nt@2|99:; 45352.75\n");
	check_fixture("xlsx/formats-1904.xlsx", "",
	    "h1@1|Codes\nt@1|2024-03-01; 1904-01-01; 2024-03-01 06:00\n");
}

static void
test_type(void **state)
{
	struct buf bytes;
	struct got got;

	(void)state;
	load_fixture("xlsx/features.xlsx", &bytes);
	read_bytes("wrong.csv", bytes.data, bytes.len, &got);
	assert_string_equal(got.result.media_type,
	    "application/vnd.openxmlformats-officedocument."
	    "spreadsheetml.sheet");
	assert_int_equal(got.result.pages, 5);
	assert_int_equal(got.result.members, 1);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

static void
check_end(const char *name, enum item_code code, const char *words)
{
	char path[64];
	struct buf bytes;

	(void)snprintf(path, sizeof(path), "xlsx/%s", name);
	load_fixture(path, &bytes);
	check_code(name, bytes.data, bytes.len, code, words);
	buf_fini(&bytes);
}

static void
test_hostile(void **state)
{
	(void)state;
	check_end("bomb.xlsx", ITEM_CODE_EXTRACTION_LIMIT,
	    "a cell in row 1 has more than");
	check_end("deep.xlsx", ITEM_CODE_EXTRACTION_LIMIT, "nested deeper");
	check_end("entities.xlsx", ITEM_CODE_EXTRACTION_FAILED,
	    "XML entities");
	check_end("malformed.xlsx", ITEM_CODE_EXTRACTION_FAILED,
	    "sheet \"S\": the XML is malformed in line 2");
	check_end("missing-sheet.xlsx", ITEM_CODE_EXTRACTION_FAILED,
	    "sheet \"Two\": it is missing");
	check_end("string-index.xlsx", ITEM_CODE_EXTRACTION_FAILED,
	    "a cell in row 3 is text 7 of a table that has 2");
	check_end("binary.xlsb", ITEM_CODE_UNSUPPORTED_FILE_TYPE, ".xlsb");
	/* Parts that stand for each other have nothing to say. */
	check_fixture("xlsx/loops.xlsx", "", "h1@1|S\nt@1|one; 2\n");
}

/* A million cells in a row, and two million rows without any. */
static void
test_many(void **state)
{
	struct buf bytes;
	struct got got;
	size_t len;

	(void)state;
	load_fixture("xlsx/columns.xlsx", &bytes);
	read_bytes("a.xlsx", bytes.data, bytes.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	/* "7; 7; ... 7", cut where blocks are cut. */
	assert_int_equal(got.result.text_bytes, 1 + 999999 * 3 + 1);
	buf_fini(&got.text);
	buf_fini(&bytes);

	load_fixture("xlsx/rows.xlsx", &bytes);
	read_bytes("a.xlsx", bytes.data, bytes.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_int_equal(got.blocks, 200001);
	len = strlen("h1@1|S\nt@1|7\n");
	assert_int_equal(strncmp(buf_text(&got.text), "h1@1|S\nt@1|7\n", len),
	    0);
	buf_fini(&got.text);
	buf_fini(&bytes);
}

/* Cut anywhere it fails or is something else, and nothing breaks. */
static void
test_damaged(void **state)
{
	struct buf bytes;
	struct got got;
	uint64_t starts;
	size_t len;

	(void)state;
	load_fixture("xlsx/features.xlsx", &bytes);
	read_bytes("a.xlsx", bytes.data, bytes.len, &got);
	buf_fini(&got.text);
	starts = extractor_starts(shared);
	for (len = 1; len < bytes.len; len += 97) {
		read_bytes("a.xlsx", bytes.data, len, &got);
		buf_fini(&got.text);
	}
	for (len = 40; len < bytes.len; len += 53) {
		bytes.data[len] = (char)~bytes.data[len];
		read_bytes("a.xlsx", bytes.data, bytes.len, &got);
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
	    cmocka_unit_test(test_libre),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_type),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
