/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body that is one upload, without a form around it: PUT to an address that
 * says what it is for.
 *
 * Whether it may come is asked before any of it is taken (the dialect's
 * admit), so that nobody without the right to fills the disk.  The bytes go to
 * the upload as they come; it is made durable by the handler's thread, which
 * may wait.  A client that stops half-way leaves nothing: the upload goes with
 * the request.
 */
#include "base/assert.h"
#include "base/limits.h"
#include "http/http_int.h"

void
raw_begin(struct http_conn *conn)
{
	struct http_request *request = &conn->request;
	const char *name = NULL;
	int err;

	ASSERT(request->dialect->admit != NULL && conn->raw == NULL);
	buf_clear(request->scratch);
	request->note.text[0] = '\0';
	err = request->dialect->admit(request, &name);
	if (err == 0 && http_header(request, "Content-Range") != NULL)
		err = err_set(&request->note, ERR_INVALID,
		    "a part of a file cannot be put");
	if (err == 0)
		err = engine_upload_open(conn->server->engine,
		    JOB_KIND_UPLOAD, name, NULL, &conn->raw, &request->note);
	if (err < 0)
		conn_problem(conn, HTTP_PROBLEM_ERROR, err,
		    request->note.text);
}

void
raw_take(struct http_conn *conn, const char *bytes, size_t len)
{
	int err;

	err = conn->body_taken > UPLOAD_BYTES_MAX
	    ? ERR_TOO_BIG : engine_upload_write(conn->raw, bytes, len);
	if (err == ERR_TOO_BIG)
		conn_problem(conn, HTTP_PROBLEM_TOO_BIG, err,
		    "the file is over the limit");
	else if (err < 0)
		conn_problem(conn, HTTP_PROBLEM_ERROR, err, NULL);
}

int
http_raw(struct http_request *request, struct upload **ret_upload)
{
	struct http_conn *conn = (struct http_conn *)(void *)request;
	int err;

	ASSERT(conn->raw != NULL);
	err = engine_upload_finish(conn->raw, &request->note);
	if (err == 0)
		*ret_upload = conn->raw;
	return err;
}
