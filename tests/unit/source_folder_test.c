/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "source/folder.h"

#define NOBODY 65534

/* A folder of its own for each test, removed behind it. */
struct tree {
	char root[64];
	struct buf seen; /* one line for each entry */
	int end_after;	 /* entries until the callback ends the walk */
	atomic_bool *stop;
};

static void
run(const char *what, const char *root)
{
	char command[512];

	(void)snprintf(command, sizeof(command), "%s %s", what, root);
	assert_int_equal(system(command), 0);
}

static int
tree_up(void **state)
{
	struct tree *tree = mem_zalloc(sizeof(*tree));
	char real[64] = "/tmp/tidemark-folder-XXXXXX";

	assert_non_null(tree);
	assert_non_null(mkdtemp(real));
	assert_int_equal(chmod(real, 0755), 0);
	(void)snprintf(tree->root, sizeof(tree->root), "%s", real);
	buf_init(&tree->seen, 16 * MIB);
	*state = tree;
	return 0;
}

static int
tree_down(void **state)
{
	struct tree *tree = *state;

	run("chmod -R u+rwX", tree->root);
	run("rm -rf", tree->root);
	buf_fini(&tree->seen);
	mem_free(tree);
	return 0;
}

static const char *
in(const struct tree *tree, const char *name)
{
	static char paths[4][8192];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", tree->root, name);
	return path;
}

static void
put_folder(const struct tree *tree, const char *name)
{
	assert_int_equal(mkdir(in(tree, name), 0755), 0);
}

