/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp: tools for agents, by the Model Context Protocol over standard input and
 * output (https://modelcontextprotocol.io/specification/2025-06-18, and the
 * two revisions before it, which differ in nothing that is used here).
 *
 * One thread; one message after the other.  A line of input is a message, and
 * so is a line of output; whatever else is to be said goes to standard error.
 */
#ifndef CMD_MCP_H
#define CMD_MCP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

struct args;
struct buf;
struct err_note;
struct session;

#define MCP_MESSAGE_MAX (16 * MIB) /* of a line of input */
#define MCP_DIGITS 6		   /* of numbers that are not whole */

/* The call that is being answered. */
struct mcp_call {
	struct session *session;
	const struct args *args;  /* of the command */
	const json_t *arguments;  /* an object, as the schema says */
	const json_t *progress;   /* the token to tell progress by, or NULL */
	double told_percent;	  /* last: it must rise each time */
	/* Write a line of output now, before the answer. */
	void (*tell)(void *arg, const json_t *message);
	void *tell_arg;
};

/* Sets *ret_result to an object (owned by the caller).  Errors, with words
 * for the agent, are results as well: it can do something about them. */
typedef int mcp_tool_fn(struct mcp_call *call, json_t **ret_result,
    struct err_note *note);

struct mcp_tool {
	const char *name, *title, *description, *schema;
	mcp_tool_fn *run;
	bool only_reads;
};

/* In the table's order; NULL beyond its end. */
const struct mcp_tool *mcp_tool_at(size_t i);

#define TOOL(name, function, only_reads, title, description, schema)          \
	mcp_tool_fn mcp_##function;
#include "cmd/mcp_tbl.h"

/* Is arguments as the schema says?  ERR_INVALID with words that name the
 * member and what it has to be. */
int mcp_check(const json_t *schema, const json_t *arguments,
    struct err_note *note);

/*
 * Answer one message (len bytes, one line).  Appends a line of output, or
 * nothing when none is due.  call: session and args, tell and its argument are
 * set; the rest is filled in here.
 */
int mcp_answer(struct mcp_call *call, const char *line, size_t len,
    struct buf *out);

#endif
