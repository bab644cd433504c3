/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk is a stack of open folders, no recursion.  A folder is listed
 * whole, which is what sorting costs, and gone through twice: files first,
 * and what turns out to be a folder is kept in the front of the same list for
 * the second time.  So memory is one listing for each level, never the tree.
 *
 * Everything is opened relative to its open parent and without following
 * links; a link is resolved first, and what is opened then is asked where it
 * lies.  A tree that changes under the walk can hide files from it, but not
 * lead it out of its roots.
 *
 * Links that lead to each other could multiply the work without end, though
 * no path among them is a loop, so each folder is entered through a link once
 * in a walk.  Nothing is lost: what such a link leads to lies below a root.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "source/folder.h"
#include "source/folder_int.h"
#include "source/patterns.h"

#define LINKS_MAX 4096u		    /* to folders, followed in one walk */
#define OPEN_FOLDER                                                           \
	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

struct file_id {
	dev_t dev;
	ino_t ino;
};

/* One folder of those that the walk stands in. */
struct level {
	int fd;
	struct file_id id;
	size_t path_len; /* of its own path */
	bool is_included; /* an include pattern matched it, so what is inside */
	struct listing listing;
	size_t next;	/* name to be gone through */
	size_t folders; /* kept at the front of its names for the second time */
	bool is_second;
};

struct walk {
	const struct folder_rule *rule;
	const atomic_bool *stop;
	folder_entry_fn *fn;
	void *arg;
	struct err_note *note;
	const char **sorted; /* the roots, by their bytes */
	bool is_all; /* no include pattern says anything */
	struct buf path;
	size_t root_len; /* where the name begins in path */
	struct buf name; /* as it is shown */
	struct level *levels; /* FOLDER_DEPTH_MAX of them */
	size_t depth;
	struct file_id *links;
	size_t link_count;
};

static const char outside[] =
    "the link leads out of the folders that are indexed";
static const char dangling[] = "the link leads to nothing";
static const char too_deep[] =
    "it lies too many folders below the one that is indexed";
static const char too_many[] = "there are too many links to folders";
static const char too_full[] = "it holds too many names";
static const char too_long[] =
    "it holds a name with which the path is longer than the limit";

static struct level *
walk_top(struct walk *walk)
{
	return &walk->levels[walk->depth - 1];
}

/* Bytes that are no UTF-8 are shown percent-encoded. */
static int
name_make(struct walk *walk, const char *name)
{
	size_t len = strlen(name), i, step;

	buf_clear(&walk->name);
	if (utf8_is_valid(name, len))
		return buf_put(&walk->name, name, len);
	for (i = 0; i < len; i += step) {
		if (utf8_decode(name + i, len - i, &step) != UTF8_BAD)
			(void)buf_put(&walk->name, name + i, step);
		else
			(void)buf_printf(&walk->name, "%%%02X",
			    (unsigned char)name[i]);
	}
	return walk->name.err;
}

/* Give the entry at walk->path.  st may be NULL when nothing is known. */
static int
walk_give(struct walk *walk, const struct stat *st, bool is_folder,
    enum item_code code, const char *message)
{
	const char *path = buf_text(&walk->path);
	struct folder_entry entry = {.path = path, .code = code,
	    .message = message, .is_folder = is_folder};
	int err;

	/* The root itself, when it cannot be read, goes by its last name. */
	if (walk->path.len <= walk->root_len)
		err = name_make(walk, strrchr(path, '/') + 1);
	else
		err = name_make(walk, path + walk->root_len);
	if (err < 0)
		return err_set(walk->note, err, "out of memory");
	entry.name = buf_text(&walk->name);
	if (st != NULL) {
		if (!is_folder && st->st_size > 0)
			entry.bytes = (uint64_t)st->st_size;
		entry.mtime_us = (int64_t)st->st_mtim.tv_sec * 1000000 +
		    st->st_mtim.tv_nsec / 1000;
	}
	return walk->fn(walk->arg, &entry);
}

