/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_pieces: data that came in a request, and where they are to go.
 *
 * Floor 6.  As a form: files in parts that are called "data", and fields that
 * say the rest; or as texts in JSON.
 */
#ifndef API_COGNEE_COGNEE_PIECES_H
#define API_COGNEE_COGNEE_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/uuid.h"
#include "engine/engine.h"

struct cognee_dataset;
struct http_reply;
struct http_request;

struct cognee_pieces {
	const char *name; /* of the dataset; NULL: not given */
	struct uuid uuid; /* of it; wins */
	bool has_uuid;
	bool is_background;
	struct put *puts; /* one each: an upload and its metadata */
	size_t count;
	bool owns_uploads; /* they are not the server's */
};

/*
 * Read the form.  Returns 0, and *ret_pieces must be given to
 * cognee_pieces_fini(); 1 when the reply is written already (400); or an error
 * to be returned.
 */
int cognee_pieces_read(struct http_request *request,
    struct http_reply *reply, struct cognee_pieces *ret_pieces);
/* The same of {"textData": [...], "datasetName": "..."}. */
int cognee_pieces_of_texts(struct http_request *request,
    struct http_reply *reply, struct cognee_pieces *ret_pieces);
void cognee_pieces_fini(struct cognee_pieces *pieces);

/*
 * The dataset that they are to go to, which the caller may write to: that of
 * the uuid, or the caller's own of the name, made when it is not there.
 * ERR_NOT_FOUND: there is none of that uuid; ERR_INVALID, ERR_TOO_BIG: the name
 * cannot be one, the request's note says why.
 */
int cognee_pieces_dataset(struct http_request *request,
    const struct cognee_pieces *pieces, struct cognee_dataset *ret_dataset);

/* May a dataset that is asked for by this name be made?  Datasets with other
 * names are there, and are asked for by their id.  0, or ERR_INVALID with
 * words. */
int cognee_name_check(const char *name, struct err_note *note);

/* The job that has kept them.  To add nothing is fine, and no job: *ret_job
 * then has a uuid and is not to be found. */
int cognee_pieces_keep(struct http_request *request,
    const struct cognee_dataset *dataset, struct cognee_pieces *pieces,
    struct job *ret_job);

#endif
