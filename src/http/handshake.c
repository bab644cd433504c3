/* SPDX-License-Identifier: Apache-2.0 */
/* The request that asks for a WebSocket (RFC 6455 4.2). */
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "http/http_int.h"

/* Base64 of 16 bytes. */
#define KEY_LEN 24u
#define SHA1_BYTES 20

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Is token one of a list with commas, in either case? */
static bool
list_has(const char *list, const char *token)
{
	size_t token_len = strlen(token), len;

	for (; list != NULL && *list != '\0'; list += *list == ',') {
		while (is_space(*list))
			list++;
		len = strcspn(list, ",");
		while (len > 0 && is_space(list[len - 1]))
			len--;
		if (len == token_len && strncasecmp(list, token, len) == 0)
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

struct wanted {
	const char *name, *token;
	bool is_there;
};

static enum MHD_Result
on_value(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct wanted *wanted = cls;

	(void)kind;
	if (strcasecmp(name, wanted->name) == 0 &&
	    list_has(value, wanted->token))
		wanted->is_there = true;
	return MHD_YES;
}

/* A list may stand on several lines. */
static bool
header_has(struct http_conn *conn, const char *name, const char *token)
{
	struct wanted wanted = {.name = name, .token = token};

	(void)MHD_get_connection_values(conn->mhd, MHD_HEADER_KIND, on_value,
	    &wanted);
	return wanted.is_there;
}

static bool
key_is_good(const char *key)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	return key != NULL && strlen(key) == KEY_LEN &&
	    strspn(key, digits) == KEY_LEN - 2 &&
	    strcmp(key + KEY_LEN - 2, "==") == 0;
}

int
handshake_check(struct http_conn *conn)
{
	const struct http_request *request = &conn->request;
	struct err_note *note = &conn->request.note;
	const char *version = http_header(request, "Sec-WebSocket-Version");

	if (!header_has(conn, "Upgrade", "websocket")) {
		conn->refused_status = 426;
		return err_set(note, ERR_INVALID, "this is a WebSocket: ask "
		    "for it with Upgrade: websocket");
	}
	if (version == NULL || strcmp(version, "13") != 0) {
		conn->refused_status = 426;
		return err_set(note, ERR_INVALID,
		    "only version 13 of WebSocket is spoken here");
	}
	if (strcmp(conn->method, "GET") != 0 || !conn->is_http11)
		return err_set(note, ERR_INVALID,
		    "a WebSocket is asked for with GET and HTTP/1.1");
	if (!header_has(conn, "Connection", "upgrade"))
		return err_set(note, ERR_INVALID,
		    "Connection: Upgrade is missing");
	if (!key_is_good(http_header(request, "Sec-WebSocket-Key")))
		return err_set(note, ERR_INVALID,
		    "Sec-WebSocket-Key is not 16 bytes in base64");
	if (request->body_len > 0)
		return err_set(note, ERR_INVALID,
		    "who asks for a WebSocket sends no body");
	return 0;
}

int
handshake_accept(const char *key, char out[HANDSHAKE_ACCEPT_SIZE])
{
	static const char id[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[KEY_LEN + sizeof(id)];
	unsigned char digest[EVP_MAX_MD_SIZE];
	int len;

	(void)snprintf(text, sizeof(text), "%s%s", key, id);
	if (EVP_Digest(text, KEY_LEN + sizeof(id) - 1, digest, NULL,
	    EVP_sha1(), NULL) != 1)
		return ERR_INTERNAL;
	len = EVP_EncodeBlock((unsigned char *)out, digest, SHA1_BYTES);
	return len == HANDSHAKE_ACCEPT_SIZE - 1 ? 0 : ERR_INTERNAL;
}
