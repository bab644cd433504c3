/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file is: its content decides between text and other things (sniff.c
 * tells these apart), and between the kinds of text that begin unmistakably;
 * then its name decides,
 * because libmagic takes most Markdown for plain text and half of all prose
 * for source code.  libmagic is asked when both are silent: it costs more
 * than reading a small file.
 */
#include <ctype.h>
#include <magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/bytes.h"
#include "extractor/charset.h"
#include "extractor/format.h"
#include "extractor/input.h"

/* libmagic needs 16 to 24 ms for big texts if it may look at all of them. */
#define MAGIC_SAMPLE_MAX 8192u

const struct format formats[FORMAT_COUNT] = {
#define FORMAT(id, media_type, read, shape, extensions)                       \
	[FORMAT_##id] = {media_type, read_##read, FORMAT_IS_##shape,          \
	    " " extensions " "},
#include "extractor/formats_tbl.h"
};

/* Formats of their own that look like text. */
static const struct {
	const char *begins, *media_type, *words;
} not_texts[] = {
    {"%!PS", "application/postscript", "PostScript document"},
};

static magic_t format_magic;

bool
format_is_plain(const struct format *format)
{
	return format->read == read_txt || format->read == read_code;
}

int
format_init(struct err_note *note)
{
	size_t most = MAGIC_SAMPLE_MAX;

	format_magic = magic_open(MAGIC_NO_CHECK_COMPRESS |
	    MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_APPTYPE);
	if (format_magic == NULL)
		return err_set(note, ERR_INTERNAL, "libmagic does not start");
	if (magic_load(format_magic, NULL) < 0)
		return err_set(note, ERR_INTERNAL, "libmagic: %s",
		    magic_error(format_magic));
	(void)magic_setparam(format_magic, MAGIC_PARAM_BYTES_MAX, &most);
	return 0;
}

void
format_fini(void)
{
	if (format_magic != NULL)
		magic_close(format_magic);
	format_magic = NULL;
}

/* What libmagic says with that flag; printable ASCII, "" when it is silent. */
static void
ask_magic(const struct input *input, int flag, char *out, size_t size)
{
	const char *said;
	size_t i, len;

	out[0] = '\0';
	(void)magic_setflags(format_magic, flag | MAGIC_NO_CHECK_COMPRESS |
	    MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_APPTYPE);
	len = input->raw_len < MAGIC_SAMPLE_MAX ? input->raw_len
						: MAGIC_SAMPLE_MAX;
	said = magic_buffer(format_magic, input->raw, len);
	if (said == NULL)
		return;
	(void)snprintf(out, size, "%s", said);
	for (i = 0; out[i] != '\0'; i++)
		if (out[i] < 0x20 || out[i] > 0x7E)
			out[i] = '?';
}

static int
is_unsupported(const struct input *input, char *media_type, size_t size,
    struct err_note *note)
{
	char words[160];

	ask_magic(input, MAGIC_MIME_TYPE, media_type, size);
	ask_magic(input, MAGIC_NONE, words, sizeof(words));
	words[strcspn(words, ",;")] = '\0';
	if (words[0] == '\0' || strcmp(words, "data") == 0)
		return err_set(note, ERR_UNSUPPORTED,
		    "binary data of an unknown type is not supported");
	return err_set(note, ERR_UNSUPPORTED,
	    "this type of file is not supported: %s", words);
}

/*
 * Few texts have control characters other than those of white space, back
 * space and escape; binary data is full of them.  One in 64 is forgiven.
 */
static bool
is_binary(const char *text, size_t len)
{
	const unsigned char *sample = (const unsigned char *)text;
	size_t i, odd = 0;

	for (i = bytes_plain(text, len); i < len; i++)
		odd += sample[i] < 0x20 && sample[i] != '\n' &&
		    sample[i] != '\t' && sample[i] != '\r' &&
		    sample[i] != '\f' && sample[i] != '\b' &&
		    sample[i] != 0x1B && sample[i] != 0x1A;
	return odd * 64 > len;
}

/* Lower-case extension of name, or its whole lower-case last part. */
static void
name_extension(const char *name, char *out, size_t size)
{
	const char *base, *dot;
	size_t i;

	base = strrchr(name, '/');
	base = base == NULL ? name : base + 1;
	dot = strrchr(base, '.');
	if (dot != NULL && dot[1] != '\0')
		base = dot + 1;
	for (i = 0; base[i] != '\0' && i + 1 < size; i++)
		out[i] = (char)tolower((unsigned char)base[i]);
	out[i] = '\0';
}

