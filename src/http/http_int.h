/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_int: what the files of this folder share.  server.c tells the design.
 */
#ifndef HTTP_HTTP_INT_H
#define HTTP_HTTP_INT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <microhttpd.h>

#include "base/histogram.h"
#include "base/log.h"
#include "http/http.h"
#include "http/router.h"
#include "http/server.h"
#include "http/uri.h"

struct cache;
struct cors;
struct form;
struct http_conn;
struct pool_seat;
struct sockets;

#define HTTP_THREADS_MAX 16u
#define HTTP_HEADER_MS 15000	 /* for the first request's header */
#define HTTP_KEEPALIVE_MS 75000	 /* for each later one, idling included */
#define HTTP_BODY_WINDOW_MS 10000 /* of which each must bring: */
#define HTTP_BODY_WINDOW_BYTES 4096u
#define HTTP_HEARTBEAT_MS 15000
#define HTTP_STREAM_MS 100 /* between two pieces made after commits */
/* Bytes of bodies held in memory, all requests together. */
#define HTTP_BODIES_BYTES_MAX (256 * MIB)
/* A body of an answer that is an error is read to its end when it is this
 * small: closing at once would take the answer from the client. */
#define HTTP_SWALLOW_BYTES (256 * KIB)
/* What is still read of a body whose answer is an error, before the
 * connection is cut. */
#define HTTP_DISCARD_BYTES (64 * MIB)
/* Bigger buffers are given back after the request. */
#define HTTP_KEEP_BYTES (64 * KIB)
#define HTTP_REPLY_BYTES_MAX (256 * MIB)

/* ---- one thread that runs handlers ------------------------------------ */

#define METRIC_STATUS_COUNT 26u
/* Of what a request waits for: nothing, a thread of the pool, its body. */
enum metric_class { METRIC_QUICK, METRIC_WORK, METRIC_UPLOAD,
	METRIC_CLASS_COUNT };
/* Of each dialect and class: the buckets of a histogram, and their sum. */
#define METRIC_TIMES (HISTOGRAM_BUCKETS + 2u)

/*
 * What one thread has counted.  It alone writes, without locked instructions
 * (two threads that count in one place cost each other more than a request's
 * routing does); whoever wants a sum adds up all threads'.
 */
struct metrics {
	/* [route][METRIC_STATUS_COUNT], and behind it
	 * [dialect][METRIC_CLASS_COUNT][METRIC_TIMES]. */
	_Atomic uint64_t *cells;
	_Atomic uint64_t kept, received, sent;
	_Atomic uint64_t begun, ended; /* requests */
};

/* Belongs to its thread; closed by the server after the thread has ended. */
struct http_thread {
	struct http_server *server;
	struct http_thread *next;
	struct store *reader; /* NULL until it is needed */
	struct cache *cache;  /* of a connections' thread; NULL elsewhere */
	struct metrics metrics;
};

/* This thread's; made when there is none.  NULL: no memory. */
struct http_thread *http_thread_self(struct http_server *server);

/* ---- replies ---------------------------------------------------------- */

enum reply_body {
	REPLY_BUF,
	REPLY_FILE,
	REPLY_STREAM,
	REPLY_SOCKET,
	REPLY_LATER
};
enum reply_keep { KEEP_NOT, KEEP_JOB, KEEP_REV };

struct reply {
	struct http_reply pub; /* first: handlers hold its address */
	struct buf headers;    /* name, 0, value, 0, name... */
	unsigned header_count;
	enum reply_body kind;
	int fd;
	uint64_t fd_bytes;
	const struct http_stream_ops *ops;
	void *state;
	struct http_socket *socket;
	enum reply_keep keep;
	int64_t keep_rev;
	struct uuid keep_job;
	char keep_name[NAME_BYTES_MAX + 1];
};

void reply_init(struct reply *reply);
void reply_fini(struct reply *reply);
/* As at the start; closes what was not sent. */
void reply_clear(struct reply *reply);
/* The body is a WebSocket's, which is taken. */
void reply_socket(struct http_reply *reply, struct http_socket *socket);
/* Returns owned, what reply held is handed over; NULL: no memory. */
struct MHD_Response *reply_response(struct reply *reply,
    struct http_conn *conn);

