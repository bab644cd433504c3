/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Archives, and single files that are compressed: ZIP, tar and 7z, packed
 * with gzip, bzip2, xz or zstd, all by libarchive, one member after the other.
 *
 * Members are handed on while they unpack; what a member or the archive says
 * about sizes is not believed, only counted bytes are.  One that is damaged
 * or encrypted ends with its own code and the next one is tried.  The text of
 * the archive itself is the list of its members.
 *
 * libarchive gives names in the charset of the locale, and loses what that
 * cannot hold.  The program runs in "C"; a locale of its own for the calls
 * into libarchive alone lets all names pass as they are, without iconv.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/archive_name.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/library.h"
#include "extractor/package.h"

#define ARCHIVE_READ_SIZE (64 * KIB)
/* Compressed once, and once more by mistake; quines go on for ever. */
#define ARCHIVE_FILTERS_MAX 3
/* Headers that cannot be read, one after the other. */
#define ARCHIVE_FAILURES_MAX 100u

struct unpack {
	struct input *input;
	struct emit *emit;
	struct err_note *note;
	struct archive *archive;
	struct archive_names *names;
	uint64_t offset; /* libarchive's, in input */
	uint64_t unpacked, unpacked_max;
	unsigned members, failures;
	char *bytes;  /* ARCHIVE_READ_SIZE each: of the archive, */
	char *member; /* of a member */
};

static locale_t archive_locale;

int
archive_init(struct err_note *note)
{
	mbstate_t state;
	wchar_t wide;
	locale_t before;

	archive_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (archive_locale == (locale_t)0)
		return err_set(note, ERR_INTERNAL,
		    "the locale C.UTF-8 is missing");
	/* The first conversion reads a file. */
	before = uselocale(archive_locale);
	memset(&state, 0, sizeof(state));
	(void)mbrtowc(&wide, "\xC3\xA4", 2, &state);
	(void)uselocale(before);
	return 0;
}

/* ---- the file as libarchive sees it ------------------------------------- */

static la_ssize_t
source_read(struct archive *archive, void *arg, const void **ret_bytes)
{
	struct unpack *unpack = arg;
	long n;

	n = input_read_at(unpack->input, unpack->offset, unpack->bytes,
	    ARCHIVE_READ_SIZE);
	if (n < 0) {
		archive_set_error(archive, EIO,
		    "the file cannot be read");
		return ARCHIVE_FATAL;
	}
	unpack->offset += (uint64_t)n;
	*ret_bytes = unpack->bytes;
	return n;
}

static la_int64_t
source_skip(struct archive *archive, void *arg, la_int64_t len)
{
	struct unpack *unpack = arg;
	uint64_t left;

	(void)archive;
	left = unpack->offset < unpack->input->size
	    ? unpack->input->size - unpack->offset
	    : 0;
	if (len < 0)
		return 0;
	if ((uint64_t)len > left)
		len = (la_int64_t)left;
	unpack->offset += (uint64_t)len;
	return len;
}

static la_int64_t
source_seek(struct archive *archive, void *arg, la_int64_t offset, int whence)
{
	struct unpack *unpack = arg;
	la_int64_t from = 0;

	(void)archive;
	if (whence == SEEK_CUR)
		from = (la_int64_t)unpack->offset;
	else if (whence == SEEK_END)
		from = (la_int64_t)unpack->input->size;
	if (__builtin_add_overflow(from, offset, &from) || from < 0)
		return ARCHIVE_FATAL;
	unpack->offset = (uint64_t)from;
	return from;
}

/* Only what libarchive reads itself; a warning means that it would start a
 * program for it. */
