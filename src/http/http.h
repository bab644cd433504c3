/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: what a route's handler sees.
 *
 * Floor 5.  A dialect is a table of routes and one function that writes its
 * errors; the server (http/server.h) is given an array of dialects and knows
 * none of them by name.
 *
 * Which thread runs a handler: a QUICK route (HTTP_QUICK) runs on the
 * connection's own thread, of which there are two for everybody: it answers
 * from memory (the board, at most one row of the store) and never waits.  All
 * others run on a pool of their own and may read the store at length, or
 * wait for a commit.  Two handlers may run at once; one request is with one
 * thread at a time, so nothing in it needs a lock.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/uuid.h"
#include "engine/engine.h"
#include "model/job.h"

struct http_reply;
struct http_request;
struct http_socket;
struct http_stream;
struct upload;

/* Bits, so that a set of them can be told ("Allow:").  HEAD is served as GET
 * without its body; no table names it. */
enum http_method {
	HTTP_GET = 1,
	HTTP_POST = 2,
	HTTP_PUT = 4,
	HTTP_PATCH = 8,
	HTTP_DELETE = 16,
};

#define HTTP_PARAMS_MAX 4u	/* placeholders of one pattern */
#define HTTP_SEGMENTS_MAX 16u	/* of one path; longer ones are unknown */
#define HTTP_QUERY_MAX 256u	/* parameters in one query string */
#define HTTP_HEADERS_MAX 12u	/* set by one handler */
#define HTTP_COOKIE_NAME_SIZE 64u
#define HTTP_SOCKET_REASON_SIZE 124u /* why a WebSocket was closed */

/* ---- tables ----------------------------------------------------------- */

/*
 * Fill reply and return 0; or return a negative enum err, with words in
 * request->note if there are any: the server then forgets what the reply held
 * and lets the dialect write the problem (HTTP_PROBLEM_ERROR).
 */
typedef int http_handler_fn(struct http_request *request,
    struct http_reply *reply);

enum http_route_flag {
	HTTP_QUICK = 1,	  /* answers from memory: see above */
	HTTP_OPEN = 2,	  /* no key needed; request->caller is empty */
	HTTP_UPLOAD = 4,  /* takes multipart/form-data: see http_form */
	HTTP_OPEN_LOCAL = 8, /* no key needed from a loopback address */
	/* With HTTP_UPLOAD: files are held to http_upload_file_bytes_max(). */
	HTTP_UPLOAD_SMALL = 32,
	HTTP_SLASH_TOO = 16, /* "/path/" is meant as well */
	HTTP_RAW = 64, /* the body is one upload: see http_raw */
};

/*
 * pattern: "/v1/datasets/{uuid}/documents/{}/indexing-status".  {uuid} takes a
 * segment that is a UUID in either case, {} any that is not empty.  A literal
 * segment wins over {uuid}, and that over {}.
 */
struct http_route {
	enum http_method method;
	const char *pattern;
	http_handler_fn *handler;
	unsigned flags;
};

enum http_dialect_flag {
	HTTP_SLASH = 1,	  /* "/path/" is "/path" */
	HTTP_BEARER = 2,  /* Authorization: Bearer KEY is understood */
	HTTP_API_KEY = 4, /* X-Api-Key: KEY is; looked at first */
	HTTP_COOKIE_MARK = 8, /* see http_cookie_name() */
};

/* What came of looking for the caller's key. */
enum http_auth {
	HTTP_AUTH_OK,
	HTTP_AUTH_MISSING,   /* no header that the dialect understands */
	HTTP_AUTH_MALFORMED, /* Authorization without a space in it */
	HTTP_AUTH_SCHEME,    /* Authorization with another scheme */
	HTTP_AUTH_UNKNOWN,   /* a key, but nobody's */
};

enum http_problem_kind {
	HTTP_PROBLEM_AUTH,	/* auth says what is wrong; 401 */
	HTTP_PROBLEM_ROUTE,	/* no such path; 404 */
	HTTP_PROBLEM_METHOD,	/* not with this method; 405, Allow is set */
	HTTP_PROBLEM_JSON,	/* the body is not JSON; 400 */
	HTTP_PROBLEM_TOO_BIG,	/* the body is over a limit; 413 */
	HTTP_PROBLEM_ERROR,	/* err from a handler, or from the server */
};

/* What went wrong before, in or instead of the handler. */
struct http_problem {
	enum http_problem_kind kind;
	int status;	   /* that fits; the dialect may write another */
	int err;	   /* negative enum err, always set */
	const char *words; /* for people, never empty */
	enum http_auth auth;
};

/*
 * Write problem into the (empty) reply in the dialect's own shape.  Runs on
 * any thread, also before the body has come: it may look at the request's
 * path, query and headers, nothing else.
 */
typedef void http_problem_fn(struct http_request *request,
    struct http_reply *reply, const struct http_problem *problem);