static void
put_file(const struct tree *tree, const char *name, const char *text)
{
	int fd = open(in(tree, name), O_WRONLY | O_CREAT | O_EXCL, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void
put_link(const struct tree *tree, const char *name, const char *target)
{
	assert_int_equal(symlink(target, in(tree, name)), 0);
}

static int
entry_seen(void *arg, const struct folder_entry *entry)
{
	struct tree *tree = arg;
	size_t len = strlen(entry->path), name_len = strlen(entry->name);

	assert_true(entry->path[0] == '/');
	assert_true(folder_uri_bytes(entry->path) <= URI_BYTES_MAX);
	assert_int_equal(entry->code != ITEM_CODE_NONE,
	    entry->message != NULL);
	/* The name is the path's end, where it needed no escapes. */
	if (strchr(entry->name, '%') == NULL)
		assert_string_equal(entry->path + len - name_len,
		    entry->name);
	(void)buf_puts(&tree->seen, entry->name);
	if (entry->code == ITEM_CODE_NONE)
		assert_false(entry->is_folder);
	else
		(void)buf_printf(&tree->seen, "%s %s",
		    entry->is_folder ? "/" : "",
		    item_code_name(entry->code));
	(void)buf_putc(&tree->seen, '\n');
	if (tree->stop != NULL)
		atomic_store(tree->stop, true);
	return --tree->end_after == 0 ? -1000 : 0;
}

static int
walk_rule(struct tree *tree, const struct folder_rule *rule)
{
	struct err_note note = {{0}};
	int err;

	buf_clear(&tree->seen);
	err = folder_walk(rule, tree->stop, entry_seen, tree, &note);
	if (err < 0 && err != -1000)
		assert_true(note.text[0] != '\0');
	return err;
}

static void
expect(struct tree *tree, const char *const *include, size_t include_count,
    const char *const *exclude, size_t exclude_count, const char *wanted)
{
	const char *root = tree->root;
	struct folder_rule rule = {.roots = &root, .root_count = 1,
	    .include = include, .include_count = include_count,
	    .exclude = exclude, .exclude_count = exclude_count};

	assert_int_equal(walk_rule(tree, &rule), 0);
	assert_string_equal(buf_text(&tree->seen), wanted);
}

static void
expect_all(struct tree *tree, const char *wanted)
{
	expect(tree, NULL, 0, NULL, 0, wanted);
}

static void
test_order(void **state)
{
	struct tree *tree = *state;

	expect_all(tree, "");
	put_file(tree, "b", "");
	put_file(tree, "a", "");
	put_file(tree, "B", "");
	put_file(tree, "\xC3\xA4", "");
	put_folder(tree, "aa");
	put_file(tree, "aa/z", "");
	put_folder(tree, "aa/deep");
	put_file(tree, "aa/deep/x", "");
	put_folder(tree, "Z");
	put_file(tree, "Z/1", "");
	put_folder(tree, "empty");
	expect_all(tree, "B\na\nb\n\xC3\xA4\nZ/1\naa/z\naa/deep/x\n");
}

static int
figures_seen(void *arg, const struct folder_entry *entry)
{
	struct stat st;

	(*(int *)arg)++;
	assert_int_equal(stat(entry->path, &st), 0);
	assert_int_equal(entry->bytes, 5);
	assert_int_equal(entry->mtime_us,
	    (int64_t)1234567890 * 1000000 + 123456);
	return 0;
}

static void
test_figures(void **state)
{
	const struct timespec times[2] = {{1, 0}, {1234567890, 123456789}};
	struct tree *tree = *state;
	const char *root = tree->root;
	struct folder_rule rule = {.roots = &root, .root_count = 1};
	int seen = 0;

	put_file(tree, "a", "hello");
	put_link(tree, "b", "a"); /* has the figures of what it leads to */
	assert_int_equal(utimensat(AT_FDCWD, in(tree, "a"), times, 0), 0);
	assert_int_equal(folder_walk(&rule, NULL, figures_seen, &seen, NULL),
	    0);
	assert_int_equal(seen, 2);
}

static void
test_patterns(void **state)
{
	static const char *const md[] = {"*.md"};
	static const char *const docs[] = {"docs/", "!*.tmp", "!docs/no/"};
	static const char *const build[] = {"build/", "/x.md"};
	static const char *const none[] = {"# only words", ""};
	struct tree *tree = *state;

	put_file(tree, "x.md", "");
	put_file(tree, "y.txt", "");
	put_folder(tree, "docs");
	put_file(tree, "docs/x.md", "");
	put_file(tree, "docs/y.tmp", "");
	put_folder(tree, "docs/in");
	put_file(tree, "docs/in/z.txt", "");
	put_folder(tree, "docs/no");
	put_file(tree, "docs/no/z.txt", "");
	put_folder(tree, "build");
	put_file(tree, "build/a.md", "");
	put_folder(tree, "docs/build");
	put_file(tree, "docs/build/a.md", "");
	expect(tree, md, 1, NULL, 0,
	    "x.md\nbuild/a.md\ndocs/x.md\ndocs/build/a.md\n");
	expect(tree, docs, 3, NULL, 0,
	    "docs/x.md\ndocs/build/a.md\ndocs/in/z.txt\n");
	expect(tree, md, 1, build, 2, "docs/x.md\n");
	expect(tree, none, 2, build, 2,
	    "y.txt\ndocs/x.md\ndocs/y.tmp\ndocs/in/z.txt\ndocs/no/z.txt\n");
}

static void
test_version_control(void **state)
{
	static const char *const all[] = {"*"};
	static const char *const git[] = {".git/config", "*.md"};
	struct tree *tree = *state;

	put_file(tree, "a.md", "");
	put_folder(tree, ".git");
	put_file(tree, ".git/config", "");
	put_file(tree, ".git/HEAD", "");
	put_folder(tree, ".svn");
	put_file(tree, ".svn/x.md", "");
	put_folder(tree, "sub");
	put_folder(tree, "sub/.hg");
	put_file(tree, "sub/.hg/x.md", "");
	put_file(tree, "sub/.git", "gitdir: ..");
	put_file(tree, ".hidden", "");
	expect_all(tree, ".hidden\na.md\nsub/.git\n");
	expect(tree, all, 1, NULL, 0, ".hidden\na.md\nsub/.git\n");
	expect(tree, git, 2, NULL, 0, "a.md\n.git/config\n");
}

static void
test_links(void **state)
{
	static const char *const md[] = {"*.md"};
	struct tree *tree = *state;

	put_folder(tree, "a");
	put_file(tree, "a/f.md", "");
	put_link(tree, "a/up", "..");
	put_link(tree, "a/here", ".");
	put_link(tree, "self", "self");
	put_link(tree, "nowhere.md", "not/there");
	put_link(tree, "nowhere.txt", "not/there");
	put_link(tree, "out.md", "/etc/passwd");
	put_link(tree, "outside", "/etc");
	put_link(tree, "through", "a/f.md/x");
	put_link(tree, "z.md", "a/f.md");
	put_folder(tree, "b");
	put_link(tree, "b/toa", in(tree, "a"));
	expect_all(tree,
	    "nowhere.md SOURCE_NOT_FOUND\n"
	    "nowhere.txt SOURCE_NOT_FOUND\n"
	    "out.md SOURCE_ACCESS_DENIED\n"
	    "outside/ SOURCE_ACCESS_DENIED\n"
	    "through SOURCE_NOT_FOUND\n"
	    "z.md\n"
	    "a/f.md\n"
	    "b/toa/f.md\n");
	/* What the patterns leave out is no failure either. */
	expect(tree, md, 1, NULL, 0,
	    "nowhere.md SOURCE_NOT_FOUND\n"
	    "out.md SOURCE_ACCESS_DENIED\n"
	    "outside/ SOURCE_ACCESS_DENIED\n"
	    "z.md\n"
	    "a/f.md\n"
	    "b/toa/f.md\n");
}

/* A link that leads to a name which the root's is only the front of. */
static void
test_link_to_neighbour(void **state)
{
	struct tree *tree = *state;
	char path[128];
	const char *root = path;
	struct folder_rule rule = {.roots = &root, .root_count = 1};

	put_folder(tree, "in");
	put_folder(tree, "inside");
	put_file(tree, "inside/x", "");
	put_link(tree, "in/l", "../inside/x");
	(void)snprintf(path, sizeof(path), "%s/in", tree->root);
	assert_int_equal(walk_rule(tree, &rule), 0);
	assert_string_equal(buf_text(&tree->seen), "l SOURCE_ACCESS_DENIED\n");
}

/* Twelve folders, each with links to all: their paths without a loop are more
 * than a thousand million.  Each is entered through a link once. */
static void
test_link_bomb(void **state)
{
	struct tree *tree = *state;
	size_t lines = 0;
	const char *at;
	char name[64], target[64];
	int i, j;

	for (i = 0; i < 12; i++) {
		(void)snprintf(name, sizeof(name), "d%02d", i);
		put_folder(tree, name);
		(void)snprintf(name, sizeof(name), "d%02d/file", i);
		put_file(tree, name, "");
		for (j = 0; j < 12; j++) {
			(void)snprintf(name, sizeof(name), "d%02d/l%02d", i, j);
			(void)snprintf(target, sizeof(target), "../d%02d", j);
			put_link(tree, name, target);
		}
	}
	{
		const char *root = tree->root;
		struct folder_rule rule = {.roots = &root, .root_count = 1};

		assert_int_equal(walk_rule(tree, &rule), 0);
	}
	for (at = buf_text(&tree->seen); *at != '\0'; at++)
		lines += *at == '\n';
	assert_true(lines >= 12 && lines <= 24);
}

static void
test_special_files(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct tree *tree = *state;
	int fd;

	assert_int_equal(mkfifo(in(tree, "pipe"), 0600), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket",
	    tree->root);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			     sizeof(address)), 0);
	put_link(tree, "link", "pipe");
	put_file(tree, "z", "");
	expect_all(tree, "z\n");
	assert_int_equal(close(fd), 0);
}

