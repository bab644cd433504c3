/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify: telling the service manager how this process is (sd_notify(3)).
 *
 * Floor 1.  A datagram to the socket that $NOTIFY_SOCKET names; where it is
 * not set nobody wants to know, and nothing is done.
 */
#ifndef SYS_NOTIFY_H
#define SYS_NOTIFY_H

#include <stdint.h>

/* Send assignments ("READY=1\nSTATUS=..."), without a line feed behind them.
 * 1: sent; 0: nobody wants to know; ERR_INVALID: the variable makes no sense;
 * ERR_IO: it was not taken. */
int notify_send(const char *assignments);

/* How long this process may be silent before it is ended and started anew: it
 * is to send WATCHDOG=1 twice as often.  0: for ever. */
int64_t notify_watchdog_us(void);

#endif
