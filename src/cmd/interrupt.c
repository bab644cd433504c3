/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd/interrupt.h"
#include "cmd/screen.h"

static int pipe_fds[2] = {-1, -1};
static atomic_int seen;

/* Only calls that a signal handler may make. */
static void
on_signal(int number)
{
	int saved = errno;

	if (atomic_exchange(&seen, number) != 0) {
		screen_leave();
		_exit(128 + number);
	}
	(void)!write(pipe_fds[1], "", 1); /* the pipe is empty: it fits */
	errno = saved;
}

int
interrupt_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	if (pipe_fds[0] >= 0)
		return 0;
	if (pipe(pipe_fds) != 0)
		return err_from_errno(errno);
	(void)fcntl(pipe_fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(pipe_fds[1], F_SETFD, FD_CLOEXEC);
	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	return 0;
}

int
interrupt_fd(void)
{
	return pipe_fds[0];
}

int
interrupt_seen(void)
{
	return atomic_load(&seen);
}

int
interrupt_wait(int ms)
{
	struct pollfd wait = {.fd = pipe_fds[0], .events = POLLIN};

	/* The byte stays in the pipe: later waits end at once, too. */
	while (interrupt_seen() == 0)
		if (poll(&wait, 1, ms) >= 0 || errno != EINTR)
			break;
	return interrupt_seen();
}
