/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_tbl: what `tidemark doctor` looks at, in this order: later checks lean
 * on what earlier ones have found.
 *
 * doctor_<function>() says one line or more under that name.
 */
/* clang-format off */
/*    function    name                    what it is about */
CHECK(config,     "settings",             "the settings are read, and their file keeps its secrets")
CHECK(folder,     "data folder",          "it is there, with the rights that it needs and no others")
CHECK(keys,       "keys",                 "files with secrets are for their owner alone")
CHECK(place,      "file system",          "it is one that SQLite's log can be on")
CHECK(lock,       "lock",                 "who works on the folder")
CHECK(space,      "disk space",           "there is room to work, and for a backup")
CHECK(store,      "store",                "every page of it fits the others; its schema is known")
CHECK(log,        "log of the store",     "it is put into the main file now and then")
CHECK(uploads,    "uploads",              "the files that the store refers to are there")
CHECK(clock,      "clock",                "it has not been set back")
CHECK(files,      "open files",           "there may be as many as connections and workers want")
CHECK(memory,     "memory",               "there is as much as the settings let it take")
CHECK(sandbox,    "sandbox",              "readers of untrusted files are locked up")
CHECK(ocr,        "OCR",                  "Tesseract and its languages are there, where wanted")
CHECK(embedding,  "embedding service",    "it answers, with vectors as the store has them")
CHECK(chat,       "chat model",           "it answers")
CHECK(rerank,     "reranking service",    "it answers")
CHECK(buckets,    "bucket endpoints",     "something answers there")
CHECK(server,     "server",               "it answers, and is of this version")
/* clang-format on */
#undef CHECK
