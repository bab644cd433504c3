/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/package.h"
#include "extractor/ocr.h"
#include "extractor/sandbox.h"
#include "extractor/serve.h"
#include "model/item_code.h"

/* How a reader's error ends the file. */
static enum item_code
end_code(int err)
{
	switch (err) {
	case 0:
		return ITEM_CODE_NONE;
	case ERR_TOO_BIG:
	case ERR_NOMEM:
		return ITEM_CODE_EXTRACTION_LIMIT;
	case ERR_UNSUPPORTED:
		return ITEM_CODE_UNSUPPORTED_FILE_TYPE;
	case ERR_FORBIDDEN:
		return ITEM_CODE_ENCRYPTED_DOCUMENT;
	case ERR_NOT_FOUND:
		return ITEM_CODE_NO_TEXT;
	default:
		return ITEM_CODE_EXTRACTION_FAILED;
	}
}

/* Libraries quote the document in their messages: only words may pass. */
static void
clean_message(const char *from, char *to, size_t size)
{
	size_t i;

	for (i = 0; from[i] != '\0' && i + 1 < size; i++)
		to[i] = (unsigned char)from[i] < 0x20 ? ' ' : from[i];
	to[i] = '\0';
	utf8_trim(to);
	if (!utf8_is_valid(to, strlen(to)))
		for (i = 0; to[i] != '\0'; i++)
			if ((unsigned char)to[i] >= 0x80)
				to[i] = '?';
}

static int
send_end(struct emit *emit, enum item_code code, const char *message)
{
	struct wire_meta meta = {
	    .pages = htole32(emit->pages),
	    .pages_bare = htole32(emit->pages_bare),
	    .title_len = htole16((uint16_t)strlen(emit->title)),
	    .media_type_len = htole16((uint16_t)strlen(emit->media_type)),
	    .language_len = htole16((uint16_t)strlen(emit->language)),
	};
	struct wire_end end = {
	    .code = htole32((uint32_t)code),
	    .message_len = htole16((uint16_t)strlen(message)),
	    .text_bytes = htole64(emit->text_bytes),
	};
	char words[WIRE_TITLE_MAX + WIRE_MEDIA_TYPE_MAX + WIRE_LANGUAGE_MAX];
	size_t len = 0, n;

	n = strlen(emit->title);
	memcpy(words, emit->title, n);
	len += n;
	n = strlen(emit->media_type);
	memcpy(words + len, emit->media_type, n);
	len += n;
	n = strlen(emit->language);
	memcpy(words + len, emit->language, n);
	len += n;
	emit->err = 0; /* the end is sent after failures as well */
	if (emit->is_in_member)
		(void)emit_member_end(emit,
		    code == ITEM_CODE_EXTRACTION_LIMIT
			? code : ITEM_CODE_EXTRACTION_FAILED, NULL);
	(void)emit_frame(emit, WIRE_META, &meta, sizeof(meta), words, len);
	(void)emit_frame(emit, WIRE_END, &end, sizeof(end), message,
	    strlen(message));
	return emit_flush(emit);
}

int
serve_input(struct input *input, const char *name, struct emit *emit)
{
	const struct format *format;
	struct err_note note = {{0}};
	enum item_code code;
	char message[WIRE_MESSAGE_MAX + 1];
	int err;

	input->name = name;
	err = format_tell(input, name, emit->media_type,
	    sizeof(emit->media_type), &format, &note);
	if (err == 0) {
		err = input->is_verbatim ? read_verbatim(input, emit, &note)
					 : format->read(input, emit, &note);
		if (err == 0)
			err = emit_close(emit);
	}
	if (err == ERR_CLOSED)
		return err;
	if (err == ERR_TOO_BIG && note.text[0] == '\0')
		(void)err_set(&note, err,
		    emit->is_in_member || (emit->members_max > 0 &&
			    emit->members >= emit->members_max)
			? "there is more inside than the limits allow"
			: "the text is larger than the limit");
	code = end_code(err);
	if (err == 0 && emit->blocks == 0 && emit->members == 0)
		code = ITEM_CODE_EMPTY_CONTENT;
	if (code == ITEM_CODE_EMPTY_CONTENT)
		(void)err_set(&note, 0, "there is no text in the file");
	clean_message(code == ITEM_CODE_NONE ? ""
		: note.text[0] != '\0'	     ? note.text
					     : item_code_text(code),
	    message, sizeof(message));
	return send_end(emit, code, message);
}

