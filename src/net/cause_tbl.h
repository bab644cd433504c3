/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cause_tbl: why a transfer failed, by libcurl's code.  The text follows the
 * host's name; libcurl's own sentences are not used, because some of them
 * quote what the other side sent.
 */
/* clang-format off */
/*    libcurl's code           our error   text */
CAUSE(OUT_OF_MEMORY,           NOMEM,      "out of memory")
CAUSE(COULDNT_RESOLVE_HOST,    UPSTREAM,   "its address cannot be found")
CAUSE(COULDNT_RESOLVE_PROXY,   UPSTREAM,   "the proxy's address cannot be found")
CAUSE(COULDNT_CONNECT,         UPSTREAM,   "it cannot be connected to")
CAUSE(PROXY,                   UPSTREAM,   "the proxy does not connect to it")
CAUSE(SSL_CONNECT_ERROR,       UPSTREAM,   "no encrypted connection comes about")
CAUSE(SSL_CIPHER,              UPSTREAM,   "no encrypted connection comes about")
CAUSE(PEER_FAILED_VERIFICATION, UPSTREAM,  "its certificate cannot be verified")
CAUSE(SSL_CACERT_BADFILE,      UPSTREAM,   "the list of certificate authorities cannot be read")
CAUSE(WEIRD_SERVER_REPLY,      UPSTREAM,   "what it answers is not HTTP")
CAUSE(UNSUPPORTED_PROTOCOL,    UPSTREAM,   "what it answers is not HTTP")
CAUSE(BAD_CONTENT_ENCODING,    UPSTREAM,   "its answer is coded in a way that is not understood")
CAUSE(SEND_ERROR,              CLOSED,     "it closed the connection early")
CAUSE(RECV_ERROR,              CLOSED,     "it closed the connection early")
CAUSE(GOT_NOTHING,             CLOSED,     "it closed the connection without an answer")
CAUSE(PARTIAL_FILE,            CLOSED,     "it closed the connection in the middle of its answer")
CAUSE(URL_MALFORMAT,           INVALID,    "the address cannot be understood")
/* clang-format on */
#undef CAUSE
