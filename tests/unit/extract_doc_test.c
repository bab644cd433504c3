/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary Word documents, and the compound files that they are, through the
 * real child: what LibreOffice writes of known texts, what was put together
 * by hand, and what breaks of them.
 */
#include "extract_got.h"

static char program[4096];
static struct extractor *shared;

static void
read_bytes(const void *from, size_t n, struct got *got)
{
	got->stop_after = got->stop_with = 0;
	assert_int_equal(run_with(shared, &extract_limits_default, "a.doc",
			     from, n, got), 0);
}

static void
check(const char *from, size_t n, const char *wanted)
{
	struct got got;

	read_bytes(from, n, &got);
	if (got.result.code != ITEM_CODE_NONE)
		print_error("%s\n", got.result.message);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(buf_text(&got.text), wanted);
	buf_fini(&got.text);
}


static char bytes[256 * KIB];
static size_t len;

static void
load(const char *name)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "tests/data/documents/doc/%s",
	    name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	assert_true(len > 4096 && len < sizeof(bytes));
}

/* What the file that was loaded, and perhaps changed, ends with. */
static void
check_code(enum item_code code, const char *words)
{
	struct got got;

	read_bytes(bytes, len, &got);
	if (got.result.code != code)
		print_error("%s\n", got.result.message);
	assert_string_equal(item_code_name(got.result.code),
	    item_code_name(code));
	if (words != NULL)
		assert_string_equal(got.result.message, words);
	buf_fini(&got.text);
}

#define PROPERTIES                                                            \
	"k|subject|Lamps & lenses\n"                                          \
	"k|author|Zoë Müller\n"                                               \
	"k|keywords|light, sea\n"                                             \
	"k|description|A note on Φάρος\n"                                     \
	"k|created_at|2021-03-04T05:06:07Z\n"                                 \
	"k|modified_at|2022-04-05T06:07:00Z\n"

#define STRUCTURE                                                             \
	"h1|The lighthouse\n"                                                 \
	"p|A lamp burns through the night and the sea answers.\n"             \
	"p|Whale oil, at first.\n"                                            \
	"h2|Its keepers\n"                                                    \
	"l1|the old man\n"                                                    \
	"l2|his daughter\n"                                                   \
	"l1|the dog\n"                                                        \
	"l1|Light the lamp.\n"                                                \
	"l1|Wind the clock.\n"                                                \
	"h3|Their hours\n"                                                    \
	"t|Watch: first; Keeper: Anna; Hours: 20–24\n"                        \
	"t|Watch: middle; Keeper: Björn; Hours: 0–4\n"                        \
	"p|Between\ntwo lines\tand a tab, a link and bold, not seen, "        \
	"cooperate, non\u2011stop.\n"                                         \
	"p|The end.\n"                                                        \
	"p|Of the note.\n"                                                    \
	"p|Really the end?\n"                                                 \
	"p|Around the box.\n"                                                 \
	"p|Inside a box.\n"                                                   \
	"p|Keeper's log\n"                                                    \
	"p|Bell Rock\n"