/* Errors of looking at one file that say something about the machine, not
 * about the file: the walk as a whole must be tried again. */
static bool
is_machine_error(int errnum)
{
	return errnum == EMFILE || errnum == ENFILE || errnum == ENOMEM;
}

/* What became of the file or folder at walk->path; what has vanished
 * meanwhile is left out as if it had never been there. */
static int
walk_errno(struct walk *walk, bool is_folder, int errnum)
{
	char message[128];

	if (errnum == ENOENT || errnum == ENOTDIR || errnum == ELOOP)
		return 0;
	if (is_machine_error(errnum))
		return err_set(walk->note, err_from_errno(errnum),
		    "cannot read %s: %s", buf_text(&walk->path),
		    strerror(errnum));
	(void)snprintf(message, sizeof(message), "it cannot be read: %s",
	    strerror(errnum));
	return walk_give(walk, NULL, is_folder,
	    errnum == EACCES || errnum == EPERM ? ITEM_CODE_SOURCE_ACCESS_DENIED
						: ITEM_CODE_FETCH_FAILED,
	    message);
}

static int
path_set(struct walk *walk, size_t len, const char *name)
{
	ASSERT(len <= walk->path.len);
	walk->path.len = len;
	walk->path.data[len] = '\0';
	if (len > 1) /* not behind the slash of "/" */
		(void)buf_putc(&walk->path, '/');
	if (buf_puts(&walk->path, name) < 0)
		return err_set(walk->note, walk->path.err, "out of memory");
	return 0;
}

static void
path_cut(struct walk *walk, size_t len)
{
	walk->path.len = len;
	walk->path.data[len] = '\0';
}

static bool
walk_is_stopped(const struct walk *walk)
{
	return walk->stop != NULL &&
	    atomic_load_explicit(walk->stop, memory_order_relaxed);
}

static void
walk_pop(struct walk *walk)
{
	struct level *level = walk_top(walk);

	(void)close(level->fd);
	listing_fini(&level->listing);
	walk->depth--;
	if (walk->depth > 0)
		path_cut(walk, walk_top(walk)->path_len);
}

static bool
walk_is_in(const struct walk *walk, struct file_id id)
{
	size_t i;

	for (i = 0; i < walk->depth; i++)
		if (walk->levels[i].id.dev == id.dev &&
		    walk->levels[i].id.ino == id.ino)
			return true;
	return false;
}

/* Take fd, the folder at walk->path, onto the stack. */
static int
walk_push(struct walk *walk, int fd, bool is_included)
{
	struct level *level;
	struct stat st;
	int err, errnum;

	/* A folder that may be listed but not entered names files that
	 * nobody can look at: it is one failure, not many. */
	if (fstat(fd, &st) < 0 || faccessat(fd, ".", X_OK, AT_EACCESS) < 0) {
		errnum = errno;
		(void)close(fd);
		return walk_errno(walk, true, errnum);
	}
	if (walk->depth == FOLDER_DEPTH_MAX) {
		(void)close(fd);
		return walk_give(walk, &st, true, ITEM_CODE_EXTRACTION_LIMIT,
		    too_deep);
	}
	level = &walk->levels[walk->depth++];
	memset(level, 0, sizeof(*level));
	level->fd = fd;
	level->id = (struct file_id){st.st_dev, st.st_ino};
	level->path_len = walk->path.len;
	level->is_included = is_included;
	listing_init(&level->listing);
	err = listing_read(&level->listing, fd, walk->stop, &errnum);
	if (err == ERR_TOO_BIG) {
		level->listing.count = 0;
		return walk_give(walk, &st, true, ITEM_CODE_EXTRACTION_LIMIT,
		    too_full);
	}
	if (err < 0)
		return err_set(walk->note, err, "cannot list %s: %s",
		    buf_text(&walk->path), err_text(err));
	/* What was listed before it failed is still gone through. */
	return errnum == 0 ? 0 : walk_errno(walk, true, errnum);
}

