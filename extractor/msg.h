/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msg: the properties of an Outlook message ([MS-OXMSG]).
 *
 * A message, each recipient and each attachment is a storage.  Properties of
 * a fixed size stand in one stream of it, each other one has a stream of its
 * own, named by its number and type.
 */
#ifndef EXTRACTOR_MSG_H
#define EXTRACTOR_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct emit;
struct err_note;
struct ole;

/* Those that are read, by their numbers in [MS-OXPROPS]. */
enum msg_property {
	MSG_MESSAGE_CLASS = 0x001A,
	MSG_SUBJECT = 0x0037,
	MSG_SUBMIT_TIME = 0x0039,
	MSG_REPRESENTING_NAME = 0x0042,
	MSG_REPRESENTING_ADDRESS = 0x0065,
	MSG_TRANSPORT_HEADERS = 0x007D,
	MSG_RECIPIENT_TYPE = 0x0C15,
	MSG_SENDER_NAME = 0x0C1A,
	MSG_SENDER_ADDRESS = 0x0C1F,
	MSG_DISPLAY_CC = 0x0E03,
	MSG_DISPLAY_TO = 0x0E04,
	MSG_DELIVERY_TIME = 0x0E06,
	MSG_BODY = 0x1000,
	MSG_RTF = 0x1009,
	MSG_HTML = 0x1013,
	MSG_MESSAGE_ID = 0x1035,
	MSG_DISPLAY_NAME = 0x3001,
	MSG_ADDRESS = 0x3003,
	MSG_CREATION_TIME = 0x3007,
	MSG_ATTACH_DATA = 0x3701,
	MSG_ATTACH_EXTENSION = 0x3703,
	MSG_ATTACH_SHORT_NAME = 0x3704,
	MSG_ATTACH_LONG_NAME = 0x3707,
	MSG_ATTACH_MIME_TYPE = 0x370E,
	MSG_ATTACH_CONTENT_ID = 0x3712,
	MSG_SMTP_ADDRESS = 0x39FE,
	MSG_COMPANY = 0x3A16,
	MSG_JOB_TITLE = 0x3A17,
	MSG_OFFICE_PHONE = 0x3A08,
	MSG_HOME_PHONE = 0x3A09,
	MSG_MOBILE_PHONE = 0x3A1C,
	MSG_INTERNET_CODEPAGE = 0x3FDE,
	MSG_LOCALE = 0x3FF1,
	MSG_CODEPAGE = 0x3FFD,
	MSG_SENDER_SMTP = 0x5D01,
	MSG_REPRESENTING_SMTP = 0x5D02,
	MSG_ATTACH_HIDDEN = 0x7FFE,
};

#define MSG_PATH_MAX 128u
#define MSG_NAME_MAX 4096u /* of people and files; streams may overlap */

/* Begins the names of the storages of attachments. */
#define MSG_ATTACHMENT "__attach_version1.0_#"

struct msg {
	struct ole *ole;
	unsigned codepage; /* of texts that are not Unicode; 0: not known */
};

/* What the files of the reader share. */
struct msg_reader {
	struct msg msg;
	struct emit *emit;
	struct err_note *note;
	struct buf to, cc, from, author, words;
	bool has_page;	/* the text is a page, which shows pictures */
	bool is_second; /* pass over the attachments */
	bool is_signed; /* the whole mail is a file that is attached */
	unsigned number;
};

/* The path of a property's stream or storage below folder, whose type is
 * 0x0102 (bytes), 0x000D (an object) and so on. */
void msg_path(const char *folder, enum msg_property property, unsigned type,
    char out[MSG_PATH_MAX]);

/*
 * A text property as UTF-8 words, behind what is in out; false when there is
 * none.  Memory that runs out sticks in out.
 */
bool msg_words(const struct msg *msg, const char *folder,
    enum msg_property property, struct buf *out);

/* The same with its lines; 0, ERR_NOT_FOUND, ERR_TOO_BIG, ERR_NOMEM, ERR_IO. */
int msg_text(const struct msg *msg, const char *folder,
    enum msg_property property, struct buf *out);

/* Bytes, into out, which is cleared first; errors as above. */
int msg_bytes(const struct msg *msg, const char *folder,
    enum msg_property property, struct buf *out);

/* A number or a time, of at most 8 bytes; false when there is none. */
bool msg_number(const struct msg *msg, const char *folder,
    enum msg_property property, uint64_t *ret_value);

/* A time in seconds since 1970 UTC. */
bool msg_time(const struct msg *msg, const char *folder,
    enum msg_property property, int64_t *ret_seconds);

/* The list of attachments, and then these. (msg_attach.c) */
int msg_emit_attachments(struct msg_reader *reader);

/*
 * Unpack compressed Rich Text ([MS-OXRTFCP]) behind what is in out.
 * ERR_SYNTAX: it is damaged; ERR_TOO_BIG: more than out holds; ERR_NOMEM.
 * (msg_rtf.c)
 */
int msg_rtf_unpack(const char *bytes, size_t len, struct buf *out);

#endif
