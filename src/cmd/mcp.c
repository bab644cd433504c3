/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp: JSON-RPC 2.0 over standard input and output.
 *
 * The server is not asked before a tool is called, so an agent's program may
 * start before Tidemark does, and hears in the answer to its call what is to
 * be done.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/mcp.h"
#include "cmd/session.h"
#include "cmd/version.h"

#define BATCH_MAX 100u	 /* messages in one line */
#define ANSWER_MAX (64 * MIB)
#define READ_BYTES 65536

/* JSON-RPC 2.0, section 5.1. */
enum rpc_error {
	RPC_PARSE = -32700,
	RPC_REQUEST = -32600,
	RPC_METHOD = -32601,
	RPC_PARAMS = -32602,
	RPC_INTERNAL = -32603,
};

/* The newest one is what is answered to who asks for another. */
static const char *const revisions[] = {"2025-06-18", "2025-03-26",
    "2024-11-05"};

static const char instructions[] =
    "Tidemark indexes documents and answers queries over them. list_bases "
    "says what there is, query searches it; index_text and index_files put "
    "something in. A job whose state is completed is found by the next "
    "query; one that failed names each file and why.";

static const struct mcp_tool tools[] = {
#define TOOL(row_name, function, row_only_reads, row_title, row_description,  \
    row_schema)                                                               \
	{                                                                     \
		.name = row_name,                                             \
		.title = row_title,                                           \
		.description = row_description,                               \
		.schema = row_schema,                                         \
		.run = mcp_##function,                                        \
		.only_reads = row_only_reads,                                 \
	},
#include "cmd/mcp_tbl.h"
};

const struct mcp_tool *
mcp_tool_at(size_t i)
{
	return i < sizeof(tools) / sizeof(*tools) ? &tools[i] : NULL;
}

/* ---- answers ------------------------------------------------------------- */

/* Takes result; NULL when memory is short, as is what is given. */
static json_t *
answer_of(const json_t *id, json_t *result)
{
	return json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id,
	    "result", result);
}

static json_t *
error_of(const json_t *id, enum rpc_error code, const char *words)
{
	return json_pack("{s:s, s:O?, s:{s:i, s:s}}", "jsonrpc", "2.0", "id",
	    id == NULL ? json_null() : id, "error", "code", (int)code,
	    "message", words);
}

static json_t *
initialize(const json_t *params)
{
	const char *wanted = json_text(params, "protocolVersion");
	const char *revision = revisions[0];
	size_t i;

	for (i = 0; i < sizeof(revisions) / sizeof(*revisions); i++)
		if (strcmp(revisions[i], wanted) == 0)
			revision = revisions[i];
	return json_pack("{s:s, s:{s:{}}, s:{s:s, s:s, s:s}, s:s}",
	    "protocolVersion", revision, "capabilities", "tools",
	    "serverInfo", "name", "tidemark", "title", "Tidemark", "version",
	    TIDEMARK_VERSION, "instructions", instructions);
}

static json_t *
tools_list(void)
{
	json_t *list = json_array(), *schema;
	const struct mcp_tool *tool;
	size_t i;

	for (i = 0; list != NULL && (tool = mcp_tool_at(i)) != NULL; i++) {
		schema = json_loads(tool->schema, 0, NULL);
		if (json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:o, s:{s:b, s:b}}", "name",
			tool->name, "title", tool->title, "description",
			tool->description, "inputSchema", schema,
			"annotations", "readOnlyHint", tool->only_reads,
			"destructiveHint", 0)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return json_pack("{s:o}", "tools", list);
}

/* ---- calls --------------------------------------------------------------- */

/* What went wrong is told to the agent, which may do better. */
static json_t *
failure(int err, const struct err_note *note)
{
	char words[ERR_NOTE_SIZE + 200];

	(void)snprintf(words, sizeof(words), "%s%s", err_words(note, err),
	    err == ERR_UNREACHABLE
		? ". Somebody has to start it (tidemark serve), or to run "
		  "tidemark mcp with --data DIR, which needs no server."
		: "");
	return json_pack("{s:[{s:s, s:s}], s:b}", "content", "type", "text",
	    "text", words, "isError", 1);
}