static void
test_bad_names(void **state)
{
	struct tree *tree = *state;

	put_file(tree, "a\xFF" "b%41", "");
	put_file(tree, "line\nbreak", "");
	put_folder(tree, "\xE2\x82");
	put_file(tree, "\xE2\x82/x", "");
	expect_all(tree, "a%FFb%41\nline\nbreak\n%E2%82/x\n");
}

static void
test_depth(void **state)
{
	struct tree *tree = *state;
	int at, i;

	/* The root and FOLDER_DEPTH_MAX - 1 folders below are looked into. */
	at = open(tree->root, O_RDONLY | O_DIRECTORY);
	for (i = 0; i < (int)FOLDER_DEPTH_MAX + 5; i++) {
		int fd, below;

		fd = openat(at, "f", O_WRONLY | O_CREAT, 0644);
		assert_true(fd >= 0);
		assert_int_equal(close(fd), 0);
		assert_int_equal(mkdirat(at, "d", 0755), 0);
		below = openat(at, "d", O_RDONLY | O_DIRECTORY);
		assert_true(below >= 0);
		assert_int_equal(close(at), 0);
		at = below;
	}
	assert_int_equal(close(at), 0);
	{
		const char *root = tree->root, *line;
		struct folder_rule rule = {.roots = &root, .root_count = 1};
		int files = 0, limits = 0;

		assert_int_equal(walk_rule(tree, &rule), 0);
		for (line = buf_text(&tree->seen); *line != '\0';
		    line = strchr(line, '\n') + 1) {
			if (strcspn(line, " ") < strcspn(line, "\n")) {
				assert_non_null(
				    strstr(line, "d/ EXTRACTION_LIMIT"));
				limits++;
			} else {
				files++;
			}
		}
		assert_int_equal(files, FOLDER_DEPTH_MAX);
		assert_int_equal(limits, 1);
	}
}

