/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_dataset: finding a dataset and what is in it.  Floor 6.
 *
 * A dataset is a base of the caller's account, and data are its documents.
 * What does not exist and what is another user's are told apart by nothing.
 */
#ifndef API_COGNEE_COGNEE_DATASET_H
#define API_COGNEE_COGNEE_DATASET_H

#include "base/uuid.h"

struct http_reply;
struct http_request;
struct store;

struct cognee_dataset {
	int64_t id; /* of the base */
	struct uuid uuid;
	char text[UUID_TEXT_SIZE];
};

/* ERR_NOT_FOUND: the caller has no such dataset. */
int cognee_dataset_find(struct http_request *request, struct store *reader,
    const struct uuid *uuid, struct cognee_dataset *ret_dataset);

/* Its document with that id; ERR_NOT_FOUND, also when it is in another. */
int cognee_data_find(struct store *reader,
    const struct cognee_dataset *dataset, const struct uuid *data,
    int64_t *ret_document_id);

/* 403: the caller has not that permission ("read", "delete") for what was
 * asked for.  Returns 0, as handlers do. */
int cognee_denied(struct http_reply *reply, const char *permission);

#endif
