/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is it a mail, a mailbox, a saved page?
 *
 * Many texts begin with lines like "Name: value": replies of web servers, the
 * control files of packages, the front matter of notes.  A mail must have
 * fields that only mails have, and an empty line behind them; a name that
 * says mail lowers the bar, and one of another text raises it.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "extractor/bytes.h"
#include "extractor/iconv_icu.h"
#include "extractor/library.h"
#include "extractor/mail.h"
#include "extractor/sniff.h"

#define TELL_FIELDS_MAX 2000u /* looked at */

enum field_kind {
	FIELD_SENT,	/* written when a mail is sent or received */
	FIELD_TYPICAL,	/* of mails, and of notes about them */
	FIELD_COMMON,	/* of mails and of other protocols */
	FIELD_ARCHIVED, /* of pages that were saved */
};

static const struct {
	const char *name;
	enum field_kind kind;
} known[] = {
    {"Received", FIELD_SENT}, {"Return-Path", FIELD_SENT},
    {"Message-ID", FIELD_SENT}, {"MIME-Version", FIELD_SENT},
    {"Delivered-To", FIELD_SENT}, {"Envelope-To", FIELD_SENT},
    {"DKIM-Signature", FIELD_SENT}, {"In-Reply-To", FIELD_SENT},
    {"References", FIELD_SENT}, {"X-Mailer", FIELD_SENT},
    {"X-Originating-IP", FIELD_SENT}, {"X-Mozilla-Status", FIELD_SENT},
    {"X-UIDL", FIELD_SENT}, {"X-MimeOLE", FIELD_SENT},
    {"Content-Transfer-Encoding", FIELD_SENT},
    {"Authentication-Results", FIELD_SENT}, {"List-Id", FIELD_SENT},
    {"Newsgroups", FIELD_SENT}, {"X-Priority", FIELD_SENT},
    {"Thread-Index", FIELD_SENT}, {"Thread-Topic", FIELD_SENT},
    {"From", FIELD_TYPICAL}, {"To", FIELD_TYPICAL}, {"Cc", FIELD_TYPICAL},
    {"Bcc", FIELD_TYPICAL}, {"Subject", FIELD_TYPICAL},
    {"Reply-To", FIELD_TYPICAL}, {"Sender", FIELD_TYPICAL},
    {"Date", FIELD_COMMON}, {"Content-Type", FIELD_COMMON},
    {"Content-Disposition", FIELD_COMMON},
    {"Snapshot-Content-Location", FIELD_ARCHIVED},
};

/* What was seen of a header. */
struct seen {
	unsigned kinds[FIELD_ARCHIVED + 1];
	bool is_related; /* a multipart/related */
	bool is_page;	 /* or any other type that a saved page has */
	bool is_saved;	 /* "From: <Saved by ...>" */
	bool is_addressed;
	bool is_wrong; /* a line is no field, before an empty one came */
};

int
mail_init(struct err_note *note)
{
	return iconv_icu_init(note);
}

/* The line at *at: its length without its end; *at goes to the next. */
static size_t
tell_line(const char *bytes, size_t len, size_t *at)
{
	const char *feed = memchr(bytes + *at, '\n', len - *at);
	size_t n = feed == NULL ? len - *at
				: (size_t)(feed - bytes) - *at;

	if (n > 0 && bytes[*at + n - 1] == '\r')
		n--;
	*at = feed == NULL ? len : (size_t)(feed - bytes) + 1;
	return n;
}

static bool
value_has(const char *value, size_t len, const char *word)
{
	size_t n = strlen(word), i;

	for (i = 0; i + n <= len; i++)
		if (strncasecmp(value + i, word, n) == 0)
			return true;
	return false;
}

static void
see_field(struct seen *seen, const char *line, size_t len, size_t name)
{
	const char *value = line + name + 1;
	size_t value_len = len - name - 1, i;

	while (name > 0 && (line[name - 1] == ' ' || line[name - 1] == '\t'))
		name--;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == name &&
		    strncasecmp(known[i].name, line, name) == 0)
			break;
	if (i == sizeof(known) / sizeof(known[0]))
		return;
	seen->kinds[known[i].kind]++;
	if (strcmp(known[i].name, "Content-Type") == 0) {
		seen->is_related |= value_has(value, value_len,
		    "multipart/related");
		seen->is_page |= value_has(value, value_len, "multipart/") ||
		    value_has(value, value_len, "text/html");
	} else if (strcmp(known[i].name, "From") == 0) {
		seen->is_saved |= value_has(value, value_len, "<Saved by ");
	} else if (strcmp(known[i].name, "To") == 0 ||
	    strcmp(known[i].name, "Received") == 0 ||
	    strcmp(known[i].name, "Message-ID") == 0) {
		seen->is_addressed = true;
	}
}

static bool
is_printable(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t' &&
		    line[i] != 0x1B)
			return false;
	return true;
}