/* Takes result.  As text, too, for programs that know no other. */
static json_t *
success(json_t *result)
{
	char *text = json_dumps(result,
	    JSON_COMPACT | JSON_REAL_PRECISION(MCP_DIGITS));
	json_t *answer = NULL;

	if (text != NULL)
		answer = json_pack("{s:[{s:s, s:s}], s:O, s:b}", "content",
		    "type", "text", "text", text, "structuredContent", result,
		    "isError", 0);
	free(text);
	json_decref(result);
	return answer;
}

static json_t *
tool_run(struct mcp_call *call, const struct mcp_tool *tool)
{
	json_t *schema = json_loads(tool->schema, 0, NULL), *result = NULL;
	struct err_note note = {0};
	int err;

	err = schema == NULL ? ERR_NOMEM
			     : mcp_check(schema, call->arguments, &note);
	json_decref(schema);
	if (err == 0)
		err = tool->run(call, &result, &note);
	return err < 0 ? failure(err, &note) : success(result);
}

static json_t *
tools_call(struct mcp_call *call, const json_t *id, const json_t *params)
{
	const char *name = json_text(params, "name");
	const json_t *given = json_object_get(params, "arguments");
	json_t *none = json_object(), *answer;
	const struct mcp_tool *tool;
	char words[128];
	size_t i;

	for (i = 0; (tool = mcp_tool_at(i)) != NULL; i++)
		if (strcmp(tool->name, name) == 0)
			break;
	if (tool == NULL || (given != NULL && !json_is_object(given))) {
		(void)snprintf(words, sizeof(words), tool == NULL
			? "there is no tool \"%.60s\""
			: "the arguments of %s must be an object", name);
		json_decref(none);
		return error_of(id, RPC_PARAMS, words);
	}
	call->arguments = given == NULL ? none : given;
	call->told_percent = -1;
	call->progress = json_object_get(json_object_get(params, "_meta"),
	    "progressToken");
	answer = answer_of(id, tool_run(call, tool));
	json_decref(none);
	return answer;
}

/* ---- messages ------------------------------------------------------------ */

/* NULL: none is due, or memory is short. */
static json_t *
message_answer(struct mcp_call *call, const json_t *message)
{
	const json_t *id = json_object_get(message, "id");
	const json_t *params = json_object_get(message, "params");
	const char *method = json_text(message, "method");

	if (!json_is_object(message) ||
	    strcmp(json_text(message, "jsonrpc"), "2.0") != 0)
		return error_of(NULL, RPC_REQUEST,
		    "a message is an object with \"jsonrpc\": \"2.0\"");
	if (method[0] == '\0')
		/* An answer to a question of ours would have none, but there
		 * are no questions. */
		return json_object_get(message, "result") != NULL ||
			json_object_get(message, "error") != NULL
		    ? NULL
		    : error_of(id, RPC_REQUEST, "the message has no method");
	if (id == NULL)
		return NULL; /* a notification: nothing is done at one */
	if (!json_is_string(id) && !json_is_integer(id))
		return error_of(NULL, RPC_REQUEST,
		    "an id is a string or a whole number");
	if (strcmp(method, "initialize") == 0)
		return answer_of(id, initialize(params));
	if (strcmp(method, "ping") == 0)
		return answer_of(id, json_object());
	if (strcmp(method, "tools/list") == 0)
		return answer_of(id, tools_list());
	if (strcmp(method, "tools/call") == 0)
		return tools_call(call, id, params);
	return error_of(id, RPC_METHOD, "there is no such method here");
}

/* Several in one line, as the revision of March 2025 allows.  NULL: no answer
 * is due. */
static json_t *
batch_answer(struct mcp_call *call, const json_t *batch)
{
	json_t *answers, *answer;
	const json_t *message;
	size_t i;

	if (json_array_size(batch) == 0 || json_array_size(batch) > BATCH_MAX)
		return error_of(NULL, RPC_REQUEST,
		    "a batch has 1 to 100 messages");
	answers = json_array();
	json_array_foreach (batch, i, message) {
		answer = message_answer(call, message);
		if (answer != NULL)
			(void)json_array_append_new(answers, answer);
	}
	if (json_array_size(answers) > 0)
		return answers;
	json_decref(answers);
	return NULL;
}

static int
json_put(const char *text, size_t len, void *out)
{
	return buf_put(out, text, len);
}

static int
line_put(struct buf *out, const json_t *message)
{
	if (json_dump_callback(message, json_put, out,
		JSON_COMPACT | JSON_REAL_PRECISION(MCP_DIGITS)) != 0)
		return out->err < 0 ? out->err : ERR_NOMEM;
	return buf_putc(out, '\n');
}

