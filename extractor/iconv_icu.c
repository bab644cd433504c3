/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iconv(), made of ICU's converters.
 *
 * libxml2, glib, libarchive and libgsf convert with iconv(), and that of the C
 * library opens a module's file for each charset: in the sandbox that would be
 * the end of the process.  The dynamic linker takes the program's own
 * definitions before the C library's, so these three serve all libraries.
 * ICU has its tables in memory, and iconv_icu_init() tells it to look at
 * nothing else.
 *
 * A conversion is done in slices through UTF-16 that fit into the output, so
 * that the caller's pointers stand where iconv() promises them: behind the
 * last character that was written, before one that is cut or wrong.  Only a
 * character for whose last bytes there is no room is kept until the next call.
 */
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unicode/putil.h>
#include <unicode/ucnv.h>
#include <unicode/udata.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/iconv_icu.h"

#define SLICE_UNITS 512
#define CHARSET_NAME_MAX 64u
/* No character of any charset is longer, its shifts included. */
#define CHARACTER_BYTES_MAX 32u

struct recoder {
	UConverter *from, *to;
	UChar units[SLICE_UNITS];
	int32_t offsets[SLICE_UNITS]; /* of each unit in the input */
};

/* What the C library calls charsets that ICU calls otherwise. */
static const struct {
	const char *name, *icu;
} icu_names[] = {
    {"", "UTF-8"},		{"char", "UTF-8"},
    {"ANSI_X3.4-1968", "US-ASCII"}, {"WCHAR_T", "UTF-32LE"},
    {"UCS-4", "UTF-32BE"},	{"UCS4", "UTF-32BE"},
    {"UCS-4BE", "UTF-32BE"},	{"UCS-4LE", "UTF-32LE"},
    {"UCS-4-INTERNAL", "UTF-32LE"}, {"INTERNAL", "UTF-32LE"},
    {"UCS-2", "UTF-16LE"},	{"UCS-2BE", "UTF-16BE"},
    {"UCS-2LE", "UTF-16LE"},	{"UCS-2-INTERNAL", "UTF-16LE"},
    {"CP932", "windows-31j"},	{"CP936", "GBK"},
    {"CP949", "windows-949"},	{"CP10000", "macintosh"},
    {"CP65001", "UTF-8"},
};

int
iconv_icu_init(struct err_note *note)
{
	UErrorCode status = U_ZERO_ERROR;

	udata_setFileAccess(UDATA_NO_FILES, &status);
	if (U_FAILURE(status))
		return err_set(note, ERR_INTERNAL, "ICU: %s",
		    u_errorName(status));
	return 0;
}

/* suffix: what follows the name, "//TRANSLIT" or "//IGNORE". */
static UConverter *
open_converter(const char *name, const char **ret_suffix)
{
	char plain[CHARSET_NAME_MAX];
	const char *suffix = strstr(name, "//");
	UErrorCode status = U_ZERO_ERROR;
	UConverter *converter;
	size_t i, len = suffix == NULL ? strlen(name)
				       : (size_t)(suffix - name);

	if (len >= sizeof(plain))
		return NULL;
	memcpy(plain, name, len);
	plain[len] = '\0';
	*ret_suffix = suffix == NULL ? "" : suffix;
	for (i = 0; i < sizeof(icu_names) / sizeof(icu_names[0]); i++)
		if (strcasecmp(plain, icu_names[i].name) == 0)
			(void)snprintf(plain, sizeof(plain), "%s",
			    icu_names[i].icu);
	converter = ucnv_open(plain, &status);
	return U_FAILURE(status) ? NULL : converter;
}

static void
set_callbacks(struct recoder *recoder, const char *suffix)
{
	UErrorCode status = U_ZERO_ERROR;

	ucnv_setToUCallBack(recoder->from, UCNV_TO_U_CALLBACK_STOP, NULL,
	    NULL, NULL, &status);
	if (strcasestr(suffix, "//IGNORE") != NULL)
		ucnv_setFromUCallBack(recoder->to, UCNV_FROM_U_CALLBACK_SKIP,
		    NULL, NULL, NULL, &status);
	else if (strcasestr(suffix, "//TRANSLIT") == NULL)
		ucnv_setFromUCallBack(recoder->to, UCNV_FROM_U_CALLBACK_STOP,
		    NULL, NULL, NULL, &status);
	/* Otherwise a substitute is written, which is ICU's own way. */
}

iconv_t
iconv_open(const char *to, const char *from)
{
	struct recoder *recoder = mem_zalloc(sizeof(*recoder));
	const char *suffix, *ignored;

	if (recoder == NULL) {
		errno = ENOMEM;
		goto fail;
	}
	errno = EINVAL;
	recoder->from = open_converter(from, &ignored);
	recoder->to = open_converter(to, &suffix);
	if (recoder->from == NULL || recoder->to == NULL)
		goto fail;
	set_callbacks(recoder, suffix);
	errno = 0;
	return recoder;
fail:
	if (recoder != NULL)
		(void)iconv_close(recoder);
	/* What the interface calls failure is this value of a pointer. */
	return (iconv_t)-1;
}

int
iconv_close(iconv_t cd)
{
	struct recoder *recoder = cd;
	int saved = errno;

	if (recoder->from != NULL)
		ucnv_close(recoder->from);
	if (recoder->to != NULL)
		ucnv_close(recoder->to);
	mem_free(recoder);
	errno = saved;
	return 0;
}