/* As the server's own pages word it. */
http_problem_fn http_plain_problem;

/*
 * Of an HTTP_RAW route, before its body comes: may it?  Looks at path, query
 * and headers, sets what else the handler needs (request->caller), and gives
 * the upload's name, which may lie in request->scratch.  A negative enum err
 * becomes the answer.  Runs on the connection's thread: must be quick.
 */
typedef int http_admit_fn(struct http_request *request,
    const char **ret_name);

struct http_dialect {
	const char *name;
	/* Ended by NULL.  Of a path that no route has, the dialect with the
	 * longest prefix (of whole segments) writes the 404. */
	const char *const *prefixes;
	const struct http_route *routes;
	size_t route_count;
	unsigned flags;
	http_problem_fn *problem;
	/* A header, beside the key, that an answer may depend on; NULL: none.
	 * A request that has it is neither answered from what is kept
	 * (http_reply_keep_*), nor is its answer kept. */
	const char *varies_by;
	/* Headers of every answer: a name, its value, a name... ended by NULL;
	 * NULL: none. */
	const char *const *headers;
	/* Likewise of the answer to OPTIONS, which needs no key and says that
	 * pages of other origins may call; NULL: no route has that method. */
	const char *const *options;
	/* NULL: no route is HTTP_RAW. */
	http_admit_fn *admit;
	/* A cookie that may hold the caller's session, where no header has a
	 * good key; NULL: none.  What it lets in and is no GET must not come
	 * from another origin's page: see http_is_cross_origin(). */
	const char *cookie;
};

/* ---- requests --------------------------------------------------------- */

struct http_param {
	const char *text; /* decoded, terminated; a uuid in lower case */
	struct uuid uuid; /* of {uuid} */
};

/* A file or field of a multipart/form-data body. */
struct http_file {
	const char *field;	/* name of the part */
	const char *name;	/* as the client gave it; not "" */
	struct upload *upload;	/* finished; freed by the server */
};

struct http_request {
	enum http_method method;
	const struct http_dialect *dialect;
	const struct http_route *route; /* NULL: there is none */
	const char *path; /* as it was sent, without the query */
	struct http_param params[HTTP_PARAMS_MAX]; /* in order of the pattern */
	struct engine *engine;
	struct caller caller;
	bool is_loopback; /* the client's address is */
	bool has_cookie;  /* which is what let the caller in */
	/* Whole; terminated; "" when there is none.  Of a multipart body:
	 * empty, see http_file_at(). */
	const char *body;
	size_t body_len;
	struct err_note note; /* words for the error that is returned */
	struct buf *scratch;  /* empty; for the handler's own use */
	/* What a handler that waits (http_reply_wait) wants to know when it is
	 * called again; NULL at first.  state_free is called with it when the
	 * request is over, however it ends. */
	void *state;
	void (*state_free)(void *state);
};

/* The request's header, NULL when it has none.  Case of name is no matter. */
const char *http_header(const struct http_request *request,
    const char *name);

/* Is the body's media type that ("application/json"), whatever parameters? */
bool http_is_type(const struct http_request *request, const char *type);

/* The first query parameter of that name, decoded; NULL: none. */
const char *http_query(const struct http_request *request, const char *name);

/*
 * All of that name, one by one:
 *	size_t at = 0;
 *	while ((value = http_query_next(request, "state", &at)) != NULL)
 */
const char *http_query_next(const struct http_request *request,
    const char *name, size_t *at);

/* A decimal number min..max; otherwise when the parameter is absent.
 * ERR_INVALID, with words. */
int http_query_number(struct http_request *request, const char *name,
    uint64_t min, uint64_t max, uint64_t otherwise, uint64_t *ret_number);

/*
 * The body as JSON, parsed once; belongs to the request.  ERR_SYNTAX with
 * words for what is not JSON, has a member twice or is nested deeper than
 * HTTP_JSON_DEPTH_MAX: when the handler returns it, the dialect's problem is
 * of kind HTTP_PROBLEM_JSON.
 */
int http_json(struct http_request *request, json_t **ret_json);

/* Files and fields of a multipart body, from 0; NULL beyond.  A part without
 * a file name, or with an empty one, is a field. */
const struct http_file *http_file_at(const struct http_request *request,
    size_t nth);
const char *http_field(const struct http_request *request, const char *name);
/* All fields of that name, in their order, as http_query_next(). */
const char *http_field_next(const struct http_request *request,
    const char *name, size_t *at);

/*
 * The body of an HTTP_RAW request as a finished upload, of no bytes when there
 * is none; freed by the server.  For the handler's thread: may wait for the
 * disk.
 */
int http_raw(struct http_request *request, struct upload **ret_upload);

/* This thread's connection for reading; not to be closed, nor kept.  0 or an
 * error of opening it. */