int
mcp_answer(struct mcp_call *call, const char *line, size_t len,
    struct buf *out)
{
	json_error_t error;
	json_t *message, *answer;
	int err = 0;

	message = json_loadb(line, len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (message == NULL)
		answer = error_of(NULL, RPC_PARSE, "the line is not JSON");
	else if (json_is_array(message))
		answer = batch_answer(call, message);
	else
		answer = message_answer(call, message);
	json_decref(message);
	if (answer != NULL)
		err = line_put(out, answer);
	json_decref(answer);
	return err;
}

/* ---- lines --------------------------------------------------------------- */

struct mcp {
	struct mcp_call call;
	struct buf in, out;
	bool is_skipping; /* the rest of a line that is too long */
};

static int
write_out(struct buf *out)
{
	if (out->len > 0 &&
	    fwrite(out->data, 1, out->len, stdout) != out->len)
		return ERR_CLOSED;
	buf_clear(out);
	return fflush(stdout) == 0 ? 0 : ERR_CLOSED;
}

/* Who does not read any more is noticed at the answer. */
static void
tell(void *arg, const json_t *message)
{
	struct mcp *mcp = arg;

	if (line_put(&mcp->out, message) == 0)
		(void)write_out(&mcp->out);
}

static int
line_take(struct mcp *mcp, const char *line, size_t len)
{
	json_t *answer;
	int err;

	if (mcp->is_skipping) {
		mcp->is_skipping = false;
		answer = error_of(NULL, RPC_REQUEST,
		    "a message has 16 MiB at most");
		err = answer == NULL ? ERR_NOMEM
				     : line_put(&mcp->out, answer);
		json_decref(answer);
	} else if (strspn(line, " \t\r") >= len) {
		return 0;
	} else {
		err = mcp_answer(&mcp->call, line, len, &mcp->out);
	}
	return err < 0 ? err : write_out(&mcp->out);
}

/* All whole lines of what has been read; the rest is kept. */
static int
lines_take(struct mcp *mcp, size_t looked)
{
	struct buf *in = &mcp->in;
	size_t start = 0;
	char *end;
	int err = 0;

	while (err == 0 &&
	    (end = memchr(in->data + looked, '\n', in->len - looked)) !=
		NULL) {
		*end = '\0';
		looked = (size_t)(end - in->data) + 1;
		err = line_take(mcp, in->data + start, looked - 1 - start);
		start = looked;
	}
	memmove(in->data, in->data + start, in->len - start);
	in->len -= start;
	if (in->len > MCP_MESSAGE_MAX || (mcp->is_skipping && in->len > 0)) {
		mcp->is_skipping = true;
		buf_clear(in);
	}
	return err;
}

/* Until input ends, or somebody interrupts. */
static int
serve(struct mcp *mcp)
{
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = interrupt_fd(), .events = POLLIN}};
	char bytes[READ_BYTES];
	size_t looked;
	ssize_t len;
	int err = 0;

	while (err == 0) {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_from_errno(errno);
		}
		if (interrupt_seen() != 0)
			return ERR_CANCELLED;
		if (fds[0].revents == 0)
			continue;
		len = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (len < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (len <= 0)
			return len < 0 ? err_from_errno(errno) : 0;
		looked = mcp->in.len;
		err = buf_put(&mcp->in, bytes, (size_t)len);
		if (err == 0)
			err = lines_take(mcp, looked);
	}
	return err;
}

int
cmd_mcp(const struct args *args)
{
	struct session session = {0};
	struct err_note note = {0};
	struct mcp mcp = {.call = {.session = &session, .args = args,
	    .tell = tell, .tell_arg = &mcp}};
	int err;

	buf_init(&mcp.in, MCP_MESSAGE_MAX + 2 * READ_BYTES);
	buf_init(&mcp.out, ANSWER_MAX);
	err = interrupt_catch();
	if (err == 0)
		err = session_open(args, true, &session, &note);
	if (err == 0)
		err = serve(&mcp);
	/* Who reads no more has ended the talk, as who writes no more has. */
	if (err == ERR_CLOSED && session.client != NULL)
		err = 0;
	session_close(&session);
	buf_fini(&mcp.in);
	buf_fini(&mcp.out);
	return err < 0 ? cmd_error("mcp", err, &note) : CMD_DONE;
}
