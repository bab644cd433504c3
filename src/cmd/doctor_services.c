/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the settings name elsewhere, and the server itself.  Each is asked once,
 * for as little as it can be asked for.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "chat/chat.h"
#include "cmd/client.h"
#include "cmd/doctor.h"
#include "cmd/models.h"
#include "cmd/version.h"
#include "embed/embed.h"
#include "embed/openai.h"
#include "rerank/rerank.h"
#include "store/store_backup.h"
#include "sys/fs.h"

#define ASK_MS 15000u
#define ANSWER_BYTES_MAX (64 * KIB)
#define TEXT "tidemark doctor"

/* ---- models ---------------------------------------------------------- */

/* What is wrong with how they are set: said by the first check that asks. */
static bool
models_take(struct doctor *doctor, const char *url, struct models *models)
{
	struct err_note note = {0};
	int err;

	if (!doctor->has_settings || url[0] == '\0')
		return false;
	err = models_read(&doctor->settings, models, &note);
	if (err < 0)
		doctor_say(doctor, VERDICT_FAIL, "set it right; the server "
		    "does not start with it", "%s", err_words(&note, err));
	return err == 0;
}

static void
service_failed(struct doctor *doctor, int err, const struct err_note *note)
{
	bool is_refusal = err == ERR_INVALID;

	doctor_say(doctor, VERDICT_FAIL, is_refusal
	    ? "look at its key and the model's name"
	    : "start it, or look at its address and the network", "%s",
	    err_words(note, err));
}

struct made {
	const char *name;
	uint64_t dimensions; /* as stored; 0: it made nothing yet */
};

static int
embedder_take(void *arg, const char *name, uint64_t dimensions)
{
	struct made *made = arg;

	if (name != NULL && strcmp(name, made->name) == 0)
		made->dimensions = dimensions;
	return 0;
}

static void
embedding_ask(struct doctor *doctor, struct embedder *embedder)
{
	struct embed_text text = {.text = TEXT, .len = sizeof(TEXT) - 1};
	struct embed_call call = {.is_query = true};
	struct made made = {.name = embedder->name};
	struct err_note note = {0};
	float *vector;
	size_t got;
	int err = 0;

	vector = mem_array(DIMENSIONS_MAX, sizeof(float));
	if (vector == NULL)
		return;
	if (atomic_load(&embedder->dimensions) == 0)
		err = embedder->learn(embedder, &call, &note);
	if (err == 0)
		err = embedder->ask(embedder, &call, &text, 1, vector, &note);
	mem_free(vector);
	if (err < 0) {
		service_failed(doctor, err, &note);
		return;
	}
	got = atomic_load(&embedder->dimensions);
	if (doctor->has_store)
		(void)store_image_embedders_each(doctor->image, embedder_take,
		    &made);
	if (made.dimensions != 0 && made.dimensions != got)
		doctor_say(doctor, VERDICT_FAIL, "name the model that made "
		    "them, or embed the bases again: tidemark embed",
		    "%s answers with %zu dimensions, the store has %llu of "
		    "it", embedder->name, got,
		    (unsigned long long)made.dimensions);
	else
		doctor_say(doctor, VERDICT_OK, NULL,
		    "%s answers with %zu dimensions", embedder->name, got);
}

void
doctor_embedding(struct doctor *doctor)
{
	struct openai_config config = {.timeout_ms = ASK_MS};
	struct embedder *embedder = NULL;
	struct models models = {0};
	struct err_note note = {0};
	int err;

	if (!doctor->has_settings ||
	    !models_take(doctor, doctor->settings.embedding_url, &models))
		return;
	config.url = models.embedding_url;
	config.model = models.embedding_model;
	config.key = models.embedding_key;
	config.dimensions = (size_t)doctor->settings.embedding_dimensions;
	err = embed_openai_new(&config, &embedder, &note);
	if (err < 0) {
		service_failed(doctor, err, &note);
	} else {
		embedding_ask(doctor, embedder);
		embedder->close(embedder);
	}
	models_fini(&models);
}

