/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item_code_tbl: why an item was skipped or failed.
 *
 * ends: the state the item ends in.  Values are stored and sent by the
 * extractor: append, never renumber.  What to do is told where a list of
 * failures is shown; docs/guide/errors.md says it at length.
 */
/* clang-format off */
/*        name                  value ends     the standard sentence,
                                            what to do about it */
ITEM_CODE(UNSUPPORTED_FILE_TYPE,  1, SKIPPED,   "this type of file is not supported",
                                            "convert it to a supported format, turn on --ocr for pictures, or leave it out with --exclude")
ITEM_CODE(FILE_TOO_LARGE,         2, FAILED,    "the file is larger than the limit",
                                            "split it, or raise the server's file_bytes_max")
ITEM_CODE(EXTRACTION_FAILED,      3, FAILED,    "the document cannot be read: it is damaged or not what it says it is",
                                            "open it in its own program, save it again, then retry")
ITEM_CODE(EXTRACTION_TIMEOUT,     4, FAILED,    "reading the document took longer than the limit",
                                            "split it, then index it again")
ITEM_CODE(EXTRACTION_LIMIT,       5, FAILED,    "reading the document needed more than the limits allow",
                                            "split it, then index it again")
ITEM_CODE(ENCRYPTED_DOCUMENT,     6, FAILED,    "the document needs a password to be read",
                                            "save a copy without a password, then retry")
ITEM_CODE(EMPTY_CONTENT,          7, SKIPPED,   "the file is empty",
                                            "nothing, unless it should not be empty")
ITEM_CODE(NO_TEXT,                8, FAILED,    "the document has pages but no text",
                                            "start the server with --ocr yes to read scans, then retry")
ITEM_CODE(UNCHANGED,              9, SKIPPED,   "unchanged since it was indexed",
                                            "nothing")
ITEM_CODE(DUPLICATE,             10, SKIPPED,   "the same content is indexed already under another name",
                                            "nothing: queries find it under its other name")
ITEM_CODE(FETCH_FAILED,          11, FAILED,    "the document could not be fetched",
                                            "check the address and the network, then retry")
ITEM_CODE(SOURCE_NOT_FOUND,      12, FAILED,    "the file or folder does not exist",
                                            "check the path, then index again")
ITEM_CODE(SOURCE_ACCESS_DENIED,  13, FAILED,    "the file or folder may not be read",
                                            "let the server's user read it, then retry")
ITEM_CODE(EMBEDDING_FAILED,      14, FAILED,    "the embedding service failed",
                                            "look at the embedding service's log, then retry")
ITEM_CODE(EMBEDDING_REJECTED,    15, FAILED,    "the embedding service refused the text",
                                            "look at the message: a text too long, a wrong key, another model?")
ITEM_CODE(STORAGE_FULL,          16, FAILED,    "the storage is full",
                                            "make room on the disk, then retry")
ITEM_CODE(INTERRUPTED,           17, FAILED,    "the server died each time it worked on this document",
                                            "keep the file and report it: the server died on it")
ITEM_CODE(CANCELLED,             18, CANCELLED, "cancelled before it was indexed",
                                            "index again when it is wanted")
ITEM_CODE(INTERNAL_ERROR,        19, FAILED,    "an internal error",
                                            "report it, with the message and what tidemark version says")
ITEM_CODE(INVALID_SETTINGS,      20, FAILED,    "its settings do not allow the document to be indexed",
                                            "correct the base's settings, then retry")
ITEM_CODE(CHAT_FAILED,           21, FAILED,    "the chat model failed",
                                            "get the chat model working, then retry")
ITEM_CODE(CHAT_REJECTED,         22, FAILED,    "the chat model refused the text",
                                            "look at the message: a segment too large for the model?")
ITEM_CODE(STILL_UNREADABLE,      23, SKIPPED,   "unchanged since it could not be read",
                                            "mend the file, or retry the job that failed")
ITEM_CODE(UNSUPPORTED_SOURCE,    24, FAILED,    "this kind of source cannot be read",
                                            "upload the documents, or put them into a bucket that speaks S3")
ITEM_CODE(KEPT,                  25, SKIPPED,   "kept as it was given, to be indexed when that is asked for",
                                            "nothing: it is indexed when that is asked for")
/* clang-format on */
#undef ITEM_CODE
