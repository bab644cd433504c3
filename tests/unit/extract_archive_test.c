/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives of every kind, with names of every charset and trick; damaged
 * ones, locked ones and bombs.
 */
#include "extract_got.h"

static char program[4096];
static struct extractor *shared;

/* What is in all.*, pax.*, gnu.*: the litter is not. */
#define FILE_README "l|read me.txt\nm|read me.txt|hello.|6|NONE\n"
#define FILE_PLAN                                                             \
	"l|docs/deep/er/plan.md\n"                                            \
	"m|docs/deep/er/plan.md|# Plan..Wait for the tide..|27|NONE\n"
#define FILE_RUSSIAN "l|docs/Отчёт.txt\nm|docs/Отчёт.txt|.......|7|NONE\n"
#define FILE_JAPANESE "l|docs/日本語.txt\nm|docs/日本語.txt|....|4|NONE\n"
#define FILE_GERMAN "l|docs/Größe.txt\nm|docs/Größe.txt|large.|6|NONE\n"
#define FILE_EMPTY "l|docs/empty.txt\nm|docs/empty.txt||0|NONE\n"
#define FILES_ALL                                                             \
	FILE_README FILE_PLAN FILE_RUSSIAN FILE_JAPANESE FILE_GERMAN FILE_EMPTY
#define FILE_NOTES                                                            \
	"l|notes.txt\nm|notes.txt|The harbour opens at six..The harbour "     \
	"opens at six..The harb|78|NONE\n"

static size_t
fixture(const char *name, char *bytes, size_t size)
{
	char path[256];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "tests/data/documents/archive/%s",
	    name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s is missing", path);
	len = read(fd, bytes, size);
	(void)close(fd);
	assert_true(len > 0 && (size_t)len < size);
	return (size_t)len;
}

static void
read_bytes(const char *name, const void *bytes, size_t len, struct got *got)
{
	got->stop_after = got->stop_with = 0;
	assert_int_equal(run_with(shared, &extract_limits_default, name, bytes,
			     len, got), 0);
	if (strstr(got->result.message, "twice") != NULL)
		fail_msg("%s: %s", name, got->result.message);
}

static void
check_end(const char *name, const struct got *got, enum item_code code,
    const char *words)
{
	if (got->result.code != code ||
	    strstr(got->result.message, words) == NULL)
		fail_msg("%s: %s, \"%s\"", name,
		    item_code_name(got->result.code), got->result.message);
}

static void
check_bytes(const char *name, const void *bytes, size_t len,
    enum item_code code, const char *words, const char *text)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	check_end(name, &got, code, words);
	assert_string_equal(buf_text(&got.text), text);
	buf_fini(&got.text);
}

/* Does the fixture read like this? */
static void
check(const char *name, const char *text)
{
	static char bytes[MIB];
	size_t len = fixture(name, bytes, sizeof(bytes));

	check_bytes(name, bytes, len, ITEM_CODE_NONE, "", text);
}

static void
test_formats(void **state)
{
	static const struct {
		const char *name, *media_type;
	} files[] = {
	    {"all.zip", "application/zip"},
	    {"pax.tar", "application/x-tar"},
	    {"gnu.tar", "application/x-tar"},
	    {"ustar.tar", "application/x-tar"},
	    {"pax.tar.gz", "application/gzip"},
	    {"pax.tar.bz2", "application/x-bzip2"},
	    {"pax.tar.xz", "application/x-xz"},
	    {"pax.tar.zst", "application/zstd"},
	    {"twice.gz", "application/gzip"},
	};
	static char bytes[MIB];
	struct got got;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		len = fixture(files[i].name, bytes, sizeof(bytes));
		/* The content tells, not the name. */
		read_bytes("noname.bin", bytes, len, &got);
		check_end(files[i].name, &got, ITEM_CODE_NONE, "");
		assert_string_equal(buf_text(&got.text), FILES_ALL);
		assert_string_equal(got.result.media_type,
		    files[i].media_type);
		assert_int_equal(got.result.members, 6);
		assert_int_equal(got.result.pages, 0);
		buf_fini(&got.text);
	}
	/* In the order of the program that packed them. */
	check("all.7z", FILE_GERMAN FILE_PLAN FILE_RUSSIAN FILE_JAPANESE
		FILE_README);
	check("old.tar", "l|old.text\nm|old.text|hello.|6|NONE\n");
	check("pdf-first.tar",
	    "l|a.pdf\nm|a.pdf|%PDF-1.4.not a whole one.|25|NONE\n");
}

/* A file that is compressed by itself is called as it was before. */
static void
test_single(void **state)
{
	static char bytes[MIB];
	size_t len;

	(void)state;
	check("notes.txt.gz", FILE_NOTES);
	check("notes.txt.bz2", FILE_NOTES);
	check("notes.txt.xz", FILE_NOTES);
	check("notes.txt.zst", FILE_NOTES);
	len = fixture("notes.txt.gz", bytes, sizeof(bytes));
	check_bytes("some/where/notes.txt.GZ", bytes, len, ITEM_CODE_NONE, "",
	    FILE_NOTES);
	check_bytes("notes.txt", bytes, len, ITEM_CODE_NONE, "", FILE_NOTES);
	/* Words that begin like a compressed file. */
	check_bytes("a.txt", "BZhello, all of you", 19, ITEM_CODE_NONE, "",
	    "p|BZhello, all of you\n");
}