void
doctor_chat(struct doctor *doctor)
{
	struct chat_config config = {.timeout_ms = ASK_MS};
	struct chat_request request = {.user = "Say: yes", .tokens_max = 16};
	struct chat_client *client = NULL;
	struct chat_answer answer = {0};
	struct models models = {0};
	struct err_note note = {0};
	int err;

	if (!doctor->has_settings ||
	    !models_take(doctor, doctor->settings.chat_url, &models))
		return;
	config.url = models.chat_url;
	config.model = models.chat_model;
	config.key = models.chat_key;
	err = chat_client_new(&config, &client, &note);
	if (err == 0)
		err = chat_run(client, &request, &answer, &note);
	if (err < 0)
		service_failed(doctor, err, &note);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "%s answers",
		    models.chat_model);
	chat_answer_fini(&answer);
	chat_client_free(client);
	models_fini(&models);
}

void
doctor_rerank(struct doctor *doctor)
{
	struct rerank_config config = {.timeout_ms = ASK_MS};
	struct rerank_text text = {.text = TEXT, .len = sizeof(TEXT) - 1};
	struct rerank_client *client = NULL;
	struct rerank_score score;
	struct models models = {0};
	struct err_note note = {0};
	int err;

	if (!doctor->has_settings ||
	    !models_take(doctor, doctor->settings.rerank_url, &models))
		return;
	config.url = models.rerank_url;
	config.model = models.rerank_model;
	config.key = models.rerank_key;
	err = rerank_client_new(&config, &client, &note);
	if (err == 0)
		err = rerank_run(client, TEXT, &text, 1, NULL, &score, &note);
	if (err < 0)
		service_failed(doctor, err, &note);
	else
		doctor_say(doctor, VERDICT_OK, NULL, "%s answers",
		    models.rerank_model);
	rerank_client_free(client);
	models_fini(&models);
}

/* ---- plain requests -------------------------------------------------- */

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	return buf_put(arg, bytes, size * count) < 0 ? 0 : size * count;
}

/* GET url with key (NULL: none): its status and the start of its body, or
 * ERR_UNREACHABLE with words. */
static int
get(const char *url, const char *key, struct buf *body, long *ret_status,
    struct err_note *note)
{
	char header[NET_KEY_BYTES_MAX + 16], words[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	CURL *easy = curl_easy_init();
	CURLcode code;

	if (easy == NULL)
		return ERR_NOMEM;
	if (key != NULL && key[0] != '\0') {
		(void)snprintf(header, sizeof(header), "X-Api-Key: %s", key);
		headers = curl_slist_append(NULL, header);
	}
	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ASK_MS);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
	code = curl_easy_perform(easy);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, ret_status);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	/* A body that is too long is an answer all the same. */
	if (code == CURLE_OK || code == CURLE_WRITE_ERROR)
		return 0;
	return err_set(note, ERR_UPSTREAM, "%s: %s", url,
	    words[0] != '\0' ? words : curl_easy_strerror(code));
}

void
doctor_buckets(struct doctor *doctor)
{
	struct err_note note;
	const char *url;
	struct buf body;
	long status;
	size_t i;
	int err;

	for (i = 0; doctor->has_settings &&
	     i < doctor->settings.s3_endpoints.count; i++) {
		url = strchr(doctor->settings.s3_endpoints.items[i], '=');
		if (url == NULL) {
			doctor_say(doctor, VERDICT_FAIL, "write NAME=URL",
			    "s3_endpoints: \"%s\"",
			    doctor->settings.s3_endpoints.items[i]);
			continue;
		}
		note.text[0] = '\0';
		status = 0;
		buf_init(&body, ANSWER_BYTES_MAX);
		err = get(url + 1, NULL, &body, &status, &note);
		buf_fini(&body);
		if (err < 0)
			doctor_say(doctor, VERDICT_FAIL, "start it, or look "
			    "at its address and the network", "%s",
			    err_words(&note, err));
		else
			/* Keys are the sources' own: what it refuses without
			 * one is no news. */
			doctor_say(doctor, VERDICT_OK, NULL,
			    "%s answers (HTTP %ld)", url + 1, status);
	}
}

/* ---- the server ------------------------------------------------------ */