/* Folders whose names make the address too long: named once, by the folder
 * that holds them, and the walk goes on. */
static void
test_long_paths(void **state)
{
	struct tree *tree = *state;
	char name[201];
	int at, i;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	put_folder(tree, "zz");
	put_file(tree, "zz/last", "");
	at = open(tree->root, O_RDONLY | O_DIRECTORY);
	for (i = 0; i < 25; i++) {
		int below;

		assert_int_equal(mkdirat(at, name, 0755), 0);
		below = openat(at, name, O_RDONLY | O_DIRECTORY);
		assert_true(below >= 0);
		assert_int_equal(close(at), 0);
		at = below;
	}
	assert_int_equal(close(at), 0);
	{
		const char *root = tree->root;
		struct folder_rule rule = {.roots = &root, .root_count = 1};
		const char *first;

		assert_int_equal(walk_rule(tree, &rule), 0);
		first = strstr(buf_text(&tree->seen), "/ EXTRACTION_LIMIT\n");
		assert_non_null(first);
		assert_string_equal(strchr(first, '\n') + 1, "zz/last\n");
	}
}

static void
test_roots(void **state)
{
	struct tree *tree = *state;
	char paths[5][128];
	const char *roots[5];
	struct folder_rule rule = {.roots = roots, .root_count = 5};
	size_t i;

	put_folder(tree, "a");
	put_file(tree, "a/x", "");
	put_file(tree, "a/y", "");
	put_folder(tree, "a/in");
	put_file(tree, "a/in/z", "");
	put_folder(tree, "b");
	put_file(tree, "b/x", "");
	put_link(tree, "b/toa", "../a/x"); /* from one root into another */
	for (i = 0; i < 5; i++) {
		static const char *const names[] = {"b", "a/in", "a", "a/x",
		    "b"};

		(void)snprintf(paths[i], sizeof(paths[i]), "%s/%s",
		    tree->root, names[i]);
		roots[i] = paths[i];
	}
	/* Each file once: the roots below a, as roots. */
	assert_int_equal(walk_rule(tree, &rule), 0);
	assert_string_equal(buf_text(&tree->seen), "y\nz\nx\ntoa\nx\n");

	/* One that is not there: no entry at all. */
	(void)snprintf(paths[3], sizeof(paths[3]), "%s/gone", tree->root);
	assert_int_equal(walk_rule(tree, &rule), ERR_NOT_FOUND);
	assert_string_equal(buf_text(&tree->seen), "");
	rule.root_count = 0;
	assert_int_equal(walk_rule(tree, &rule), 0);

	rule.root_count = 1;
	roots[0] = "relative";
	assert_int_equal(walk_rule(tree, &rule), ERR_INVALID);
	(void)snprintf(paths[0], sizeof(paths[0]), "%s/b/toa", tree->root);
	roots[0] = paths[0]; /* not canonical */
	assert_int_equal(walk_rule(tree, &rule), ERR_FORBIDDEN);
	roots[0] = "/dev/null";
	assert_int_equal(walk_rule(tree, &rule), ERR_FORBIDDEN);
	assert_string_equal(buf_text(&tree->seen), "");
}