static enum pattern_verdict
walk_include(const struct walk *walk, const char *name, bool is_folder)
{
	return patterns_match(walk->rule->include, walk->rule->include_count,
	    name, is_folder);
}

/* Is the file or folder at walk->path taken?  A folder that no include
 * pattern matches is gone into: one may match what is inside. */
static bool
walk_takes(const struct walk *walk, bool is_folder, bool is_inside,
    bool *ret_is_included)
{
	const char *name = buf_text(&walk->path) + walk->root_len;
	enum pattern_verdict verdict;

	if (patterns_match(walk->rule->exclude, walk->rule->exclude_count,
		name, is_folder) == PATTERN_YES)
		return false;
	verdict = walk_include(walk, name, is_folder);
	*ret_is_included = verdict == PATTERN_YES ||
	    (verdict == PATTERN_NO && is_inside);
	return walk->is_all || is_folder || *ret_is_included;
}

static bool
walk_hides(const struct walk *walk, const char *name)
{
	if (strcmp(name, ".git") != 0 && strcmp(name, ".hg") != 0 &&
	    strcmp(name, ".svn") != 0)
		return false;
	return !patterns_name(walk->rule->include, walk->rule->include_count,
	    name);
}

static int
root_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A root below another root is gone through by itself only. */
static bool
walk_is_root(const struct walk *walk)
{
	const char *path = buf_text(&walk->path);

	return bsearch(&path, walk->sorted, walk->rule->root_count,
		   sizeof(*walk->sorted), root_compare) != NULL;
}

/* Give the link at walk->path as an entry that cannot be read, unless the
 * patterns leave it out: what is not wanted is no failure. */
static int
link_give(struct walk *walk, const struct level *level, bool is_folder,
    enum item_code code, const char *message)
{
	bool is_included;

	if (!walk_takes(walk, is_folder, level->is_included, &is_included))
		return 0;
	return walk_give(walk, NULL, is_folder, code, message);
}

/* Follow the link at walk->path: real is where it leads.  1: *st is what is
 * there; 0: it was given as an entry, or is left out. */
static int
link_follow(struct walk *walk, const struct level *level,
    char real[PATH_MAX], struct stat *st)
{
	if (realpath(buf_text(&walk->path), real) == NULL) {
		if (errno == ENOENT || errno == ENOTDIR)
			return link_give(walk, level, false,
			    ITEM_CODE_SOURCE_NOT_FOUND, dangling);
		return walk_errno(walk, false, errno);
	}
	if (lstat(real, st) < 0)
		return walk_errno(walk, false, errno);
	if (!folder_is_below(walk->rule->roots, walk->rule->root_count, real))
		return link_give(walk, level, S_ISDIR(st->st_mode),
		    ITEM_CODE_SOURCE_ACCESS_DENIED, outside);
	return 1;
}

static int
walk_file(struct walk *walk, const struct level *level, const char *name,
    const struct stat *st)
{
	bool is_included;

	if (!walk_takes(walk, false, level->is_included, &is_included))
		return 0;
	if (faccessat(level->fd, name, R_OK, AT_EACCESS) < 0)
		return walk_errno(walk, false, errno);
	return walk_give(walk, st, false, ITEM_CODE_NONE, NULL);
}

