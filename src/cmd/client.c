/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client: one easy handle, driven through a multi handle, because only its
 * poll can wait for Ctrl-C and for the next tick at the same time.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"

#define TICK_MS 250
#define CONNECT_SECONDS 10L
#define URL_BYTES_MAX 2048u
#define HEADER_BYTES_MAX 1024u
#define API "/tidemark/v1"

struct client {
	CURL *easy;
	CURLM *multi;
	char *url;
	char *key;   /* NULL: none */
	char *local; /* NULL: none */
	client_tick_fn *tick;
	void *tick_arg;
	struct buf answer;
	uint64_t *sent; /* of the upload that is running */
	const struct client_sink *sink; /* of the download that is */
	bool is_reached; /* a server has answered once */
};

int
client_open(const char *url, const char *key, struct client **ret_client,
    struct err_note *note)
{
	struct client *client;
	size_t len = strlen(url);
	int err = 0;

	if (len > URL_BYTES_MAX || (strncmp(url, "http://", 7) != 0 &&
	    strncmp(url, "https://", 8) != 0))
		return err_set(note, ERR_INVALID,
		    "TIDEMARK_URL: \"%.60s\" is not http://HOST:PORT", url);
	while (len > 8 && url[len - 1] == '/')
		len--;
	client = mem_zalloc(sizeof(*client));
	if (client == NULL)
		return ERR_NOMEM;
	buf_init(&client->answer, CLIENT_BODY_MAX);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	client->easy = curl_easy_init();
	client->multi = curl_multi_init();
	client->url = mem_strndup(url, len);
	if (key != NULL && key[0] != '\0') {
		client->key = mem_strdup(key);
		err = client->key == NULL ? ERR_NOMEM : 0;
	}
	if (client->easy == NULL || client->multi == NULL ||
	    client->url == NULL)
		err = ERR_NOMEM;
	if (err < 0) {
		client_close(client);
		return err;
	}
	*ret_client = client;
	return 0;
}

void
client_close(struct client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->easy);
	(void)curl_multi_cleanup(client->multi);
	buf_fini(&client->answer);
	mem_free(client->url);
	mem_free(client->key);
	mem_free(client->local);
	mem_free(client);
}

const char *
client_url(const struct client *client)
{
	return client->url;
}

bool
url_is_loopback(const char *url)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
	const char *host = strstr(url, "://");
	size_t i, len;

	if (host == NULL || strchr(url, '@') != NULL)
		return false;
	host += 3;
	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		len = strlen(hosts[i]);
		if (strncasecmp(host, hosts[i], len) == 0 &&
		    (host[len] == '\0' || strchr(":/", host[len]) != NULL))
			return true;
	}
	return false;
}

bool
client_is_loopback(const struct client *client)
{
	return url_is_loopback(client->url);
}

void
client_set_local(struct client *client, const char *token)
{
	mem_free(client->local);
	client->local = token == NULL ? NULL : mem_strdup(token);
}

void
client_set_tick(struct client *client, client_tick_fn *fn, void *arg)
{
	client->tick = fn;
	client->tick_arg = arg;
}

/* ---- one transfer ----------------------------------------------------- */