static void
test_ends_early(void **state)
{
	struct tree *tree = *state;
	const char *root = tree->root;
	struct folder_rule rule = {.roots = &root, .root_count = 1};
	atomic_bool stop = false;

	put_folder(tree, "a");
	put_file(tree, "a/x", "");
	put_file(tree, "a/y", "");
	put_file(tree, "a/z", "");
	tree->end_after = 2;
	assert_int_equal(walk_rule(tree, &rule), -1000);
	assert_string_equal(buf_text(&tree->seen), "a/x\na/y\n");
	tree->end_after = 0;
	tree->stop = &stop;
	assert_int_equal(walk_rule(tree, &rule), ERR_CANCELLED);
	assert_string_equal(buf_text(&tree->seen), "a/x\n");
	assert_int_equal(walk_rule(tree, &rule), ERR_CANCELLED);
	assert_string_equal(buf_text(&tree->seen), "");
}

static void
test_many_files(void **state)
{
	struct tree *tree = *state;
	const char *root = tree->root, *line;
	struct folder_rule rule = {.roots = &root, .root_count = 1};
	char name[32];
	int i;

	for (i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "f%04d", i * 7 % 3000);
		put_file(tree, name, "");
	}
	assert_int_equal(walk_rule(tree, &rule), 0);
	line = buf_text(&tree->seen);
	for (i = 0; i < 3000; i++, line += 6) {
		(void)snprintf(name, sizeof(name), "f%04d\n", i);
		assert_memory_equal(line, name, 6);
	}
	assert_string_equal(line, "");
}

static void
test_no_memory(void **state)
{
	struct tree *tree = *state;
	const char *root = tree->root;
	struct folder_rule rule = {.roots = &root, .root_count = 1};
	unsigned long nth = 0;
	int err;

	put_folder(tree, "a");
	put_file(tree, "a/x", "");
	put_file(tree, "a/\xFF", "");
	put_link(tree, "a/l", "..");
	assert_int_equal(walk_rule(tree, &rule), 0); /* seen is large now */
	do {
		mem_fail_at(++nth);
		err = walk_rule(tree, &rule);
		mem_fail_at(0);
		assert_true(err == 0 || err == ERR_NOMEM);
	} while (err != 0);
	assert_true(nth > 8);
	assert_string_equal(buf_text(&tree->seen), "a/x\na/%FF\n");
}

/* What the child below finds; it may not use cmocka, whose jumps would end in
 * the parent's tests. */
static int
walk_as_nobody(struct tree *tree)
{
	const char *root = tree->root;
	char closed[128];
	struct folder_rule rule = {.roots = &root, .root_count = 1};
	struct err_note note;
	int fd;

	if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		return 10;
	buf_clear(&tree->seen);
	if (folder_walk(&rule, NULL, entry_seen, tree, &note) < 0)
		return 1;
	if (strcmp(buf_text(&tree->seen),
		"secret SOURCE_ACCESS_DENIED\n"
		"z\n"
		"closed/ SOURCE_ACCESS_DENIED\n"
		"listed/ SOURCE_ACCESS_DENIED\n"
		"open/x\n") != 0) {
		(void)fprintf(stderr, "%s", buf_text(&tree->seen));
		return 2;
	}
	fd = folder_open_file(&root, 1, in(tree, "secret"), &note);
	if (fd != ERR_FORBIDDEN)
		return 3;
	(void)snprintf(closed, sizeof(closed), "%s/closed", tree->root);
	root = closed;
	if (folder_walk(&rule, NULL, entry_seen, tree, &note) !=
	    ERR_FORBIDDEN)
		return 4;
	return 0;
}

