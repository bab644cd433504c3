/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each attempt is made by a child of its own, once behind all layers and,
 * where another layer must hold alone, behind that one only.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "extract/wire.h"
#include "extractor/sandbox.h"

/* An attempt returns 0 when it succeeded, else -1. */
static int
try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? -1 : 0;
}

static int
try_create(void)
{
	return open("/tmp/tidemark-self-test", O_CREAT | O_EXCL | O_WRONLY |
		O_CLOEXEC, 0600) < 0 ? -1 : 0;
}

static int
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

static int
try_udp(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0 ? -1 : 0;
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

static int
try_exec(void)
{
	char *const argv[] = {NULL}, *const envp[] = {NULL};

	/* With a path that exists it would not come back. */
	(void)execve("/nonexistent", argv, envp);
	return errno == ENOENT ? 0 : -1;
}

static int
try_kill(void)
{
	return kill(getppid(), 0);
}

static int
try_ptrace(void)
{
	return (int)syscall(SYS_ptrace, 0, 0, 0, 0);
}

static int
try_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
	    ? -1
	    : 0;
}

static int
try_memory(void)
{
	return mmap(NULL, (size_t)GIB * 64, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
		MAP_FAILED
	    ? -1
	    : 0;
}

/* With one second allowed: the kernel's signal ends it. */
static int
try_compute(void)
{
	volatile unsigned long long n;

	sandbox_allow_cpu(1);
	for (n = 0; n < 100000000000ULL; n++)
		continue;
	return 0;
}

#define ALL (~0u)
#define ONLY_LANDLOCK (WIRE_SANDBOX_LANDLOCK | WIRE_SANDBOX_NO_NEW_PRIVS)

#ifdef SANITIZED
#define NOT_SANITIZED false /* sanitizers need it themselves */
#else
#define NOT_SANITIZED true
#endif

static const struct {
	const char *name;
	int (*attempt)(void);
	uint32_t layers;
	bool is_tried;
} attempts[] = {
    {"open a file", try_open, ALL, true},
    {"create a file", try_create, ALL, true},
    {"open a TCP socket", try_socket, ALL, true},
    {"open a UDP socket", try_udp, ALL, true},
    {"fork", try_fork, ALL, true},
    {"run a program", try_exec, ALL, true},
    {"signal the parent", try_kill, ALL, true},
    {"trace a process", try_ptrace, ALL, true},
    {"map executable memory", try_executable, ALL, NOT_SANITIZED},
    {"take 64 GiB of memory", try_memory, ALL, NOT_SANITIZED},
    {"compute for too long", try_compute, ALL, true},
    {"open a file (Landlock alone)", try_open, ONLY_LANDLOCK, true},
    {"create a file (Landlock alone)", try_create, ONLY_LANDLOCK, true},
};

/* Exit statuses of the children. */
enum { REFUSED = 0, SUCCEEDED = 10, NO_LAYER = 11, NO_SANDBOX = 12 };

static int
attempt(size_t i)
{
	struct err_note note = {{0}};
	uint32_t layers;

	if (sandbox_close(attempts[i].layers, GIB, &layers, &note) < 0) {
		(void)fprintf(stderr, "%s\n", note.text);
		return NO_SANDBOX;
	}
	if (attempts[i].layers == ONLY_LANDLOCK &&
	    (layers & WIRE_SANDBOX_LANDLOCK) == 0)
		return NO_LAYER;
	return attempts[i].attempt() == 0 ? SUCCEEDED : REFUSED;
}

/* Prints a line; false when the attempt was not refused. */
static bool
report(const char *name, int status)
{
	const char *words;
	bool is_good = true;

	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGPROF)) {
		words = "refused (killed)";
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == REFUSED) {
		words = "refused";
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == NO_LAYER) {
		words = "not tried: this kernel does not have it";
	} else {
		words = WIFEXITED(status) && WEXITSTATUS(status) == SUCCEEDED
		    ? "POSSIBLE"
		    : "FAILED";
		is_good = false;
	}
	(void)printf("%-32s %s\n", name, words);
	return is_good;
}

int
sandbox_self_test(void)
{
	bool is_good = true;
	size_t i;
	pid_t pid;
	int status;

	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (!attempts[i].is_tried)
			continue;
		(void)fflush(stdout);
		pid = fork();
		if (pid == 0)
			_exit(attempt(i));
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		is_good = report(attempts[i].name, status) && is_good;
	}
	return is_good ? 0 : 1;
}
