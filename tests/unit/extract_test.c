/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both sides of the extractor at once: the real child reads bytes that are
 * given here.
 */
#include "extract_got.h"

static char program[4096];
static struct extractor *shared;

static void
read_bytes(const char *name, const void *bytes, size_t len, struct got *got)
{
	got->stop_after = got->stop_with = 0;
	assert_int_equal(run_with(shared, &extract_limits_default, name, bytes,
			     len, got), 0);
}

/* The blocks of a file that can be read. */
static void
check(const char *name, const char *bytes, size_t len, const char *wanted)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	if (got.result.code != ITEM_CODE_NONE)
		print_error("%s: %s\n", name, got.result.message);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_string_equal(buf_text(&got.text), wanted);
	buf_fini(&got.text);
}

#define CHECK(name, bytes, wanted)                                            \
	check(name, bytes, sizeof(bytes) - 1, wanted)

/* How a file ends that cannot. */
static void
check_code(const char *name, const void *bytes, size_t len,
    enum item_code code, const char *words)
{
	struct got got;

	read_bytes(name, bytes, len, &got);
	assert_string_equal(item_code_name(got.result.code),
	    item_code_name(code));
	if (code != ITEM_CODE_NONE)
		assert_true(got.result.message[0] != '\0');
	if (words != NULL && strstr(got.result.message, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", got.result.message, words);
	buf_fini(&got.text);
}

#define CHECK_CODE(name, bytes, code, words)                                  \
	check_code(name, bytes, sizeof(bytes) - 1, ITEM_CODE_##code, words)

static void
test_txt(void **state)
{
	(void)state;
	CHECK("a.txt", "one\ntwo\n\n\nthree\r\n\r\nfour",
	    "p|one\ntwo\np|three\np|four\n");
	CHECK("a.txt", "Title\n=====\ntext\n\nPart one\n--------\n\nmore\n",
	    "h1|Title\np|text\nh2|Part one\np|more\n");
	/* No headings: nothing is certain about them. */
	CHECK("a.txt", "HELLO THERE\nnot indented\n\nA - b\n---\nx\n",
	    "p|HELLO THERE\nnot indented\np|A - b\n---\nx\n");
	CHECK("notes",
	    "a\b_b\bb and \x1b[1mbold\x1b[0m, and enough words around "
	    "\x01 to be no binary at all\n",
	    "p|_b and bold, and enough words around  to be no binary at all\n");
}

static void
test_txt_manual(void **state)
{
	static const char page[] =
	    "LS(1)        User Commands        LS(1)\n\n"
	    "NAME\n       ls - list files\n\n"
	    "DESCRIPTION\n       List.\n\n       More.\n\n"
	    "   Exit status:\n       0      if OK\n\n"
	    "SEE ALSO\n       dir(1)\n\n"
	    "GNU coreutils      2022      LS(1)\n";
	struct got got;

	(void)state;
	CHECK("ls.txt", page,
	    "h1|LS(1)\nh2|NAME\np|ls - list files\nh2|DESCRIPTION\np|List.\n"
	    "p|More.\nh3|Exit status:\np|0      if OK\nh2|SEE ALSO\n"
	    "p|dir(1)\np|GNU coreutils      2022      LS(1)\n");
	read_bytes("ls.txt", page, sizeof(page) - 1, &got);
	assert_string_equal(got.result.title, "LS(1)");
	assert_string_equal(got.result.media_type, "text/plain");
	buf_fini(&got.text);
}

static void
test_txt_pages(void **state)
{
	struct got got;

	(void)state;
	read_bytes("a.txt", "one\ftwo\nlines\n\f\nfour", 20, &got);
	assert_string_equal(buf_text(&got.text),
	    "p@1|one\np@2|two\nlines\np@3|four\n");
	assert_int_equal(got.result.pages, 3);
	buf_fini(&got.text);
}

static void
test_md(void **state)
{
	struct got got;
	static const char text[] =
	    "---\ntitle: \"Front\"\n---\n# A *b*\n\n"
	    "x &amp; &copy; `c`\ny\n\n- i\n  - j\n- k\n\n"
	    "```sh\nls  -l\n\n x\n```\n\n| A | B |\n|---|---|\n"
	    "| 1 | 2 |\n\n<p>raw <b>html</b></p>\n\n## C\n";

	(void)state;
	CHECK("a.md", text,
	    "c|title: \"Front\"\nh1|A b\np|x & \xC2\xA9 c y\nl1|i\nl2|j\n"
	    "l1|k\nc|ls  -l\n\n x\nt|A: 1; B: 2\np|raw html\nh2|C\n");
	read_bytes("a.MD", text, sizeof(text) - 1, &got);
	assert_string_equal(got.result.title, "Front");
	assert_string_equal(got.result.media_type, "text/markdown");
	buf_fini(&got.text);
}

static void
test_html(void **state)
{
	struct got got;
	static const char text[] =
	    "<!DOCTYPE html><html lang=de><head><title> My\n title</title>"
	    "<style>x</style></head><body><nav>menu</nav><h2>H</h2>"
	    "<p>a <b>b</b>c&nbsp;&eacute;<br>d<div hidden>no</div>"
	    "<script>if (a < b) no();</script><ul><li>i<ul><li>j</ul><li>k</ul>"
	    "<table><tr><th>A<th>B<tr><td>1<td>2</table>"
	    "<pre>x\n  y</pre><table><tr><td><h3>L</h3>flow</table>";

	(void)state;
	CHECK("a.html", text,
	    "h2|H\np|a bc\xC2\xA0\xC3\xA9 d\nl1|i\nl2|j\nl1|k\nt|A: 1; B: 2\n"
	    "c|x\n  y\nh3|L\np|flow\n");
	/* What it is called does not matter. */
	read_bytes("a.txt", text, sizeof(text) - 1, &got);
	assert_string_equal(got.result.title, "My title");
	assert_string_equal(got.result.language, "de");
	assert_string_equal(got.result.media_type, "text/html");
	buf_fini(&got.text);
}

static void
test_csv(void **state)
{
	(void)state;
	CHECK("a.csv", "name,n\n\"a, \"\"b\"\"\",1\n\"two\nlines\",\n",
	    "t|name: a, \"b\"; n: 1\nt|name: two lines\n");
	CHECK("a.csv", "x;y\r\n1;2,5\r\n", "t|x: 1; y: 2,5\n");
	CHECK("a.tsv", "x\ty\n1\t2\n", "t|x: 1; y: 2\n");
	CHECK("a.csv", "1,2\n3,4\n", "t|1; 2\nt|3; 4\n");
	CHECK("a.csv", ",a,b\n0,1,2\n", "t|0; a: 1; b: 2\n");
	CHECK("a.csv", "only,names\n", "t|only; names\n");
	CHECK("a.csv", "a,b\n\"open", "t|a: open\n");
}

static void
test_json(void **state)
{
	(void)state;
	CHECK("a.json",
	    "{\"a\":{\"b\":[1,-2.5e3,true,null]},\"c\":\"x\","
	    "\"d\":[{\"e\":1}]}",
	    "p|a.b: 1, -2.5e3, true\nc: x\np|e: 1\n");
	CHECK("a.jsonl",
	    "{\"title\":\"T\",\"text\":\"\\u00e9\\ud83d\\ude00\\n\\nq\","
	    "\"k\":1}\n"
	    "{\"title\":\"U\"}\n[{\"x\":\"\"},{\"y\":[{\"z\":0}]}]\n",
	    "h1|T\np|\xC3\xA9\xF0\x9F\x98\x80\np|q\np|k: 1\np|title: U\n"
	    "p|y.z: 0\n");
	CHECK_CODE("a.json", "{\"a\":1,\n\"b\" 2}", EXTRACTION_FAILED,
	    "line 2");
	CHECK_CODE("a.json", "[1,]", EXTRACTION_FAILED, "line 1");
	CHECK_CODE("a.json", "[01]", EXTRACTION_FAILED, NULL);
	CHECK_CODE("a.json", "{\"a\":\"x", EXTRACTION_FAILED, "does not end");
	CHECK_CODE("a.jsonl", "{}\n{}\n}\n", EXTRACTION_FAILED, "line 3");
	CHECK_CODE("a.json", "{\"a\":[1}", EXTRACTION_FAILED, NULL);
}

static void
test_xml(void **state)
{
	(void)state;
	CHECK("a.xml",
	    "<?xml version='1.0'?><b><title>T</title><c><title>U <i>v</i>"
	    "</title><p>x &amp; <b>y</b>z</p><screen>a\n  b</screen></c></b>",
	    "h1|T\nh2|U v\np|x & yz\nc|a\n  b\n");
	/* A thousand million laughs, and a file of this machine. */
	CHECK("a.xml",
	    "<!DOCTYPE r [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>"
	    "<!ENTITY c SYSTEM 'file:///etc/passwd'>]>"
	    "<r>&b; &c; &eacute;</r>",
	    "p|&b; &c; \xC3\xA9\n");
	CHECK_CODE("a.xml", "<a>\n<b></a>", EXTRACTION_FAILED, "line 2");
}

static void
test_rst(void **state)
{
	(void)state;
	CHECK("a.rst",
	    "===\nTop\n===\n\nIntro ``c`` :ref:`l <t>`::\n\n  code\n   x\n\n"
	    "Sub\n---\nright\n\n- i\n  j\n- k\n\n.. note:: N\n\n   under\n\n"
	    ".. code-block:: c\n   :x: y\n\n   int x;\n\n.. hidden\n\n"
	    "   too\n\nSub2\n----\n",
	    "h1|Top\np|Intro c l :\nc|  code\n   x\nh2|Sub\np|right\n"
	    "l1|i j\nl1|k\np|N\np|under\nc|   int x;\nh2|Sub2\n");
}

static void
test_code(void **state)
{
	struct buf text;
	struct got got;
	int i;

	(void)state;
	CHECK("a.c", "int\nmain(void)\n{\n\n\treturn 0;\n}\n",
	    "c|int\nmain(void)\n{\n\n\treturn 0;\n}\n");
	CHECK("tool", "#!/bin/sh\necho hi\n", "c|#!/bin/sh\necho hi\n");
	/* Cut between functions, not inside. */
	buf_init(&text, MIB);
	for (i = 0; i < 100; i++)
		(void)buf_printf(&text,
		    "int\nf%d(void)\n{\n\tint x = %d;\n\n\treturn x;\n}\n\n",
		    i, i);
	read_bytes("a.c", text.data, text.len, &got);
	assert_true(got.blocks > 4 && got.blocks < 20);
	assert_int_equal(got.blocks,
	    1 + (strstr(buf_text(&got.text), "c|int\n") != NULL ? got.blocks - 1
								: 0));
	buf_fini(&got.text);
	buf_fini(&text);
}

static void
test_charsets(void **state)
{
	(void)state;
	CHECK("a.txt", "\xEF\xBB\xBFh\xC3\xA9", "p|h\xC3\xA9\n");
	CHECK("a.txt", "\xFF\xFEh\0\xE9\0", "p|h\xC3\xA9\n");
	CHECK("a.txt", "\xFE\xFF\0h\0\xE9", "p|h\xC3\xA9\n");
	CHECK("a.txt", "\xFF\xFE\0\0h\0\0\0\xE9\0\0\0", "p|h\xC3\xA9\n");
	CHECK("a.txt", "\0\0\xFE\xFF\0\0\0h\0\0\0\xE9", "p|h\xC3\xA9\n");
	/* The same without marks. */
	CHECK("a.txt", "h\0e\0l\0l\0o\0 \0\xE9\0t\0", "p|hello \xC3\xA9t\n");
	CHECK("a.txt", "\0h\0e\0l\0l\0o\0 \0\xE9\0t", "p|hello \xC3\xA9t\n");
	CHECK("a.txt", "h\0\0\0\xE9\0\0\0i\0\0\0", "p|h\xC3\xA9i\n");
	/* Guessed. */
	CHECK("a.txt",
	    "caf\xE9 d\xE9j\xE0 vu, tr\xE8s bien, \xE7" "a va \xEA" "tre",
	    "p|caf\xC3\xA9 d\xC3\xA9j\xC3\xA0 vu, tr\xC3\xA8s bien, "
	    "\xC3\xA7" "a va \xC3\xAAtre\n");
	CHECK("a.txt",
	    "\xCF\xF0\xE8\xE2\xE5\xF2, \xEA\xE0\xEA \xE4\xE5\xEB\xE0? "
	    "\xD5\xEE\xF0\xEE\xF8\xEE, \xF1\xEF\xE0\xF1\xE8\xE1\xEE.",
	    "p|\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, "
	    "\xD0\xBA\xD0\xB0\xD0\xBA \xD0\xB4\xD0\xB5\xD0\xBB\xD0\xB0? "
	    "\xD0\xA5\xD0\xBE\xD1\x80\xD0\xBE\xD1\x88\xD0\xBE, "
	    "\xD1\x81\xD0\xBF\xD0\xB0\xD1\x81\xD0\xB8\xD0\xB1\xD0\xBE.\n");
	CHECK("a.txt", "\x82\xB1\x82\xEA\x82\xCD\x93\xFA\x96{\x8C\xEA\x82\xCC"
		       "\x83""e\x83""L\x83""X\x83""g\x82\xC5\x82\xB7\x81""B",
	    "p|\xE3\x81\x93\xE3\x82\x8C\xE3\x81\xAF\xE6\x97\xA5\xE6\x9C\xAC"
	    "\xE8\xAA\x9E\xE3\x81\xAE\xE3\x83\x86\xE3\x82\xAD\xE3\x82\xB9"
	    "\xE3\x83\x88\xE3\x81\xA7\xE3\x81\x99\xE3\x80\x82\n");
	/* Declared. */
	CHECK("a.html", "<meta charset='iso-8859-2'><p>\xBE\xE8",
	    "p|\xC5\xBE\xC4\x8D\n");
	CHECK("a.xml", "<?xml version='1.0' encoding='koi8-r'?><a>\xC1\xC2</a>",
	    "p|\xD0\xB0\xD0\xB1\n");
	/* Nearly UTF-8: what is wrong is marked, the rest stays. */
	CHECK("a.txt", "\xC3\xA9\xC3\xA9\xC3\xA9 cut \xC3",
	    "p|\xC3\xA9\xC3\xA9\xC3\xA9 cut \xEF\xBF\xBD\n");
}

/* The first letter beyond ASCII comes long after the sample. */
static void
test_charset_late(void **state)
{
	struct buf text;
	struct got got;

	(void)state;
	buf_init(&text, MIB);
	while (text.len < 300000)
		(void)buf_puts(&text, "plain words on a line\n\n");
	(void)buf_puts(&text, "tr\xE8s \xE9l\xE9gant, d\xE9j\xE0 vu\n");
	read_bytes("a.txt", text.data, text.len, &got);
	assert_non_null(strstr(buf_text(&got.text),
	    "p|tr\xC3\xA8s \xC3\xA9l\xC3\xA9gant, d\xC3\xA9j\xC3\xA0 vu\n"));
	buf_fini(&got.text);
	buf_fini(&text);
}

static void
test_types(void **state)
{
	(void)state;
	CHECK_CODE("a.txt", "", EMPTY_CONTENT, NULL);
	CHECK_CODE("a.txt", " \n\t\r\n", EMPTY_CONTENT, NULL);
	CHECK_CODE("a.txt", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08",
	    UNSUPPORTED_FILE_TYPE, NULL);
	CHECK_CODE("a.md", "\x7F" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0",
	    UNSUPPORTED_FILE_TYPE, "ELF");
	CHECK_CODE("a", "\1\2\3\4\5\6\7\x0e\x0f\0\0\0\0\0\0\1\2\3",
	    UNSUPPORTED_FILE_TYPE, NULL);
	/* A stray NUL or two make no binary of a text. */
	CHECK("a.txt", "a text with \0 one in it, and enough around to be sure "
		       "of it, which takes some more words",
	    "p|a text with  one in it, and enough around to be sure of it, "
	    "which takes some more words\n");
	/* Wrong names are no error. */
	CHECK("a.pdf", "just text\n", "p|just text\n");
	CHECK("a.unknown", "{\"a\": 1}\n", "p|a: 1\n");
}

static void
test_not_regular(void **state)
{
	struct extract_result result;
	struct err_note note;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(extractor_run(shared, fd, "x.txt",
			     &extract_limits_default, NULL, &collect_all, NULL,
			     &result, &note), 0);
	assert_int_equal(result.code, ITEM_CODE_UNSUPPORTED_FILE_TYPE);
	(void)close(fd);
}

/* len bytes of a pattern, between a head and a tail. */
static void
check_hostile(const char *name, const char *head, const char *pattern,
    size_t len, enum item_code code)
{
	struct buf text;
	struct got got;

	buf_init(&text, 64 * MIB);
	(void)buf_puts(&text, head);
	while (text.len < len)
		(void)buf_puts(&text, pattern);
	read_bytes(name, text.data, text.len, &got);
	if (got.result.code != code)
		print_error("%s %.20s: %s\n", name, pattern,
		    got.result.message);
	assert_int_equal(got.result.code, code);
	buf_fini(&got.text);
	buf_fini(&text);
}

static void
test_hostile(void **state)
{
	(void)state;
	check_hostile("a.json", "", "[", 1000000, ITEM_CODE_EXTRACTION_LIMIT);
	check_hostile("a.json", "", "{\"a\":", 1000000,
	    ITEM_CODE_EXTRACTION_LIMIT);
	check_hostile("a.json", "\"", "x", 3000000,
	    ITEM_CODE_EXTRACTION_FAILED);
	check_hostile("a.json", "{\"", "k", 3000000,
	    ITEM_CODE_EXTRACTION_FAILED);
	check_hostile("a.json", "", "1", 1000000, ITEM_CODE_EXTRACTION_FAILED);
	check_hostile("a.html", "", "<div>", 1000000,
	    ITEM_CODE_EXTRACTION_LIMIT);
	check_hostile("a.html", "<p>", "<b>", 1000000,
	    ITEM_CODE_EXTRACTION_LIMIT);
	check_hostile("a.html", "x<table>", "<tr><td>", 300000, ITEM_CODE_NONE);
	check_hostile("a.xml", "", "<a>", 1000000, ITEM_CODE_EXTRACTION_LIMIT);
	check_hostile("a.md", "", "> ", 20000, ITEM_CODE_EMPTY_CONTENT);
	check_hostile("a.md", "x", "[", 50000, ITEM_CODE_NONE);
	check_hostile("a.md", "x", "*a_", 50000, ITEM_CODE_NONE);
	check_hostile("a.csv", "a,b\n\"", "x", 3000000, ITEM_CODE_NONE);
	check_hostile("a.csv", "", ",", 300000, ITEM_CODE_EMPTY_CONTENT);
	check_hostile("a.rst", "x\n", "===\n", 300000, ITEM_CODE_NONE);
	check_hostile("a.rst", "", ".. ", 60000, ITEM_CODE_EMPTY_CONTENT);
	check_hostile("a.c", "", "x", 3000000, ITEM_CODE_NONE);
	check_hostile("a.c", "", "\n", 3000000, ITEM_CODE_EMPTY_CONTENT);
	check_hostile("a.txt", "", "\f", 300000, ITEM_CODE_EMPTY_CONTENT);
	check_hostile("a.txt", "x", "\b\b\x1b[", 300000,
	    ITEM_CODE_EMPTY_CONTENT);
}

/* A block beyond the limit comes in pieces that give the whole. */
static void
check_long(const char *name, size_t len)
{
	struct buf text;
	struct got got;
	size_t i, pluses = 0;

	buf_init(&text, 8 * MIB);
	while (text.len < len)
		(void)buf_puts(&text, "\xC3\xA9\xE2\x82\xAC");
	read_bytes(name, text.data, text.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_int_equal(got.bytes, text.len);
	for (i = 0; i + 1 < got.text.len; i++)
		pluses += got.text.data[i] == '+' &&
		    got.text.data[i + 1] == '|';
	assert_int_equal(pluses, got.blocks - 1);
	assert_true(got.blocks >= len / BLOCK_BYTES_MAX);
	buf_fini(&got.text);
	buf_fini(&text);
}

static void
test_long_blocks(void **state)
{
	(void)state;
	check_long("a.txt", 2000000);
	check_long("a.c", 2000000);
	check_long("a.html", 2000000);
	check_long("a.md", 2000000);
	check_long("a.csv", 2000000);
}

static void
test_text_limit(void **state)
{
	struct extract_limits limits = extract_limits_default;
	struct got got = {.stop_after = 0};
	static const char text[] = "0123456789\n\n0123456789\n\n0123456789\n";
	uint64_t before[EXTRACTOR_END_COUNT], after[EXTRACTOR_END_COUNT];

	(void)state;
	extractor_ends(shared, before);
	limits.text_bytes_max = 20;
	assert_int_equal(run_with(shared, &limits, "a.txt", text,
			     sizeof(text) - 1, &got), 0);
	assert_int_equal(got.result.code, ITEM_CODE_EXTRACTION_LIMIT);
	assert_int_equal(got.blocks, 2);
	buf_fini(&got.text);
	extractor_ends(shared, after);
	assert_int_equal(after[EXTRACTOR_END_LIMIT] -
	    before[EXTRACTOR_END_LIMIT], 1);
	CHECK("a.txt", "and on", "p|and on\n");
}

/* A parser that runs out of memory must not end as if it were through.
 * Sanitizers take more address space than any limit: nothing to see then. */
static void
test_memory_limit(void **state)
{
	struct extract_limits limits = extract_limits_default;
	struct got got = {.stop_after = 0};
	uint64_t ends[EXTRACTOR_END_COUNT];
	struct buf text;

	(void)state;
#ifdef SANITIZED
	skip();
#endif
	buf_init(&text, 128 * MIB);
	(void)buf_puts(&text, "<html><p>before</p><!--");
	while (text.len < 80 * MIB)
		(void)buf_puts(&text, "0123456789abcdef0123456789abcdef");
	(void)buf_puts(&text, "--><p>after</p>");
	assert_int_equal(text.err, 0);
	limits.memory_bytes_max = 160 * MIB;
	assert_int_equal(run_with(shared, &limits, "a.html", text.data,
			     text.len, &got), 0);
	assert_int_equal(got.result.code, ITEM_CODE_EXTRACTION_LIMIT);
	extractor_ends(shared, ends);
	assert_int_equal(ends[EXTRACTOR_END_MEMORY], 1);
	buf_fini(&got.text);
	buf_fini(&text);
}

static void
test_caller_stops(void **state)
{
	/* Some of these mean something else when the child causes them. */
	static const int errs[] = {ERR_STORAGE_FULL, ERR_CLOSED, ERR_TIMEOUT,
	    ERR_UNREADABLE, ERR_CANCELLED};
	struct got got = {.stop_after = 1};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		got.stop_with = errs[i];
		assert_int_equal(run_with(shared, &extract_limits_default,
				     "a.txt", "a\n\nb\n\nc", 7, &got),
		    errs[i]);
		assert_int_equal(got.blocks, 1);
		buf_fini(&got.text);
		CHECK("a.txt", "and on", "p|and on\n");
	}
}

static void
test_many_files(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1100; i++)
		CHECK("a.txt", "one", "p|one\n");
}

static void
test_self_test(void **state)
{
	char command[4200];

	(void)state;
	(void)snprintf(command, sizeof(command), "'%s' --self-test >/dev/null",
	    program);
	assert_int_equal(system(command), 0);
}

/* Findings of the fuzzers: the first byte is not the file's. */
static void
test_findings(void **state)
{
	static const char *const names[] = {"a.txt", "a.md", "a.html", "a.csv",
	    "a.json", "a.jsonl", "a.xml", "a.rst", "a.c", "a"};
	static char bytes[MIB];
	struct dirent *entry;
	struct got got;
	char path[512];
	ssize_t len;
	size_t i;
	DIR *dir;
	int fd;

	(void)state;
	dir = opendir("tests/data/extract");
	if (dir == NULL)
		skip();
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "tests/data/extract/%s",
		    entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		len = read(fd, bytes, sizeof(bytes));
		(void)close(fd);
		assert_true(len > 0);
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			read_bytes(names[i], bytes + 1, (size_t)len - 1, &got);
			if (strstr(got.result.message, "twice") != NULL)
				fail_msg("%s as %s: %s", path, names[i],
				    got.result.message);
			buf_fini(&got.text);
		}
	}
	(void)closedir(dir);
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
	    cmocka_unit_test(test_txt),
	    cmocka_unit_test(test_txt_manual),
	    cmocka_unit_test(test_txt_pages),
	    cmocka_unit_test(test_md),
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_csv),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_xml),
	    cmocka_unit_test(test_rst),
	    cmocka_unit_test(test_code),
	    cmocka_unit_test(test_charsets),
	    cmocka_unit_test(test_charset_late),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_not_regular),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_long_blocks),
	    cmocka_unit_test(test_text_limit),
	    cmocka_unit_test(test_memory_limit),
	    cmocka_unit_test(test_caller_stops),
	    cmocka_unit_test(test_many_files),
	    cmocka_unit_test(test_self_test),
	    cmocka_unit_test(test_findings),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