/* ---- connections ------------------------------------------------------ */

/* How far the request of a connection has come. */
enum conn_phase {
	CONN_IDLE,	/* no request */
	CONN_TARGET,	/* its first line has come */
	CONN_BODY,	/* header dealt with, the body is coming */
	CONN_HANDLE,	/* whole: the handler's turn */
	CONN_READY,	/* the reply is filled */
	CONN_SENT,	/* the reply is MHD's */
};

/* Headers that every request is asked for, found in one pass. */
enum known_header {
	HEADER_API_KEY,
	HEADER_AUTHORIZATION,
	HEADER_CONTENT_LENGTH,
	HEADER_COOKIE,
	HEADER_FORWARDED,
	HEADER_IF_NONE_MATCH,
	HEADER_TRANSFER_ENCODING,
	HEADER_X_FORWARDED_FOR,
	HEADER_COUNT
};

enum task_kind { TASK_HANDLE, TASK_FORM, TASK_FILL, TASK_SOCKET };

/* A long poll or stream that waits; in server->waiters. */
struct waiter {
	struct http_conn *prev, *next;
	bool is_stream;
	struct uuid job;    /* long poll: of this job */
	int64_t after_rev;
	int64_t due_ms;	    /* time is up, or a heartbeat is due */
	int64_t not_before_ms; /* stream: no earlier than this */
	uint64_t commits;   /* stream: seen when the last piece was begun */
};

struct http_stream {
	const struct http_stream_ops *ops;
	void *state;
	struct http_conn *conn;
	struct buf out;
	size_t sent; /* of out */
	bool is_ended, is_broken;
	bool is_waiting_next; /* the last piece asked for a commit */
	int64_t begun_ms;     /* when the last piece was */
	uint64_t commits;
};

/*
 * One connection and the request that it carries.  Made and freed by MHD's
 * notifications.  From `request` on it belongs to one thread at a time: to
 * MHD's, or, while the connection is suspended, to whom it was handed.
 */
struct http_conn {
	struct http_request request; /* first: handlers hold its address */
	struct reply reply;
	struct uri uri;
	struct router_match match;
	const char *headers[HEADER_COUNT]; /* NULL: the request has it not */
	enum conn_phase phase;
	bool is_same; /* as the connection's last request: routed already */
	bool is_length_twice; /* Content-Length more than once */
	bool is_http11;
	size_t head_bytes; /* of first line and headers */
	char method[8];
	struct http_server *server;
	struct http_thread *thread; /* MHD's, that the connection is with */
	struct MHD_Connection *mhd; /* NULL in tests without a socket */
	struct buf target;	    /* the request's, as it came */
	struct buf work;	    /* its copy that is cut up */
	struct buf scratch, body;
	uint64_t body_taken, body_charged;
	struct form *form;
	struct upload *raw; /* the body of an HTTP_RAW request */
	json_t *json;
	bool is_json_bad;
	char request_id[UUID_TEXT_SIZE];
	int64_t begun_us; /* of the request */
	int64_t wait_until_ms;
	bool is_gone; /* the client hung up while it waited */
	bool is_waited;	 /* a long poll or stream: not in the histogram */
	int status;	 /* sent */
	uint64_t sent;	 /* bytes of the answer's body */
	int64_t rev;	 /* of the board, before the handler ran */
	struct http_problem problem; /* status != 0: answer with it */
	/* Of what the handler refuses; 0: that of its error. */
	int refused_status;
	struct http_stream *stream;  /* MHD's response frees it */
	struct http_socket *socket;  /* freed with the request */

	/* In the queue of the pool: its lock. */
	struct http_conn *task_next;
	enum task_kind task;

	struct waiter waiter; /* server->waiters_lock */

	/* For the reaper: server->conns_lock guards the links. */
	struct http_conn *prev, *next;
	int fd;
	bool is_local; /* the peer's address is loopback */
	uint8_t address[16]; /* the peer's, as IPv6; zeros: unknown */
	_Atomic int64_t deadline_ms; /* 0 none */
	_Atomic uint64_t received;   /* of the body being received */
	_Atomic bool is_receiving;
	int64_t window_ms;	   /* the reaper's own */
	uint64_t window_received;
};

