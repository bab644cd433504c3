/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err_tbl: every error a function of this program may return.
 *
 * The row holds all that the server decides from an error: whether the work
 * is worth another try (TRANSIENT), and the HTTP status it answers with.
 * Values are stored and logged: append, never renumber.
 */
/* clang-format off */
/*  name           value class      http text */
ERR(NOMEM,          1,   TRANSIENT, 503, "out of memory")
ERR(BUSY,           2,   TRANSIENT, 503, "busy, try again later")
ERR(UPSTREAM,       3,   TRANSIENT, 502, "an upstream service failed")
ERR(IO,             4,   TRANSIENT, 500, "input or output failed")
ERR(STORAGE_FULL,   5,   TRANSIENT, 507, "the storage is full")
ERR(TIMEOUT,        6,   TRANSIENT, 504, "timed out")
ERR(CLOSED,         7,   TRANSIENT, 503, "the other side closed the connection")
ERR(INVALID,        8,   PERMANENT, 400, "invalid argument")
ERR(SYNTAX,         9,   PERMANENT, 400, "malformed input")
ERR(TOO_BIG,       10,   PERMANENT, 413, "over a limit")
ERR(NOT_FOUND,     11,   PERMANENT, 404, "not found")
ERR(EXISTS,        12,   PERMANENT, 409, "exists already")
ERR(CONFLICT,      13,   PERMANENT, 409, "changed by somebody else meanwhile")
ERR(UNAUTHORIZED,  14,   PERMANENT, 401, "a valid API key is needed")
ERR(FORBIDDEN,     15,   PERMANENT, 403, "not allowed")
ERR(CORRUPT,       16,   PERMANENT, 500, "stored data is damaged")
ERR(UNREADABLE,    17,   PERMANENT, 422, "the document cannot be read")
ERR(CANCELLED,     18,   PERMANENT, 409, "cancelled")
ERR(UNSUPPORTED,   19,   PERMANENT, 501, "not supported")
ERR(INTERNAL,      20,   PERMANENT, 500, "internal error")
/* clang-format on */
#undef ERR
