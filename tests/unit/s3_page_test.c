/* SPDX-License-Identifier: Apache-2.0 */
/* What S3 answers: pages, reasons, and what is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "source/s3_page.h"
#include "source/s3_xml.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPEN "<ListBucketResult>"
#define END "</ListBucketResult>"

/* One line for each object. */
static int
note_object(void *arg, const struct s3_listed *listed)
{
	struct buf *out = arg;

	assert_int_equal(strlen(listed->key), listed->key_len);
	return buf_printf(out, "%s|%llu|%lld|%s\n", listed->key,
	    (unsigned long long)listed->bytes, (long long)listed->mtime_us,
	    listed->etag);
}

static void
test_page(void **state)
{
	static const char xml[] =
	    "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<ListBucketResult xmlns='http://s3.amazonaws.com/doc/' a=\"/>\">"
	    "<Name>b</Name><Prefix/><KeyCount>2</KeyCount>\n"
	    "<Contents><Key>a+b%2Bc%25</Key><Size>434234</Size>"
	    "<LastModified>2009-10-12T17:50:30.123Z</LastModified>"
	    "<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag>"
	    "<Owner><ID>1</ID><Key>not this</Key></Owner>"
	    "<StorageClass>STANDARD</StorageClass></Contents>"
	    "<!-- <Contents> --><Contents >\n"
	    "<ETag>W/\"x\"</ETag><Key>%C3%A4&#x41;&#66;&amp;&apos;</Key>"
	    "</Contents >"
	    "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>"
	    "<EncodingType>url</EncodingType>"
	    "<IsTruncated>true</IsTruncated>"
	    "<NextContinuationToken>1ue/&lt;+=</NextContinuationToken>"
	    "</ListBucketResult>\n<!-- end -->\n";
	struct s3_page page;
	struct buf out;

	(void)state;
	assert_int_equal(s3_page_read(xml, strlen(xml), &page, NULL), 0);
	assert_int_equal(page.objects, 2);
	assert_true(page.is_truncated);
	assert_true(page.is_encoded);
	assert_string_equal(page.token, "1ue/<+=");
	buf_init(&out, 4096);
	assert_int_equal(s3_page_give(xml, strlen(xml), &page, note_object,
			     &out, NULL),
	    0);
	assert_string_equal(buf_text(&out),
	    "a b+c%|434234|1255369830123000|"
	    "fba9dede5f27731c9771645a39863328\n"
	    "\xc3\xa4"
	    "AB&'|0|0|x\n");
	buf_fini(&out);
}

/* Keys that are not encoded are taken as they stand. */
static void
test_plain_keys(void **state)
{
	static const char xml[] = OPEN
	    "<Contents><Key>a+b%41</Key></Contents>" END;
	struct s3_page page;
	struct buf out;

	(void)state;
	assert_int_equal(s3_page_read(xml, strlen(xml), &page, NULL), 0);
	assert_false(page.is_truncated);
	buf_init(&out, 4096);
	assert_int_equal(s3_page_give(xml, strlen(xml), &page, note_object,
			     &out, NULL),
	    0);
	assert_string_equal(buf_text(&out), "a+b%41|0|0|\n");
	buf_fini(&out);
	assert_int_equal(s3_page_read(OPEN END, strlen(OPEN END), &page, NULL),
	    0);
	assert_int_equal(page.objects, 0);
}

static int
stop_at_first(void *arg, const struct s3_listed *listed)
{
	(void)listed;
	(*(int *)arg)++;
	return ERR_CANCELLED;
}

static void
test_give_ends(void **state)
{
	static const char xml[] = OPEN
	    "<Contents><Key>a</Key></Contents>"
	    "<Contents><Key>b</Key></Contents>" END;
	struct s3_page page;
	int count = 0;

	(void)state;
	assert_int_equal(s3_page_read(xml, strlen(xml), &page, NULL), 0);
	assert_int_equal(s3_page_give(xml, strlen(xml), &page, stop_at_first,
			     &count, NULL),
	    ERR_CANCELLED);
	assert_int_equal(count, 1);
}