/* MHD's callbacks (conn.c). */
void conn_notify(void *cls, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode code);
void *conn_target(void *cls, const char *target, struct MHD_Connection *mhd);
enum MHD_Result conn_request(void *cls, struct MHD_Connection *mhd,
    const char *url, const char *method, const char *version,
    const char *bytes, size_t *len, void **context);
void conn_completed(void *cls, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode code);

/* Parts of a request that need no socket (request.c). */
void conn_init(struct http_conn *conn, struct http_server *server);
void conn_fini(struct http_conn *conn);
/* Forget the request, keep the memory. */
void conn_reset(struct http_conn *conn);
/* Note the target, find the route: sets match, or problem. */
void conn_route(struct http_conn *conn, const char *method);
/* Answer with a problem instead; words NULL: the error's own. */
void conn_problem(struct http_conn *conn, enum http_problem_kind kind,
    int err, const char *words);
/* Let the dialect write the problem into the reply. */
void conn_write_problem(struct http_conn *conn);
/* Run the handler; false: it wants to wait (reply.kind is REPLY_LATER). */
bool conn_handle(struct http_conn *conn);
/* Who calls?  Sets problem when a key is needed and missing. */
void conn_authenticate(struct http_conn *conn);

/* ---- server ----------------------------------------------------------- */

/* The counting thread's own. */
void metric_add(_Atomic uint64_t *counter, uint64_t n);
/* A request of this thread's was answered, after us microseconds. */
void metrics_count(struct http_conn *conn, int64_t us);
/* How many cells there are; those of one histogram. */
size_t metrics_size(const struct http_server *server);
_Atomic uint64_t *metrics_times(const struct http_server *server,
    const struct metrics *metrics, size_t dialect, enum metric_class class);
void metrics_write(struct http_server *server, struct buf *out);
/* Requests between their first line and their end. */
uint64_t metrics_active(struct http_server *server);

struct http_server {
	struct engine *engine;
	struct board *board;
	const char *version;
	struct router *router;
	const struct http_dialect **dialects;
	size_t dialect_count;
	struct MHD_Daemon *daemon;
	bool metrics_need_key;
	enum log_level request_level; /* of the line for each request */
	uint64_t upload_file_bytes_max;
	bool upload_any_format;
	const char *failures_word;
	int denied_status;
	unsigned pool_size;

	_Atomic bool is_stopping; /* nobody waits any longer */
	_Atomic bool is_closed;	  /* the pool is gone: answer 503 */
	_Atomic uint64_t commits; /* http_server_notify() calls */
	_Atomic uint64_t connections, streams;
	_Atomic uint64_t bodies;  /* bytes of them in memory */

	pthread_mutex_t threads_lock;
	struct http_thread *threads;

	pthread_mutex_t conns_lock;
	struct http_conn *conns;

	pthread_mutex_t pool_lock; /* tasks, idle, pool_ends */
	struct pool_seat *pool_idle; /* the last one first */
	struct http_conn *task_first, *task_last;
	bool pool_ends;
	pthread_t pool[HTTP_THREADS_MAX];
	unsigned pool_started;

	pthread_mutex_t waiters_lock; /* waiters, waiters_end */
	bool waiters_end;
	struct http_conn *waiters;
	_Atomic uint64_t waiting; /* how many */
	pthread_mutex_t pipes_lock; /* pipes, pipe_count */
	pthread_cond_t pipes_cond;
	struct http_pipe *pipes; /* whose threads run */
	unsigned pipe_count;
	struct sockets *sockets;
	struct cors *cors; /* NULL: for no other origins */
	int event_fd;
	pthread_t notifier;
	bool has_notifier;
	_Atomic bool notifier_ends;
};

/* pool.c: hand a suspended connection over. */
int pool_start(struct http_server *server);
void pool_put(struct http_conn *conn, enum task_kind kind);
void pool_stop(struct http_server *server);

/* notifier.c */
int notifier_start(struct http_server *server);
void notifier_add(struct http_conn *conn);
void notifier_kick(struct http_server *server);
void notifier_stop(struct http_server *server);

/* stream.c: returns owned, takes what the reply held; NULL: no memory. */
struct MHD_Response *stream_response(struct http_conn *conn);
/* A pool thread's turn. */
void stream_fill(struct http_conn *conn);
void stream_heartbeat(struct http_conn *conn);