static void
test_not_readable(void **state)
{
	struct tree *tree = *state;
	int status;
	pid_t child;

	put_file(tree, "secret", "x");
	put_file(tree, "z", "x");
	put_folder(tree, "closed");
	put_file(tree, "closed/x", "");
	put_folder(tree, "listed"); /* may be listed, not entered */
	put_file(tree, "listed/x", "");
	put_file(tree, "listed/y", "");
	put_folder(tree, "open");
	put_file(tree, "open/x", "");
	assert_int_equal(chmod(in(tree, "secret"), 0), 0);
	assert_int_equal(chmod(in(tree, "closed"), 0), 0);
	assert_int_equal(chmod(in(tree, "listed"), 0444), 0);

	/* Permissions do not hold for root: somebody else looks. */
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(walk_as_nobody(tree));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 10)
		skip(); /* root here may not become somebody else */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_open_file(void **state)
{
	struct tree *tree = *state;
	const char *root = tree->root;
	struct err_note note;
	char text[8] = "";
	int fd;

	put_folder(tree, "in");
	put_file(tree, "in/a", "hello");
	put_link(tree, "in/out", "/etc/passwd");
	put_link(tree, "in/good", "a");
	put_link(tree, "in/self", "self");
	put_link(tree, "in/gone", "nothing");
	put_link(tree, "etc", "/etc");
	assert_int_equal(mkfifo(in(tree, "in/pipe"), 0600), 0);

	fd = folder_open_file(&root, 1, in(tree, "in/a"), &note);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(close(fd), 0);
	fd = folder_open_file(&root, 1, in(tree, "in/good"), NULL);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);

	assert_int_equal(folder_open_file(&root, 1, in(tree, "in/out"), &note),
	    ERR_FORBIDDEN);
	assert_non_null(strstr(note.text, "outside"));
	assert_int_equal(folder_open_file(&root, 1, in(tree, "etc/passwd"),
			     &note), ERR_FORBIDDEN);
	assert_int_equal(folder_open_file(&root, 1,
			     in(tree, "../../etc/passwd"), &note),
	    ERR_FORBIDDEN);
	assert_int_equal(folder_open_file(&root, 1, in(tree, "in/self"),
			     &note), ERR_FORBIDDEN);
	assert_int_equal(folder_open_file(&root, 1, in(tree, "in/gone"),
			     &note), ERR_NOT_FOUND);
	assert_int_equal(folder_open_file(&root, 1, in(tree, "nothing"),
			     &note), ERR_NOT_FOUND);
	assert_int_equal(folder_open_file(&root, 1, in(tree, "in/a/x"),
			     &note), ERR_NOT_FOUND);
	/* A pipe that nobody writes to does not hold the caller up. */
	assert_int_equal(folder_open_file(&root, 1, in(tree, "in/pipe"),
			     &note), ERR_FORBIDDEN);
	assert_int_equal(folder_open_file(&root, 1, in(tree, "in"), &note),
	    ERR_FORBIDDEN);
	assert_int_equal(folder_open_file(&root, 0, in(tree, "in/a"), &note),
	    ERR_FORBIDDEN);
}

static void
test_is_below(void **state)
{
	static const char *const roots[] = {"/srv/docs", "/a"};
	static const char *const all[] = {"/"};

	(void)state;
	assert_true(folder_is_below(roots, 2, "/srv/docs"));
	assert_true(folder_is_below(roots, 2, "/srv/docs/x"));
	assert_true(folder_is_below(roots, 2, "/a/b/c"));
	assert_false(folder_is_below(roots, 2, "/srv/docs2"));
	assert_false(folder_is_below(roots, 2, "/srv"));
	assert_false(folder_is_below(roots, 2, "/"));
	assert_false(folder_is_below(roots, 2, ""));
	assert_false(folder_is_below(NULL, 0, "/a"));
	assert_true(folder_is_below(all, 1, "/"));
	assert_true(folder_is_below(all, 1, "/etc"));
}

