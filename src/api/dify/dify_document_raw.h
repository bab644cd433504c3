/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_document_raw: a document's bytes as they were uploaded.  Floor 6.
 */
#ifndef API_DIFY_DIFY_DOCUMENT_RAW_H
#define API_DIFY_DIFY_DOCUMENT_RAW_H

#include "api/dify/dify_document.h"

/* The hash of what was uploaded for it last; false: it is no upload. */
bool dify_document_blob(const struct dify_document *document,
    const uint8_t **ret_hash);

#endif