/* Write what is kept and, at the end, what returns to the first state. */
static int
flush_to(struct recoder *recoder, char **out, size_t *out_left, bool is_end)
{
	UErrorCode status = U_ZERO_ERROR;
	const UChar *units = recoder->units;
	char *to = *out;

	ucnv_fromUnicode(recoder->to, &to, to + *out_left, &units, units, NULL,
	    is_end, &status);
	*out_left -= (size_t)(to - *out);
	*out = to;
	return status == U_BUFFER_OVERFLOW_ERROR ? E2BIG : 0;
}

/*
 * How many bytes at the end of the input are the beginning of a character.
 * A copy of the converter is told that the input ends: the converter itself
 * would forget which set it had shifted to.
 */
static size_t
cut_bytes(const struct recoder *recoder, const char *in, size_t len)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *copy;
	const char *end = in + len;
	UChar units[2 * CHARACTER_BYTES_MAX], *to = units;
	char bytes[CHARACTER_BYTES_MAX];
	int8_t cut = (int8_t)sizeof(bytes);
	size_t n = 0;

	copy = ucnv_clone(recoder->from, &status);
	if (U_FAILURE(status))
		return 0;
	ucnv_toUnicode(copy, &to, units + sizeof(units) / sizeof(units[0]),
	    &in, end, NULL, true, &status);
	if (status == U_TRUNCATED_CHAR_FOUND) {
		status = U_ZERO_ERROR;
		ucnv_getInvalidChars(copy, bytes, &cut, &status);
		if (U_SUCCESS(status) && cut > 0)
			n = (size_t)cut;
	}
	ucnv_close(copy);
	return n < len ? n : len;
}

/*
 * One slice: up to len bytes of *in; is_tail: the input ends there.  Returns
 * 0, or what errno shall be.
 */
static int
convert_slice(struct recoder *recoder, const char **in, size_t len,
    bool is_tail, char **out, size_t *out_left)
{
	UErrorCode status = U_ZERO_ERROR;
	const char *first = *in, *from = first;
	size_t cut = is_tail ? cut_bytes(recoder, first, len) : 0;
	size_t room = *out_left / (size_t)ucnv_getMaxCharSize(recoder->to);
	UChar *to = recoder->units;
	const UChar *units = to;
	char bad[CHARACTER_BYTES_MAX];
	UChar bad_units[4];
	int8_t bad_len = (int8_t)sizeof(bad), bad_units_len = 4;
	int err = 0;

	/* One unit is either written whole or kept by the converter. */
	room = room < 1 ? 1 : room > SLICE_UNITS ? SLICE_UNITS : room;
	ucnv_toUnicode(recoder->from, &to, recoder->units + room, &from,
	    first + len - cut, recoder->offsets, false, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR) {
		cut = 0; /* not there yet */
	} else if (U_FAILURE(status)) {
		status = U_ZERO_ERROR;
		ucnv_getInvalidChars(recoder->from, bad, &bad_len, &status);
		if (U_SUCCESS(status) && bad_len <= from - first)
			from -= bad_len;
		err = EILSEQ;
	} else if (cut > 0) {
		err = EINVAL;
	}
	status = U_ZERO_ERROR;
	first = *out;
	ucnv_fromUnicode(recoder->to, out, *out + *out_left, &units, to, NULL,
	    false, &status);
	*out_left -= (size_t)(*out - first);
	if (status == U_BUFFER_OVERFLOW_ERROR) {
		err = E2BIG;
	} else if (U_FAILURE(status)) {
		status = U_ZERO_ERROR;
		ucnv_getInvalidUChars(recoder->to, bad_units, &bad_units_len,
		    &status);
		if (U_SUCCESS(status) && bad_units_len <= units -
			recoder->units)
			units -= bad_units_len;
		err = EILSEQ;
	}
	/* What has no place in the other charset is not read yet. */
	if (units < to && recoder->offsets[units - recoder->units] >= 0) {
		*in += recoder->offsets[units - recoder->units];
		ucnv_resetToUnicode(recoder->from);
	} else {
		*in = from;
	}
	return err;
}

size_t
iconv(iconv_t cd, char **in, size_t *in_left, char **out, size_t *out_left)
{
	struct recoder *recoder = cd;
	const char *from;
	size_t len;
	int err;

	if (in == NULL || *in == NULL) {
		err = 0;
		if (out != NULL && *out != NULL)
			err = flush_to(recoder, out, out_left, true);
		if (err == 0)
			ucnv_reset(recoder->from);
		if (err == 0)
			ucnv_reset(recoder->to);
		errno = err != 0 ? err : errno;
		return err != 0 ? (size_t)-1 : 0;
	}
	err = flush_to(recoder, out, out_left, false);
	while (err == 0 && *in_left > 0) {
		if (*out_left == 0) {
			err = E2BIG;
			break;
		}
		/* The last bytes go alone, to see whether one is cut. */
		len = *in_left > CHARACTER_BYTES_MAX
		    ? *in_left - CHARACTER_BYTES_MAX : *in_left;
		from = *in;
		err = convert_slice(recoder, &from, len, len == *in_left, out,
		    out_left);
		*in_left -= (size_t)(from - *in);
		*in += from - *in;
	}
	if (err == 0)
		return 0;
	errno = err;
	return (size_t)-1;
}