static void
test_bad_pages(void **state)
{
	static const char *const rows[] = {
	    "",
	    " ",
	    "<",
	    "<a",
	    "<>",
	    "</ListBucketResult>",
	    OPEN,
	    OPEN END "x",
	    OPEN END OPEN END,
	    "x" OPEN END,
	    "<ListBucketResult></ListBucket>",
	    "<ListBucketResult a></ListBucketResult>",
	    "<ListBucketResult a=b></ListBucketResult>",
	    "<ListBucketResult a=\"></ListBucketResult>",
	    "<Error><Code>SlowDown</Code></Error>",
	    "<html><body>Sign in</body></html>",
	    "<!DOCTYPE x [<!ENTITY a \"b\">]>" OPEN END,
	    OPEN "<![CDATA[x]]>" END,
	    OPEN "<?php ?>" END,
	    OPEN "&nbsp;" END,
	    OPEN "&#0;" END,
	    OPEN "&#xd800;" END,
	    OPEN "&#x110000;" END,
	    OPEN "&#99999999999999999999;" END,
	    OPEN "&#;" END,
	    OPEN "&#x;" END,
	    OPEN "&#12" END,
	    OPEN "&amp" END,
	    OPEN "<!-- " END,
	    OPEN "<IsTruncated>maybe</IsTruncated>" END,
	    /* More, and no word of where. */
	    OPEN "<IsTruncated>true</IsTruncated>" END,
	    OPEN "<Contents></Contents>" END,
	    OPEN "<Contents/>" END,
	    OPEN "<Contents><Key></Key></Contents>" END,
	    OPEN "<Contents><Key>a</Key><Size></Size></Contents>" END,
	    OPEN "<Contents><Key>a</Key><Size>-1</Size></Contents>" END,
	    OPEN "<Contents><Key>a</Key><Size>1234567890123456789</Size>"
		 "</Contents>" END,
	    /* Badly encoded, and it says so at the end only. */
	    OPEN "<Contents><Key>a%4</Key></Contents>"
		 "<EncodingType>url</EncodingType>" END,
	    OPEN "<Contents><Key>a%zz</Key></Contents>"
		 "<EncodingType>url</EncodingType>" END,
	    /* Deeper than any answer of S3's. */
	    OPEN "<a><b><c><d><e><f><g><h/></g></f></e></d></c></b></a>" END,
	};
	struct s3_page page = {.objects = 4711};
	struct err_note note;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
		    s3_page_read(rows[i], strlen(rows[i]), &page, &note),
		    ERR_UPSTREAM);
		assert_string_equal(note.text,
		    "what it answers is not a listing of S3");
		assert_int_equal(page.objects, 4711);
	}
	/* A zero byte. */
	assert_int_equal(s3_page_read(OPEN "\0" END,
			     sizeof(OPEN "\0" END) - 1, &page, NULL),
	    ERR_UPSTREAM);
}

/* Texts, tokens and depth have their limits. */
static void
test_page_limits(void **state)
{
	static const struct {
		const char *before, *after;
		size_t max;
	} rows[] = {
	    {OPEN "<Contents><Key>", "</Key></Contents>" END,
		S3_XML_TEXT_BYTES_MAX},
	    {OPEN "<NextContinuationToken>", "</NextContinuationToken>" END,
		S3_TOKEN_BYTES_MAX},
	};
	struct s3_page page;
	struct buf xml;
	size_t i, j, len;

	(void)state;
	buf_init(&xml, MIB);
	for (i = 0; i < COUNT(rows); i++)
		for (len = rows[i].max; len <= rows[i].max + 1; len++) {
			buf_clear(&xml);
			(void)buf_puts(&xml, rows[i].before);
			for (j = 0; j < len; j++)
				(void)buf_putc(&xml, 'x');
			(void)buf_puts(&xml, rows[i].after);
			assert_int_equal(
			    s3_page_read(xml.data, xml.len, &page, NULL),
			    len == rows[i].max ? 0 : ERR_UPSTREAM);
		}
	buf_fini(&xml);
}

/* Every shorter piece of a page is none, and none of its bytes is read past
 * the end. */
static void
test_cut_pages(void **state)
{
	static const char xml[] = "<?xml version='1.0'?>" OPEN
	    "<Contents a='b'><Key>a&amp;&#x20;</Key><Size>1</Size></Contents>"
	    "<!-- c --><IsTruncated>false</IsTruncated>" END;
	struct s3_page page;
	char *piece;
	size_t len;

	(void)state;
	for (len = 0; len < strlen(xml); len++) {
		piece = mem_alloc(len);
		assert_non_null(piece);
		memcpy(piece, xml, len);
		assert_int_equal(s3_page_read(piece, len, &page, NULL),
		    ERR_UPSTREAM);
		mem_free(piece);
	}
	assert_int_equal(s3_page_read(xml, strlen(xml), &page, NULL), 0);
	mem_fail_at(1);
	assert_int_equal(s3_page_read(xml, strlen(xml), &page, NULL),
	    ERR_NOMEM);
	mem_fail_at(0);
}

/* ---- values -------------------------------------------------------------- */