static size_t
on_answer(char *bytes, size_t size, size_t count, void *arg)
{
	struct client *client = arg;
	long status = 0;

	/* A refusal is an answer like others. */
	if (client->sink != NULL && curl_easy_getinfo(client->easy,
	    CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200)
		return client->sink->take(client->sink->arg, bytes,
		    size * count) < 0 ? 0 : size * count;
	/* Fewer than offered ends the transfer. */
	return buf_put(&client->answer, bytes, size * count) < 0 ?
	    0 :
	    size * count;
}

static int
on_progress(void *arg, curl_off_t down_total, curl_off_t down,
    curl_off_t up_total, curl_off_t up)
{
	struct client *client = arg;

	(void)down_total;
	(void)down;
	(void)up_total;
	if (client->sent != NULL && up > 0)
		*client->sent = (uint64_t)up;
	return 0;
}

static int
header_add(struct curl_slist **headers, const char *name, const char *value)
{
	char line[HEADER_BYTES_MAX];
	struct curl_slist *more;
	int len;

	len = snprintf(line, sizeof(line), "%s: %s", name, value);
	if (len < 0 || (size_t)len >= sizeof(line) ||
	    strpbrk(value, "\r\n") != NULL)
		return ERR_INVALID;
	more = curl_slist_append(*headers, line);
	if (more == NULL)
		return ERR_NOMEM;
	*headers = more;
	return 0;
}

static int
headers_make(const struct client *client, bool is_json,
    struct curl_slist **headers)
{
	int err = 0;

	if (client->key != NULL)
		err = header_add(headers, "X-Api-Key", client->key);
	if (err == 0 && client->local != NULL)
		err = header_add(headers, "X-Tidemark-Local", client->local);
	if (err == 0 && is_json)
		err = header_add(headers, "Content-Type", "application/json");
	/* The server decides early by itself whether a body is too big. */
	if (err == 0)
		err = header_add(headers, "Expect", "");
	return err;
}

/* Drive the transfer to its end. */
static int
transfer_wait(struct client *client, CURLcode *ret_code)
{
	struct curl_waitfd interrupt = {
	    .fd = interrupt_fd(), .events = CURL_WAIT_POLLIN};
	CURLMsg *message;
	int running = 1, left;

	for (;;) {
		if (curl_multi_perform(client->multi, &running) != CURLM_OK)
			return ERR_INTERNAL;
		if (running == 0)
			break;
		if (interrupt_seen() != 0)
			return ERR_CANCELLED;
		(void)curl_multi_poll(client->multi, &interrupt,
		    interrupt.fd >= 0 ? 1 : 0, TICK_MS, NULL);
		if (client->tick != NULL)
			client->tick(client->tick_arg);
	}
	message = curl_multi_info_read(client->multi, &left);
	if (message == NULL || message->msg != CURLMSG_DONE)
		return ERR_INTERNAL;
	*ret_code = message->data.result;
	return 0;
}

static int
transfer_run(struct client *client, long *ret_status, struct err_note *note)
{
	char words[CURL_ERROR_SIZE] = "";
	CURLcode code = CURLE_OK;
	int err;

	buf_clear(&client->answer);
	(void)curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, words);
	if (curl_multi_add_handle(client->multi, client->easy) != CURLM_OK)
		return ERR_INTERNAL;
	err = transfer_wait(client, &code);
	(void)curl_multi_remove_handle(client->multi, client->easy);
	(void)curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, NULL);
	if (err < 0)
		return err;
	if (client->answer.err < 0)
		return err_set(note, client->answer.err,
		    "the answer is larger than %llu bytes", CLIENT_BODY_MAX);
	if (code != CURLE_OK)
		return err_set(note, ERR_UNREACHABLE,
		    "%s %s: %s",
		    client->is_reached ? "lost the server at" :
					 "cannot reach the server at",
		    client->url,
		    words[0] != '\0' ? words : curl_easy_strerror(code));
	client->is_reached = true;
	(void)curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE,
	    ret_status);
	return 0;
}

/* ---- answers ---------------------------------------------------------- */

static int
status_err(long status)
{
	switch (status) {
	case 401:
		return ERR_UNAUTHORIZED;
	case 403:
		return ERR_FORBIDDEN;
	case 404:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	case 413:
		return ERR_TOO_BIG;
	case 507:
		return ERR_STORAGE_FULL;
	default:
		return status >= 500 ? ERR_UPSTREAM : ERR_FORBIDDEN;
	}
}

static int
answer_read(struct client *client, long status, json_t **ret_json,
    struct err_note *note)
{
	json_error_t error;
	json_t *json = NULL;
	const char *words;
	int err;

	if (client->answer.len > 0)
		json = json_loadb(client->answer.data, client->answer.len,
		    JSON_REJECT_DUPLICATES, &error);
	if (status >= 200 && status < 300) {
		if (json == NULL && client->answer.len > 0)
			return err_set(note, ERR_SYNTAX,
			    "%s: the answer is not JSON: %s", client->url,
			    error.text);
		*ret_json = json;
		return 0;
	}
	words = json_text(json_object_get(json, "error"), "message");
	err = status_err(status);
	if (words[0] != '\0')
		(void)err_set(note, err, "%s", words);
	else
		(void)err_set(note, err, "%s answered with HTTP status %ld",
		    client->url, status);
	json_decref(json);
	return err;
}

