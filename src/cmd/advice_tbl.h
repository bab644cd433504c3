/* SPDX-License-Identifier: Apache-2.0 */
/*
 * advice_tbl: what to do next after an error.  Each line of the words stands
 * below the error, indented.
 */
/* clang-format off */
ADVICE(NO_SERVER,
"start one: tidemark serve\n"
"or work on a data folder without one: --data DIR\n"
"or say where it is: TIDEMARK_URL=http://HOST:PORT")
ADVICE(LOST_SERVER,
"jobs go on when it runs again: tidemark serve, then tidemark watch")
ADVICE(WRONG_KEY,
"the first key is in the file api-key of the server's data folder:\n"
"  export TIDEMARK_API_KEY=$(cat DIR/api-key)\n"
"without the variable that file is read, in TIDEMARK_DATA or ~/.local/share/tidemark")
ADVICE(NO_BASE,
"tidemark bases lists those that there are; tidemark index PATH --base NAME makes one")
ADVICE(NO_JOB,
"tidemark jobs lists those that there are")
ADVICE(NO_FOLDER,
"tidemark index PATH --data DIR makes a data folder")
ADVICE(FOLDER_HELD,
"ask the server that has it: leave --data out (TIDEMARK_URL says where it is)\n"
"or stop that server first")
ADVICE(PORT_TAKEN,
"take another port: --listen 127.0.0.1:8421, or port 0 for a free one\n"
"or use the server that is there: tidemark jobs")
ADVICE(PORT_DENIED,
"ports below 1024 are for root: take a higher one with --listen HOST:PORT")
ADVICE(NO_PERMISSION,
"see who may write there: ls -ld DIR; run this as that user, or name another folder with --data")
ADVICE(DISK_FULL,
"make room on the disk, then run it again; what was committed is safe")
/* clang-format on */
#undef ADVICE
