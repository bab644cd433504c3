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
"--data the job waits for the next start).  At the end there is a table, what\n"
"failed by reason with what to do about it, and the commands that may come next.\n"
"--json prints the job at its end instead, and a list when there are several.\n")
HELP("watch",
"Without JOB: the newest one.  On a terminal a bar for the job and one for each\n"
"stage, the last failures, and what it waits for; a terminal of 40 columns or 5\n"
"lines has one bar.  Elsewhere a plain line at changes, one a second at most.\n"
"NO_COLOR and TERM=dumb are respected.  Ctrl-C leaves the job running.\n"
"--json prints the job's object in one line at each change, and at the end one\n"
"line for each failed file: lines with \"counts\" are the job, those with \"seq\"\n"
"are files.\n")
HELP("report", "Without JOB: the newest one.\n")
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
HELP("mcp",
"Speaks the Model Context Protocol: one JSON-RPC message in a line.  Agents list\n"
"bases, search them, index texts and files, and ask how far a job is.  A program\n"
"that has tools by that protocol is told to run it, as in\n"
"{\"mcpServers\": {\"tidemark\": {\"command\": \"tidemark\", \"args\": [\"mcp\"]}}}\n"
"It ends when its input does.\n")
HELP("models",
"Each with what it is, how many dimensions its vectors have, and whether it\n"
"answers.  Bases follow the default unless they have been given another one.\n")
HELP("embed",
"With --model the base gets that model: a job makes all of its vectors anew, and\n"
"the old ones answer until the last is made.  Without it a job makes those that\n"
"are missing, as after one that was cancelled.  Ctrl-C stops watching, not the\n"
"job (with --data the job waits for the next start).\n")
HELP("backup",
"A server that runs makes it, and goes on working: run this as its user, on its\n"
"machine.  With --data, when no server runs, it is made from the folder.  FILE is\n"
"a plain tar file with the store as it was at one moment, the uploads and the\n"
"keys; keep it as safe as the folder.  It is written as FILE.part, read back and\n"
"held against its sums before it gets its name.  -: to standard output.\n")
HELP("restore",
"--data names a folder that is empty or not there.  Everything is held against\n"
"its sums, a store of an earlier version is migrated, and each base is counted\n"
"again before the folder becomes a data folder.  Jobs go on when a server starts\n"
"over it.  --check restores nothing.\n")
HELP("doctor",
"Looks at settings, data folder, store, limits, sandbox and the services that the\n"
"settings name, with a server over the folder or without, and changes nothing.\n"
"Each line says ok, warn or FAIL, what it is about, what was found and what to do\n"
"about it.  Exit status 1 when anything has failed.  Run it as the server's user\n"
"or as root, with the server's own settings: --config, or its environment.\n")
HELP("bases", "Each with what queries find in it, and what embeds it.\n")
HELP("completion",
"bash: source <(tidemark completion bash), in ~/.bashrc.  zsh: a file _tidemark\n"
"in a folder of $fpath.  fish: ~/.config/fish/completions/tidemark.fish.  make\n"
"install and the package put them where the shells look.\n")
HELP("man",
"PAGE is tidemark.1, which is printed without one, or tidemark.ini.5.  To read\n"
"it: tidemark man tidemark.ini.5 | man -l -\n")
/* clang-format on */
#undef HELP
