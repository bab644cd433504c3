/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper: what the main thread does while the server serves: it waits for a
 * signal, and tells the service manager how things are (sys/notify.h).
 */
#ifndef CMD_KEEPER_H
#define CMD_KEEPER_H

struct host;

/* The server takes requests; returns when a signal came.  A watchdog is fed
 * only while the writer gets on: what is stuck is started anew. */
void keeper_wait(struct host *host);

#endif
