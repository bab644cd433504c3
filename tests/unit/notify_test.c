/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "sys/notify.h"

/* A manager's socket at that name, which is also in the environment. */
static int
manager_open(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t len;
	int fd;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(name) + (name[0] == '/'));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, len), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void
assert_heard(int fd, const char *text)
{
	char heard[256];
	ssize_t len;

	len = recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT);
	assert_int_equal(len, (ssize_t)strlen(text));
	heard[len] = '\0';
	assert_string_equal(heard, text);
}

static void
test_path(void **state)
{
	char folder[] = "/tmp/notify_test.XXXXXX", name[64];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(name, sizeof(name), "%s/socket", folder);
	fd = manager_open(name);
	assert_int_equal(notify_send("READY=1\nSTATUS=listening"), 1);
	assert_heard(fd, "READY=1\nSTATUS=listening");
	assert_int_equal(notify_send("WATCHDOG=1"), 1);
	assert_heard(fd, "WATCHDOG=1");
	(void)close(fd);
	assert_int_equal(notify_send("STOPPING=1"), ERR_IO);
	(void)unlink(name);
	assert_int_equal(rmdir(folder), 0);
}

static void
test_abstract(void **state)
{
	char name[64];
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "@tidemark-notify-test-%ld",
	    (long)getpid());
	fd = manager_open(name);
	assert_int_equal(notify_send("READY=1"), 1);
	assert_heard(fd, "READY=1");
	(void)close(fd);
}

static void
test_nobody(void **state)
{
	static const char *const bad[] = {"relative", "@", "/",
	    "vsock:2:1234"};
	char text[256];
	size_t i;

	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), 0);
	(void)setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify_send("READY=1"), 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		(void)setenv("NOTIFY_SOCKET", bad[i], 1);
		assert_int_equal(notify_send("READY=1"), ERR_INVALID);
	}
	memset(text, 'x', sizeof(text));
	text[0] = '/';
	text[sizeof(text) - 1] = '\0';
	(void)setenv("NOTIFY_SOCKET", text, 1);
	assert_int_equal(notify_send("READY=1"), ERR_INVALID);
}

static void
test_watchdog(void **state)
{
	char pid[32];

	(void)state;
	(void)unsetenv("WATCHDOG_PID");
	(void)unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_us(), 0);
	(void)setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_us(), 30000000);
	(void)setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_us(), 0);
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_us(), 30000000);
	(void)setenv("WATCHDOG_USEC", "30s", 1);
	assert_int_equal(notify_watchdog_us(), 0);
	(void)setenv("WATCHDOG_USEC", "-1", 1);
	assert_int_equal(notify_watchdog_us(), 0);
	(void)setenv("WATCHDOG_USEC", "99999999999999999999", 1);
	assert_int_equal(notify_watchdog_us(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_path),
	    cmocka_unit_test(test_abstract),
	    cmocka_unit_test(test_nobody),
	    cmocka_unit_test(test_watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
