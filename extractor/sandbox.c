/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four layers, each enough against most of what a hijacked parser may try:
 * resource limits, no new privileges, Landlock (nothing of the file system,
 * where the kernel has it), and a list of the few system calls that are left;
 * any other ends the process.
 *
 * Sanitizers make system calls of their own and must be able to report: with
 * SANITIZED what is forbidden fails instead of killing, and the address space
 * is not limited, because they reserve terabytes of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/err.h"
#include "extract/wire.h"
#include "extractor/sandbox.h"

/* Headers may be older than the kernel. */
#ifndef LANDLOCK_CREATE_RULESET_VERSION
#define LANDLOCK_CREATE_RULESET_VERSION (1U << 0)
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* As the kernel has it, network and scopes included. */
struct landlock_attr {
	uint64_t fs, net, scoped;
};

#ifdef SANITIZED
#define SANDBOX_REFUSE SCMP_ACT_ERRNO(EPERM)
#else
#define SANDBOX_REFUSE SCMP_ACT_KILL_PROCESS
#endif

/* Without arguments to look at: none of them reaches anything new. */
static const int sandbox_calls[] = {
    SCMP_SYS(exit_group), SCMP_SYS(rt_sigprocmask), SCMP_SYS(brk),
    SCMP_SYS(munmap), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getpid),
    SCMP_SYS(gettid), SCMP_SYS(close), SCMP_SYS(restart_syscall),
#ifdef SANITIZED
    SCMP_SYS(exit), SCMP_SYS(rt_sigreturn), SCMP_SYS(madvise),
    SCMP_SYS(futex), SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction),
    SCMP_SYS(sched_yield), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getppid), SCMP_SYS(mprotect), SCMP_SYS(mmap),
    SCMP_SYS(mremap), SCMP_SYS(lseek), SCMP_SYS(getrusage),
    SCMP_SYS(write), SCMP_SYS(sysinfo), SCMP_SYS(tgkill), SCMP_SYS(prctl),
    SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64),
#endif
};

/* Allow a call whose argument, masked, has that value. */
static int
allow_with(scmp_filter_ctx filter, int call, unsigned argument, uint64_t mask,
    uint64_t value)
{
	struct scmp_arg_cmp condition = {
	    .arg = argument,
	    .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = mask,
	    .datum_b = value,
	};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1,
	    &condition);
}

/*
 * The socket is the only way in and out, with these flags only: others
 * (urgent data) are rarely walked ways of the kernel.  The document is
 * descriptor 4, or 5; the others are not to be read.
 */
static int
allow_files(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp receive[] = {
	    {.arg = 0,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = UINT32_MAX,
		.datum_b = WIRE_FD},
	    {.arg = 2,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = UINT32_MAX,
		.datum_b = MSG_CMSG_CLOEXEC},
	};
	struct scmp_arg_cmp send[] = {
	    {.arg = 0,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = UINT32_MAX,
		.datum_b = WIRE_FD},
	    {.arg = 3,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = UINT32_MAX,
		.datum_b = MSG_NOSIGNAL},
	    {.arg = 4, .op = SCMP_CMP_EQ, .datum_a = 0}, /* no address */
	};
	int err = 0;

	err |= seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(recvmsg), 2, receive);
	err |= seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(sendto), 3, send);
	err |= allow_with(filter, SCMP_SYS(pread64), 0, UINT32_MAX & ~1u,
	    WIRE_FD + 1);
	err |= allow_with(filter, SCMP_SYS(setitimer), 0, UINT32_MAX,
	    ITIMER_PROF);
	return err;
}

#ifndef SANITIZED
/* Locks of a process without threads: nothing that requeues or inherits. */
static int
allow_futex(scmp_filter_ctx filter)
{
	static const unsigned operations[] = {FUTEX_WAIT, FUTEX_WAKE,
	    FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET};
	uint64_t flags = FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME;
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		err |= allow_with(filter, SCMP_SYS(futex), 1,
		    UINT32_MAX & ~flags, operations[i]);
	return err;
}

/* What a program that needs no sanitizer is content with. */
static int
allow_plain(scmp_filter_ctx filter)
{
	/* Memory, but none of it from a file and none of it executable. */
	struct scmp_arg_cmp anonymous[] = {
	    {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC},
	    {.arg = 3,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = MAP_ANONYMOUS,
		.datum_b = MAP_ANONYMOUS},
	};
	int err = 0;

	err |= seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
	    2, anonymous);
	err |= allow_with(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	err |= allow_with(filter, SCMP_SYS(mremap), 3, UINT32_MAX,
	    MREMAP_MAYMOVE);
	err |= allow_with(filter, SCMP_SYS(madvise), 2, UINT32_MAX,
	    MADV_DONTNEED);
	err |= allow_futex(filter);
	/* abort() says good-bye to itself, with a message. */
	err |= allow_with(filter, SCMP_SYS(tgkill), 0, UINT32_MAX,
	    (uint64_t)getpid());
	err |= allow_with(filter, SCMP_SYS(rt_sigaction), 0, UINT32_MAX,
	    SIGABRT);
	err |= allow_with(filter, SCMP_SYS(write), 0, UINT32_MAX,
	    STDERR_FILENO);
	err |= allow_with(filter, SCMP_SYS(writev), 0, UINT32_MAX,
	    STDERR_FILENO);
	return err;
}
#endif

