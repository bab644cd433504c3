/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "extractor/archive_name.h"
#include "extractor/charset.h"
#include "extractor/input.h"
#include "extractor/package.h"

#define SAMPLE_MAX (16 * KIB)

void
archive_names_init(struct archive_names *names, struct input *input)
{
	memset(names, 0, sizeof(*names));
	names->input = input;
	buf_init(&names->sample, SAMPLE_MAX);
}

void
archive_names_fini(struct archive_names *names)
{
	buf_fini(&names->sample);
}

/* ---- charsets ----------------------------------------------------------- */

static void
sample_add(struct archive_names *names, const char *raw, size_t len)
{
	struct buf *sample = &names->sample;

	if (len == 0 || utf8_is_valid(raw, len) ||
	    len + 1 > SAMPLE_MAX - sample->len)
		return;
	(void)buf_put(sample, raw, len); /* a smaller sample serves */
	(void)buf_putc(sample, '\n');
}

/* The directory of a ZIP file has all names: better than one by one. */
static void
look_through(struct archive_names *names)
{
	struct package *package;
	const char *name;
	long i, count;

	names->has_looked = true;
	if (package_open(names->input, &package, NULL) < 0)
		return;
	names->is_dos = true;
	buf_clear(&names->sample);
	count = package_count(package);
	for (i = 0; i < count && names->sample.len < SAMPLE_MAX / 2; i++) {
		name = package_name(package, i);
		if (name != NULL)
			sample_add(names, name, strlen(name));
	}
	package_close(package);
}

/*
 * ZIP programs write names as their system's console shows them.  Where
 * Windows has quotes and dashes DOS has the letters of western languages.
 */
static bool
is_dos_western(const struct buf *sample, const char *guess)
{
	static const char *const wrong[] = {"windows-12", "ISO-8859-",
	    "macintosh", "x-mac-"};
	const unsigned char *c = (const unsigned char *)sample->data;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (strncmp(guess, wrong[i], strlen(wrong[i])) == 0)
			break;
	if (i == sizeof(wrong) / sizeof(wrong[0]))
		return false;
	for (i = 0; i < sample->len; i++)
		if (c[i] >= 0x80 && c[i] > 0xA5 && c[i] != 0xE1)
			return false;
	return true;
}

static void
tell_charset(struct archive_names *names)
{
	struct buf *sample = &names->sample;
	bool is_sure;

	names->told_at = sample->len;
	names->charset = charset_detect(sample->data, sample->len, NULL,
	    &is_sure);
	if (names->is_dos &&
	    is_dos_western(sample, charset_name(names->charset)))
		names->charset = charset_find("IBM850");
}

/* ---- names -------------------------------------------------------------- */

/* Put valid UTF-8 at the end of name. */
static size_t
name_put(struct archive_names *names, size_t n, const char *text, size_t len)
{
	size_t i, step;

	for (i = 0; i < len && n + 5 < sizeof(names->name); i += step) {
		if (utf8_decode(text + i, len - i, &step) == UTF8_BAD) {
			memcpy(names->name + n, "\xEF\xBF\xBD", 3);
			n += 3;
		} else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) {
			names->name[n++] = '_';
		} else {
			memcpy(names->name + n, text + i, step);
			n += step;
		}
	}
	return n;
}

static size_t
name_decode(struct archive_names *names, const char *raw, size_t len)
{
	const char *end = raw + len;
	char text[512];
	size_t n = 0, got;
	bool is_full;

	charset_reset(names->charset);
	do {
		got = charset_decode(names->charset, &raw, end, true, text,
		    sizeof(text), &is_full);
		n = name_put(names, n, text, got);
	} while (raw < end || is_full);
	return n;
}

const char *
archive_name(struct archive_names *names, const char *raw, size_t *ret_len)
{
	size_t len = strlen(raw), n;

	if (len > ARCHIVE_PATH_MAX) {
		raw += len - ARCHIVE_PATH_MAX;
		len = ARCHIVE_PATH_MAX;
		/* Not in the middle of a character. */
		while (len > 0 && ((unsigned char)*raw & 0xC0) == 0x80) {
			raw++;
			len--;
		}
	}
	if (utf8_is_valid(raw, len)) {
		n = name_put(names, 0, raw, len);
	} else {
		if (!names->has_looked)
			look_through(names);
		if (!names->is_dos || names->sample.len == 0)
			sample_add(names, raw, len);
		/* Told again when there is twice as much to tell it from. */
		if (names->sample.len > 0 &&
		    names->sample.len >= 2 * names->told_at)
			tell_charset(names);
		n = names->charset == NULL
		    ? name_put(names, 0, raw, len)
		    : name_decode(names, raw, len);
	}
	if (n == 0)
		names->name[n++] = '_';
	names->name[n] = '\0';
	*ret_len = n;
	return names->name;
}

const char *
archive_name_bare(struct archive_names *names, int filters, size_t *ret_len)
{
	static const struct {
		const char *packed, *bare;
	} ends[] = {{".gz", ""}, {".bz2", ""}, {".xz", ""}, {".zst", ""},
	    {".tgz", ".tar"}, {".tbz2", ".tar"}, {".tbz", ".tar"},
	    {".txz", ".tar"}, {".tzst", ".tar"}, {".svgz", ".svg"},
	    {"-gz", ""}};
	const char *name = names->input->name;
	const char *slash = strrchr(name, '/');
	char bare[NAME_BYTES_MAX + 8];
	size_t len, i, n;

	if (slash != NULL && slash[1] != '\0')
		name = slash + 1;
	len = strlen(name);
	if (len > NAME_BYTES_MAX)
		len = NAME_BYTES_MAX;
	memcpy(bare, name, len);
	bare[len] = '\0';
	for (; filters > 0; filters--) {
		for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			n = strlen(ends[i].packed);
			if (len <= n || strcasecmp(bare + len - n,
				ends[i].packed) != 0)
				continue;
			len -= n;
			memcpy(bare + len, ends[i].bare,
			    strlen(ends[i].bare) + 1);
			len += strlen(ends[i].bare);
			break;
		}
	}
	return archive_name(names, bare, ret_len);
}

bool
archive_name_is_litter(const char *name)
{
	static const char *const folders[] = {"__MACOSX", ".git", ".svn",
	    ".hg"};
	static const char *const files[] = {".DS_Store", "Thumbs.db",
	    "desktop.ini"};
	size_t i, len;

	for (;; name += len + 1) {
		len = strcspn(name, "/\\");
		if (name[len] == '\0')
			break;
		for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
			if (len == strlen(folders[i]) &&
			    strncmp(name, folders[i], len) == 0)
				return true;
	}
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcasecmp(name, files[i]) == 0)
			return true;
	return strncmp(name, "._", 2) == 0;
}