static void
test_structure(void **state)
{
	struct got got;

	(void)state;
	load("structure.doc");
	read_bytes(bytes, len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(got.result.media_type, "application/msword");
	assert_string_equal(got.result.title, "The lighthouse – Маяк");
	assert_string_equal(buf_text(&got.text), PROPERTIES STRUCTURE);
	buf_fini(&got.text);
}

static void
test_scripts(void **state)
{
	(void)state;
	load("scripts.doc");
	check(bytes, len, PROPERTIES
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

/* Pieces out of order, and Word 6 with its encodings. */
static void
test_by_hand(void **state)
{
	(void)state;
	load("fast.doc");
	check(bytes, len, "p|Fast saving – сохранение leaves\np|pieces.\n");
	load("word6.doc");
	check(bytes, len, "h1|Старый документ\np|Слово и λόγος.\n");
}

/* Keep the bytes of members, whichever. */
static int
keep_block(void *arg, const struct block *block)
{
	(void)arg;
	(void)block;
	return 0;
}

static int
keep_property(void *arg, enum property property, const char *words)
{
	(void)arg;
	(void)property;
	(void)words;
	return 0;
}

static int
keep_member(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return 0;
}

static int
keep_bytes(void *arg, const void *from, size_t n)
{
	return buf_put(arg, from, n);
}

static int
keep_end(void *arg, enum item_code code, const char *message)
{
	(void)arg;
	(void)code;
	(void)message;
	return 0;
}

static const struct extract_sink keep_all = {keep_block, keep_property,
    keep_member, keep_bytes, keep_end};

/* A document in a document comes out as a file that can be read. */
static void
test_embedded(void **state)
{
	struct extract_result result;
	struct err_note note = {{0}};
	struct buf kept;
	int fd;

	(void)state;
	load("embedded.doc");
	buf_init(&kept, MIB);
	fd = file_of(bytes, len);
	assert_int_equal(extractor_run(shared, fd, "a.doc",
			     &extract_limits_default, NULL, &keep_all, &kept,
			     &result, &note), 0);
	(void)close(fd);
	assert_int_equal(result.members, 3);
	assert_int_equal(kept.len, 16384 + 5000 + 4096);
	check(kept.data, 16384, "h1|Старый документ\np|Слово и λόγος.\n");
	buf_fini(&kept);
	check(bytes, len, "p|Fast saving – сохранение leaves\np|pieces.\n"
	    "m|_1.doc|........................>......................."
	    "............|16384|NONE\n"
	    "m|notes.txt|Objects have files..Objects have files..Objects "
	    "have files..|5000|NONE\n"
	    "m|_3|%PDF-1.4 and no more...................................."
	    "....|4096|NONE\n");
}

/* An entry of a directory: nothing but siblings to its right. */
static void
put_entry(char *at, unsigned number, uint32_t right)
{
	char name[16];
	size_t i, n;

	n = (size_t)snprintf(name, sizeof(name), "entry %u", number);
	for (i = 0; i < n; i++)
		at[2 * i] = name[i];
	at[64] = (char)(2 * n + 2);
	at[66] = 2;
	memset(at + 68, 0xFF, 12);
	right = htole32(right);
	memcpy(at + 72, &right, sizeof(right));
}

/* A tree that is a list would be too deep to walk down by calls. */
static void
test_directory(void **state)
{
	const size_t entries = 50000, sectors = entries / 4, tables = 100;
	struct got got;
	uint32_t *fat;
	size_t size, i;
	char *file;

	(void)state;
	size = 512 * (1 + tables + sectors);
	file = mem_zalloc(size);
	assert_non_null(file);
	load("word6.doc");
	memcpy(file, bytes, 512);
	fat = (uint32_t *)(void *)(file + 512);
	for (i = 0; i < tables; i++)
		memcpy(file + 76 + 4 * i, &(uint32_t){htole32((uint32_t)i)},
		    4);
	memcpy(file + 48, &(uint32_t){htole32((uint32_t)tables)}, 4);
	for (i = 0; i < tables * 128; i++)
		fat[i] = htole32((uint32_t)i + 1);
	fat[tables + sectors - 1] = 0xFFFFFFFE;
	for (i = 0; i < entries; i++)
		put_entry(file + 512 * (1 + tables) + 128 * i, (unsigned)i,
		    (uint32_t)i + 1);
	memcpy(file + 512 * (1 + tables) + 76, &(uint32_t){htole32(1)}, 4);
	read_bytes(file, size, &got);
	assert_string_equal(got.result.message, "this type of file is not "
	    "supported: a compound file of an unknown program");
	buf_fini(&got.text);
	mem_free(file);
}

/* The head of the stream WordDocument. */
static size_t
word_head(void)
{
	size_t at;

	for (at = 512; at + 512 <= len; at += 512)
		if (memcmp(bytes + at, "\xEC\xA5", 2) == 0)
			return at;
	fail_msg("no head");
	return 0;
}

static void
test_locked(void **state)
{
	size_t head;

	(void)state;
	load("structure.doc");
	head = word_head();
	bytes[head + 11] |= 1;
	check_code(ITEM_CODE_ENCRYPTED_DOCUMENT,
	    "the document needs a password to be read");
	bytes[head + 11] &= ~1;
	bytes[head + 2] = 45;
	bytes[head + 3] = 0;
	check_code(ITEM_CODE_UNSUPPORTED_FILE_TYPE,
	    "documents of Word before version 6 are not supported");
}

/* Give an entry of the directory of word6.doc another name. */
static void
rename_entry(const char *name)
{
	size_t i, entry = 512 + 512 + 128, n = strlen(name);

	load("word6.doc");
	memset(bytes + entry, 0, 64);
	for (i = 0; i < n; i++)
		bytes[entry + 2 * i] = name[i];
	bytes[entry + 64] = (char)(2 * n + 2);
}

static void
test_kinds(void **state)
{
	(void)state;
	rename_entry("EncryptedPackage");
	check_code(ITEM_CODE_ENCRYPTED_DOCUMENT,
	    "the document needs a password to be read");
	rename_entry("VisioDocument");
	check_code(ITEM_CODE_UNSUPPORTED_FILE_TYPE,
	    "this type of file is not supported: a drawing of Visio");
	rename_entry("Quill");
	check_code(ITEM_CODE_UNSUPPORTED_FILE_TYPE,
	    "this type of file is not supported: a publication of Publisher");
	rename_entry("Something");
	check_code(ITEM_CODE_UNSUPPORTED_FILE_TYPE,
	    "this type of file is not supported: a compound file of an "
	    "unknown program");
	/* Names do not distinguish upper and lower case. */
	rename_entry("WORDDOCUMENT");
	check_code(ITEM_CODE_NONE, NULL);
}

/* However much of it is there, it ends, and with a reason. */
static void
test_cut(void **state)
{
	struct got got;
	size_t whole, cut;

	(void)state;
	load("structure.doc");
	whole = len;
	for (cut = 8; cut < whole; cut += cut < 1024 ? 61 : 509) {
		read_bytes(bytes, cut, &got);
		if (got.result.code == ITEM_CODE_NONE)
			assert_non_null(strstr(buf_text(&got.text),
			    STRUCTURE));
		else
			assert_true(got.result.message[0] != '\0');
		buf_fini(&got.text);
	}
	len = 600;
	check_code(ITEM_CODE_EXTRACTION_FAILED, "the compound file has no "
	    "directory: it is damaged or cut off");
	len = 100;
	check_code(ITEM_CODE_EXTRACTION_FAILED, "this is no compound file, "
	    "or only the start of one");
}

static void
put32(size_t at, uint32_t n)
{
	n = htole32(n);
	memcpy(bytes + at, &n, sizeof(n));
}

/* In word6.doc the table of sectors is the first, the directory the second,
 * the text begins with the third. */
#define FAT(sector) (512 + 4 * (size_t)(sector))
#define ENTRY(i) (1024 + 128 * (size_t)(i))

static void
test_loops(void **state)
{
	(void)state;
	/* The directory's chain comes back. */
	load("word6.doc");
	put32(FAT(1), 1);
	check_code(ITEM_CODE_NONE, NULL);
	/* The text's chain: two sectors, again and again. */
	load("word6.doc");
	put32(FAT(3), 2);
	check_code(ITEM_CODE_EXTRACTION_FAILED, NULL);
	/* Every sector follows itself, or leads out of the file. */
	load("word6.doc");
	put32(FAT(2), 2);
	check_code(ITEM_CODE_EXTRACTION_FAILED, NULL);
	put32(FAT(2), 0xFFFFFF);
	check_code(ITEM_CODE_EXTRACTION_FAILED, NULL);
	/* Entries that are their own siblings, children and parents. */
	load("word6.doc");
	put32(ENTRY(1) + 68, 1);
	put32(ENTRY(1) + 72, 0);
	put32(ENTRY(1) + 76, 0);
	check_code(ITEM_CODE_NONE, NULL);
	put32(ENTRY(0) + 76, 0);
	check_code(ITEM_CODE_EXTRACTION_FAILED, "the compound file is empty, "
	    "or its directory is damaged");
	put32(ENTRY(0) + 76, 77);
	check_code(ITEM_CODE_EXTRACTION_FAILED, NULL);
	/* The list of further table sectors is a loop. */
	load("word6.doc");
	put32(68, 0);
	put32(72, 0xFFFFFF);
	check_code(ITEM_CODE_NONE, NULL);
}

static void
test_lies(void **state)
{
	struct got got;
	size_t head, i;

	(void)state;
	/* A stream of 4 GiB has what its chain has. */
	load("word6.doc");
	put32(ENTRY(1) + 120, 0xFFFFFFFF);
	check_code(ITEM_CODE_NONE, NULL);
	put32(ENTRY(1) + 120, 100);
	check_code(ITEM_CODE_EXTRACTION_FAILED, NULL);
	/* Sectors of absurd sizes. */
	load("word6.doc");
	bytes[30] = 40;
	check_code(ITEM_CODE_EXTRACTION_FAILED,
	    "the compound file's header is damaged");
	/* Longer than it is. */
	load("fast.doc");
	head = word_head();
	put32(head + 76, 0x7FFFFFFF);
	check_code(ITEM_CODE_EXTRACTION_FAILED, "the Word document is cut "
	    "off: some of its text is gone");
	/* Any number in the head, and in the tables behind it. */
	for (i = 0; i < 898; i += 3) {
		load("structure.doc");
		head = word_head();
		put32(head + i, i % 2 == 0 ? 0xFFFFFFFF : 0x00010203);
		read_bytes(bytes, len, &got);
		buf_fini(&got.text);
	}
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
	    cmocka_unit_test(test_by_hand),
	    cmocka_unit_test(test_embedded),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_locked),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_loops),
	    cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
