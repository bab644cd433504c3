/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/net.h"
#include "net/service.h"

#define BEARER "Bearer "
/* So many bytes of a key are a piece of it, less is chance. */
#define KEY_PIECE_MIN 6u
#define REASON_RAW_MAX 1024u /* looked at */

/* ---- addresses and keys ------------------------------------------------ */

static bool
ends_with(const char *text, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len >= end_len &&
	    memcmp(text + len - end_len, end, end_len) == 0;
}

/* What a query holds stays behind the path. */
int
net_service_url(const char *url, const char *path, char **ret_url,
    struct err_note *note)
{
	size_t len = strcspn(url, "?#");
	const char *host, *query;
	struct buf whole;
	int err;

	err = net_url_check(url, note);
	if (err < 0)
		return err;
	buf_init(&whole, NET_URL_BYTES_MAX);
	query = url + len;
	while (len > 0 && url[len - 1] == '/')
		len--;
	(void)buf_put(&whole, url, len);
	if (!ends_with(url, len, path)) {
		host = strstr(url, "://");
		host = host == NULL ? url : host + 3;
		if (memchr(host, '/', len - (size_t)(host - url)) == NULL)
			(void)buf_puts(&whole, "/v1");
		(void)buf_puts(&whole, path);
	}
	if (query[0] == '?')
		(void)buf_put(&whole, query, strcspn(query, "#"));
	*ret_url = whole.err < 0 ? NULL : buf_take(&whole);
	err = whole.err;
	buf_fini(&whole);
	if (err == ERR_TOO_BIG)
		return err_set(note, ERR_INVALID, "the address is too long");
	return err;
}

int
net_service_bearer(const char *key, char **ret_bearer,
    struct err_note *note)
{
	size_t len = strlen(key), size, i;

	for (i = 0; i < len; i++)
		if (key[i] <= 0x20 || key[i] == 0x7f)
			return err_set(note, ERR_INVALID,
			    "the key holds a blank or a character that is "
			    "not ASCII");
	if (len > NET_KEY_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "the key is longer than %u bytes", NET_KEY_BYTES_MAX);
	size = sizeof(BEARER) + len;
	*ret_bearer = mem_alloc(size);
	if (*ret_bearer == NULL)
		return ERR_NOMEM;
	(void)snprintf(*ret_bearer, size, BEARER "%s", key);
	return 0;
}

/* ---- a service ---------------------------------------------------------- */

int
net_service_open(struct net_service *service,
    const struct net_service_config *config, struct err_note *note)
{
	const struct net_policy policy = {.allows_any = true};
	size_t model_len = strlen(config->model);
	int err;

	if (model_len == 0 || model_len > NET_MODEL_BYTES_MAX ||
	    !utf8_is_valid(config->model, model_len))
		return err_set(note, ERR_INVALID,
		    "the model's name is empty, too long or no UTF-8");
	service->timeout_ms = config->timeout_ms;
	err = net_service_url(config->url, config->path, &service->url, note);
	if (err == 0 && config->key != NULL && config->key[0] != '\0')
		err = net_service_bearer(config->key, &service->bearer, note);
	if (err < 0)
		return err;
	service->model = mem_strdup(config->model);
	if (service->model == NULL)
		return ERR_NOMEM;
	return net_client_new(&policy, &service->net, note);
}

void
net_service_close(struct net_service *service)
{
	net_client_free(service->net);
	mem_free(service->url);
	mem_free(service->model);
	mem_free(service->bearer);
	memset(service, 0, sizeof(*service));
}

void
net_service_post(const struct net_service *service, const struct buf *body,
    const char *accept, size_t answer_bytes_max, const atomic_bool *stop,
    struct net_service_post *post)
{
	memset(post, 0, sizeof(*post));
	post->headers[0] = (struct net_header){.name = "Content-Type",
	    .value = "application/json"};
	post->headers[1] = (struct net_header){.name = "Accept",
	    .value = accept};
	post->headers[2] = (struct net_header){.name = "Authorization",
	    .value = service->bearer};
	post->request.url = service->url;
	post->request.headers = post->headers;
	post->request.header_count = service->bearer == NULL ? 2 : 3;
	post->request.limits.total_ms = service->timeout_ms;
	post->request.limits.stall_ms = service->timeout_ms;
	post->request.limits.bytes_max = answer_bytes_max;
	post->request.stop = stop;
	post->request.body = body->data;
	post->request.body_len = body->len;
}