static void
expect_uri(const char *path, const char *uri)
{
	struct buf out;

	buf_init(&out, KIB);
	assert_int_equal(folder_uri(path, &out), 0);
	assert_string_equal(buf_text(&out), uri);
	assert_int_equal(folder_uri_bytes(path), strlen(uri));
	buf_clear(&out);
	assert_int_equal(folder_path_of_uri(uri, &out), 0);
	assert_string_equal(buf_text(&out), path);
	buf_fini(&out);
}

static void
expect_path(const char *uri, int wanted_err, const char *wanted)
{
	struct buf out;

	buf_init(&out, KIB);
	assert_int_equal(buf_puts(&out, "-"), 0);
	assert_int_equal(folder_path_of_uri(uri, &out), wanted_err);
	assert_string_equal(buf_text(&out) + 1, wanted);
	buf_fini(&out);
}

static void
test_uri(void **state)
{
	char path[256];
	struct buf out;
	int i;

	(void)state;
	expect_uri("/", "file:///");
	expect_uri("/srv/My docs/a.md", "file:///srv/My%20docs/a.md");
	expect_uri("/a-._~Z09", "file:///a-._~Z09");
	expect_uri("/%41?#[]:@!$&'()*+,;=",
	    "file:///%2541%3F%23%5B%5D%3A%40%21%24%26%27%28%29%2A%2B%2C%3B"
	    "%3D");
	expect_uri("/\xC3\xA4\xFF\n", "file:///%C3%A4%FF%0A");
	for (i = 1; i < 256; i++)
		path[i] = (char)i;
	path[0] = '/';
	path[255] = '\0';
	buf_init(&out, KIB);
	assert_int_equal(folder_uri(path, &out), 0);
	expect_uri(path, buf_text(&out));
	buf_fini(&out);

	buf_init(&out, 8);
	assert_int_equal(folder_uri("/abc", &out), ERR_TOO_BIG);
	buf_fini(&out);
	buf_init(&out, KIB);
	assert_int_equal(folder_uri("abc", &out), ERR_INVALID);
	assert_int_equal(folder_uri("", &out), ERR_INVALID);
	buf_fini(&out);

	expect_path("file://localhost/a", 0, "/a");
	expect_path("file:///a%2fb%C3%a4", 0, "/a/b\xC3\xA4");
	expect_path("file://host/a", ERR_SYNTAX, "");
	expect_path("file://localhost", ERR_SYNTAX, "");
	expect_path("file://", ERR_SYNTAX, "");
	expect_path("file:a", ERR_SYNTAX, "");
	expect_path("http:///a", ERR_SYNTAX, "");
	expect_path("", ERR_SYNTAX, "");
	expect_path("file:///a%00", ERR_SYNTAX, "");
	expect_path("file:///a%", ERR_SYNTAX, "");
	expect_path("file:///a%4", ERR_SYNTAX, "");
	expect_path("file:///a%4g", ERR_SYNTAX, "");
	expect_path("file:///a?b", ERR_SYNTAX, "");
	expect_path("file:///a#b", ERR_SYNTAX, "");
}

#define TREE_TEST(f) cmocka_unit_test_setup_teardown(f, tree_up, tree_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TREE_TEST(test_order),
	    TREE_TEST(test_figures),
	    TREE_TEST(test_patterns),
	    TREE_TEST(test_version_control),
	    TREE_TEST(test_links),
	    TREE_TEST(test_link_to_neighbour),
	    TREE_TEST(test_link_bomb),
	    TREE_TEST(test_special_files),
	    TREE_TEST(test_bad_names),
	    TREE_TEST(test_depth),
	    TREE_TEST(test_long_paths),
	    TREE_TEST(test_roots),
	    TREE_TEST(test_ends_early),
	    TREE_TEST(test_many_files),
	    TREE_TEST(test_no_memory),
	    TREE_TEST(test_not_readable),
	    TREE_TEST(test_open_file),
	    cmocka_unit_test(test_is_below),
	    cmocka_unit_test(test_uri),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
