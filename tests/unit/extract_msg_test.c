/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that Outlook saved.  The fixtures are made by
 * tests/data/make_documents.d/msg.
 */
#include "extract_shared.h"

static void
test_note(void **state)
{
	(void)state;
	/* A picture that the page shows is no document. */
	check_fixture("msg/note.msg", "Отчёт 報告",
	    "h1|Отчёт 報告\n"
	    "p|From: Ида Холм <ida@example.org>\n"
	    "k|from|Ида Холм <ida@example.org>\n"
	    "p|To: o@example.org, Jörg <joerg@example.org>\n"
	    "k|to|o@example.org, Jörg <joerg@example.org>\n"
	    "p|Cc: 김민준 <kim@example.org>\nk|cc|김민준 <kim@example.org>\n"
	    "k|author|Ида Холм\nk|message_id|<note@example.org>\n"
	    "p|Date: 2025-01-07T08:00:00+01:00\n"
	    "k|sent_at|2025-01-07T07:00:00Z\n"
	    "h2|Überblick\np|שלום, नमस्ते\n"
	    "l1|Attachment: Kosten für März.csv\n"
	    "l1|Attachment: Inner: α_β.msg\n"
	    "l1|Attachment: attachment-4.bin\n"
	    "m|Kosten für März.csv|a,b..1,2..|10|NONE\n"
	    "m|Inner: α_β.msg|........................>....................."
	    "..............|20480|NONE\n"
	    "m|attachment-4.bin|................................ "
	    "!\"#$%&'()*+,-./0123456789:;|5120|NONE\n");
}

static void
test_codepage(void **state)
{
	(void)state;
	check_fixture("msg/codepage.msg", "Письмо",
	    "h1|Письмо\n"
	    "p|From: Борис <boris@example.net>\n"
	    "k|from|Борис <boris@example.net>\n"
	    "p|To: Анна; Вера\nk|to|Анна; Вера\nk|author|Борис\n"
	    "p|Date: 2025-01-06T08:00:00Z\n"
	    "k|sent_at|2025-01-06T08:00:00Z\n"
	    "p|Первая строка\nвторая.\np|Конец.\n");
}

static void
test_rtf(void **state)
{
	(void)state;
	check_fixture("msg/rtf-html.msg", "Page in Rich Text",
	    "h1|Page in Rich Text\nh3|Café\n"
	    "p|Words of the page, and the words of the page again, and the "
	    "words of the page once more.\n");
	check_fixture("msg/rtf.msg", "Rich",
	    "h1|Rich\np|Only rich text.\np|Twice.\n");
}

static void
test_contact(void **state)
{
	(void)state;
	check_fixture("msg/contact.msg", "Ida Holm",
	    "h1|Ida Holm\np|Company: Harbour Ltd\np|Job title: Pilot\n"
	    "p|Office phone: +45 1234\n");
}

static void
test_encrypted(void **state)
{
	struct buf bytes;

	(void)state;
	load_fixture("msg/encrypted.msg", &bytes);
	check_code("a.msg", bytes.data, bytes.len,
	    ITEM_CODE_ENCRYPTED_DOCUMENT, "the mail is encrypted");
	buf_fini(&bytes);
	/* One that is only signed is a mail in a file. */
	check_fixture("msg/signed.msg", "Signed",
	    "h1|Signed\nl1|Attachment: message.eml\n"
	    "m|message.eml|Content-Type: multipart/signed; boundary=x....|46|"
	    "NONE\n");
}

/* ---- a message in a message ---------------------------------------------- */

static int
keep_nothing(void *arg, const struct block *block)
{
	(void)arg;
	(void)block;
	return 0;
}

static int
keep_no_property(void *arg, enum property property, const char *words)
{
	(void)arg;
	(void)property;
	(void)words;
	return 0;
}

/* From "Inner..." on, until the next member. */
struct kept {
	struct buf bytes;
	bool is_wanted;
};

static int
keep_member(void *arg, const char *name)
{
	struct kept *kept = arg;

	kept->is_wanted = strncmp(name, "Inner", 5) == 0;
	return 0;
}

static int
keep_bytes(void *arg, const void *bytes, size_t len)
{
	struct kept *kept = arg;

	return kept->is_wanted ? buf_put(&kept->bytes, bytes, len) : 0;
}

