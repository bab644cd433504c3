/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item_code_tbl: why an item was skipped or failed.
 *
 * ends: the state the item ends in.  Values are stored and sent by the
 * extractor: append, never renumber.
 */
/* clang-format off */
/*        name                  value ends     the standard sentence */
ITEM_CODE(UNSUPPORTED_FILE_TYPE,  1, SKIPPED,   "this type of file is not supported")
ITEM_CODE(FILE_TOO_LARGE,         2, FAILED,    "the file is larger than the limit")
ITEM_CODE(EXTRACTION_FAILED,      3, FAILED,    "the document cannot be read: it is damaged or not what it says it is")
ITEM_CODE(EXTRACTION_TIMEOUT,     4, FAILED,    "reading the document took longer than the limit")
ITEM_CODE(EXTRACTION_LIMIT,       5, FAILED,    "reading the document needed more than the limits allow")
ITEM_CODE(ENCRYPTED_DOCUMENT,     6, FAILED,    "the document needs a password to be read")
ITEM_CODE(EMPTY_CONTENT,          7, SKIPPED,   "the file is empty")
ITEM_CODE(NO_TEXT,                8, FAILED,    "the document has pages but no text")
ITEM_CODE(UNCHANGED,              9, SKIPPED,   "unchanged since it was indexed")
ITEM_CODE(DUPLICATE,             10, SKIPPED,   "the same content is indexed already under another name")
ITEM_CODE(FETCH_FAILED,          11, FAILED,    "the document could not be fetched")
ITEM_CODE(SOURCE_NOT_FOUND,      12, FAILED,    "the file or folder does not exist")
ITEM_CODE(SOURCE_ACCESS_DENIED,  13, FAILED,    "the file or folder may not be read")
ITEM_CODE(EMBEDDING_FAILED,      14, FAILED,    "the embedding service failed")
ITEM_CODE(EMBEDDING_REJECTED,    15, FAILED,    "the embedding service refused the text")
ITEM_CODE(STORAGE_FULL,          16, FAILED,    "the storage is full")
ITEM_CODE(INTERRUPTED,           17, FAILED,    "the server died each time it worked on this document")
ITEM_CODE(CANCELLED,             18, CANCELLED, "cancelled before it was indexed")
ITEM_CODE(INTERNAL_ERROR,        19, FAILED,    "an internal error")
ITEM_CODE(INVALID_SETTINGS,      20, FAILED,    "its settings do not allow the document to be indexed")
ITEM_CODE(CHAT_FAILED,           21, FAILED,    "the chat model failed")
ITEM_CODE(CHAT_REJECTED,         22, FAILED,    "the chat model refused the text")
ITEM_CODE(STILL_UNREADABLE,      23, SKIPPED,   "unchanged since it could not be read")
ITEM_CODE(UNSUPPORTED_SOURCE,    24, FAILED,    "this kind of source cannot be read")
ITEM_CODE(KEPT,                  25, SKIPPED,   "kept as it was given, to be indexed when that is asked for")
/* clang-format on */
#undef ITEM_CODE