static void
test_reasons(void **state)
{
	static const struct {
		const char *body, *code, *message, *region;
	} rows[] = {
	    {"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>"
	     "<Message>Access Denied</Message><RequestId>1</RequestId>"
	     "</Error>",
		"AccessDenied", "Access Denied", ""},
	    {"<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region>"
	     "<Endpoint>evil.example</Endpoint></Error>",
		"PermanentRedirect", "", "eu-west-1"},
	    {"<Error><Code>a b</Code><Message>x\ny\t\x01z\xff \n</Message>"
	     "<Region>evil.example/</Region></Error>",
		"", "x y  z", ""},
	    /* What came before it broke counts. */
	    {"<Error><Code>SlowDown</Code><Message>oh", "SlowDown", "", ""},
	    {"<Other><Code>SlowDown</Code></Other>", "", "", ""},
	    {"<html>no</html>", "", "", ""},
	    {"", "", "", ""},
	    {"{\"error\": 1}", "", "", ""},
	};
	struct s3_reason reason;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		s3_reason_read(rows[i].body, strlen(rows[i].body), &reason);
		assert_string_equal(reason.code, rows[i].code);
		assert_string_equal(reason.message, rows[i].message);
		assert_string_equal(reason.region, rows[i].region);
	}
}

/* A long message is cut between two characters. */
static void
test_long_reason(void **state)
{
	struct s3_reason reason;
	struct buf body;
	int i;

	(void)state;
	buf_init(&body, 4096);
	(void)buf_puts(&body, "<Error><Message>x");
	for (i = 0; i < 200; i++)
		(void)buf_puts(&body, "\xc3\xa4");
	(void)buf_puts(&body, "</Message></Error>");
	s3_reason_read(body.data, body.len, &reason);
	assert_int_equal(strlen(reason.message), S3_MESSAGE_SIZE - 2);
	assert_memory_equal(reason.message + S3_MESSAGE_SIZE - 4, "\xc3\xa4",
	    3);
	buf_fini(&body);
}

static void
test_values(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} times[] = {
	    {"2009-10-12T17:50:30.000Z", 1255369830000000},
	    {"2009-10-12T17:50:30Z", 1255369830000000},
	    {"2009-10-12T17:50:30.1234567Z", 1255369830123456},
	    {"Mon, 12 Oct 2009 17:50:30 GMT", 1255369830000000},
	    {"1970-01-01T00:00:01Z", 1000000},
	    {"2009-13-12T17:50:30Z", 0},
	    {"2009-10-12T24:50:30Z", 0},
	    {"2009-10-12T17:50:30", 0},
	    {"2009-10-12T17:50:30+01:00", 0},
	    {"1969-10-12T17:50:30Z", 0},
	    {"Mon, 12 Okt 2009 17:50:30 GMT", 0},
	    {"Mon, 12 Oct 2009 17:50:30 CET", 0},
	    {"12 Oct 2009", 0},
	    {"", 0},
	};
	static const struct {
		const char *text, *etag;
	} tags[] = {
	    {"\"abc-2\"", "abc-2"},
	    {"abc", "abc"},
	    {"W/\"abc\"", "abc"},
	    {"\"\"", ""},
	    {"\"", ""},
	    {"a\"b", ""},
	    {"a b", ""},
	    {"a\nb", ""},
	    {"", ""},
	};
	static const char *const regions[] = {"", "-", "a.b", "a/b", "A",
	    "eu-", "-eu", "eu_west", "x@y",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	char longer[REMOTE_TAG_SIZE + 1], etag[REMOTE_TAG_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(times); i++)
		assert_int_equal(s3_time_parse(times[i].text), times[i].us);
	for (i = 0; i < COUNT(tags); i++) {
		s3_etag(tags[i].text, etag);
		assert_string_equal(etag, tags[i].etag);
	}
	memset(longer, 'x', sizeof(longer));
	longer[REMOTE_TAG_SIZE] = '\0';
	s3_etag(longer, etag);
	assert_string_equal(etag, "");
	longer[REMOTE_TAG_SIZE - 1] = '\0';
	s3_etag(longer, etag);
	assert_string_equal(etag, longer);
	for (i = 0; i < COUNT(regions); i++)
		assert_false(s3_region_is_valid(regions[i]));
	assert_true(s3_region_is_valid("eu-central-1"));
	assert_true(s3_region_is_valid("fra1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_plain_keys),
		cmocka_unit_test(test_give_ends),
		cmocka_unit_test(test_bad_pages),
		cmocka_unit_test(test_page_limits),
		cmocka_unit_test(test_cut_pages),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_long_reason),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