static int
keep_end(void *arg, enum item_code code, const char *message)
{
	(void)arg;
	(void)message;
	assert_int_equal(code, ITEM_CODE_NONE);
	return 0;
}

static void
test_inner(void **state)
{
	static const struct extract_sink sink = {keep_nothing,
	    keep_no_property, keep_member, keep_bytes, keep_end};
	struct extract_result result;
	struct err_note note = {{0}};
	struct buf bytes;
	struct kept kept = {.is_wanted = false};
	int fd;

	(void)state;
	buf_init(&kept.bytes, MIB);
	load_fixture("msg/note.msg", &bytes);
	fd = file_of(bytes.data, bytes.len);
	assert_int_equal(extractor_run(shared, fd, "note.msg",
			     &extract_limits_default, NULL, &sink, &kept,
			     &result, &note), 0);
	(void)close(fd);
	check_bytes("inner.msg", kept.bytes.data, kept.bytes.len,
	    "Inner: α/β",
	    "h1|Inner: α/β\np|From: Olaf\nk|from|Olaf\nk|author|Olaf\n"
	    "p|Date: 2025-01-06T08:00:00Z\n"
	    "k|sent_at|2025-01-06T08:00:00Z\n"
	    "p|The message inside.\n");
	buf_fini(&kept.bytes);
	buf_fini(&bytes);
}

/* ---- damaged ------------------------------------------------------------- */

/* Where the head of the compressed text is: its magic number. */
static size_t
find_rtf(const struct buf *bytes)
{
	size_t i;

	for (i = 8; i + 8 < bytes->len; i++)
		if (memcmp(bytes->data + i, "LZFu", 4) == 0)
			return i - 8;
	fail_msg("there is no compressed text");
	return 0;
}

static void
test_damaged(void **state)
{
	struct buf bytes;
	struct got got;
	size_t at, i;

	(void)state;
	load_fixture("msg/rtf-html.msg", &bytes);
	at = find_rtf(&bytes);
	/* The text is of no known kind: the plain one is read. */
	bytes.data[at + 8] = 'X';
	check_bytes("a.msg", bytes.data, bytes.len, NULL,
	    "h1|Page in Rich Text\np|Not this one\n");
	bytes.data[at + 8] = 'L';
	/* A wrong sum alone is forgiven. */
	bytes.data[at + 12] ^= 1;
	read_bytes("a.msg", bytes.data, bytes.len, &got);
	assert_non_null(strstr(buf_text(&got.text), "h3|Café\n"));
	buf_fini(&got.text);
	/* The first reference ends the text: with the wrong sum, damaged. */
	for (i = at + 16; i < at + 80; i++)
		bytes.data[i] = (char)0xFF;
	read_bytes("a.msg", bytes.data, bytes.len, &got);
	assert_int_equal(got.result.code, ITEM_CODE_NONE);
	buf_fini(&got.text);
	/* Cut off anywhere: it is read or refused, and the child lives. */
	for (i = 512; i < bytes.len; i += 256) {
		read_bytes("a.msg", bytes.data, i, &got);
		assert_true(got.result.code == ITEM_CODE_NONE ||
		    got.result.code == ITEM_CODE_EMPTY_CONTENT ||
		    got.result.code == ITEM_CODE_UNSUPPORTED_FILE_TYPE ||
		    got.result.code == ITEM_CODE_EXTRACTION_FAILED);
		buf_fini(&got.text);
	}
	buf_fini(&bytes);
	/* Only Rich Text, and damaged. */
	load_fixture("msg/rtf.msg", &bytes);
	for (i = 0; i + 4 < bytes.len; i++)
		if (memcmp(bytes.data + i, "MELA", 4) == 0)
			memcpy(bytes.data + i, "ABCD", 4);
	check_code("a.msg", bytes.data, bytes.len,
	    ITEM_CODE_EXTRACTION_FAILED, "compressed text of the message");
	buf_fini(&bytes);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_note),
	    cmocka_unit_test(test_codepage),
	    cmocka_unit_test(test_rtf),
	    cmocka_unit_test(test_contact),
	    cmocka_unit_test(test_encrypted),
	    cmocka_unit_test(test_inner),
	    cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}