static int
close_seccomp(void)
{
	scmp_filter_ctx filter;
	size_t i;
	int err = 0;

	filter = seccomp_init(SANDBOX_REFUSE);
	if (filter == NULL)
		return ERR_INTERNAL;
	for (i = 0; i < sizeof(sandbox_calls) / sizeof(sandbox_calls[0]); i++)
		err |= seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    sandbox_calls[i], 0);
	err |= allow_files(filter);
#ifndef SANITIZED
	err |= allow_plain(filter);
#endif
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err == 0 ? 0 : ERR_INTERNAL;
}

/* A ruleset without a single rule: everything it handles is forbidden. */
static int
close_landlock(void)
{
	struct landlock_attr attr = {0};
	size_t size = sizeof(attr.fs);
	long version;
	int fd, err = 0;

	version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return ERR_UNSUPPORTED;
	/* Bit by bit what each version of the kernel's interface knows. */
	attr.fs = (1ULL << 13) - 1;
	if (version >= 2)
		attr.fs |= 1ULL << 13; /* refer */
	if (version >= 3)
		attr.fs |= 1ULL << 14; /* truncate */
	if (version >= 4) {
		attr.net = 3; /* bind and connect over TCP */
		size = 2 * sizeof(attr.fs);
	}
	if (version >= 5)
		attr.fs |= 1ULL << 15; /* ioctl on devices */
	if (version >= 6) {
		attr.scoped = 3; /* abstract sockets, signals */
		size = sizeof(attr);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (fd < 0)
		return ERR_INTERNAL;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		err = ERR_INTERNAL;
	(void)close(fd);
	return err;
}

static int
limit(int resource, uint64_t value)
{
	struct rlimit both = {.rlim_cur = value, .rlim_max = value};

	return setrlimit((__rlimit_resource_t)resource, &both);
}

static int
close_rlimits(uint64_t memory_bytes_max)
{
	int err = 0;

	/* What a library writes on a standard error that is a file is lost;
	 * without this it were the end. */
	(void)signal(SIGXFSZ, SIG_IGN);
#ifdef SANITIZED
	(void)memory_bytes_max;
#else
	if (memory_bytes_max > 0)
		err |= limit(RLIMIT_AS, memory_bytes_max);
#endif
	/* A descriptor that arrives needs a number: 0 to 3 are taken, 4 is
	 * the file's, 5 spare. */
	err |= limit(RLIMIT_NOFILE, WIRE_FD + 3);
	err |= limit(RLIMIT_FSIZE, 0);
	err |= limit(RLIMIT_CORE, 0);
	err |= limit(RLIMIT_NPROC, 0);
	err |= limit(RLIMIT_MEMLOCK, 0);
	err |= limit(RLIMIT_MSGQUEUE, 0);
	return err == 0 ? 0 : ERR_INTERNAL;
}

static void
close_files(void)
{
	int fd;

	if (syscall(SYS_close_range, WIRE_FD + 1, ~0u, 0) < 0)
		for (fd = WIRE_FD + 1; fd < 4096; fd++)
			(void)close(fd);
}

void
sandbox_prepare(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* the socket's end is a
						   second sign */
	(void)prctl(PR_SET_DUMPABLE, 0);
	close_files();
}

int
sandbox_close(uint32_t layers, uint64_t memory_bytes_max,
    uint32_t *ret_layers, struct err_note *note)
{
	uint32_t closed = 0;
	int err;

	/* What libraries have left open; the list of system calls counts on
	 * the document's number. */
	close_files();
	if (layers & WIRE_SANDBOX_NO_NEW_PRIVS) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			return err_set(note, ERR_INTERNAL,
			    "privileges cannot be given up");
		closed |= WIRE_SANDBOX_NO_NEW_PRIVS;
	}
	if (layers & WIRE_SANDBOX_LANDLOCK) {
		err = close_landlock();
		if (err == 0)
			closed |= WIRE_SANDBOX_LANDLOCK;
		else if (err != ERR_UNSUPPORTED)
			return err_set(note, err, "Landlock fails");
	}
	if (layers & WIRE_SANDBOX_RLIMITS) {
		if (close_rlimits(memory_bytes_max) < 0)
			return err_set(note, ERR_INTERNAL,
			    "resource limits cannot be set");
		closed |= WIRE_SANDBOX_RLIMITS;
	}
	if (layers & WIRE_SANDBOX_SECCOMP) {
		if (close_seccomp() < 0)
			return err_set(note, ERR_INTERNAL,
			    "system calls cannot be restricted");
		closed |= WIRE_SANDBOX_SECCOMP;
	}
	*ret_layers = closed;
	return 0;
}

void
sandbox_allow_cpu(uint32_t seconds)
{
	struct itimerval timer = {.it_value = {.tv_sec = (time_t)seconds}};

	(void)setitimer(ITIMER_PROF, &timer, NULL); /* the server watches
						       the clock, too */
}