int http_reader(struct http_request *request, struct store **ret_reader);

/*
 * The same with a snapshot pinned, for an answer from several readings; and let
 * it go, and wait for the board to be as new, so that no later answer is older
 * than this one.  http_end() returns err, the outcome so far.
 */
int http_begin(struct http_request *request, struct store **ret_reader);
int http_end(struct http_request *request, struct store *reader, int err);

/* Is the server about to end?  Whoever works at length breaks off then. */
bool http_is_stopping(const struct http_request *request);

/* The version that the server was told it is. */
const char *http_version(const struct http_request *request);

/* Settings of uploads, for dialects whose originals take small files of few
 * formats: the largest file of an HTTP_UPLOAD_SMALL route (0: as elsewhere),
 * and whether formats are taken that the original does not. */
uint64_t http_upload_file_bytes_max(const struct http_request *request);
bool http_upload_any_format(const struct http_request *request);

/* What a job that some documents of failed is called, for dialects whose
 * originals have two words for it; NULL: the dialect's own choice. */
const char *http_failures_word(const struct http_request *request);
/* 403, or 409 as older versions of an API say to who asks how something is that
 * it may not see, or that is not there. */
int http_denied_status(const struct http_request *request);

/*
 * Was it sent by a page of another origin, as far as the browser tells?  Such
 * a page can make a browser send its cookies along, and cannot read the
 * answer: what a cookie lets in must not change anything for it.  SameSite=Lax
 * on the cookie keeps most of that away, but not what comes from another port
 * of the same host, nor from a neighbour below the same domain.  Origins that
 * the operator listed (http_options.cors_origins) count as this server's.
 */
bool http_is_cross_origin(const struct http_request *request);

/*
 * The name of the dialect's cookie, which has one.  Of an HTTP_COOKIE_MARK
 * dialect it ends with '-' and a word of this server's data folder: a browser
 * gives a cookie to all ports of a host, and two servers there must not take
 * each other's away.
 */
void http_cookie_name(const struct http_request *request,
    char ret_name[HTTP_COOKIE_NAME_SIZE]);

/* Does the client speak https, with a proxy in front?  What the first of them
 * says (X-Forwarded-Proto, Forwarded), whoever that is: good for nothing but
 * what is the client's own affair. */
bool http_is_https(const struct http_request *request);

/* Who calls: the address as IPv6, IPv4 in it.  That which a proxy on this
 * machine tells (the last of X-Forwarded-For), or the connection's own. */
void http_address(const struct http_request *request, uint8_t ret_address[16]);

/* A name for this request, the same at every call. */
const char *http_request_id(struct http_request *request);

/* ---- replies ---------------------------------------------------------- */

/*
 * Starts as 200 with an empty body.  Handlers write into body, through w
 * after http_reply_json(), and set the rest with the functions below.
 */
struct http_reply {
	int status;
	/* Kept until the reply is sent: a literal, or in request->scratch;
	 * NULL: none. */
	const char *content_type;
	struct buf body;
	struct jsonw w;
};

/* The reply is JSON with that status; returns &reply->w on an empty body. */
struct jsonw *http_reply_json(struct http_reply *reply, int status);

/* Set a header; both are copied.  value without control characters: others
 * become '?'. */
void http_reply_header(struct http_reply *reply, const char *name,
    const char *value);

/*
 * Set ETag to rev.  True when the client has that one (If-None-Match): the
 * reply is now a 304 and the handler returns 0 at once.
 */
bool http_reply_etag(struct http_request *request, struct http_reply *reply,
    int64_t rev);

/*
 * Let the server give these bytes again to the same account's GET of the
 * same path and query, without asking the handler (QUICK routes only; others
 * are not kept).  Two ways, by what the answer depends on:
 *
 *   job	that job alone, and it is final: kept while the board has the
 *		job with these very members.
 *   rev	anything in the store, nothing that goes by the clock: kept
 *		while board_rev() is rev.  Take rev BEFORE reading.
 *
 * A job that is not final is not kept: calling it is no mistake.
 */
void http_reply_keep_job(struct http_reply *reply, const struct job *job);
void http_reply_keep_rev(struct http_reply *reply, int64_t rev);

/*
 * Long poll: send nothing now; call the handler again when the job's revision
 * is above after_rev, the job has ended or is gone, or wait_ms have passed
 * since the request came.  Returns false when they have passed already (or the
 * server stops, or the client has hung up): the handler then answers with what
 * there is.  No thread is held.  after_rev INT64_MAX: only its end matters.
 */
bool http_reply_wait(struct http_request *request, struct http_reply *reply,
    const struct uuid *job, int64_t after_rev, int64_t wait_ms);

/*
 * The body is a file: bytes of it from offset 0.  Takes fd (sets *fd to -1).
 */
