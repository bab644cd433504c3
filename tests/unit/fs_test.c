/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sys/fs.h"

static char folder[] = "/tmp/tidemark-fs-XXXXXX";

static int
folder_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
folder_down(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static const char *
in(const char *name)
{
	static char paths[4][8192];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
expect_content(const char *name, const char *wanted)
{
	struct err_note note;
	struct buf buf;

	buf_init(&buf, MIB);
	assert_int_equal(fs_read_file(in(name), &buf, &note), 0);
	assert_string_equal(buf_text(&buf), wanted);
	buf_fini(&buf);
}

static void
test_replace(void **state)
{
	struct err_note note = {{0}};
	struct stat st;

	(void)state;
	assert_int_equal(fs_replace(in("a"), "one", 3, 0600, &note), 0);
	expect_content("a", "one");
	assert_int_equal(stat(in("a"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(fs_replace(in("a"), "second", 6, 0600, &note), 0);
	expect_content("a", "second");
	assert_int_equal(fs_replace(in("a"), "", 0, 0600, &note), 0);
	expect_content("a", "");

	/* What a crash has left beside is no hindrance. */
	assert_int_equal(fs_replace(in("b.new"), "old", 3, 0600, &note), 0);
	assert_int_equal(fs_replace(in("b"), "new", 3, 0600, &note), 0);
	expect_content("b", "new");
	assert_int_equal(access(in("b.new"), F_OK), -1);

	assert_int_equal(fs_replace(in("not/there"), "x", 1, 0600, &note),
	    ERR_NOT_FOUND);
	assert_true(note.text[0] != '\0');
	assert_int_equal(fs_replace("relative", "x", 1, 0600, &note),
	    ERR_INVALID);
}

/* A write that fails leaves the file as it was, and nothing beside it. */
static void
test_replace_fails(void **state)
{
	struct err_note note;

	(void)state;
	assert_int_equal(fs_replace(in("c"), "kept", 4, 0600, &note), 0);
	fs_fail_at(1);
	assert_int_equal(fs_replace(in("c"), "lost", 4, 0600, &note),
	    ERR_STORAGE_FULL);
	fs_fail_at(0);
	expect_content("c", "kept");
	assert_int_equal(access(in("c.new"), F_OK), -1);
	assert_int_equal(fs_replace(in("c"), "now", 3, 0600, &note), 0);
	expect_content("c", "now");
}

static void
test_make_folders(void **state)
{
	struct err_note note = {{0}};
	char path[URI_BYTES_MAX + 1];
	struct stat st;

	(void)state;
	assert_int_equal(fs_make_folders(in("x/y/z"), 0700, &note), 0);
	assert_int_equal(stat(in("x/y/z"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(fs_make_folders(in("x/y/z"), 0700, &note), 0);
	assert_int_equal(fs_make_folders(in("x/y/z/"), 0700, &note), 0);
	assert_int_equal(fs_make_folders("/", 0700, &note), 0);
	assert_int_equal(fs_make_folders("", 0700, &note), ERR_INVALID);
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(fs_make_folders(path, 0700, &note), ERR_INVALID);

	/* A file in the way is no folder. */
	assert_int_equal(fs_replace(in("file"), "", 0, 0600, &note), 0);
	assert_int_equal(fs_make_folders(in("file/x"), 0700, &note),
	    ERR_NOT_FOUND);
	assert_true(fs_make_folders(in("file"), 0700, &note) < 0);
}

static void
test_read(void **state)
{
	char text[8] = "";
	struct err_note note;
	struct buf buf;
	char *big;
	int fd;

	(void)state;
	big = mem_alloc(20000);
	assert_non_null(big);
	memset(big, 'b', 20000);
	assert_int_equal(fs_replace(in("r"), big, 20000, 0600, &note), 0);
	buf_init(&buf, MIB);
	assert_int_equal(buf_puts(&buf, "before "), 0);
	assert_int_equal(fs_read_file(in("r"), &buf, &note), 0);
	assert_int_equal(buf.len, 20007);
	assert_memory_equal(buf.data, "before bbb", 10);
	buf_fini(&buf);
	buf_init(&buf, 10000);
	assert_int_equal(fs_read_file(in("r"), &buf, &note), ERR_TOO_BIG);
	buf_fini(&buf);
	buf_init(&buf, MIB);
	assert_int_equal(fs_read_file(in("gone"), &buf, &note),
	    ERR_NOT_FOUND);
	assert_true(fs_read_file(folder, &buf, &note) < 0);
	/* A pipe that nobody writes to is not waited for. */
	assert_int_equal(mkfifo(in("pipe"), 0600), 0);
	assert_int_equal(fs_read_plain_file(in("pipe"), &buf, &note), ERR_IO);
	assert_int_equal(unlink(in("pipe")), 0);
	assert_int_equal(fs_read_plain_file("/dev/zero", &buf, &note),
	    ERR_IO);
	assert_int_equal(fs_read_plain_file(in("gone"), &buf, &note),
	    ERR_NOT_FOUND);
	assert_int_equal(buf.len, 0);
	assert_int_equal(fs_read_plain_file(in("r"), &buf, &note), 0);
	assert_int_equal(buf.len, 20000);
	buf_fini(&buf);
	mem_free(big);

	assert_int_equal(fs_replace(in("s"), "0123456", 7, 0600, &note), 0);
	fd = open(in("s"), O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fs_read_at(fd, text, 3, 2), 0);
	assert_memory_equal(text, "234", 3);
	assert_int_equal(fs_read_at(fd, text, 0, 100), 0);
	assert_int_equal(fs_read_at(fd, text, 3, 5), ERR_CLOSED);
	assert_int_equal(fs_read_at(fd, text, 1, 7), ERR_CLOSED);
	assert_int_equal(close(fd), 0);
	assert_true(fs_read_at(-1, text, 1, 0) < 0);
}

/* A maximum as large as the file must do, or "bounds it" is not true. */
static void
test_read_to_the_maximum(void **state)
{
	struct err_note note;
	struct buf buf;

	(void)state;
	assert_int_equal(fs_replace(in("m"), "12345", 5, 0600, &note), 0);
	buf_init(&buf, 5);
	assert_int_equal(fs_read_file(in("m"), &buf, &note), 0);
	assert_string_equal(buf_text(&buf), "12345");
	buf_fini(&buf);
	buf_init(&buf, 4);
	assert_int_equal(fs_read_file(in("m"), &buf, &note), ERR_TOO_BIG);
	buf_fini(&buf);
}

static void
test_temporary(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	fd = fs_temporary(folder);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(fs_write(fd, "abc", 3), 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(close(fd), 0);
	assert_int_equal(fs_temporary(in("gone")), ERR_NOT_FOUND);
	assert_int_equal(fs_sync_folder(folder), 0);
	assert_int_equal(fs_sync_folder(in("gone")), ERR_NOT_FOUND);
}

static void
test_write_fails(void **state)
{
	int fd;

	(void)state;
	fd = fs_temporary(folder);
	assert_true(fd >= 0);
	fs_fail_at(2);
	assert_int_equal(fs_write(fd, "a", 1), 0);
	assert_int_equal(fs_write(fd, "b", 1), ERR_STORAGE_FULL);
	assert_int_equal(fs_write(fd, "c", 1), 0); /* once */
	fs_fail_at(0);
	assert_int_equal(close(fd), 0);
	assert_true(fs_write(-1, "x", 1) < 0);
	fd = open("/dev/full", O_WRONLY);
	if (fd >= 0) {
		assert_int_equal(fs_write(fd, "x", 1), ERR_STORAGE_FULL);
		assert_int_equal(close(fd), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replace),
	    cmocka_unit_test(test_replace_fails),
	    cmocka_unit_test(test_make_folders),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_read_to_the_maximum),
	    cmocka_unit_test(test_temporary),
	    cmocka_unit_test(test_write_fails),
	};

	return cmocka_run_group_tests(tests, folder_up, folder_down);
}
