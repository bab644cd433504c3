/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subtitles: what of them is text, and how cues become paragraphs.
 */
#include "extract_shared.h"

#define CHECK(name, title, bytes, wanted)                                     \
	check_bytes(name, bytes, sizeof(bytes) - 1, title, wanted)

static void
test_vtt(void **state)
{
	struct got got;
	static const char text[] =
	    "WEBVTT - A talk\nKind: captions\nLanguage: en\n\n"
	    "STYLE\n::cue { color: red }\n\n"
	    "REGION\nid:fred\n\n"
	    "NOTE a remark\nover two lines\n\n"
	    "intro\n00:00.000 --> 00:02.000 align:start position:0%\n"
	    "<v Roger Bingham>We are in <i>New York</i> City &amp; here\n\n"
	    "2\n00:00:02.000 --> 00:00:04.000\n"
	    "<v.loud Roger Bingham>today.</v>\n\n"
	    "3\n00:00:04.000 --> 00:00:05.000\n<v Neil>Really?\n\n"
	    "00:00:06.000 --> 00:00:07.000\nNobody said so.\n\n"
	    "00:00:09.500 --> 00:00:10.000\n- Yes.\n- No, a < b.\n42\n";

	(void)state;
	CHECK("a.vtt", "A talk", text,
	    "p|Roger Bingham: We are in New York City & here today.\n"
	    "p|Neil: Really?\n"
	    "p|Nobody said so.\n"
	    "p|- Yes.\n- No, a < b. 42\n");
	read_bytes("a.vtt", text, sizeof(text) - 1, &got);
	assert_string_equal(got.result.media_type, "text/vtt");
	assert_string_equal(got.result.language, "en");
	buf_fini(&got.text);
	/* Two speakers in one cue; a byte order mark; no empty last line. */
	CHECK("b.vtt", "", "\xEF\xBB\xBFWEBVTT\n\n00:01.000 --> 00:02.000\n"
	    "<v Ann>Hi, <b>Bob</b>.</v> <v Bob>Hi.</v>",
	    "p|Ann: Hi, Bob.\np|Bob: Hi.\n");
	CHECK("c.vtt", "", "WEBVTT\n\n00:01.000 --> 00:02.000\n"
	    ">> One speaks.\n>> Another one.\n",
	    "p|One speaks.\np|Another one.\n");
}

static void
test_srt(void **state)
{
	(void)state;
	CHECK("a.srt", "",
	    "1\r\n00:00:01,000 --> 00:00:02,500\r\n"
	    "{\\an8}<font color=\"red\">First</font> line\r\nsecond line\r\n"
	    /* No empty line between the two. */
	    "2\r\n00:00:02,600 --> 00:00:03,000\r\n7\r\n\r\n"
	    "3\r\n00:00:04,000 --> 00:00:05,000\r\nUp to\r\n10\r\n\r\n"
	    "4\r\n00:00:09,000 --> 00:00:10,000\r\n"
	    /* An empty line inside. */
	    "Later,\r\n\r\nmuch later.\r\n\r\n5\r\n",
	    "p|First line second line 7 Up to 10\np|Later, much later.\n");
	/* windows-1251, which libmagic knows to be SubRip. */
	CHECK("b.srt", "",
	    "1\n00:00:01,000 --> 00:00:02,000\n\xCF\xF0\xE8\xE2\xE5\xF2, "
	    "\xEA\xE0\xEA \xE4\xE5\xEB\xE0? \xD5\xEE\xF0\xEE\xF8\xEE.\n",
	    "p|\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, "
	    "\xD0\xBA\xD0\xB0\xD0\xBA \xD0\xB4\xD0\xB5\xD0\xBB\xD0\xB0? "
	    "\xD0\xA5\xD0\xBE\xD1\x80\xD0\xBE\xD1\x88\xD0\xBE.\n");
	/* Without times it is a text. */
	CHECK("c.srt", "", "Only\ntext\n", "p|Only text\n");
}

