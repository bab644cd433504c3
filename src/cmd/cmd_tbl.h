/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_tbl: the commands, in the order in which the help shows them.
 *
 * function: cmd_<function>() runs it.  takes: its options (option_tbl.h);
 * --help is understood by all.  low, high: how many words it wants.
 */
/* clang-format off */
#define OPT_READING (OPT(JSON) | OPT(DATA))
/*      name       function  takes                             low high         words            summary */
COMMAND("serve",   serve,    0,                                 0, 0,           "[SETTINGS]",    "run the server")
COMMAND("index",   index,    OPT_READING | OPT(BASE) | OPT(INCLUDE) |
                             OPT(EXCLUDE) | OPT(DETACH) |
                             OPT(EMBEDDING_MODEL) |
                             OPT(EMBEDDING_DIMENSIONS),         1, WORDS_MAX,   "PATH...",       "index files and folders, and watch it")
COMMAND("watch",   watch,    OPT(JSON),                         0, 1,           "[JOB]",         "follow a job to its end")
COMMAND("status",  status,   OPT_READING,                       0, 1,           "[JOB]",         "one job as it is now")
COMMAND("jobs",    jobs,     OPT_READING | OPT(NAMES),          0, 0,           "",              "all jobs, newest first")
COMMAND("report",  report,   OPT(DATA),                         0, 1,           "[JOB]",         "a job's files as CSV, one line each")
COMMAND("bases",   bases,    OPT_READING | OPT(NAMES),          0, 0,           "",              "all bases")
COMMAND("query",   query,    OPT_READING | OPT(LIMIT) |
                             OPT(SEMANTIC) | OPT(PLAIN),        2, WORDS_MAX,   "BASE TEXT...",  "search a base")
COMMAND("cancel",  cancel,   OPT(JSON),                         1, 1,           "JOB",           "end a job; what is completed stays")
COMMAND("pause",   pause,    OPT(JSON),                         1, 1,           "JOB",           "hold a job")
COMMAND("resume",  resume,   OPT(JSON),                         1, 1,           "JOB",           "let a paused job go on")
COMMAND("retry",   retry,    OPT(JSON) | OPT(ALL) | OPT(DETACH), 1, 1,          "JOB",           "a new job over the failed items")
COMMAND("audit",   audit,    OPT_READING,                       1, 1,           "BASE",          "count a base again and compare")
COMMAND("key",     key,      OPT_READING | OPT(LABEL) |
                             OPT(ENVIRONMENT),                  1, 2,           "create|list|revoke [KEY]", "API keys of the account")
COMMAND("user",    user,     OPT_READING | OPT(FIRST) | OPT(STDIN), 1, 2,       "add|list|reset|verify|delete [EMAIL]", "people who log in with a password")
COMMAND("model",   model,    OPT(JSON),                         2, 2,           "check DIR",     "say whether a folder with a model will work")
COMMAND("models",  models,   OPT_READING,                       0, 0,           "",              "what bases can be embedded with")
COMMAND("embed",   embed,    OPT_READING | OPT(MODEL) |
                             OPT(DIMENSIONS) | OPT(DETACH),     1, 1,           "BASE",          "embed a base again, and watch it")
COMMAND("backup",  backup,   OPT_READING,                       1, 1,           "FILE|-",        "the whole data folder as one file")
COMMAND("restore", restore,  OPT_READING | OPT(CHECK),          1, 1,           "FILE|-",        "a data folder from a backup")
COMMAND("doctor",  doctor,   OPT_READING | OPT(CONFIG) |
                             OPT(THOROUGH),                     0, 0,           "",              "look for what is wrong with an installation")
COMMAND("mcp",     mcp,      OPT(DATA),                         0, 0,           "",              "tools for agents, on standard input and output")
COMMAND("completion", completion, 0,                            1, 1,           "bash|zsh|fish", "a script that completes commands for a shell")
COMMAND("man",     man,      0,                                 0, 1,           "[PAGE]",        "a manual page, as man reads it")
COMMAND("version", version,  OPT(JSON),                         0, 0,           "",              "version, features, libraries")
COMMAND("help",    help,     0,                                 0, 1,           "[COMMAND]",     "this page, or a command's")
/* clang-format on */
#undef OPT_READING
#undef COMMAND