bool
name_has_extension(const char *name, const char *extension)
{
	char own[24];

	name_extension(name, own, sizeof(own));
	return strcmp(own, extension) == 0;
}

/* Text is not what a binary format's extension says it is. */
static const struct format *
format_of_name(const char *name)
{
	char extension[24], wanted[28];
	size_t i;

	name_extension(name, extension, sizeof(extension));
	if (extension[0] == '\0' || strchr(extension, ' ') != NULL)
		return NULL;
	(void)snprintf(wanted, sizeof(wanted), " %s ", extension);
	for (i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].shape == FORMAT_IS_TEXT &&
		    strstr(formats[i].extensions, wanted) != NULL)
			return &formats[i];
	return NULL;
}

bool
format_declared_charset(const char *sample, size_t len, char *out,
    size_t size)
{
	static const char *const words[] = {"charset", "encoding"};
	size_t w, i, n;

	if (len > 4096)
		len = 4096;
	for (i = 0; i < len && isspace((unsigned char)sample[i]); i++)
		continue;
	if (i == len || sample[i] != '<')
		return false;
	for (; i < len; i++) {
		for (w = 0; w < 2; w++) {
			n = strlen(words[w]);
			if (i + n < len &&
			    strncasecmp(sample + i, words[w], n) == 0)
				break;
		}
		if (w == 2)
			continue;
		for (i += n; i < len && strchr(" \t=\"'", sample[i]) != NULL &&
		     sample[i] != '\0'; i++)
			continue;
		for (n = 0; i < len && n + 1 < size &&
		     (isalnum((unsigned char)sample[i]) ||
			 strchr("-_:.", sample[i]) != NULL) &&
		     sample[i] != '\0'; i++)
			out[n++] = sample[i];
		out[n] = '\0';
		if (n > 0)
			return true;
	}
	return false;
}

static bool
begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(text, word, n) == 0;
}

/* OpenDocument in a single XML file says in its root what it would be. */
static const struct format *
format_of_flat(const char *text, size_t len)
{
	static const char root[] = "<office:document",
	    type[] = "application/vnd.oasis.opendocument.";
	const char *at, *end;

	if (len > 4096)
		len = 4096;
	end = text + len;
	at = bytes_find(text, len, root, sizeof(root) - 1);
	if (at == NULL)
		return NULL;
	at = bytes_find(at, (size_t)(end - at), type, sizeof(type) - 1);
	if (at == NULL)
		return &formats[FORMAT_ODT];
	at += sizeof(type) - 1;
	if (begins(at, (size_t)(end - at), "spreadsheet"))
		return &formats[FORMAT_ODS];
	if (begins(at, (size_t)(end - at), "presentation") ||
	    begins(at, (size_t)(end - at), "graphics"))
		return &formats[FORMAT_ODP];
	return &formats[FORMAT_ODT];
}

/* Texts that begin unmistakably, whatever they are called. */
static const struct format *
format_of_text(const char *text, size_t len, const struct format *by_name)
{
	const struct format *flat;

	while (len > 0 && strchr(" \t\n", *text) != NULL) {
		text++;
		len--;
	}
	if (begins(text, len, "<!doctype html") || begins(text, len, "<html"))
		return &formats[FORMAT_HTML];
	if (begins(text, len, "<?xml") || begins(text, len, "<office:doc")) {
		flat = format_of_flat(text, len);
		if (flat != NULL)
			return flat;
		if (by_name == &formats[FORMAT_HTML] ||
		    bytes_find(text, len < 1024 ? len : 1024, "<html", 5) !=
			NULL)
			return &formats[FORMAT_HTML];
		return &formats[FORMAT_XML];
	}
	return by_name;
}

/* Neither beginning nor name say anything. */
static const struct format *
format_of_magic(const struct input *input)
{
	char type[80];
	size_t i;

	ask_magic(input, MAGIC_MIME_TYPE, type, sizeof(type));
	if (strcmp(type, "text/xml") == 0)
		return &formats[FORMAT_XML];
	if (strcmp(type, "application/x-ndjson") == 0)
		return &formats[FORMAT_JSONL];
	for (i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].shape == FORMAT_IS_TEXT &&
		    strcmp(type, formats[i].media_type) == 0)
			return &formats[i];
	return &formats[FORMAT_TXT];
}

