/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help_tbl: what `tidemark help COMMAND` says beyond the command's row.
 */
/* clang-format off */
HELP("serve",
"Holds HTTP, engine and store in one process.  Once ready it prints\n"
"\"tidemark: listening on http://HOST:PORT\" on standard error.  A first start\n"
"makes an account and a key, shows the key once and keeps it in DIR/api-key.\n"
"Ctrl-C or SIGTERM stops it at the next border between two steps, a second one\n"
"at once; jobs go on at the next start.  SIGHUP does nothing.\n")
HELP("index",
"A folder is read in place when server and caller share machine and user, or\n"
"when it lies below the server's folder_roots; otherwise its files are uploaded.\n"
"The base is made when it is missing, with the model that is named.  One that is\n"
"there keeps its own: tidemark embed changes it.  A second run over the same\n"
"folder skips what is unchanged.  Ctrl-C stops watching, not the job (with\n"
"--data the job waits for the next start).\n")
HELP("watch",
"Without JOB: the newest one.  On a terminal a live bar, otherwise a plain line\n"
"at changes, one a second at most.  Ctrl-C leaves the job running.  --json\n"
"prints the job once it has ended.\n")
HELP("status", "Without JOB: the newest one.\n")
HELP("query",
"Prints the best segments: rank, score, file, section, text.  In the text,\n"
"\"exact words\" must be there, -word must not, name:word is of the document's\n"
"name; so are title: tag: uri: section: keyword: and text: of theirs.  The shell\n"
"takes quotes for itself: tidemark query books '\"exact words\"' -- -word\n")
HELP("cancel",
"Completed documents stay and are found, the rest becomes cancelled.  A job that\n"
"has ended stays as it is.\n")
HELP("pause",
"Running documents stop at the next border between two steps.  A paused job\n"
"stays paused over a restart.\n")
HELP("retry",
"Makes a new job; the old one stays as the record of its run.\n")
HELP("audit",
"Counts documents, segments, postings and vectors from the index itself and\n"
"compares them with what was shown.  Exit status 1 when they differ.\n")
HELP("key",
"create prints the new key: the only time that it can be seen.  list shows ids,\n"
"first characters, labels and environments.  revoke takes an id from the list.\n"
"A key sees the bases of its environment, production unless another is named.\n"
"With --data no key is needed: the way back in when the last one is lost.\n")
HELP("user",
"For the machine and the user that the server runs as.  add makes a user, and\n"
"shows the password that was made, once, unless --stdin gives one.  With --first\n"
"it is the user of the account that the first key belongs to.  reset and verify\n"
"print a token for POST /api/v1/auth/reset-password and verify: the server sends\n"
"no mail.  delete takes the user's keys along; one with bases is not deleted.\n")
HELP("model",
"check opens a folder with model.safetensors and tokenizer.json as\n"
"--embedding-folder does, and says what it is and how fast, or what is wrong\n"
"with it (exit status 1).  No server is needed, and nothing is changed.\n")
HELP("models",
"Each with what it is, how many dimensions its vectors have, and whether it\n"
"answers.  Bases follow the default unless they have been given another one.\n")
HELP("embed",
"With --model the base gets that model: a job makes all of its vectors anew, and\n"
"the old ones answer until the last is made.  Without it a job makes those that\n"
"are missing, as after one that was cancelled.  Ctrl-C stops watching, not the\n"
"job (with --data the job waits for the next start).\n")
/* clang-format on */
#undef HELP
