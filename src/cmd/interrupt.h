/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interrupt: Ctrl-C and SIGTERM as something that can be waited for.
 *
 * The signal handler writes into a pipe; who waits in poll() watches its
 * reading end.  One per process.
 */
#ifndef CMD_INTERRUPT_H
#define CMD_INTERRUPT_H

#include <stdint.h>

/* Catch SIGINT and SIGTERM from now on; the second one ends the process at
 * once.  0, or the error of the pipe. */
int interrupt_catch(void);

/* Readable once a signal came; -1 before interrupt_catch(). */
int interrupt_fd(void);

/* The signal that came, or 0. */
int interrupt_seen(void);

/* Wait at most ms milliseconds (negative: for ever) for one; returns
 * interrupt_seen(). */
int interrupt_wait(int ms);

#endif