static int
unpack_open(struct unpack *unpack)
{
	static int (*const filters[])(struct archive *) = {
	    archive_read_support_filter_gzip,
	    archive_read_support_filter_bzip2,
	    archive_read_support_filter_xz,
	    archive_read_support_filter_zstd,
	};
	struct archive *archive;
	size_t i;

	unpack->archive = archive = archive_read_new();
	if (archive == NULL)
		return ERR_NOMEM;
	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (filters[i](archive) != ARCHIVE_OK)
			return err_set(unpack->note, ERR_INTERNAL,
			    "libarchive cannot read all archives");
	(void)archive_read_support_format_zip(archive);
	(void)archive_read_support_format_tar(archive);
	(void)archive_read_support_format_7zip(archive);
	(void)archive_read_support_format_empty(archive);
	(void)archive_read_support_format_raw(archive);
	(void)archive_read_set_read_callback(archive, source_read);
	(void)archive_read_set_skip_callback(archive, source_skip);
	(void)archive_read_set_seek_callback(archive, source_seek);
	(void)archive_read_set_callback_data(archive, unpack);
	if (archive_read_open1(archive) != ARCHIVE_OK)
		return err_set(unpack->note, ERR_SYNTAX,
		    "the archive is damaged: %s",
		    archive_error_string(archive));
	if (archive_filter_count(archive) - 1 > ARCHIVE_FILTERS_MAX)
		return err_set(unpack->note, ERR_TOO_BIG,
		    "the archive is compressed more than %d times over",
		    ARCHIVE_FILTERS_MAX);
	return 0;
}

/* ---- members ------------------------------------------------------------ */

static bool
is_raw(const struct unpack *unpack)
{
	return (archive_format(unpack->archive) & ARCHIVE_FORMAT_BASE_MASK) ==
	    ARCHIVE_FORMAT_RAW;
}

static int
too_much(const struct unpack *unpack)
{
	return err_set(unpack->note, ERR_TOO_BIG,
	    "the archive unpacks to more than %llu bytes",
	    (unsigned long long)unpack->unpacked_max);
}

/* What is left out is unpacked as well where all is one stream, with headers
 * that may be as long as the files. */
static bool
is_too_much(const struct unpack *unpack)
{
	la_int64_t passed = 0;

	if (archive_filter_count(unpack->archive) > 1)
		passed = archive_filter_bytes(unpack->archive, 0);
	return unpack->unpacked > unpack->unpacked_max ||
	    (passed > 0 && (uint64_t)passed / 2 > unpack->unpacked_max);
}

/* Methods that libarchive does not know; it has no number for that. */
static bool
is_unknown_method(const struct unpack *unpack)
{
	const char *words = archive_error_string(unpack->archive);

	return words != NULL && (strncmp(words, "Unsupported", 11) == 0 ||
		strncmp(words, "Unknown codec", 13) == 0);
}

/* The end of the member that was begun; status is libarchive's. */
static int
member_end(struct unpack *unpack, la_ssize_t status)
{
	bool is_unknown = status != 0 && is_unknown_method(unpack);
	int err;

	if (status == 0)
		err = emit_member_end(unpack->emit, ITEM_CODE_NONE, NULL);
	else if (is_unknown)
		err = emit_member_end(unpack->emit,
		    ITEM_CODE_UNSUPPORTED_FILE_TYPE,
		    "the file is compressed in a way that is not supported");
	else
		err = emit_member_end(unpack->emit,
		    ITEM_CODE_EXTRACTION_FAILED,
		    "the archive is damaged inside of this file");
	if (err == 0 && status == ARCHIVE_FATAL)
		err = is_unknown
		    ? err_set(unpack->note, ERR_UNSUPPORTED,
			  "the archive is compressed in a way that is not "
			  "supported")
		    : err_set(unpack->note, ERR_SYNTAX,
			  "the archive is damaged at file %u of it: %s",
			  unpack->members,
			  archive_error_string(unpack->archive));
	return err;
}

/* The bytes of the member that was begun, and its end. */
static int
member_copy(struct unpack *unpack)
{
	struct emit *emit = unpack->emit;
	la_ssize_t n = ARCHIVE_FATAL;
	int err = 0;

	while (err == 0 && (n = archive_read_data(unpack->archive,
		unpack->member, ARCHIVE_READ_SIZE)) > 0) {
		unpack->unpacked += (uint64_t)n;
		if (is_too_much(unpack)) {
			(void)emit_member_end(emit,
			    ITEM_CODE_EXTRACTION_LIMIT, NULL);
			return too_much(unpack);
		}
		err = emit_member_bytes(emit, unpack->member, (size_t)n);
	}
	return err < 0 ? err : member_end(unpack, n);
}