/* Where it should be: false where nobody can tell. */
static bool
server_url(const struct doctor *doctor, char out[URI_BYTES_MAX])
{
	const char *url = getenv("TIDEMARK_URL"), *listen, *port;

	if (url != NULL && url[0] != '\0') {
		(void)snprintf(out, URI_BYTES_MAX, "%s", url);
		return true;
	}
	if (!doctor->has_settings)
		return false;
	listen = doctor->settings.listen;
	port = strrchr(listen, ':');
	if (port == NULL || strcmp(port, ":0") == 0)
		return false;
	/* All addresses: one of them is this. */
	if (strncmp(listen, "0.0.0.0:", 8) == 0)
		(void)snprintf(out, URI_BYTES_MAX, "http://127.0.0.1%s",
		    port);
	else if (strncmp(listen, "[::]:", 5) == 0)
		(void)snprintf(out, URI_BYTES_MAX, "http://[::1]%s", port);
	else
		(void)snprintf(out, URI_BYTES_MAX, "http://%s", listen);
	return true;
}

static void
server_tell(struct doctor *doctor, const char *url, const json_t *about)
{
	const char *version = json_text(about, "version");
	const char *data = json_text(about, "data_dir");
	char mine[PATH_MAX];

	if (strcmp(version, TIDEMARK_VERSION) != 0)
		doctor_say(doctor, VERDICT_WARN, "restart it, so that it is "
		    "of the version that is installed",
		    "%s is version %.40s, this is %s", url, version,
		    TIDEMARK_VERSION);
	else if (data[0] != '\0' && realpath(doctor->data, mine) != NULL &&
	    strcmp(data, mine) != 0)
		doctor_say(doctor, VERDICT_WARN, "name its folder with "
		    "--data, or another TIDEMARK_URL",
		    "%s works on %s", url, data);
	else
		doctor_say(doctor, VERDICT_OK, NULL,
		    "%s answers, version %s", url, version);
}

/* The environment's key, else the folder's first one, which goes to no server
 * elsewhere. */
static void
server_key(const struct doctor *doctor, const char *url, struct buf *key)
{
	const char *given = getenv("TIDEMARK_API_KEY");
	char path[URI_BYTES_MAX];

	if (given != NULL && given[0] != '\0')
		(void)buf_puts(key, given);
	else if (url_is_loopback(url) &&
	    doctor_path(doctor, "api-key", path) == 0)
		(void)fs_read_plain_file(path, key, NULL);
	if (key->len > 0) {
		key->len = strcspn(key->data, "\r\n");
		key->data[key->len] = '\0';
	}
}

void
doctor_server(struct doctor *doctor)
{
	char url[URI_BYTES_MAX] = "", path[URI_BYTES_MAX + 32];
	struct err_note note = {0};
	struct buf body, key;
	json_t *about = NULL;
	long status = 0;
	int err;

	if (!doctor->is_served && getenv("TIDEMARK_URL") == NULL) {
		doctor_say(doctor, VERDICT_OK, NULL, "none is running");
		return;
	}
	if (!server_url(doctor, url)) {
		doctor_say(doctor, VERDICT_WARN, "set TIDEMARK_URL",
		    "where it listens is not known");
		return;
	}
	buf_init(&body, ANSWER_BYTES_MAX);
	buf_init(&key, NET_KEY_BYTES_MAX);
	server_key(doctor, url, &key);
	(void)snprintf(path, sizeof(path), "%s/tidemark/v1/about", url);
	err = get(path, buf_text(&key), &body, &status, &note);
	if (err == 0 && status == 200)
		about = json_loadb(body.data, body.len, 0, NULL);
	if (err < 0)
		doctor_say(doctor, VERDICT_FAIL, "set TIDEMARK_URL to where "
		    "it listens; if that is right, look into its log and "
		    "restart it", "%s", err_words(&note, err));
	else if (status == 401)
		doctor_say(doctor, VERDICT_WARN,
		    "set TIDEMARK_API_KEY to one of its keys",
		    "%s answers, and does not know this key", url);
	else if (about == NULL)
		doctor_say(doctor, VERDICT_FAIL, "look into its log; is "
		    "another program there?",
		    "%s answers with HTTP status %ld", url, status);
	else
		server_tell(doctor, url, about);
	json_decref(about);
	buf_fini(&key);
	buf_fini(&body);
}
