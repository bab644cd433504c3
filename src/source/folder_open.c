/* SPDX-License-Identifier: Apache-2.0 */
/* Opening what lies below a root, and making sure that it does. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "source/folder.h"
#include "source/folder_int.h"

static bool
path_is_below(const char *root, const char *path)
{
	size_t len = strlen(root);

	if (len == 1 && *root == '/')
		return *path == '/';
	return strncmp(root, path, len) == 0 &&
	    (path[len] == '\0' || path[len] == '/');
}

int
folder_is_below(const char *const *roots, size_t root_count, const char *path)
{
	size_t i;

	for (i = 0; i < root_count; i++)
		if (path_is_below(roots[i], path))
			return 1;
	return 0;
}

int
folder_check_fd(const char *const *roots, size_t root_count, int fd,
    struct err_note *note)
{
	char link[64], path[PATH_MAX];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	if (len <= 0 || (size_t)len >= sizeof(path))
		return err_set(note, ERR_FORBIDDEN,
		    "the system does not say where the file lies");
	path[len] = '\0';
	if (!folder_is_below(roots, root_count, path))
		return err_set(note, ERR_FORBIDDEN,
		    "the file lies outside of the folders that are indexed");
	return 0;
}

int
folder_open_file(const char *const *roots, size_t root_count,
    const char *path, struct err_note *note)
{
	struct stat st;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		err = err_from_errno(errno);
		if (errno == ELOOP || errno == ENXIO)
			err = ERR_FORBIDDEN;
		return err_set(note, err, "cannot open the file: %s",
		    strerror(errno));
	}
	if (fstat(fd, &st) < 0)
		err = err_set(note, err_from_errno(errno),
		    "cannot look at the file: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = err_set(note, ERR_FORBIDDEN, "not a regular file");
	else
		err = folder_check_fd(roots, root_count, fd, note);
	if (err < 0) {
		(void)close(fd);
		return err;
	}
	return fd;
}
