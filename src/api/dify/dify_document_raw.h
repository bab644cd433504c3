/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_document_raw: a document's bytes as they were uploaded.  Floor 6.
 */
#ifndef API_DIFY_DIFY_DOCUMENT_RAW_H
#define API_DIFY_DIFY_DOCUMENT_RAW_H

#include "api/dify/dify_document.h"

/* Of an upload: few bytes in memory, or a file. */
struct dify_content {
	struct buf bytes;
	int fd; /* -1: they are in bytes */
	uint64_t size;
};

/* The bytes of an upload by its hash, from the store or from the data folder
 * data_dir; to be given to dify_content_close().  ERR_NOT_FOUND... */
int dify_content_open(struct store *reader, const char *data_dir,
    const uint8_t hash[HASH_SIZE], struct dify_content *ret_content);
void dify_content_close(struct dify_content *content);

/* The hash of what was uploaded for it last; false: it is no upload. */
bool dify_document_blob(const struct dify_document *document,
    const uint8_t **ret_hash);

#endif