/* The first time: files are given, folders kept for the second. */
static int
walk_first(struct walk *walk, struct level *level, uint32_t at)
{
	const char *name = level->listing.bytes.data + at;
	char real[PATH_MAX];
	struct stat st;
	int got;

	if (fstatat(level->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return walk_errno(walk, false, errno);
	if (S_ISLNK(st.st_mode)) {
		if (walk_hides(walk, name))
			return 0;
		got = link_follow(walk, level, real, &st);
		if (got <= 0)
			return got;
	}
	if (S_ISDIR(st.st_mode))
		level->listing.names[level->folders++] = at;
	else if (S_ISREG(st.st_mode))
		return walk_file(walk, level, name, &st);
	return 0; /* pipes, sockets and devices hold no documents */
}

/* Open the folder that the link at walk->path leads to; *ret_fd is -1 when
 * it is left out. */
static int
link_open(struct walk *walk, const struct level *level, int *ret_fd)
{
	char real[PATH_MAX];
	struct file_id id;
	struct stat st;
	size_t i;
	int got, fd;

	*ret_fd = -1;
	got = link_follow(walk, level, real, &st);
	if (got <= 0)
		return got;
	id = (struct file_id){st.st_dev, st.st_ino};
	if (!S_ISDIR(st.st_mode) || walk_is_in(walk, id))
		return 0;
	for (i = 0; i < walk->link_count; i++)
		if (walk->links[i].dev == id.dev &&
		    walk->links[i].ino == id.ino)
			return 0;
	if (walk->link_count == LINKS_MAX)
		return walk_give(walk, &st, true, ITEM_CODE_EXTRACTION_LIMIT,
		    too_many);
	walk->links[walk->link_count++] = id;
	fd = open(real, OPEN_FOLDER);
	if (fd < 0)
		return walk_errno(walk, true, errno);
	if (folder_check_fd(walk->rule->roots, walk->rule->root_count, fd,
		NULL) < 0) {
		(void)close(fd);
		return walk_give(walk, NULL, true,
		    ITEM_CODE_SOURCE_ACCESS_DENIED, outside);
	}
	*ret_fd = fd;
	return 0;
}

/* The second time: go into a folder. */
static int
walk_second(struct walk *walk, struct level *level, uint32_t at)
{
	const char *name = level->listing.bytes.data + at;
	bool is_included;
	struct stat st;
	int fd, err;

	if (walk_hides(walk, name) ||
	    !walk_takes(walk, true, level->is_included, &is_included))
		return 0;
	if (fstatat(level->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return walk_errno(walk, true, errno);
	if (S_ISLNK(st.st_mode)) {
		err = link_open(walk, level, &fd);
		if (err < 0 || fd < 0)
			return err;
	} else {
		fd = openat(level->fd, name, OPEN_FOLDER);
		if (fd < 0)
			return walk_errno(walk, true, errno);
	}
	return walk_push(walk, fd, is_included);
}

/* One name further in the folder on top. */
static int
walk_step(struct walk *walk)
{
	struct level *level = walk_top(walk);
	size_t path_len = level->path_len, end;
	uint32_t at;
	int err;

	end = level->is_second ? level->folders : level->listing.count;
	if (level->next == end) {
		if (level->is_second) {
			walk_pop(walk);
			return 0;
		}
		level->is_second = true;
		level->next = 0;
		return 0;
	}
	at = level->listing.names[level->next++];
	err = path_set(walk, path_len, level->listing.bytes.data + at);
	if (err < 0)
		return err;
	if (walk_is_root(walk)) {
		path_cut(walk, path_len);
		return 0;
	}
	if (walk->path.len >= PATH_MAX ||
	    folder_uri_bytes(buf_text(&walk->path)) > URI_BYTES_MAX) {
		path_cut(walk, path_len);
		level->next = end;
		return walk_give(walk, NULL, true, ITEM_CODE_EXTRACTION_LIMIT,
		    too_long);
	}
	if (!level->is_second)
		err = walk_first(walk, level, at);
	else
		err = walk_second(walk, level, at);
	/* Unless a folder was gone into, whose path this is. */
	if (walk_top(walk) == level)
		path_cut(walk, path_len);
	return err;
}

static int
walk_root(struct walk *walk, const char *root)
{
	const char *slash = strrchr(root, '/');
	struct level parent = {.fd = AT_FDCWD};
	struct stat st;
	int fd, err = 0;

	buf_clear(&walk->path);
	if (buf_puts(&walk->path, root) < 0)
		return err_set(walk->note, walk->path.err, "out of memory");
	/* Looked at before the walk: what is gone now went meanwhile. */
	if (lstat(root, &st) < 0)
		return walk_errno(walk, false, errno);
	if (S_ISREG(st.st_mode)) {
		walk->root_len = (size_t)(slash - root) + 1;
		return walk_file(walk, &parent, root, &st);
	}
	if (!S_ISDIR(st.st_mode))
		return 0;
	walk->root_len = walk->path.len + (walk->path.len > 1);
	fd = open(root, OPEN_FOLDER);
	if (fd < 0)
		return walk_errno(walk, true, errno);
	if (folder_check_fd(&root, 1, fd, NULL) < 0) {
		(void)close(fd);
		return walk_give(walk, NULL, true,
		    ITEM_CODE_SOURCE_ACCESS_DENIED, outside);
	}
	err = walk_push(walk, fd, false);
	while (err == 0 && walk->depth > 0) {
		if (walk_is_stopped(walk))
			return err_set(walk->note, ERR_CANCELLED,
			    "the walk was stopped");
		err = walk_step(walk);
	}
	return err;
}

static int
root_check(const char *root, struct err_note *note)
{
	struct stat st;
	int err;

	if (*root != '/')
		return err_set(note, ERR_INVALID, "%s is not an absolute path",
		    root);
	if (folder_uri_bytes(root) > URI_BYTES_MAX)
		return err_set(note, ERR_TOO_BIG, "the path is too long");
	if (lstat(root, &st) < 0) {
		err = err_from_errno(errno);
		return err_set(note, err, "%s: %s", root, strerror(errno));
	}
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return err_set(note, ERR_FORBIDDEN,
		    "%s is neither a file nor a folder", root);
	if (faccessat(AT_FDCWD, root, S_ISDIR(st.st_mode) ? R_OK | X_OK : R_OK,
		AT_EACCESS) < 0) {
		err = err_from_errno(errno);
		return err_set(note, err, "%s: %s", root, strerror(errno));
	}
	return 0;
}

static int
walk_roots(struct walk *walk)
{
	const struct folder_rule *rule = walk->rule;
	size_t i;
	int err;

	for (i = 0; i < rule->root_count; i++) {
		err = root_check(rule->roots[i], walk->note);
		if (err < 0)
			return err;
		walk->sorted[i] = rule->roots[i];
	}
	qsort(walk->sorted, rule->root_count, sizeof(*walk->sorted),
	    root_compare);
	for (i = 0; i < rule->root_count; i++) {
		if (walk_is_stopped(walk))
			return err_set(walk->note, ERR_CANCELLED,
			    "the walk was stopped");
		/* Roots go in the order of their paths: that a root is given
		 * twice shows as a neighbour. */
		if (i > 0 &&
		    strcmp(walk->sorted[i - 1], walk->sorted[i]) == 0)
			continue;
		err = walk_root(walk, walk->sorted[i]);
		if (err < 0)
			return err;
	}
	return 0;
}

int
folder_walk(const struct folder_rule *rule, const atomic_bool *stop,
    folder_entry_fn *fn, void *arg, struct err_note *note)
{
	struct walk walk = {.rule = rule, .stop = stop, .fn = fn, .arg = arg,
	    .note = note};
	int err;

	/* Longer than any path that is given: one name more, and names are
	 * longer than NAME_MAX in some file systems. */
	buf_init(&walk.path, 2 * PATH_MAX);
	buf_init(&walk.name, 3 * PATH_MAX);
	walk.is_all = patterns_say_nothing(rule->include, rule->include_count);
	walk.sorted = mem_array(rule->root_count, sizeof(*walk.sorted));
	walk.levels = mem_array(FOLDER_DEPTH_MAX, sizeof(*walk.levels));
	walk.links = mem_array(LINKS_MAX, sizeof(*walk.links));
	if (walk.sorted == NULL || walk.levels == NULL || walk.links == NULL)
		err = err_set(note, ERR_NOMEM, "out of memory");
	else
		err = walk_roots(&walk);
	while (walk.depth > 0)
		walk_pop(&walk);
	mem_free(walk.links);
	mem_free(walk.levels);
	mem_free(walk.sorted);
	buf_fini(&walk.name);
	buf_fini(&walk.path);
	return err;
}