const char *
net_service_key(const struct net_service *service)
{
	return service->bearer == NULL ? NULL
				       : service->bearer + sizeof(BEARER) - 1;
}

int
net_service_wrap(const struct net_service *service, int err,
    struct err_note *note)
{
	char host[NET_SERVICE_HOST_SIZE];

	net_service_host(service->url, host);
	err_wrap(note, "%s", host);
	return err;
}

/* ---- refusals ---------------------------------------------------------- */

/* How long a piece of key stands at text; 0: none. */
static size_t
key_piece(const char *text, size_t len, const char *key)
{
	size_t key_len = strlen(key), longest = 0, n, i;

	for (i = 0; i < key_len; i++) {
		for (n = 0; n < len && i + n < key_len; n++)
			if (key[i + n] != text[n])
				break;
		if (n > longest)
			longest = n;
	}
	return longest >= KEY_PIECE_MIN || longest == key_len ? longest : 0;
}

/* Not: controls, Unicode's line ends, and what turns the direction of
 * writing. */
static bool
is_shown(uint32_t c)
{
	return c != UTF8_BAD && c >= 0x20 && (c < 0x7f || c > 0x9f) &&
	    (c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069);
}

static void
reason_clean(const char *text, size_t len, const char *key,
    char out[NET_REASON_SIZE])
{
	size_t at, n, put_len, used = 0;
	const char *put;

	if (len > REASON_RAW_MAX)
		len = REASON_RAW_MAX;
	for (at = 0; at < len; at += n) {
		n = key == NULL ? 0 : key_piece(text + at, len - at, key);
		if (n > 0) {
			put = "***";
			put_len = 3;
		} else if (is_shown(utf8_decode(text + at, len - at, &n))) {
			put = text + at;
			put_len = n;
		} else {
			put = " ";
			put_len = 1;
		}
		/* One space for many, and none at the ends. */
		if (put[0] == ' ' && (used == 0 || out[used - 1] == ' '))
			continue;
		if (used + put_len >= NET_REASON_SIZE)
			break;
		memcpy(out + used, put, put_len);
		used += put_len;
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
}

/* {"error": {"message": ...}} is usual, the others are met. */
static const json_t *
reason_find(const json_t *root)
{
	const json_t *error = json_object_get(root, "error");

	if (json_is_string(json_object_get(error, "message")))
		return json_object_get(error, "message");
	if (json_is_string(error))
		return error;
	if (json_is_string(json_object_get(root, "message")))
		return json_object_get(root, "message");
	return json_object_get(root, "detail");
}

void
net_reason_read(const char *body, size_t len, const char *key,
    char out[NET_REASON_SIZE])
{
	const json_t *reason;
	json_t *root;
	size_t at = 0;

	out[0] = '\0';
	if (len == 0)
		return;
	root = json_loadb(body, len, JSON_DECODE_ANY, NULL);
	reason = json_is_string(root) ? root : reason_find(root);
	if (json_is_string(reason)) {
		reason_clean(json_string_value(reason),
		    json_string_length(reason), key, out);
	} else if (root == NULL) {
		/* A plain sentence, but no page of HTML or half a JSON. */
		while (at < len && strchr(" \t\r\n", body[at]) != NULL)
			at++;
		if (at < len && strchr("<{[", body[at]) == NULL)
			reason_clean(body + at, len - at, key, out);
	}
	json_decref(root);
}

void
net_service_host(const char *url, char out[NET_SERVICE_HOST_SIZE])
{
	const char *host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	(void)snprintf(out, NET_SERVICE_HOST_SIZE, "%.*s",
	    (int)strcspn(host, "/?#"), host);
	utf8_trim(out);
}

static int
status_err(unsigned status)
{
	switch (status) {
	case 408:
	case 425:
	case 429:
		return ERR_BUSY;
	default:
		return status >= 500 ? ERR_UPSTREAM : ERR_INVALID;
	}
}

int
net_service_refusal(const struct net_answer *answer, const struct buf *body,
    const char *bearer, struct err_note *note)
{
	const char *key = bearer == NULL ? NULL : bearer + strlen(BEARER);
	char reason[NET_REASON_SIZE];

	if (answer->status >= 300 && answer->status < 400)
		return err_set(note, ERR_INVALID,
		    "HTTP status %u: the service is at another address",
		    answer->status);
	net_reason_read(buf_text(body), body->len, key, reason);
	return err_set(note, status_err(answer->status), "HTTP status %u%s%s",
	    answer->status, reason[0] == '\0' ? "" : ": ", reason);
}