/* What every request has in common; path is below API. */
static int
request_set(struct client *client, const char *path,
    struct curl_slist *headers)
{
	CURL *easy = client->easy;
	struct buf url;
	int err;

	curl_easy_reset(easy);
	buf_init(&url, URL_BYTES_MAX + CLIENT_PATH_MAX);
	(void)buf_printf(&url, "%s" API "%s", client->url, path);
	if (url.err == 0)
		(void)curl_easy_setopt(easy, CURLOPT_URL, buf_text(&url));
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* What is said to this machine is said to nobody else. */
	if (client_is_loopback(client))
		(void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFODATA, client);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	err = url.err;
	buf_fini(&url);
	return err;
}

int
client_call(struct client *client, const char *method, const char *path,
    const char *body, json_t **ret_json, struct err_note *note)
{
	struct curl_slist *headers = NULL;
	long status = 0;
	int err;

	err = headers_make(client, body != NULL, &headers);
	if (err < 0)
		goto out;
	err = request_set(client, path, headers);
	if (err < 0)
		goto out;
	if (body != NULL)
		(void)curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS,
		    body);
	else if (strcmp(method, "POST") == 0)
		(void)curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS, "");
	(void)curl_easy_setopt(client->easy, CURLOPT_CUSTOMREQUEST, method);
	err = transfer_run(client, &status, note);
	if (err < 0)
		goto out;
	err = answer_read(client, status, ret_json, note);
out:
	curl_slist_free_all(headers);
	return err;
}

uint64_t
client_header_number(struct client *client, const char *name)
{
	struct curl_header *header = NULL;

	if (curl_easy_header(client->easy, name, 0, CURLH_HEADER, -1,
	    &header) != CURLHE_OK)
		return 0;
	return strtoull(header->value, NULL, 10);
}

int
client_fetch(struct client *client, const char *path,
    const struct client_sink *sink, struct err_note *note)
{
	struct curl_slist *headers = NULL;
	json_t *json = NULL;
	long status = 0;
	int err;

	err = headers_make(client, false, &headers);
	if (err == 0)
		err = request_set(client, path, headers);
	if (err < 0)
		goto out;
	client->sink = sink;
	err = transfer_run(client, &status, note);
	client->sink = NULL;
	if (err == 0 && status != 200)
		err = answer_read(client, status, &json, note);
out:
	json_decref(json);
	curl_slist_free_all(headers);
	return err;
}

static int
files_add(curl_mime *mime, const struct client_file *files, size_t count,
    struct err_note *note)
{
	curl_mimepart *part;
	CURLcode code;
	size_t i;

	for (i = 0; i < count; i++) {
		part = curl_mime_addpart(mime);
		if (part == NULL)
			return ERR_NOMEM;
		/* Opened when its turn comes, closed after it. */
		code = curl_mime_filedata(part, files[i].path);
		if (code == CURLE_OUT_OF_MEMORY)
			return ERR_NOMEM;
		if (code != CURLE_OK)
			return err_set(note, ERR_IO, "%s cannot be read",
			    files[i].path);
		if (curl_mime_name(part, "file") != CURLE_OK ||
		    curl_mime_filename(part, files[i].name) != CURLE_OK)
			return ERR_NOMEM;
	}
	return 0;
}

int
client_upload(struct client *client, const char *path,
    const struct client_file *files, size_t count, uint64_t *sent,
    json_t **ret_json, struct err_note *note)
{
	struct curl_slist *headers = NULL;
	curl_mime *mime = NULL;
	long status = 0;
	int err;

	err = headers_make(client, false, &headers);
	if (err < 0)
		goto out;
	err = request_set(client, path, headers);
	if (err < 0)
		goto out;
	mime = curl_mime_init(client->easy);
	if (mime == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	err = files_add(mime, files, count, note);
	if (err < 0)
		goto out;
	(void)curl_easy_setopt(client->easy, CURLOPT_MIMEPOST, mime);
	client->sent = sent;
	err = transfer_run(client, &status, note);
	client->sent = NULL;
	if (err < 0)
		goto out;
	err = answer_read(client, status, ret_json, note);
out:
	curl_mime_free(mime);
	curl_slist_free_all(headers);
	return err;
}