static void
test_names(void **state)
{
	static char bytes[MIB], wanted[1024];
	struct got got;
	size_t len;

	(void)state;
	check("russian.zip", "l|Отчёт за год.txt\nm|Отчёт за год.txt|x|1|NONE\n"
	    "l|Договор аренды.txt\nm|Договор аренды.txt|x|1|NONE\n"
	    "l|Приложение к договору.txt\n"
	    "m|Приложение к договору.txt|x|1|NONE\n");
	check("german.zip", "l|Übersicht.txt\nm|Übersicht.txt|x|1|NONE\n"
	    "l|Größe.txt\nm|Größe.txt|x|1|NONE\n");
	check("japanese.zip", "l|新しいフォルダー/報告書.txt\n"
	    "m|新しいフォルダー/報告書.txt|x|1|NONE\n"
	    "l|会議の記録.txt\nm|会議の記録.txt|x|1|NONE\n");
	check("chinese.zip", "l|年度财务报告.txt\nm|年度财务报告.txt|x|1|NONE\n"
	    "l|会议记录与合同.txt\nm|会议记录与合同.txt|x|1|NONE\n");
	check("not-utf8.zip", "l|unnamed 1\nm|unnamed 1|1|1|NONE\n"
	    "l|gutä.txt\nm|gutä.txt|2|1|NONE\n");
	/* Passed on as they are: what to make of them is the server's. */
	len = fixture("tricks.zip", bytes, sizeof(bytes));
	read_bytes("tricks.zip", bytes, len, &got);
	check_end("tricks.zip", &got, ITEM_CODE_NONE, "");
	len = (size_t)snprintf(wanted, sizeof(wanted),
	    "l|../../../etc/cron.d/x\nm|../../../etc/cron.d/x|1|1|NONE\n"
	    "l|/absolute.txt\nm|/absolute.txt|2|1|NONE\n"
	    "l|C:/Windows/x.txt\nm|C:/Windows/x.txt|3|1|NONE\n"
	    "l|a\nm|a|4|1|NONE\n"
	    "l|con_trol_.txt\nm|con_trol_.txt|5|1|NONE\n"
	    "l|unnamed 6\nm|unnamed 6|6|1|NONE\n");
	assert_memory_equal(buf_text(&got.text), wanted, len);
	/* The end of a long one has the extension. */
	assert_non_null(strstr(buf_text(&got.text), "d/d/d/end.txt\nm|"));
	assert_non_null(strstr(buf_text(&got.text), "d/d/d/end.txt|7|1|NONE"));
	assert_non_null(strstr(buf_text(&got.text), "nnnn.txt|8|1|NONE\n"));
	buf_fini(&got.text);
}

static void
test_inside(void **state)
{
	(void)state;
	/* What is in a member is not looked into: it comes as it is. */
	check("nested.zip", "l|inner/german.zip\nm|inner/german.zip|PK........"
	    "...X.................bersicht.txtxPK...........X..|220|NONE\n"
	    "l|pax.tar\nm|pax.tar|no tar at all|13|NONE\n");
}

static void
test_empty(void **state)
{
	static char bytes[MIB];
	size_t len;

	(void)state;
	len = fixture("empty.zip", bytes, sizeof(bytes));
	check_bytes("a.zip", bytes, len, ITEM_CODE_EMPTY_CONTENT, "", "");
	len = fixture("empty.tar", bytes, sizeof(bytes));
	check_bytes("a.tar", bytes, len, ITEM_CODE_EMPTY_CONTENT, "", "");
}

#define LOCKED(name)                                                          \
	"l|" name "\nm|" name "||0|ENCRYPTED_DOCUMENT\n"
#define LOCKED_ALL                                                            \
	LOCKED("docs/Größe.txt") LOCKED("docs/deep/er/plan.md")               \
	LOCKED("docs/Отчёт.txt") LOCKED("docs/日本語.txt")                    \
	LOCKED("read me.txt")

static void
test_locked(void **state)
{
	static char bytes[MIB];
	size_t len;

	(void)state;
	check("secret.zip", LOCKED_ALL
	    "l|open.txt\nm|open.txt|open.|5|NONE\n");
	check("secret-aes.zip", LOCKED_ALL);
	check("secret.7z", LOCKED_ALL);
	/* Not even the names. */
	len = fixture("locked.7z", bytes, sizeof(bytes));
	check_bytes("locked.7z", bytes, len, ITEM_CODE_ENCRYPTED_DOCUMENT,
	    "password", "");
}

