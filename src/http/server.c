/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's threads, and who owns what:
 *
 *	MHD's (two)  accept, parse, route, authenticate, send; QUICK handlers.
 *		     Each owns its connections.
 *	pool (four)  all other handlers, pieces of streams, fsync of uploads:
 *		     each on a connection that is suspended meanwhile and
 *		     belongs to the pool's thread until it resumes it.
 *	notifier     owns suspended connections that wait for a commit or for
 *		     time to pass; also shuts sockets that dawdle.
 *	sockets	     owns connections that have become WebSockets.
 *	writer       (the engine's) calls http_server_notify() only.
 *
 * A connection is handed over by suspending it and putting it into a queue
 * under that queue's lock, and back by MHD_resume_connection(); nothing else
 * about a request is shared.  Each thread that runs handlers has a reader of
 * the store of its own, opened when it is first needed.
 *
 * Stopping: no new connections; waiters are woken and told not to wait;
 * what runs may end; WebSockets are closed, then given back; the pool works its
 * queue off; then MHD is stopped, by which time nothing is suspended.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/http_int.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/thread.h"

/* Beside their bytes libmicrohttpd keeps some 60 for each header.  What is
 * over HTTP_HEADER_BYTES_MAX, but fits here, is refused by us. */
#define CONN_MEMORY_BYTES ((size_t)(4 * HTTP_HEADER_BYTES_MAX))
#define STOP_LOOK_MS 2

static _Thread_local struct http_thread *thread_self;

struct http_thread *
http_thread_self(struct http_server *server)
{
	size_t count = metrics_size(server);
	struct http_thread *thread = thread_self;
	_Atomic uint64_t *cells;

	if (thread != NULL && thread->server == server)
		return thread;
	thread = mem_zalloc(sizeof(*thread));
	cells = mem_zalloc(count * sizeof(*cells));
	if (thread == NULL || cells == NULL) {
		mem_free(thread);
		mem_free((void *)(uintptr_t)cells);
		return NULL;
	}
	thread->server = server;
	thread->metrics.cells = cells;
	(void)pthread_mutex_lock(&server->threads_lock);
	thread->next = server->threads;
	server->threads = thread;
	(void)pthread_mutex_unlock(&server->threads_lock);
	thread_self = thread;
	return thread;
}

/* The threads have ended: what was theirs is ours. */
static void
threads_free(struct http_server *server)
{
	struct http_thread *thread;

	while ((thread = server->threads) != NULL) {
		server->threads = thread->next;
		cache_free(thread->cache);
		store_close(thread->reader);
		mem_free((void *)(uintptr_t)thread->metrics.cells);
		mem_free(thread);
	}
	thread_self = NULL;
}

__attribute__((format(printf, 2, 0))) static void
on_mhd_log(void *cls, const char *format, va_list args)
{
	char line[512];

	(void)cls;
	(void)vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\n")] = '\0';
	log_debug("http: %s", line);
}

/*
 * Stopping means turning away.  MHD_quiesce_daemon() is for that, but with
 * epoll it races with MHD's own threads for the listening socket and then
 * ends the process.
 */
static enum MHD_Result
on_accept(void *cls, const struct sockaddr *address, socklen_t len)
{
	struct http_server *server = cls;

	(void)address;
	(void)len;
	return atomic_load_explicit(&server->is_stopping,
	    memory_order_relaxed) ? MHD_NO : MHD_YES;
}

/* MHD decodes the path for itself; the router has its own copy. */
static size_t
on_unescape(void *cls, struct MHD_Connection *mhd, char *text)
{
	(void)cls;
	(void)mhd;
	return strlen(text);
}

static int
server_make(struct http_server *server, const struct http_options *options,
    struct err_note *note)
{
	size_t count = options->dialect_count + 1;

	server->dialects = mem_array(count, sizeof(*server->dialects));
	if (server->dialects == NULL)
		return ERR_NOMEM;
	server->dialects[0] = &http_self;
	server->dialect_count = count;
	for (size_t i = 1; i < count; i++)
		server->dialects[i] = options->dialects[i - 1];
	return router_new(server->dialects, count, &server->router, note);
}

static int
server_start_mhd(struct http_server *server, int fd, unsigned threads,
    struct err_note *note)
{
	struct MHD_OptionItem options[] = {
	    {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
	    {MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS_MAX, NULL},
	    {MHD_OPTION_CONNECTION_TIMEOUT, HTTP_KEEPALIVE_MS / 1000, NULL},
	    {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
	    {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
		threads, NULL},
	    {MHD_OPTION_END, 0, NULL}};
	sigset_t all, before;

	/* MHD's threads inherit the mask: signals are for the main thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
	    MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_ITC |
	    MHD_USE_ERROR_LOG | MHD_USE_TURBO, 0, on_accept, server,
	    conn_request, server,
	    MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, conn_notify, server,
	    MHD_OPTION_NOTIFY_COMPLETED, conn_completed, server,
	    MHD_OPTION_URI_LOG_CALLBACK, conn_target, server,
	    MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, server,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONN_MEMORY_BYTES,
	    MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (server->daemon == NULL)
		return err_set(note, ERR_IO, "the HTTP server did not start");
	return 0;
}

int
http_server_open(const struct http_options *options, struct engine *engine,
    struct http_server **ret_server, unsigned *ret_port,
    struct err_note *note)
{
	struct http_server *server;
	unsigned port = 0, threads;
	int fd = -1, err;

	threads = options->threads == 0 ? 2 : options->threads;
	if (threads > HTTP_THREADS_MAX ||
	    options->pool_threads > HTTP_THREADS_MAX)
		return err_set(note, ERR_INVALID, "more than %u threads",
		    HTTP_THREADS_MAX);
	server = mem_zalloc(sizeof(*server));
	if (server == NULL)
		return ERR_NOMEM;
	server->engine = engine;
	server->board = engine_board(engine);
	server->version = options->version == NULL ? "" : options->version;
	server->metrics_need_key = options->metrics_need_key;
	server->request_level = options->logs_requests ? LOG_INFO : LOG_DEBUG;
	server->upload_file_bytes_max = options->upload_file_bytes_max;
	server->upload_any_format = options->upload_any_format;
	server->failures_word = options->failures_word;
	server->denied_status = options->denied_status == 403 ? 403 : 409;
	server->pool_size = options->pool_threads == 0
	    ? HTTP_THREADS_MAX : options->pool_threads;
	server->event_fd = -1;
	(void)pthread_mutex_init(&server->threads_lock, NULL);
	(void)pthread_mutex_init(&server->conns_lock, NULL);
	(void)pthread_mutex_init(&server->pool_lock, NULL);
	(void)pthread_mutex_init(&server->waiters_lock, NULL);
	pipes_init(server);
	err = cors_new(options->cors_origins, &server->cors, note);
	if (err < 0)
		goto out;
	err = server_make(server, options, note);
	if (err < 0)
		goto out;
	fd = listen_open(options->listen, &port, note);
	if (fd < 0) {
		err = fd;
		goto out;
	}
	err = pool_start(server);
	if (err < 0)
		goto out;
	err = notifier_start(server);
	if (err < 0)
		goto out;
	err = sockets_start(server, options->socket_ping_ms);
	if (err < 0)
		goto out;
	err = server_start_mhd(server, fd, threads, note);
	if (err < 0)
		goto out;

	*ret_server = server;
	*ret_port = port;
	server = NULL;
	fd = -1;
out:
	if (fd >= 0)
		(void)close(fd);
	http_server_close(server);
	return err;
}

/* Wait until no request is under way, or grace_ms have passed. */
static void
server_drain(struct http_server *server, int64_t grace_ms)
{
	struct timespec pause = {.tv_nsec = STOP_LOOK_MS * 1000000};
	int64_t end_us = clock_mono_us() + grace_ms * 1000;

	while (metrics_active(server) > 0 && clock_mono_us() < end_us)
		(void)nanosleep(&pause, NULL);
}

void
http_server_stop(struct http_server *server, int64_t grace_ms)
{
	atomic_store(&server->is_stopping, true);
	pipes_break(server);
	sockets_break(server->sockets);
	if (server->daemon != NULL) {
		notifier_kick(server);
		server_drain(server, grace_ms);
	}
	/* From here on nobody is handed over any more ... */
	atomic_store(&server->is_closed, true);
	/* ... but who was, is waited for. */
	pipes_wait(server);
	sockets_stop(server->sockets);
	notifier_stop(server);
	pool_stop(server);
	if (server->daemon != NULL)
		MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
}

void
http_server_close(struct http_server *server)
{
	if (server == NULL)
		return;
	http_server_stop(server, 0);
	threads_free(server);
	sockets_free(server->sockets);
	cors_free(server->cors);
	router_free(server->router);
	mem_free(server->dialects);
	if (server->event_fd >= 0)
		(void)close(server->event_fd);
	(void)pthread_mutex_destroy(&server->threads_lock);
	(void)pthread_mutex_destroy(&server->conns_lock);
	(void)pthread_mutex_destroy(&server->pool_lock);
	(void)pthread_mutex_destroy(&server->waiters_lock);
	pipes_fini(server);
	mem_free(server);
}
