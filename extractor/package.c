/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <zip.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "extractor/input.h"
#include "extractor/package.h"

struct package {
	struct input *input;
	uint64_t offset; /* libzip's, in input */
	zip_t *zip;
	zip_error_t error; /* of the source */
	uint64_t unpacked, unpacked_max;
	/* Parts by the hashes of their names, open addressing: index + 1, or
	 * 0 where nothing is. */
	uint32_t *places;
	size_t place_count; /* a power of two */
	uint64_t seed; /* which names fall together no file can know */
};

struct part {
	struct package *package;
	zip_file_t *file;
};

/* ---- the file as libzip sees it ----------------------------------------- */

static zip_int64_t
source_seek(struct package *package, void *data, zip_uint64_t len)
{
	zip_int64_t offset;

	offset = zip_source_seek_compute_offset(package->offset,
	    package->input->size, data, len, &package->error);
	if (offset < 0)
		return -1;
	package->offset = (uint64_t)offset;
	return 0;
}

static zip_int64_t
source_stat(const struct package *package, void *data)
{
	zip_stat_t *st = data;

	zip_stat_init(st);
	st->valid = ZIP_STAT_SIZE;
	st->size = package->input->size;
	return (zip_int64_t)sizeof(*st);
}

static zip_int64_t
source_call(void *arg, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
	struct package *package = arg;
	long n;

	switch (command) {
	case ZIP_SOURCE_OPEN:
		package->offset = 0;
		return 0;
	case ZIP_SOURCE_READ:
		n = input_read_at(package->input, package->offset, data,
		    (size_t)len);
		if (n < 0) {
			zip_error_set(&package->error, ZIP_ER_READ, 0);
			return -1;
		}
		package->offset += (uint64_t)n;
		return n;
	case ZIP_SOURCE_SEEK:
		return source_seek(package, data, len);
	case ZIP_SOURCE_TELL:
		return (zip_int64_t)package->offset;
	case ZIP_SOURCE_STAT:
		return source_stat(package, data);
	case ZIP_SOURCE_ERROR:
		return zip_error_to_data(&package->error, data, len);
	case ZIP_SOURCE_SUPPORTS:
		return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN,
		    ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
		    ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK,
		    ZIP_SOURCE_TELL, -1);
	case ZIP_SOURCE_CLOSE:
	case ZIP_SOURCE_FREE:
		return 0;
	default:
		zip_error_set(&package->error, ZIP_ER_OPNOTSUPP, 0);
		return -1;
	}
}

/* ---- opening ------------------------------------------------------------ */

uint64_t
package_unpacked_max(uint64_t file_bytes)
{
	uint64_t max = UNPACK_BYTES_MAX;

	if (file_bytes < UNPACK_BYTES_MAX / UNPACK_RATIO_MAX)
		max = file_bytes * UNPACK_RATIO_MAX;
	return max < UNPACK_FREE_BYTES ? UNPACK_FREE_BYTES : max;
}

/* ---- names --------------------------------------------------------------- */

/* Letters of any case are the same, and so are both slashes: some programs
 * write the wrong ones. */
static unsigned char
name_char(char c)
{
	return c == '\\' ? '/' : (unsigned char)tolower((unsigned char)c);
}

static const char *
name_start(const char *name)
{
	while (*name == '/' || *name == '\\')
		name++;
	return name;
}

static bool
name_is_same(const char *one, const char *two)
{
	for (; *one != '\0' && name_char(*one) == name_char(*two); one++)
		two++;
	return *one == '\0' && *two == '\0';
}

/* FNV-1a; its lower bits alone know nothing of the upper ones. */
static uint64_t
name_hash(const struct package *package, const char *name)
{
	uint64_t hash = 0xCBF29CE484222325u ^ package->seed;

	for (; *name != '\0'; name++)
		hash = (hash ^ name_char(*name)) * 0x100000001B3u;
	return hash ^ hash >> 32;
}

/* The place of name, or the free one where it would be. */
static size_t
name_place(struct package *package, const char *name)
{
	size_t at = (size_t)name_hash(package, name) &
	    (package->place_count - 1);
	const char *other;

	while (package->places[at] != 0) {
		other = package_name(package, package->places[at] - 1L);
		if (name_is_same(name, name_start(other)))
			break;
		at = (at + 1) & (package->place_count - 1);
	}
	return at;
}

/* Of parts with one name the first counts. */
static int
names_load(struct package *package)
{
	long i, count = package_count(package);
	const char *name;
	size_t at;

	package->place_count = 16;
	while (package->place_count < 2 * (size_t)count)
		package->place_count *= 2;
	package->places = mem_array(package->place_count, sizeof(uint32_t));
	if (package->places == NULL)
		return ERR_NOMEM;
	memset(package->places, 0, package->place_count * sizeof(uint32_t));
	for (i = 0; i < count; i++) {
		name = package_name(package, i);
		if (name == NULL)
			continue;
		at = name_place(package, name_start(name));
		if (package->places[at] == 0)
			package->places[at] = (uint32_t)i + 1;
	}
	return 0;
}

