/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child is started with posix_spawn, which is safe whatever other threads
 * do, and gets three things: /dev/null as standard input and output, our
 * standard error, and its end of a socket as WIRE_FD.  It leads a process
 * group of its own, so that a Ctrl-C in a terminal stops the server first,
 * which then ends its children in its own order.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "extract/child.h"
#include "extract/wire.h"

#define CHILD_TICK_MS 100
#define CHILD_ENV_MAX 8
#define CHILD_LANGUAGES_MAX 256

void
child_init(struct child *child)
{
	memset(child, 0, sizeof(*child));
	child->fd = -1;
}

int64_t
child_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
child_cpu_ns(const struct child *child)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(child->pid, &clock) != 0 ||
	    clock_gettime(clock, &used) < 0)
		return 0;
	return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

/* Nothing of our environment but what sanitizers and coverage read, and where
 * Tesseract has its data. */
static void
child_environment(char *env[CHILD_ENV_MAX],
    char space[CHILD_ENV_MAX][ERR_NOTE_SIZE])
{
	static const char *const names[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS",
	    "TSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH",
	    "TESSDATA_PREFIX"};
	const char *value;
	size_t i, n = 0;

	(void)snprintf(space[n], ERR_NOTE_SIZE, "LC_ALL=C");
	env[n] = space[n];
	n++;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = getenv(names[i]);
		if (value == NULL ||
		    snprintf(space[n], ERR_NOTE_SIZE, "%s=%s", names[i],
			value) >= ERR_NOTE_SIZE)
			continue;
		env[n] = space[n];
		n++;
	}
	ASSERT(n < CHILD_ENV_MAX);
	env[n] = NULL;
}

static int
spawn_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int err;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	err = posix_spawnattr_setsigmask(attributes, &none);
	if (err == 0)
		err = posix_spawnattr_setsigdefault(attributes, &all);
	if (err == 0)
		err = posix_spawnattr_setpgroup(attributes, 0);
	if (err == 0)
		err = posix_spawnattr_setflags(attributes,
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
			POSIX_SPAWN_SETPGROUP);
	return err;
}

/* Returns an errno value. */
static int
child_spawn(const char *program, const char *languages, int socket,
    uint64_t memory_bytes_max, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char memory[24], option[] = "--memory", path[4096];
	char ocr[CHILD_LANGUAGES_MAX], option_ocr[] = "--ocr";
	char *argv[] = {path, option, memory, NULL, NULL, NULL};
	char *env[CHILD_ENV_MAX], space[CHILD_ENV_MAX][ERR_NOTE_SIZE];
	int err;

	if (strlen(program) >= sizeof(path))
		return ENAMETOOLONG;
	(void)snprintf(path, sizeof(path), "%s", program);
	(void)snprintf(memory, sizeof(memory), "%llu",
	    (unsigned long long)memory_bytes_max);
	if (languages != NULL) {
		if (strlen(languages) >= sizeof(ocr))
			return ENAMETOOLONG;
		(void)snprintf(ocr, sizeof(ocr), "%s", languages);
		argv[3] = option_ocr;
		argv[4] = ocr;
	}
	child_environment(env, space);
	err = posix_spawn_file_actions_init(&actions);
	if (err != 0)
		return err;
	err = posix_spawnattr_init(&attributes);
	if (err != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return err;
	}
	err = spawn_attributes(&attributes);
	/* The socket first: its number may be one of the others. */
	if (err == 0)
		err = posix_spawn_file_actions_adddup2(&actions, socket,
		    WIRE_FD);
	if (err == 0)
		err = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
		    "/dev/null", O_RDONLY, 0);
	if (err == 0)
		err = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
		    "/dev/null", O_WRONLY, 0);
	if (err == 0)
		err = posix_spawn(ret_pid, program, &actions, &attributes,
		    argv, env);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return err;
}

int
child_start(struct child *child, const char *program, const char *languages,
    uint64_t memory_bytes_max, struct err_note *note)
{
	int sockets[2], err;

	ASSERT(child->pid == 0);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return err_set(note, err_from_errno(errno),
		    "no socket for the extractor");
	err = child_spawn(program, languages, sockets[1], memory_bytes_max,
	    &child->pid);
	(void)close(sockets[1]);
	if (err != 0) {
		(void)close(sockets[0]);
		child->pid = 0;
		return err_set(note,
		    err == EAGAIN	? ERR_BUSY
			: err == ENOMEM ? ERR_NOMEM
					: ERR_IO,
		    "the extractor %s cannot be started", program);
	}
	child->fd = sockets[0];
	child->files = 0;
	child->memory_bytes_max = memory_bytes_max;
	return 0;
}

int
child_stop(struct child *child)
{
	int status = 0;

	if (child->pid == 0)
		return 0;
	(void)close(child->fd);
	/* One that has died already keeps its own status. */
	(void)kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR) {
			status = 0; /* somebody ignores SIGCHLD */
			break;
		}
	child_init(child);
	return status;
}

int
child_send(struct child *child, const void *bytes, size_t len, int fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char copy[sizeof(struct wire_request) + NAME_BYTES_MAX];
	struct iovec part = {.iov_base = copy, .iov_len = len};
	struct msghdr message = {
	    .msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *head;
	ssize_t n;

	ASSERT(len <= sizeof(copy));
	memcpy(copy, bytes, len);
	memset(&control, 0, sizeof(control));
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	do {
		/* Never waits: there is at most one request under way, and
		 * it is smaller than any socket's buffer. */
		n = sendmsg(child->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len ? 0 : ERR_CLOSED;
}

/*
 * 0, or why there is no point in going on.  Asked for what has come as well:
 * one that never stops talking is not to be listened to for ever.
 */
static int
child_look(struct child *child, const struct child_wait *wait,
    int64_t *ret_left_ms)
{
	int64_t now = child_now_ms();

	if (wait->stop != NULL &&
	    atomic_load_explicit(wait->stop, memory_order_relaxed))
		return ERR_CANCELLED;
	if (now >= wait->until_ms)
		return ERR_TIMEOUT;
	if (wait->cpu_ns_max > 0 && now >= child->looked_ms + CHILD_TICK_MS) {
		child->looked_ms = now;
		if (child_cpu_ns(child) > wait->cpu_ns_max)
			return ERR_TIMEOUT;
	}
	*ret_left_ms = wait->until_ms - now;
	return 0;
}

/* Until something has come, or a tick. */
static int
child_wait(struct child *child, int64_t left_ms)
{
	struct pollfd ready = {.fd = child->fd, .events = POLLIN};

	if (left_ms > CHILD_TICK_MS)
		left_ms = CHILD_TICK_MS;
	if (poll(&ready, 1, (int)left_ms) < 0 && errno != EINTR)
		return err_from_errno(errno);
	return 0;
}

int
child_receive(struct child *child, void *bytes, size_t size,
    const struct child_wait *wait, size_t *ret_len)
{
	int64_t left_ms;
	ssize_t n;
	int err;

	for (;;) {
		err = child_look(child, wait, &left_ms);
		if (err < 0)
			return err;
		/* Descriptors that it may try to send are dropped by the
		 * kernel: there is no room for them. */
		n = recv(child->fd, bytes, size, MSG_DONTWAIT);
		if (n > 0)
			break;
		if (n == 0 || errno == ECONNRESET)
			return ERR_CLOSED;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return err_from_errno(errno);
		err = child_wait(child, left_ms);
		if (err < 0)
			return err;
	}
	*ret_len = (size_t)n;
	return 0;
}
