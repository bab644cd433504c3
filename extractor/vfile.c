/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapping costs one page table entry a file until somebody reads it, so all
 * of a library's data can be at hand for little.
 *
 * The symbols are found because the dynamic linker looks into the program
 * before it looks into libc, and the link editor exports what a library on
 * the command line wants.  Sanitizers have a fopen() of their own, in a
 * library or as a weak symbol of the program: RTLD_NEXT finds whatever would
 * have been called without us.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/vfile.h"

#define VFILES_MAX 4096u
#define VFILE_DEPTH_MAX 8u
#define VFILE_PATH_MAX 1024u

struct vfile {
	char *path;
	void *bytes;
	size_t size;
};

static struct vfile *vfiles; /* sorted by path */
static size_t vfile_count;
static bool vfiles_are_closed;

typedef FILE *fopen_fn(const char *, const char *);
typedef DIR *opendir_fn(const char *);

static int
vfile_compare(const void *a, const void *b)
{
	return strcmp(((const struct vfile *)a)->path,
	    ((const struct vfile *)b)->path);
}

/* Empty files are left out: there is nothing to map. */
static int
vfile_add(int fd, const char *path, size_t size)
{
	struct vfile file = {.size = size};

	file.path = mem_strdup(path);
	if (file.path == NULL)
		return ERR_NOMEM;
	file.bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file.bytes == MAP_FAILED) {
		mem_free(file.path);
		return ERR_NOMEM;
	}
	vfiles[vfile_count++] = file;
	return 0;
}

static int vfile_walk(const char *directory, unsigned depth,
    struct err_note *note);

/* One entry of a directory; what cannot be opened does not exist. */
static int
vfile_visit(const char *path, unsigned depth, struct err_note *note)
{
	struct stat st;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			err = vfile_walk(path, depth + 1, note);
		else if (S_ISREG(st.st_mode) && st.st_size > 0) {
			if (vfile_count == VFILES_MAX)
				err = err_set(note, ERR_TOO_BIG,
				    "more than %u files", VFILES_MAX);
			else
				err = vfile_add(fd, path, (size_t)st.st_size);
		}
	}
	(void)close(fd);
	return err;
}

static int
vfile_walk(const char *directory, unsigned depth, struct err_note *note)
{
	char path[VFILE_PATH_MAX];
	const struct dirent *entry;
	DIR *dir;
	int n, err = 0;

	if (depth > VFILE_DEPTH_MAX)
		return 0;
	dir = opendir(directory);
	if (dir == NULL)
		return 0;
	while (err == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		n = snprintf(path, sizeof(path), "%s/%s", directory,
		    entry->d_name);
		if (n > 0 && (size_t)n < sizeof(path))
			err = vfile_visit(path, depth, note);
	}
	(void)closedir(dir);
	return err;
}

int
vfile_map(const char *directory, struct err_note *note)
{
	int err;

	if (vfiles == NULL) {
		vfiles = mem_array(VFILES_MAX, sizeof(*vfiles));
		if (vfiles == NULL)
			return ERR_NOMEM;
	}
	err = vfile_walk(directory, 1, note);
	if (vfile_count > 0)
		qsort(vfiles, vfile_count, sizeof(*vfiles), vfile_compare);
	return err;
}

void
vfile_close(void)
{
	vfiles_are_closed = true;
}

static FILE *
vfile_open(const char *path, const char *mode, const char *function)
{
	struct vfile key = {.size = 0}, *found = NULL;
	fopen_fn *next;
	void *symbol;

	if (vfile_count > 0 && mode[0] == 'r' && strchr(mode, '+') == NULL) {
		memcpy(&key.path, &path, sizeof(path)); /* not written to */
		found = bsearch(&key, vfiles, vfile_count, sizeof(*vfiles),
		    vfile_compare);
	}
	if (found != NULL)
		return fmemopen(found->bytes, found->size, "r");
	symbol = vfiles_are_closed ? NULL : dlsym(RTLD_NEXT, function);
	if (symbol == NULL) {
		errno = ENOENT;
		return NULL;
	}
	memcpy(&next, &symbol, sizeof(next)); /* ISO C has no such cast */
	return next(path, mode);
}

FILE *
fopen(const char *path, const char *mode)
{
	return vfile_open(path, mode, "fopen");
}

FILE *
fopen64(const char *path, const char *mode)
{
	return vfile_open(path, mode, "fopen64");
}

DIR *
opendir(const char *path)
{
	opendir_fn *next;
	void *symbol;

	symbol = vfiles_are_closed ? NULL : dlsym(RTLD_NEXT, "opendir");
	if (symbol == NULL) {
		errno = ENOENT;
		return NULL;
	}
	memcpy(&next, &symbol, sizeof(next));
	return next(path);
}
