/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockets_int: what sockets.c, which tells the design, and socket.c share.
 */
#ifndef HTTP_SOCKETS_INT_H
#define HTTP_SOCKETS_INT_H

#include <poll.h>

#include "base/limits.h"
#include "http/frames.h"
#include "http/http_int.h"

struct http_socket {
	struct http_conn *conn;
	const struct http_socket_ops *ops; /* NULL: it is only closed */
	void *state;
	enum frames_code code; /* with which, then */
	char reason[HTTP_SOCKET_REASON_SIZE];
	bool is_counted; /* in sockets->open */

	/* The thread's. */
	struct http_socket *next;
	struct MHD_UpgradeResponseHandle *urh;
	struct frames *frames; /* NULL: no memory for it */
	int fd;
	struct buf early; /* came with the request */
	size_t early_read, turn; /* read of it; read in this turn */
	bool is_shut;	   /* nothing is written any more */
	bool is_done;	   /* but the pool still has it */
	bool wants_fill;   /* without waiting for a commit */
	bool has_asked;	   /* the pool makes a text */
	bool is_pinged;	   /* and has said nothing since */
	uint64_t heard, commits;
	int64_t ping_ms, not_before_ms; /* when to */
	int64_t send_by_ms, close_by_ms; /* 0: no matter */

	bool is_filled;	   /* it has been made; guarded by the lock */
	/* The pool's while has_asked. */
	struct buf out;
	int more;
	struct http_socket_end end;
};

struct sockets {
	struct http_server *server;
	int64_t ping_ms;
	int event_fd;
	pthread_t thread;
	bool has_thread;
	struct http_socket *list; /* the thread's */
	struct pollfd fds[HTTP_CONNECTIONS_MAX + 1]; /* the last: event_fd */
	_Atomic unsigned open;	  /* that have something to say */

	pthread_mutex_t lock; /* guards what follows, and is_filled */
	struct http_socket *arrived;
	bool ends, has_ended;
};

/* Wake the thread. */
void sockets_kick(struct sockets *sockets);
/* MHD's thread, after the answer was sent: the socket is the thread's. */
void sockets_upgrade(void *cls, struct MHD_Connection *mhd, void *context,
    const char *early, size_t early_len, MHD_socket fd,
    struct MHD_UpgradeResponseHandle *urh);

/* The thread's: begin with one that came. */
void socket_open(struct sockets *sockets, struct http_socket *socket);
/* Its turn, at now_ms; lowers *next_ms to when the next one is due, should
 * nothing happen before.  False: it is over, and the pool does not have it. */
bool socket_turn(struct sockets *sockets, struct http_socket *socket,
    int64_t now_ms, int64_t *next_ms);

#endif