int
package_open(struct input *input, struct package **ret_package,
    struct err_note *note)
{
	struct package *package;
	zip_source_t *source;
	zip_error_t error;
	int err;

	package = mem_zalloc(sizeof(*package));
	if (package == NULL)
		return ERR_NOMEM;
	package->input = input;
	package->unpacked_max = package_unpacked_max(input->size);
	/* Without random bytes it is only slower. */
	(void)!getrandom(&package->seed, sizeof(package->seed),
	    GRND_NONBLOCK);
	zip_error_init(&package->error);
	zip_error_init(&error);
	source = zip_source_function_create(source_call, package, &error);
	if (source == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	package->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
	if (package->zip == NULL) {
		zip_source_free(source);
		err = zip_error_code_zip(&error) == ZIP_ER_MEMORY
		    ? ERR_NOMEM
		    : err_set(note, ERR_SYNTAX, "the ZIP file is damaged: %s",
			  zip_error_strerror(&error));
		goto out;
	}
	if (zip_get_num_entries(package->zip, 0) > PACKAGE_PARTS_MAX) {
		err = err_set(note, ERR_TOO_BIG,
		    "the ZIP file has more than %u parts", PACKAGE_PARTS_MAX);
		goto out;
	}
	err = names_load(package);
	if (err < 0)
		goto out;
	*ret_package = package;
	package = NULL;
out:
	zip_error_fini(&error);
	package_close(package);
	return err;
}

void
package_close(struct package *package)
{
	if (package == NULL)
		return;
	if (package->zip != NULL)
		zip_discard(package->zip);
	zip_error_fini(&package->error);
	mem_free(package->places);
	mem_free(package);
}

long
package_count(const struct package *package)
{
	return (long)zip_get_num_entries(package->zip, 0);
}

const char *
package_name(struct package *package, long index)
{
	return zip_get_name(package->zip, (zip_uint64_t)index,
	    ZIP_FL_ENC_RAW);
}

uint64_t
package_size(struct package *package, long index)
{
	zip_stat_t st;

	if (zip_stat_index(package->zip, (zip_uint64_t)index, 0, &st) < 0 ||
	    (st.valid & ZIP_STAT_SIZE) == 0)
		return 0;
	return st.size;
}

long
package_find(struct package *package, const char *name)
{
	return package->places[name_place(package, name_start(name))] - 1L;
}

/* ---- parts -------------------------------------------------------------- */

int
part_open(struct package *package, long index, struct part **ret_part,
    struct err_note *note)
{
	struct part *part;
	zip_stat_t st;

	if (index < 0)
		return ERR_NOT_FOUND;
	if (zip_stat_index(package->zip, (zip_uint64_t)index, 0, &st) < 0)
		return err_set(note, ERR_SYNTAX, "the ZIP file is damaged");
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
	    st.encryption_method != ZIP_EM_NONE)
		return err_set(note, ERR_FORBIDDEN,
		    "the document needs a password to be read");
	part = mem_zalloc(sizeof(*part));
	if (part == NULL)
		return ERR_NOMEM;
	part->package = package;
	part->file = zip_fopen_index(package->zip, (zip_uint64_t)index, 0);
	if (part->file == NULL) {
		mem_free(part);
		return err_set(note,
		    zip_error_code_zip(zip_get_error(package->zip)) ==
			    ZIP_ER_COMPNOTSUPP
			? ERR_UNSUPPORTED
			: ERR_SYNTAX,
		    "a part of the document cannot be unpacked: %s",
		    zip_strerror(package->zip));
	}
	*ret_part = part;
	return 0;
}

void
part_close(struct part *part)
{
	if (part == NULL)
		return;
	(void)zip_fclose(part->file); /* only read */
	mem_free(part);
}

long
part_read(struct part *part, void *bytes, size_t size, struct err_note *note)
{
	struct package *package = part->package;
	zip_int64_t n;

	n = zip_fread(part->file, bytes, size);
	if (n < 0)
		return err_set(note, ERR_SYNTAX,
		    "a part of the document is damaged");
	package->unpacked += (uint64_t)n;
	if (package->unpacked > package->unpacked_max)
		return err_set(note, ERR_TOO_BIG,
		    "the document unpacks to more than %llu bytes",
		    (unsigned long long)package->unpacked_max);
	return (long)n;
}

int
package_load(struct package *package, const char *name, size_t max,
    struct buf *out, struct err_note *note)
{
	struct part *part;
	char bytes[8192];
	long n;
	int err;

	buf_clear(out);
	err = part_open(package, package_find(package, name), &part, note);
	if (err < 0)
		return err;
	while ((n = part_read(part, bytes, sizeof(bytes), note)) > 0) {
		if ((size_t)n > max - out->len) {
			n = err_set(note, ERR_TOO_BIG,
			    "a part of the document is larger than %zu bytes",
			    max);
			break;
		}
		if (buf_put(out, bytes, (size_t)n) < 0) {
			n = out->err;
			break;
		}
	}
	part_close(part);
	return (int)n;
}
