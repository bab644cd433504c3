/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_said: what a client says of the data that it sends, as the metadata
 * that the documents get.
 *
 * Floor 6, pure.  A label each (COGNEE_LABEL), the sets that all of them belong
 * to (COGNEE_NODE_SET), and members that are the client's own.
 */
#ifndef API_COGNEE_COGNEE_SAID_H
#define API_COGNEE_COGNEE_SAID_H

#include <stddef.h>

#include <jansson.h>

struct err_note;

/* Within metadata: an array of names.  Shown with what is external, as the
 * original does. */
#define COGNEE_NODE_SET "node_set"

struct cognee_said {
	/* A JSON array of texts and nulls, or texts with commas between them;
	 * one for each of the data.  NULL or "": no labels. */
	const char *labels;
	/* A JSON array of objects and nulls, one each.  NULL or "": none. */
	const char *external;
	/* What came as the field node_set, again and again; "" is none, and a
	 * single one that is a JSON array of texts is those. */
	const char *const *sets;
	size_t set_count;
};

/*
 * An array of count objects: the metadata of each; returns owned
 * (json_decref).  ERR_INVALID with words for the client; ERR_TOO_BIG: over
 * METADATA_BYTES_MAX for one of them; ERR_NOMEM.
 */
int cognee_said_read(const struct cognee_said *said, size_t count,
    json_t **ret_metadata, struct err_note *note);

#endif