/* pipe.c */
void pipes_init(struct http_server *server);
/* Tell those that run to end... */
void pipes_break(struct http_server *server);
/* ...and wait until they have. */
void pipes_wait(struct http_server *server);
void pipes_fini(struct http_server *server);

/* handshake.c: may the request become a WebSocket?  0; ERR_INVALID with words,
 * and refused_status where it is not 400. */
int handshake_check(struct http_conn *conn);
/* The answer to a key that was checked.  ERR_INTERNAL. */
#define HANDSHAKE_ACCEPT_SIZE 29
int handshake_accept(const char *key, char out[HANDSHAKE_ACCEPT_SIZE]);

/* sockets.c; ping_ms 0: the usual.  The server has them also after an error. */
int sockets_start(struct http_server *server, unsigned ping_ms);
/* Something was committed. */
void sockets_notify(struct sockets *sockets);
uint64_t sockets_open(const struct sockets *sockets);
/* The server is stopping: close all, with time for their answers... */
void sockets_break(struct sockets *sockets);
/* ...and without; while the pool is still there. */
void sockets_stop(struct sockets *sockets);
void sockets_free(struct sockets *sockets);
void socket_free(struct http_socket *socket);
/* A pool thread's turn. */
void socket_fill(struct http_conn *conn);
/* Returns owned; borrows socket, which must outlive the connection's request.
 * NULL: no memory. */
struct MHD_Response *socket_response(struct http_socket *socket);

/* form.c */
int form_new(struct http_conn *conn, const char *content_type);
void form_free(struct form *form);
/* 0; what fails sticks. */
int form_feed(struct form *form, const char *bytes, size_t len);
/* Files that have come whole and are to be made durable? */
bool form_has_work(const struct form *form);
void form_work(struct form *form);
int form_end(struct form *form);
const char *form_words(const struct form *form);
const struct http_file *form_file(const struct form *form, size_t nth);
/* The first of that name from *at on, which is moved behind it. */
const char *form_field(const struct form *form, const char *name,
    size_t *at);

/* raw.c: sets conn->raw, or problem. */
void raw_begin(struct http_conn *conn);
/* What fails becomes the answer. */
void raw_take(struct http_conn *conn, const char *bytes, size_t len);

/* cache.c: one thread's kept answers. */
struct cache *cache_new(void); /* NULL: no memory */
void cache_free(struct cache *cache);
/* The answer to conn's request if it still holds; borrowed. */
struct MHD_Response *cache_get(struct cache *cache, struct http_conn *conn,
    int *ret_status);
/* Keep the queued response; true: the caller's reference is the cache's now. */
bool cache_put(struct cache *cache, struct http_conn *conn,
    struct MHD_Response *response, size_t bytes);

/* origin.c: the value of a cookie in the header's text, NULL: none; *ret_len
 * bytes of it. */
const char *cookie_find(const char *header, const char *name,
    size_t *ret_len);

/* cors.c: the setting; NULL in *ret_cors: it is empty.  ERR_INVALID, with
 * words. */
int cors_new(const char *list, struct cors **ret_cors, struct err_note *note);
void cors_free(struct cors *cors);
/* Does a page ask whose origin is listed, and so as good as our own? */
bool cors_lists(const struct http_request *request);
/* Does the answer depend on who asks? */
bool cors_depends(const struct http_request *request);
/* Does a browser ask whether a page may call, and may it?  The answer. */
bool cors_is_asked(const struct http_request *request, const char *method);
void cors_answer(const struct http_request *request,
    struct http_reply *reply);
/* What every answer has. */
void cors_headers(const struct http_request *request,
    struct MHD_Response *response);

/* request_log.c: the line of a request that was answered, after us
 * microseconds. */
void request_log(struct http_conn *conn, int64_t us);

/* health.c: /health/live and /health/ready. */
int health_live(struct http_request *request, struct http_reply *reply);
int health_ready(struct http_request *request, struct http_reply *reply);

/* self.c: /health, /metrics and the errors of paths that are nobody's. */
extern const struct http_dialect http_self;

/* listen.c: a listening socket; the descriptor, or an error. */
int listen_open(const char *address, unsigned *ret_port,
    struct err_note *note);

#endif