static const char *
member_name(struct unpack *unpack, struct archive_entry *entry, size_t *ret_len)
{
	const char *raw = archive_entry_pathname(entry);
	char unnamed[32];

	if (is_raw(unpack))
		return archive_name_bare(unpack->names,
		    archive_filter_count(unpack->archive) - 1, ret_len);
	if (raw == NULL || *raw == '\0') {
		(void)snprintf(unnamed, sizeof(unnamed), "unnamed %u",
		    unpack->members + 1);
		raw = unnamed;
	}
	return archive_name(unpack->names, raw, ret_len);
}

static int
unpack_member(struct unpack *unpack, struct archive_entry *entry)
{
	struct emit *emit = unpack->emit;
	const char *name;
	size_t len;
	int err;

	/* Folders, devices; links, whose file comes by itself. */
	if (archive_entry_filetype(entry) != AE_IFREG ||
	    archive_entry_hardlink(entry) != NULL)
		return emit_alive(emit);
	name = member_name(unpack, entry, &len);
	if (archive_name_is_litter(name))
		return emit_alive(emit);
	unpack->members++;
	(void)emit_block(emit, BLOCK_LIST_ITEM, 0, name, len); /* sticks */
	err = emit_member_begin(emit, name, len);
	if (err < 0)
		return err;
	if (archive_entry_is_encrypted(entry))
		return emit_member_end(emit, ITEM_CODE_ENCRYPTED_DOCUMENT,
		    NULL);
	return member_copy(unpack);
}

/* The next header cannot be read: is that the end of the archive? */
static int
header_failed(struct unpack *unpack, int status)
{
	const char *words = archive_error_string(unpack->archive);

	if (archive_read_has_encrypted_entries(unpack->archive) == 1 &&
	    unpack->members == 0)
		return err_set(unpack->note, ERR_FORBIDDEN,
		    "the document needs a password to be read");
	if (status != ARCHIVE_FATAL &&
	    ++unpack->failures < ARCHIVE_FAILURES_MAX)
		return 0;
	if (unpack->members == 0)
		return err_set(unpack->note, ERR_SYNTAX,
		    "the archive is damaged: %s",
		    words == NULL ? "nothing in it can be read" : words);
	return err_set(unpack->note, ERR_SYNTAX,
	    "the archive is damaged behind file %u of it: %s", unpack->members,
	    words == NULL ? "the rest cannot be read" : words);
}

static int
unpack_all(struct unpack *unpack)
{
	struct archive_entry *entry;
	int status, err = 0;

	while (err == 0) {
		status = archive_read_next_header(unpack->archive, &entry);
		if (status == ARCHIVE_EOF)
			break;
		if (is_too_much(unpack))
			return too_much(unpack);
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
			err = header_failed(unpack, status);
			continue;
		}
		if (is_raw(unpack) &&
		    archive_filter_count(unpack->archive) <= 1)
			return err_set(unpack->note, ERR_SYNTAX,
			    "the archive is damaged at its beginning");
		unpack->failures = 0;
		err = unpack_member(unpack, entry);
	}
	return err;
}

int
read_archive(struct input *input, struct emit *emit, struct err_note *note)
{
	struct unpack unpack = {
	    .input = input,
	    .emit = emit,
	    .note = note,
	    .unpacked_max = package_unpacked_max(input->size),
	};
	locale_t before = uselocale(archive_locale);
	int err = ERR_NOMEM;

	unpack.bytes = mem_alloc(ARCHIVE_READ_SIZE);
	unpack.member = mem_alloc(ARCHIVE_READ_SIZE);
	unpack.names = mem_alloc(sizeof(*unpack.names));
	if (unpack.names != NULL)
		archive_names_init(unpack.names, input);
	if (unpack.bytes == NULL || unpack.member == NULL ||
	    unpack.names == NULL)
		goto out;
	err = unpack_open(&unpack);
	if (err == 0)
		err = unpack_all(&unpack);
out:
	if (unpack.archive != NULL)
		(void)archive_read_free(unpack.archive);
	if (unpack.names != NULL)
		archive_names_fini(unpack.names);
	mem_free(unpack.names);
	mem_free(unpack.member);
	mem_free(unpack.bytes);
	(void)uselocale(before);
	return err;
}