/* Charset and text-or-not; 0 or ERR_UNSUPPORTED. */
static int
tell_charset(struct input *input, char *media_type, size_t size,
    struct err_note *note)
{
	size_t len = input->raw_len < INPUT_SAMPLE_MAX ? input->raw_len
						       : INPUT_SAMPLE_MAX;
	bool is_declared;
	char declared[32], type[80];
	size_t i, n;

	for (i = 0; i < sizeof(not_texts) / sizeof(not_texts[0]); i++) {
		n = strlen(not_texts[i].begins);
		if (len < n || memcmp(input->raw, not_texts[i].begins, n) != 0)
			continue;
		(void)snprintf(media_type, size, "%s",
		    not_texts[i].media_type);
		return err_set(note, ERR_UNSUPPORTED,
		    "this type of file is not supported: %s",
		    not_texts[i].words);
	}
	is_declared = format_declared_charset(input->raw, len, declared,
	    sizeof(declared));
	if (charset_detect_wide(input->raw, len) == NULL &&
	    is_binary(input->raw, len))
		return is_unsupported(input, media_type, size, note);
	input->charset = charset_detect(input->raw, len,
	    is_declared ? declared : NULL, &input->is_sure);
	if (input->charset == NULL)
		return 0;
	/* Not Unicode: small binary files get this far as well. */
	ask_magic(input, MAGIC_MIME_TYPE, type, sizeof(type));
	if (strncmp(type, "image/", 6) == 0 ||
	    strncmp(type, "audio/", 6) == 0 ||
	    strncmp(type, "video/", 6) == 0 ||
	    strncmp(type, "font/", 5) == 0 ||
	    (strncmp(type, "application/", 12) == 0 &&
		strstr(type, "xml") == NULL && strstr(type, "json") == NULL &&
		strcmp(type, "application/x-subrip") != 0 &&
		strcmp(type, "application/octet-stream") != 0))
		return is_unsupported(input, media_type, size, note);
	return 0;
}

/* Which text it is, by name and by its bytes before they are decoded. */
static int
tell_text(struct input *input, const char *name, char *media_type,
    size_t size, const struct format **ret_format, struct err_note *note)
{
	const struct format *format;
	int err;

	if (input->wants_text) {
		input->charset = charset_detect(input->raw,
		    input->raw_len < INPUT_SAMPLE_MAX ? input->raw_len
						      : INPUT_SAMPLE_MAX,
		    NULL, &input->is_sure);
		*ret_format = &formats[FORMAT_TXT];
		return 0;
	}
	err = tell_charset(input, media_type, size, note);
	if (err < 0)
		return err;
	format = format_of_name(name);
	/* Asked before the bytes are decoded: afterwards they are gone. */
	if (format == NULL && begins(input->raw, input->raw_len, "#!"))
		format = &formats[FORMAT_CODE];
	*ret_format = format == NULL ? format_of_magic(input) : format;
	return 0;
}

/* Decode the first window, and let it have the last word. */
static int
tell_by_text(struct input *input, char *media_type, size_t size,
    const struct format **format, struct err_note *note)
{
	int err;

	input->is_verbatim = input->wants_verbatim && format_is_plain(*format);
	err = input_more(input);
	if (err < 0 || input->wants_text)
		return err;
	*format = format_of_text(input_text(input), input_len(input),
	    *format);
	if (!input->is_verbatim || format_is_plain(*format))
		return 0;
	/* It only had the name of a plain text. */
	err = input_rewind(input);
	if (err == 0)
		err = tell_charset(input, media_type, size, note);
	return err < 0 ? err : input_more(input);
}

int
format_tell(struct input *input, const char *name, char *media_type,
    size_t size, const struct format **ret_format, struct err_note *note)
{
	const struct format *format;
	int err;

	media_type[0] = '\0';
	err = input->wants_text ? ERR_NOT_FOUND
	    : format_sniff(input, name, media_type, size, &format, note);
	if (err == 0) {
		if (media_type[0] == '\0')
			(void)snprintf(media_type, size, "%s",
			    format->media_type);
		*ret_format = format;
		return 0;
	}
	if (err != ERR_NOT_FOUND)
		return err;
	err = tell_text(input, name, media_type, size, &format, note);
	if (err == 0)
		err = tell_by_text(input, media_type, size, &format, note);
	if (err < 0)
		return err;
	(void)snprintf(media_type, size, "%s", format->media_type);
	*ret_format = format;
	return 0;
}