static void
see_header(struct seen *seen, const char *bytes, size_t len, size_t at)
{
	size_t from, n, name, fields = 0;

	while (at < len && fields < TELL_FIELDS_MAX) {
		from = at;
		n = tell_line(bytes, len, &at);
		if (n == 0)
			return;
		if (!is_printable(bytes + from, n)) {
			seen->is_wrong = true;
			return;
		}
		if (fields > 0 && (bytes[from] == ' ' || bytes[from] == '\t'))
			continue;
		name = mail_field_name(bytes + from, n);
		fields++;
		/* The sample may end within a line. */
		if (name == 0 && at < len) {
			seen->is_wrong = true;
			return;
		}
		if (name > 0)
			see_field(seen, bytes + from, n, name);
	}
}

bool
mail_is_from_line(const char *line, size_t len)
{
	size_t i;
	bool has_time = false;

	if (len < 10 || memcmp(line, "From ", 5) != 0)
		return false;
	for (i = 6; i + 2 < len && !has_time; i++)
		has_time = line[i] == ':' && isdigit((unsigned char)line[i - 1])
		    && isdigit((unsigned char)line[i + 1]) &&
		    isdigit((unsigned char)line[i + 2]);
	/* The year at the end, or a zone behind it. */
	for (i = 5; has_time && i + 4 <= len; i++)
		if ((line[i] == '1' || line[i] == '2') && line[i - 1] == ' ' &&
		    isdigit((unsigned char)line[i + 1]) &&
		    isdigit((unsigned char)line[i + 2]) &&
		    isdigit((unsigned char)line[i + 3]))
			return true;
	return false;
}

static bool
is_mailbox_name(const char *name)
{
	return name_has_extension(name, "mbox") ||
	    name_has_extension(name, "mbx");
}

static bool
is_page_name(const char *name)
{
	return name_has_extension(name, "mht") ||
	    name_has_extension(name, "mhtml");
}

/* Does the name say that it is a text of another kind? */
static bool
is_text_name(const char *name)
{
	static const char *const plain[] = {"txt", "text", "asc", "out"};
	const char *base = strrchr(name, '/'), *dot, *at;
	size_t i, n;

	base = base == NULL ? name : base + 1;
	dot = strrchr(base, '.');
	if (dot == NULL || dot[1] == '\0')
		return false;
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (name_has_extension(name, plain[i]))
			return false;
	n = strlen(dot + 1);
	for (i = 0; i < FORMAT_COUNT; i++) {
		if (formats[i].shape != FORMAT_IS_TEXT)
			continue;
		for (at = formats[i].extensions; *at != '\0'; at++)
			if (at[0] == ' ' && strncasecmp(at + 1, dot + 1, n) ==
				0 && at[n + 1] == ' ')
				return true;
	}
	return false;
}

/* A mailbox: its first line, and a field in the second. */
static bool
tell_mailbox(const char *bytes, size_t len, size_t at, const char *name)
{
	size_t from = at, n;

	n = tell_line(bytes, len, &at);
	/* What git makes of a change is a text, unless it is kept as mail. */
	if (name_has_extension(name, "patch") ||
	    name_has_extension(name, "diff") ||
	    !mail_is_from_line(bytes + from, n) || at >= len)
		return false;
	from = at;
	n = tell_line(bytes, len, &at);
	return n == 0 || bytes[from] == '>' ||
	    mail_field_name(bytes + from, n) > 0;
}

bool
mail_tell(const char *bytes, size_t len, const char *name,
    enum format_id *ret_id)
{
	struct seen seen = {.is_wrong = false};
	bool is_mail_name = name_has_extension(name, "eml");
	unsigned sent, typical, all;
	size_t at = 0;

	if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	/* Apple's mails have their length in a line of its own before. */
	if (name_has_extension(name, "emlx"))
		(void)tell_line(bytes, len, &at);
	while (at < len && (bytes[at] == '\n' || bytes[at] == '\r'))
		at++;
	if (at < len && bytes[at] == 'F' &&
	    tell_mailbox(bytes, len, at, name)) {
		*ret_id = is_mail_name ? FORMAT_EML : FORMAT_MBOX;
		return true;
	}
	see_header(&seen, bytes, len, at);
	if (seen.is_wrong && !is_mail_name)
		return false;
	sent = seen.kinds[FIELD_SENT];
	typical = seen.kinds[FIELD_TYPICAL];
	all = sent + typical + seen.kinds[FIELD_COMMON];
	if (is_page_name(name) ? seen.is_page
			       : seen.kinds[FIELD_ARCHIVED] > 0 ||
		    (seen.is_related && (seen.is_saved ||
					    (!seen.is_addressed && sent > 0 &&
						!is_mail_name)))) {
		*ret_id = FORMAT_MHTML;
		return true;
	}
	*ret_id = is_mailbox_name(name) ? FORMAT_MBOX : FORMAT_EML;
	if (is_mail_name || is_mailbox_name(name) || is_page_name(name))
		return all > 0;
	if (is_text_name(name))
		return sent >= 2 && sent + typical >= 3;
	return (sent >= 1 && all >= 2) || typical >= 3 ||
	    (typical >= 2 && all >= 3);
}
