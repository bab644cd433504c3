/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether keys are encoded, and where the listing goes on, may stand behind
 * the objects, so a page is gone through for that first; then once more to see
 * whether all its objects can be understood, so that none is given of a page
 * that is broken further down; and then to give them.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "source/s3_int.h"
#include "source/s3_page.h"
#include "source/s3_xml.h"

/* ---- values ------------------------------------------------------------- */

bool
s3_region_is_valid(const char *region)
{
	size_t len = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && region[len] == '\0' && len <= S3_REGION_BYTES_MAX &&
	    region[0] != '-' && region[len - 1] != '-';
}

void
s3_etag(const char *text, char out[REMOTE_TAG_SIZE])
{
	size_t len, i;

	out[0] = '\0';
	if (strncmp(text, "W/", 2) == 0)
		text += 2;
	len = strlen(text);
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	if (len >= REMOTE_TAG_SIZE)
		return;
	for (i = 0; i < len; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f || text[i] == '"')
			return;
	memcpy(out, text, len);
	out[len] = '\0';
}

/* len digits as a number; -1 when they are none. */
static int
digits_read(const char **at, int len)
{
	int value = 0, i;

	for (i = 0; i < len; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static int
month_read(const char **at)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int i;

	for (i = 0; i < 12; i++)
		if (strncmp(*at, names + 3 * i, 3) == 0) {
			*at += 3;
			return i;
		}
	return -1;
}

static bool
char_read(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool
clock_read(const char **at, struct tm *tm)
{
	return (tm->tm_hour = digits_read(at, 2)) >= 0 && tm->tm_hour < 24 &&
	    char_read(at, ':') && (tm->tm_min = digits_read(at, 2)) >= 0 &&
	    tm->tm_min < 60 && char_read(at, ':') &&
	    (tm->tm_sec = digits_read(at, 2)) >= 0 && tm->tm_sec <= 60;
}

static bool
is_day(const struct tm *tm)
{
	return tm->tm_year >= 1970 && tm->tm_mon >= 0 && tm->tm_mon < 12 &&
	    tm->tm_mday >= 1 && tm->tm_mday <= 31;
}

int64_t
s3_time_parse(const char *text)
{
	const char *at = text;
	struct tm tm = {0};
	int64_t us = 0, unit = 100000;
	bool is_read;

	if (strlen(text) > 5 && text[3] == ',' && text[4] == ' ') {
		at += 5;
		is_read = (tm.tm_mday = digits_read(&at, 2)) >= 0 &&
		    char_read(&at, ' ') && (tm.tm_mon = month_read(&at)) >= 0 &&
		    char_read(&at, ' ') &&
		    (tm.tm_year = digits_read(&at, 4)) >= 0 &&
		    char_read(&at, ' ') && clock_read(&at, &tm) &&
		    strcmp(at, " GMT") == 0;
	} else {
		is_read = (tm.tm_year = digits_read(&at, 4)) >= 0 &&
		    char_read(&at, '-') &&
		    (tm.tm_mon = digits_read(&at, 2) - 1) >= 0 &&
		    char_read(&at, '-') &&
		    (tm.tm_mday = digits_read(&at, 2)) >= 0 &&
		    char_read(&at, 'T') && clock_read(&at, &tm);
		if (is_read && char_read(&at, '.'))
			for (; *at >= '0' && *at <= '9'; at++, unit /= 10)
				us += (*at - '0') * unit;
		is_read = is_read && strcmp(at, "Z") == 0;
	}
	if (!is_read || !is_day(&tm))
		return 0;
	tm.tm_year -= 1900;
	return (int64_t)timegm(&tm) * 1000000 + us;
}

static int
size_parse(const struct buf *text, uint64_t *ret_bytes)
{
	uint64_t bytes = 0;
	size_t i;

	/* 18 digits fit without a look at each. */
	if (text->len == 0 || text->len > 18)
		return ERR_SYNTAX;
	for (i = 0; i < text->len; i++) {
		if (text->data[i] < '0' || text->data[i] > '9')
			return ERR_SYNTAX;
		bytes = bytes * 10 + (uint64_t)(text->data[i] - '0');
	}
	*ret_bytes = bytes;
	return 0;
}

/* ---- pages -------------------------------------------------------------- */

static int
page_error(struct err_note *note, int err)
{
	return err == ERR_NOMEM ?
	    err_set(note, err, "out of memory") :
	    err_set(note, ERR_UPSTREAM,
		"what it answers is not a listing of S3");
}

/* An element of the page itself has ended. */
static int
field_read(const struct s3_xml *xml, struct s3_page *page)
{
	const char *text = buf_text(&xml->text);

	if (s3_xml_is(xml, 1, "IsTruncated")) {
		page->is_truncated = strcmp(text, "true") == 0;
		if (!page->is_truncated && strcmp(text, "false") != 0)
			return ERR_SYNTAX;
	} else if (s3_xml_is(xml, 1, "EncodingType")) {
		page->is_encoded = strcmp(text, "url") == 0;
	} else if (s3_xml_is(xml, 1, "NextContinuationToken")) {
		if (xml->text.len > S3_TOKEN_BYTES_MAX)
			return ERR_TOO_BIG;
		memcpy(page->token, text, xml->text.len + 1);
	}
	return 0;
}

/* All but the objects. */
static int
facts_read(const char *bytes, size_t len, struct s3_page *page)
{
	enum s3_xml_event event;
	struct s3_xml xml;
	int err;

	s3_xml_init(&xml, bytes, len);
	for (;;) {
		err = s3_xml_next(&xml, &event);
		if (err < 0 || event == S3_XML_END)
			break;
		if (event == S3_XML_OPEN && xml.depth == 1 &&
		    !s3_xml_is(&xml, 0, "ListBucketResult")) {
			err = ERR_SYNTAX;
			break;
		}
		if (event != S3_XML_CLOSE || xml.depth != 2)
			continue;
		page->objects += s3_xml_is(&xml, 1, "Contents");
		if (xml.is_leaf)
			err = field_read(&xml, page);
		if (err < 0)
			break;
	}
	s3_xml_fini(&xml);
	if (err == 0 && page->is_truncated && page->token[0] == '\0')
		err = ERR_SYNTAX;
	return err;
}

struct giving {
	const struct s3_page *page;
	s3_listed_fn *fn;
	void *arg;
	struct buf key;
	struct s3_listed listed;
	char etag[REMOTE_TAG_SIZE];
	bool has_key;
	int told; /* what fn returned */
};

/* An element of an object has ended. */
static int
object_field_read(const struct s3_xml *xml, struct giving *giving)
{
	const char *text = buf_text(&xml->text);

	if (s3_xml_is(xml, 2, "Key")) {
		giving->has_key = true;
		buf_clear(&giving->key);
		return giving->page->is_encoded ?
		    s3_decode(text, xml->text.len, true, &giving->key) :
		    buf_put(&giving->key, text, xml->text.len);
	}
	if (s3_xml_is(xml, 2, "Size"))
		return size_parse(&xml->text, &giving->listed.bytes);
	if (s3_xml_is(xml, 2, "LastModified"))
		giving->listed.mtime_us = s3_time_parse(text);
	else if (s3_xml_is(xml, 2, "ETag"))
		s3_etag(text, giving->etag);
	return 0;
}

static int
event_take(const struct s3_xml *xml, enum s3_xml_event event,
    struct giving *giving)
{
	if (xml->depth < 2 || !s3_xml_is(xml, 1, "Contents"))
		return 0;
	if (event == S3_XML_OPEN && xml->depth == 2) {
		giving->listed = (struct s3_listed){0};
		giving->etag[0] = '\0';
		giving->has_key = false;
	} else if (event == S3_XML_CLOSE && xml->depth == 3 && xml->is_leaf) {
		return object_field_read(xml, giving);
	} else if (event == S3_XML_CLOSE && xml->depth == 2) {
		if (!giving->has_key || giving->key.len == 0)
			return ERR_SYNTAX;
		giving->listed.key = buf_text(&giving->key);
		giving->listed.key_len = giving->key.len;
		giving->listed.etag = giving->etag;
		if (giving->fn != NULL)
			giving->told =
			    giving->fn(giving->arg, &giving->listed);
	}
	return 0;
}

int
s3_page_give(const char *bytes, size_t len, const struct s3_page *page,
    s3_listed_fn *fn, void *arg, struct err_note *note)
{
	struct giving giving = {.page = page, .fn = fn, .arg = arg};
	enum s3_xml_event event = S3_XML_OPEN;
	struct s3_xml xml;
	int err = 0;

	buf_init(&giving.key, S3_XML_TEXT_BYTES_MAX);
	s3_xml_init(&xml, bytes, len);
	while (err == 0 && giving.told >= 0 && event != S3_XML_END) {
		err = s3_xml_next(&xml, &event);
		if (err == 0 && event != S3_XML_END)
			err = event_take(&xml, event, &giving);
	}
	s3_xml_fini(&xml);
	buf_fini(&giving.key);
	if (err < 0)
		return page_error(note, err);
	return giving.told < 0 ? giving.told : 0;
}

int
s3_page_read(const char *bytes, size_t len, struct s3_page *ret_page,
    struct err_note *note)
{
	struct s3_page page = {0};
	int err;

	err = facts_read(bytes, len, &page);
	if (err < 0)
		return page_error(note, err);
	err = s3_page_give(bytes, len, &page, NULL, NULL, note);
	if (err < 0)
		return err;
	*ret_page = page;
	return 0;
}

/* ---- reasons ------------------------------------------------------------ */

/* What of text can be shown to people on one line. */
static void
clean_copy(const struct buf *text, char *out, size_t size)
{
	size_t i, step, at = 0;
	uint32_t c;

	for (i = 0; i < text->len; i += step) {
		c = utf8_decode(text->data + i, text->len - i, &step);
		if (at + step >= size)
			break;
		if (c == UTF8_BAD || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
			out[at++] = ' ';
			continue;
		}
		memcpy(out + at, text->data + i, step);
		at += step;
	}
	while (at > 0 && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
}

static void
reason_field_read(const struct s3_xml *xml, struct s3_reason *out)
{
	const char *text = buf_text(&xml->text);
	size_t i;

	if (s3_xml_is(xml, 1, "Message")) {
		clean_copy(&xml->text, out->message, sizeof(out->message));
	} else if (s3_xml_is(xml, 1, "Region")) {
		if (s3_region_is_valid(text))
			(void)snprintf(out->region, sizeof(out->region), "%s",
			    text);
	} else if (s3_xml_is(xml, 1, "Code")) {
		for (i = 0; text[i] != '\0'; i++)
			if ((text[i] < 'a' || text[i] > 'z') &&
			    (text[i] < 'A' || text[i] > 'Z') &&
			    (text[i] < '0' || text[i] > '9'))
				return;
		if (i < sizeof(out->code))
			(void)snprintf(out->code, sizeof(out->code), "%s",
			    text);
	}
}

void
s3_reason_read(const char *body, size_t len, struct s3_reason *out)
{
	enum s3_xml_event event;
	struct s3_xml xml;

	*out = (struct s3_reason){0};
	s3_xml_init(&xml, body, len);
	while (s3_xml_next(&xml, &event) == 0 && event != S3_XML_END)
		if (event == S3_XML_CLOSE && xml.depth == 2 && xml.is_leaf &&
		    s3_xml_is(&xml, 0, "Error"))
			reason_field_read(&xml, out);
	s3_xml_fini(&xml);
}