static void
test_damaged(void **state)
{
	static char bytes[MIB];
	char *directory;
	size_t len;

	(void)state;
	/* Inside of the second member. */
	len = fixture("pax.tar", bytes, sizeof(bytes));
	check_bytes("a.tar", bytes, 1024 + 512 + 512 + 10,
	    ITEM_CODE_EXTRACTION_FAILED, "damaged at file 2",
	    FILE_README "l|docs/deep/er/plan.md\n"
			"m|docs/deep/er/plan.md||0|EXTRACTION_FAILED\n");
	/* The directory is missing: the members are there. */
	len = fixture("all.zip", bytes, sizeof(bytes));
	check_bytes("a.zip", bytes, len - 300, ITEM_CODE_NONE, "", FILES_ALL);
	check_bytes("a.zip", bytes, 150, ITEM_CODE_EXTRACTION_FAILED,
	    "damaged at file 2",
	    FILE_README "l|docs/deep/er/plan.md\n"
			"m|docs/deep/er/plan.md||0|EXTRACTION_FAILED\n");
	/* A wrong sum: that file, and no other. */
	len = fixture("russian.zip", bytes, sizeof(bytes));
	assert_int_equal(bytes[30 + 16], 'x');
	bytes[30 + 16] = 'y';
	check_bytes("a.zip", bytes, len, ITEM_CODE_NONE, "",
	    "l|Отчёт за год.txt\n"
	    "m|Отчёт за год.txt||0|EXTRACTION_FAILED\n"
	    "l|Договор аренды.txt\nm|Договор аренды.txt|x|1|NONE\n"
	    "l|Приложение к договору.txt\n"
	    "m|Приложение к договору.txt|x|1|NONE\n");
	/* A method that nothing here knows: that file alone. */
	len = fixture("russian.zip", bytes, sizeof(bytes));
	bytes[8] = 9;
	directory = memmem(bytes, len, "PK\1\2", 4);
	assert_non_null(directory);
	directory[10] = 9;
	check_bytes("a.zip", bytes, len, ITEM_CODE_NONE, "",
	    "l|Отчёт за год.txt\n"
	    "m|Отчёт за год.txt||0|UNSUPPORTED_FILE_TYPE\n"
	    "l|Договор аренды.txt\nm|Договор аренды.txt|x|1|NONE\n"
	    "l|Приложение к договору.txt\n"
	    "m|Приложение к договору.txt|x|1|NONE\n");
	check_bytes("a.7z", "7z\xBC\xAF\x27\x1C" "and nothing like it", 25,
	    ITEM_CODE_EXTRACTION_FAILED, "the archive is damaged", "");
	check_bytes("a.gz", "\x1F\x8B\x08 and nothing like it", 24,
	    ITEM_CODE_EXTRACTION_FAILED, "the archive is damaged", "");
}

/* Cut off everywhere and with a wrong byte everywhere: never a crash. */
static void
test_every_byte(void **state)
{
	static const char *const names[] = {"all.zip", "all.7z", "pax.tar.gz",
	    "pax.tar.bz2", "pax.tar.xz", "pax.tar.zst", "secret.zip",
	    "locked.7z"};
	static char bytes[MIB];
	struct got got;
	size_t i, at, len;
	char was;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = fixture(names[i], bytes, sizeof(bytes));
		for (at = 1; at < len; at += 3) {
			read_bytes(names[i], bytes, at, &got);
			buf_fini(&got.text);
			was = bytes[at];
			bytes[at] = (char)(was ^ (1 << (at & 7)));
			read_bytes(names[i], bytes, len, &got);
			buf_fini(&got.text);
			bytes[at] = was;
		}
	}
}

static void
test_bombs(void **state)
{
	static const char *const names[] = {"bomb.bz2", "sparse.tar"};
	static char bytes[MIB];
	struct got got;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = fixture(names[i], bytes, sizeof(bytes));
		read_bytes(names[i], bytes, len, &got);
		check_end(names[i], &got, ITEM_CODE_EXTRACTION_LIMIT,
		    "the archive unpacks to more than 268435456 bytes");
		assert_true(got.member_bytes <= UNPACK_FREE_BYTES);
		assert_int_equal(got.result.members, 1);
		buf_fini(&got.text);
	}
}

static void
test_limits(void **state)
{
	struct extract_limits limits = extract_limits_default;
	static char bytes[MIB];
	struct got got = {.stop_after = 0};
	size_t len;

	(void)state;
	len = fixture("all.zip", bytes, sizeof(bytes));
	limits.members_max = 3;
	assert_int_equal(run_with(shared, &limits, "all.zip", bytes, len,
			     &got), 0);
	check_end("all.zip", &got, ITEM_CODE_EXTRACTION_LIMIT,
	    "there is more inside than the limits allow");
	assert_string_equal(buf_text(&got.text), FILE_README FILE_PLAN
		FILE_RUSSIAN "l|docs/日本語.txt\n");
	buf_fini(&got.text);
	limits = extract_limits_default;
	limits.member_bytes_max = 10;
	got.stop_after = 0;
	assert_int_equal(run_with(shared, &limits, "all.zip", bytes, len,
			     &got), 0);
	assert_int_equal(got.result.code, ITEM_CODE_EXTRACTION_LIMIT);
	buf_fini(&got.text);
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
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_single),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_inside),
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_locked),
	    cmocka_unit_test(test_damaged),
	    cmocka_unit_test(test_every_byte),
	    cmocka_unit_test(test_bombs),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