int
serve_write(void *arg, const char *bytes, size_t len)
{
	ssize_t n;

	(void)arg;
	while (len > 0) {
		n = send(WIRE_FD, bytes, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_CLOSED;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* All len bytes, and the descriptor that may come with them. */
static int
receive(void *bytes, size_t len, int *fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {.iov_base = bytes, .iov_len = len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *head;
	ssize_t n;

	while (part.iov_len > 0) {
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
		n = recvmsg(WIRE_FD, &message, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_CLOSED;
		head = CMSG_FIRSTHDR(&message);
		if (head != NULL && head->cmsg_level == SOL_SOCKET &&
		    head->cmsg_type == SCM_RIGHTS && *fd < 0)
			memcpy(fd, CMSG_DATA(head), sizeof(*fd));
		part.iov_base = (char *)part.iov_base + n;
		part.iov_len -= (size_t)n;
	}
	return 0;
}

/* A small file that says one thing a billion times is a bomb, whatever it is
 * packed with. */
static uint64_t
text_bytes_max(const struct wire_request *request)
{
	uint64_t asked = le64toh(request->text_bytes_max);
	uint64_t likely = package_unpacked_max(le64toh(request->file_bytes));

	return asked < likely ? asked : likely;
}

/* One request and its answer. */
static int
serve_one(struct input *input, struct emit *emit)
{
	struct wire_request request;
	char name[NAME_BYTES_MAX + 1];
	size_t name_len;
	int err, fd = -1;

	err = receive(&request, sizeof(request), &fd);
	if (err < 0)
		goto out;
	name_len = le16toh(request.name_len);
	if (le32toh(request.magic) != WIRE_MAGIC ||
	    le16toh(request.version) != WIRE_VERSION ||
	    (le32toh(request.flags) & ~WIRE_READ_ALL) != 0 ||
	    name_len > NAME_BYTES_MAX || fd < 0) {
		err = ERR_CLOSED;
		goto out;
	}
	err = receive(name, name_len, &fd);
	if (err < 0)
		goto out;
	name[name_len] = '\0';

	sandbox_allow_cpu(le32toh(request.cpu_seconds_max));
	emit_start(emit, le32toh(request.id), text_bytes_max(&request));
	emit_allow_members(emit, le32toh(request.members_max),
	    le64toh(request.member_bytes_max));
	err = input_open(input, fd, le64toh(request.file_bytes));
	input->wants_text = (le32toh(request.flags) & WIRE_READ_TEXT) != 0;
	input->wants_verbatim =
	    (le32toh(request.flags) & WIRE_READ_VERBATIM) != 0;
	if (err < 0)
		err = send_end(emit, ITEM_CODE_EXTRACTION_FAILED,
		    "the file cannot be read");
	else
		err = serve_input(input, name, emit);
	sandbox_allow_cpu(0);
out:
	if (fd >= 0)
		(void)close(fd);
	return err;
}

int
serve(struct input *input, struct emit *emit, uint32_t layers)
{
	struct wire_hello hello = {
	    .magic = htole32(WIRE_MAGIC),
	    .version = htole16(WIRE_VERSION),
	    .features = htole16(ocr_is_on() ? WIRE_FEATURE_OCR : 0),
	    .sandbox = htole32(layers),
	};
	int err;

	emit_start(emit, 0, 0);
	(void)emit_frame(emit, WIRE_HELLO, &hello, sizeof(hello), NULL, 0);
	err = emit_flush(emit);
	while (err == 0)
		err = serve_one(input, emit);
	/* The server has gone: that is how the program ends. */
	return err == ERR_CLOSED ? 0 : 1;
}