/* Captions that roll say everything twice. */
static void
test_rolling(void **state)
{
	(void)state;
	CHECK("a.vtt", "",
	    "WEBVTT\nKind: captions\nLanguage: de\n\n"
	    "00:00:00.000 --> 00:00:02.000 align:start position:0%\n \n"
	    "hello<00:00:00.500><c> big</c><00:00:01.000><c> world</c>\n\n"
	    "00:00:02.000 --> 00:00:02.010 align:start position:0%\n"
	    "hello big world\n \n\n"
	    "00:00:02.010 --> 00:00:04.000 align:start position:0%\n"
	    "hello big world\nthis<00:00:02.500><c> is it</c>\n\n"
	    "00:00:04.000 --> 00:00:04.010 align:start position:0%\n"
	    "this is it\n \n\n"
	    "00:00:04.010 --> 00:00:05.000\nthis is it\nat last\n",
	    "p|hello big world this is it at last\n");
	/* Painted on word by word. */
	CHECK("b.vtt", "",
	    "WEBVTT\n\n00:00.000 --> 00:01.000\none\n\n"
	    "00:01.000 --> 00:02.000\none two\n\n"
	    "00:02.000 --> 00:03.000\none two three\n",
	    "p|one two three\n");
	/* Said again after a while, it is said twice. */
	CHECK("c.vtt", "",
	    "WEBVTT\n\n00:00.000 --> 00:01.000\nNo.\n\n"
	    "00:02.000 --> 00:03.000\nNo.\n",
	    "p|No. No.\n");
}

/* Long speech is cut at the end of sentences. */
static void
test_long(void **state)
{
	struct buf text;
	struct got got;
	unsigned i;

	(void)state;
	buf_init(&text, MIB);
	(void)buf_puts(&text, "WEBVTT\n");
	for (i = 0; i < 100; i++)
		(void)buf_printf(&text, "\n%02u:%02u.000 --> %02u:%02u.900\n"
		    "These are words number %u%s\n", i / 60, i % 60, i / 60,
		    i % 60, i, i % 3 == 2 ? "." : "");
	read_bytes("a.vtt", text.data, text.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	assert_in_range(got.blocks, 3, 6);
	assert_non_null(strstr(buf_text(&got.text),
	    "number 23.\np|These are words number 24 These"));
	buf_fini(&got.text);
	buf_fini(&text);
}

/* A cue of a million lines, and the next one that repeats them. */
static void
test_hostile(void **state)
{
	struct buf text;
	struct got got;
	unsigned i, cue;

	(void)state;
	buf_init(&text, 64 * MIB);
	(void)buf_puts(&text, "WEBVTT\n");
	for (cue = 0; cue < 2; cue++) {
		(void)buf_printf(&text, "\n00:0%u.000 --> 00:0%u.900\n", cue,
		    cue);
		for (i = 0; i < 500000; i++)
			(void)buf_printf(&text, "<v %u>x%u\n", i, i);
	}
	read_bytes("a.vtt", text.data, text.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	buf_fini(&got.text);
	/* Tags and times that do not end. */
	buf_clear(&text);
	(void)buf_puts(&text, "WEBVTT\n\n00:00.000 --> 00:01.000\n");
	for (i = 0; i < 1000000; i++)
		(void)buf_puts(&text, "<v &{\\");
	read_bytes("a.vtt", text.data, text.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	buf_fini(&got.text);
	buf_fini(&text);
	CHECK("b.vtt", "", "WEBVTT\n\n99999999999999:00.000 --> 1:00.000\n"
	    "::: --> :\n00:00.000 --> \nx\n",
	    "p|99999999999999:00.000 --> 1:00.000 ::: --> : "
	    "00:00.000 --> x\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vtt),
	    cmocka_unit_test(test_srt),
	    cmocka_unit_test(test_rolling),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