void http_reply_file(struct http_reply *reply, int *fd, uint64_t bytes);

enum http_more {
	HTTP_MORE = 1, /* call again as soon as this is sent */
	HTTP_WAIT = 2, /* call again after the next commit */
	HTTP_END = 3,
};

/* A body of unknown length, made piece by piece. */
struct http_stream_ops {
	/*
	 * Append the next piece to out.  Runs on a thread of the pool with
	 * its reader.  Returns an http_more, or an error: the connection is
	 * broken off, so that the client sees that something is missing.
	 */
	int (*fill)(void *state, struct engine *engine, struct store *reader,
	    struct buf *out);
	/* The stream is over, whoever ended it; free state. */
	void (*free)(void *state);
	/* Sent after 15 s of silence; NULL: nothing. */
	const char *heartbeat;
	/* Is there news?  Asked after each notifier_kick() while the stream
	 * waits (HTTP_WAIT), on the notifier's thread: must be quick.  NULL:
	 * after each commit there is. */
	bool (*is_ready)(void *state);
};

/* The body is a stream.  Takes state (free is called, also on failure).
 * Calls after a commit are at least 100 ms apart. */
void http_reply_stream(struct http_reply *reply,
    const struct http_stream_ops *ops, void *state);

/*
 * A body that has to wait for other services: it is written by run(), on a
 * thread of its own, so that a service that is slow holds no thread that
 * others need.  HTTP_PIPES_MAX of them run at once.
 */
struct http_pipe;

struct http_pipe_ops {
	/* Write the body with http_pipe_put(); 0, or an error: the connection
	 * is broken off, so that the client sees that something is missing.
	 * The request is gone by then, and there is no reader. */
	int (*run)(void *state, struct engine *engine,
	    struct http_pipe *pipe);
	/* Nobody needs state any more; on whatever thread. */
	void (*free)(void *state);
	/* As in http_stream_ops. */
	const char *heartbeat;
};

/* Takes state (free is called, also on failure).  ERR_BUSY: too many of them
 * are running. */
int http_reply_pipe(struct http_request *request, struct http_reply *reply,
    const struct http_pipe_ops *ops, void *state);

/* Append to the body; never waits.  ERR_NOMEM, ERR_TOO_BIG; ERR_CANCELLED:
 * nobody will read it. */
int http_pipe_put(struct http_pipe *pipe, const void *bytes, size_t len);
/* Becomes true when the client has gone, or the server stops. */
const atomic_bool *http_pipe_stop(const struct http_pipe *pipe);

/* ---- WebSockets --------------------------------------------------------- */

/* How a WebSocket ends (RFC 6455 7.4). */
struct http_socket_end {
	unsigned code; /* 1000: all went well; 1008: not allowed; 1011: ... */
	char reason[HTTP_SOCKET_REASON_SIZE]; /* UTF-8 */
};

/*
 * A WebSocket that tells; what its client sends is refused, but for pings.
 * The client is asked every 20 s whether it is there, and is dropped when it
 * does not answer, or takes more than a minute for a text.
 */
struct http_socket_ops {
	/*
	 * Append the next text to out, valid UTF-8 of at most
	 * HTTP_SOCKET_TEXT_BYTES_MAX; nothing: there is none now.  Called at
	 * once, then after commits, at least 100 ms apart, and never before
	 * the text before has left: whoever reads slowly misses states, not
	 * the last one.  Runs on a thread of the pool with its reader; the
	 * request is over.
	 *
	 * Returns an http_more, with HTTP_END how it ends, the last text
	 * before that; or an error: the socket is closed with 1011.
	 */
	int (*fill)(void *state, struct engine *engine, struct store *reader,
	    struct buf *out, struct http_socket_end *ret_end);
	/* Nobody needs state any more; on whatever thread. */
	void (*free)(void *state);
};

/*
 * The answer is a WebSocket (of a GET that is not HTTP_QUICK).  Takes state
 * (free is called, also on failure).  ERR_INVALID: it was not asked for as it
 * should be, a 400, or 426 when not at all; ERR_BUSY over HTTP_SOCKETS_MAX;
 * ERR_CLOSED while the server stops.
 */
int http_reply_socket(struct http_request *request,
    struct http_reply *reply, const struct http_socket_ops *ops,
    void *state);
/* The same, and closed at once: for dialects that refuse in the WebSocket's
 * way.  Such sockets are not counted. */
int http_reply_socket_end(struct http_request *request,
    struct http_reply *reply, unsigned code, const char *reason);

/*
 * Who calls?  For an HTTP_OPEN route that looks for itself: sets
 * request->caller.  ERR_UNAUTHORIZED; ERR_FORBIDDEN: a session's cookie that
 * another origin's page made a browser send, also with GET (a page may read
 * what comes from a WebSocket, wherever it is).
 */
int http_authenticate(struct http_request *request);

#endif
