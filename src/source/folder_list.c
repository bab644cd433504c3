/* SPDX-License-Identifier: Apache-2.0 */
/* The names in one folder, sorted by their bytes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/folder_int.h"

#define LISTING_BYTES_MAX (1 * GIB)

void
listing_init(struct listing *listing)
{
	memset(listing, 0, sizeof(*listing));
	buf_init(&listing->bytes, LISTING_BYTES_MAX);
}

void
listing_fini(struct listing *listing)
{
	buf_fini(&listing->bytes);
	mem_free(listing->names);
	memset(listing, 0, sizeof(*listing));
}

static int
name_compare(const void *a, const void *b, void *arg)
{
	const char *bytes = arg;

	return strcmp(bytes + *(const uint32_t *)a,
	    bytes + *(const uint32_t *)b);
}

static int
listing_put(struct listing *listing, const char *name)
{
	uint32_t *names;
	size_t size;

	if (listing->count == listing->size) {
		size = listing->size == 0 ? 64 : listing->size * 2;
		names = mem_resize(listing->names, size, sizeof(*names));
		if (names == NULL)
			return ERR_NOMEM;
		listing->names = names;
		listing->size = size;
	}
	listing->names[listing->count++] = (uint32_t)listing->bytes.len;
	return buf_put(&listing->bytes, name, strlen(name) + 1);
}

static int
listing_fill(struct listing *listing, DIR *dir, const atomic_bool *stop,
    int *ret_errno)
{
	struct dirent *entry;
	int err;

	for (;;) {
		if (stop != NULL &&
		    atomic_load_explicit(stop, memory_order_relaxed))
			return ERR_CANCELLED;
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL) {
			*ret_errno = errno;
			return 0;
		}
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		err = listing_put(listing, entry->d_name);
		if (err < 0)
			return err;
	}
}

int
listing_read(struct listing *listing, int fd, const atomic_bool *stop,
    int *ret_errno)
{
	DIR *dir = NULL;
	int copy, err;

	*ret_errno = 0;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* closedir() closes it */
	if (copy >= 0)
		dir = fdopendir(copy);
	if (dir == NULL) {
		*ret_errno = errno;
		if (copy >= 0)
			(void)close(copy);
		return 0;
	}
	err = listing_fill(listing, dir, stop, ret_errno);
	(void)closedir(dir);
	if (err == 0 && listing->count > 1)
		qsort_r(listing->names, listing->count,
		    sizeof(*listing->names), name_compare,
		    listing->bytes.data);
	return err;
}
