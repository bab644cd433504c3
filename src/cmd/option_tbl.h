/* SPDX-License-Identifier: Apache-2.0 */
/*
 * option_tbl: every option of the commands, but for `serve`, whose options
 * are its settings (settings_tbl.h).  value "" means that it takes none.
 */
/* clang-format off */
/*     name      long              letter value      meaning */
OPTION(JSON,     "json",           0,     "",        "print the API's objects as they are")
OPTION(DATA,     "data",           0,     "DIR",     "work on this data folder, without a server")
OPTION(BASE,     "base",           'b',   "BASE",    "the base; default: the folder's name")
OPTION(INCLUDE,  "include",        0,     "PATTERN", "only files that match, as in gitignore; repeatable")
OPTION(EXCLUDE,  "exclude",        0,     "PATTERN", "no files that match; repeatable")
OPTION(DETACH,   "detach",         'd',   "",        "start the job and do not watch it")
OPTION(EMBEDDING_MODEL, "embedding-model", 0, "NAME", "what a new base is embedded with; tidemark models lists")
OPTION(EMBEDDING_DIMENSIONS, "embedding-dimensions", 0, "N", "how long the vectors of that model shall be")
OPTION(MODEL,    "model",          0,     "NAME",    "what the base is to be embedded with; \"\": the default")
OPTION(DIMENSIONS, "dimensions",   0,     "N",       "how long the vectors of that model shall be")
OPTION(LIMIT,    "limit",          'k',   "N",       "how many results; default 10, at most 1000")
OPTION(SEMANTIC, "semantic-ratio", 0,     "R",       "0 only words ... 1 only vectors; default 0.5")
OPTION(PLAIN,    "plain",          0,     "",        "quotes, minus and field: in the text mean nothing")
OPTION(ALL,      "all",            0,     "",        "every item again, not only the failed ones")
OPTION(LABEL,    "label",          0,     "TEXT",    "what the new key is called")
OPTION(ENVIRONMENT, "environment", 0,     "NAME",    "whose the new key is: production, staging, development")
OPTION(FIRST,    "first",          0,     "",        "the new user is the first account's, and may change others")
OPTION(STDIN,    "stdin",          0,     "",        "the new user's password is the first line of standard input")
OPTION(CHECK,    "check",          0,     "",        "only say whether the backup is whole, and what is in it")
OPTION(CONFIG,   "config",         0,     "FILE",  "the server's ini file")
OPTION(THOROUGH, "thorough",       0,     "",      "look at every upload, and into it")
OPTION(NAMES,    "names",          0,     "",        "only what it is named by, one on each line")
OPTION(HELP,     "help",           'h',   "",        "this page")
/* clang-format on */
#undef OPTION
