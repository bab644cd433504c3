/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_tbl: every setting of the server.  Flag, environment variable,
 * key of the ini file, their parser and the page of `serve --help` all come
 * from these rows: `workers` is --workers, TIDEMARK_WORKERS and workers=.
 *
 * type: TEXT a string; LIST paths with ':' between; WORDS words with blanks
 * between; COUNT a number from low to high; SIZE a number of bytes with K, M
 * or G behind it; BOOL yes or no; LEVEL how much is logged; CHOICE one of the
 * words in its value's column.  SETTING_SUBJECT says what the rows below
 * it are about.  low and high count for COUNT and SIZE alone.
 */
#ifndef SETTING_SUBJECT
#define SETTING_SUBJECT(words)
#endif
/* clang-format off */
/*      name            type   default                    low  high            value        meaning */
SETTING_SUBJECT("The server")
SETTING(listen,         TEXT,  "127.0.0.1:8420",          0,   0,              "HOST:PORT", "where the server listens; port 0 picks a free one")
SETTING(data,           TEXT,  "~/.local/share/tidemark", 0,   0,              "DIR",       "the data folder; one server at a time")
SETTING(config,         TEXT,  "",                        0,   0,              "FILE",      "an ini file with these settings as keys")
SETTING(workers,        COUNT, "0",                       0,   WORKERS_MAX,    "N",         "documents worked on at once; 0: one per processor")
SETTING_SUBJECT("Documents")
SETTING(folder_roots,   LIST,  "",                        0,   0,              "DIR:DIR",   "folders below which files may be read in place")
SETTING(file_bytes_max, SIZE,  "4G",                      1,   FILE_BYTES_MAX, "SIZE",      "the largest file that is indexed")
SETTING(upload_file_bytes_max, SIZE, "15M",               1,   FILE_BYTES_MAX, "SIZE",      "the largest upload, for APIs that have such a limit")
SETTING(upload_any_format, BOOL, "yes",                   0,   0,              "yes|no",    "for such APIs: also formats that they do not know")
SETTING(ocr,            BOOL,  "no",                      0,   0,              "yes|no",    "read pictures and scanned pages (needs Tesseract)")
SETTING(ocr_languages,  TEXT,  "eng",                     0,   0,              "LANG+LANG", "what they are written in, as Tesseract names it")
SETTING_SUBJECT("The index")
SETTING(vector_memory,  SIZE,  "1G",                      1,   VECTOR_MEMORY_MAX, "SIZE",   "memory for vectors that queries are compared with")
SETTING(commit_ms,      COUNT, "10",                      0,   1000,           "MS",        "how long changes may gather before a commit")
SETTING(undo_hours,     COUNT, "24",                      0,   8760,           "HOURS",     "how long what a job replaced is kept to undo it; 0: not at all")
SETTING_SUBJECT("Interfaces and who may use them")
SETTING(captain_failures_word, CHOICE, "completed_with_failures", 0, 0, "completed_with_failures|completed_with_errors", "Captain: some files failed")
SETTING(cognee_status_denied, CHOICE, "409",              0,   0,              "409|403",   "Cognee: the status for datasets that who asks may not read")
SETTING(registration,   CHOICE, "local",                  0,   0,              "off|local|open", "who may register as a user: nobody, this machine, everybody")
SETTING(http_threads,   COUNT, "2",                       1,   16,             "N",         "threads that answer requests")
SETTING(cors_origins,   TEXT,  "",                        0,   0,              "ORIGIN,...", "whose pages may call, as this server's own; *: all, without cookies")
SETTING(metrics_key,    BOOL,  "no",                      0,   0,              "yes|no",    "/metrics needs a key also from this machine")
SETTING_SUBJECT("Logs")
SETTING(log_level,      LEVEL, "info",                    0,   0,              "error|warn|info|debug", "how much is logged")
SETTING(log_format,     CHOICE, "text",                   0,   0,              "text|logfmt|json", "how lines of the log are written")
SETTING(log_requests,   BOOL,  "no",                      0,   0,              "yes|no",    "a line for each request at info; else they are at debug")
SETTING_SUBJECT("Programs and keys")
SETTING(extractor,      TEXT,  "",                        0,   0,              "FILE",      "tidemark-extract; default: beside tidemark, else in PATH")
SETTING(api_key,        TEXT,  "",                        0,   0,              "KEY",       "the key of a first start; default: a random one")
SETTING_SUBJECT("A chat model")
SETTING(chat_url,       TEXT,  "",                        0,   0,              "URL",       "a chat model's address, as of OpenAI: https://HOST/v1")
SETTING(chat_model,     TEXT,  "",                        0,   0,              "NAME",      "the chat model's name, as the service has it")
SETTING(chat_key,       TEXT,  "",                        0,   0,              "KEY",       "its key; a flag can be seen by others, so rather:")
SETTING(chat_key_file,  TEXT,  "",                        0,   0,              "FILE",      "a file whose first line is its key")
SETTING_SUBJECT("Embedding")
SETTING(embedding_folder, TEXT, "",                       0,   0,              "DIR",       "a folder with an embedding model; see tidemark model check")
SETTING(embedding_numbers, CHOICE, "float32",             0,   0,              "float32|int8", "an encoder's weights: as they are, or as bytes, which is faster")
SETTING(embedding_url,  TEXT,  "",                        0,   0,              "URL",       "an embedding service's address, as of OpenAI: https://HOST/v1")
SETTING(embedding_model, TEXT, "",                        0,   0,              "NAME",      "its model's name, as the service has it")
SETTING(embedding_key,  TEXT,  "",                        0,   0,              "KEY",       "its key; a flag can be seen by others, so rather:")
SETTING(embedding_key_file, TEXT, "",                     0,   0,              "FILE",      "a file whose first line is its key")
SETTING(embedding_dimensions, COUNT, "0",                 0,   DIMENSIONS_MAX, "N",         "how long it is to make vectors; 0: as its model does")
SETTING(embedding_concurrency, COUNT, "4",                1,   EMBED_CONCURRENCY_MAX, "N",  "requests that are made of it at once")
SETTING(embedding_texts, COUNT, "32",                     1,   EMBED_TEXTS_MAX, "N",        "texts in one request")
SETTING(embedding_tokens, COUNT, "16384",                 1,   EMBED_TOKENS_MAX, "N",       "tokens in one request, estimated at three bytes each")
SETTING_SUBJECT("Reranking")
SETTING(rerank_url,     TEXT,  "",                        0,   0,              "URL",       "a reranking service's address: https://HOST/v1")
SETTING(rerank_model,   TEXT,  "",                        0,   0,              "NAME",      "its model's name, as the service has it")
SETTING(rerank_key,     TEXT,  "",                        0,   0,              "KEY",       "its key; a flag can be seen by others, so rather:")
SETTING(rerank_key_file, TEXT, "",                        0,   0,              "FILE",      "a file whose first line is its key")
SETTING_SUBJECT("Buckets, sites and webhooks")
SETTING(s3_endpoints,   WORDS, "",                        0,   0,              "NAME=URL",  "where buckets are: for a region, a region/bucket, or * for all")
SETTING(net_allow,      WORDS, "",                        0,   0,              "HOST",      "private hosts that sources and webhooks may be on")
/* clang-format on */
#undef SETTING_SUBJECT
#undef SETTING
