/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host: the engine first, then the server, because a request needs the
 * engine.  The writer thread tells the server of commits, so the server's
 * pointer is atomic: it appears while the writer runs already, and goes when
 * the writer has ended.
 *
 * Closing: the server stops (nobody can ask for more), the engine stops (the
 * last commit), then both are freed.
 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/captain/captain.h"
#include "api/cognee/cognee.h"
#include "api/dify/dify.h"
#include "api/digitalocean/digitalocean.h"
#include "api/native/native.h"
#include "base/err.h"
#include "base/mem.h"
#include "cmd/advice.h"
#include "cmd/host.h"
#include "cmd/models.h"
#include "cmd/settings.h"
#include "cmd/version.h"
#include "engine/engine.h"
#include "http/server.h"
#include "web/web.h"

#define GRACE_MS 5000
#define URL_SIZE 300
#define EXTRACTOR_NAME "tidemark-extract"

struct host {
	struct engine *engine;
	_Atomic(struct http_server *) server;
	char *extractor;
	char *data; /* absolute */
	char url[URL_SIZE];
};

/* ---- the extractor's program ------------------------------------------ */

static int
program_try(const char *folder, size_t len, char **ret_path)
{
	char path[PATH_MAX];
	int n;

	n = snprintf(path, sizeof(path), "%.*s/%s", (int)len, folder,
	    EXTRACTOR_NAME);
	if (n < 0 || (size_t)n >= sizeof(path) || access(path, X_OK) != 0)
		return ERR_NOT_FOUND;
	*ret_path = mem_strdup(path);
	return *ret_path == NULL ? ERR_NOMEM : 0;
}

int
host_extractor(const struct settings *settings, char **ret_path,
    struct err_note *note)
{
	char self[PATH_MAX];
	const char *path, *slash;
	ssize_t len;
	size_t part;
	int err;

	if (settings->extractor != NULL && settings->extractor[0] != '\0') {
		if (access(settings->extractor, X_OK) != 0)
			return err_set(note, ERR_NOT_FOUND,
			    "extractor: %s: %s", settings->extractor,
			    strerror(errno));
		*ret_path = mem_strdup(settings->extractor);
		return *ret_path == NULL ? ERR_NOMEM : 0;
	}
	/* The two are built and installed side by side; only a binary that
	 * was moved alone needs PATH. */
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len > 0) {
		self[len] = '\0';
		slash = strrchr(self, '/');
		if (slash != NULL) {
			err = program_try(self, (size_t)(slash - self),
			    ret_path);
			if (err != ERR_NOT_FOUND)
				return err;
		}
	}
	path = getenv("PATH");
	for (; path != NULL && *path != '\0'; path += part) {
		part = strcspn(path, ":");
		/* An empty entry would be the current folder. */
		err = part == 0 ? ERR_NOT_FOUND :
				  program_try(path, part, ret_path);
		if (err != ERR_NOT_FOUND)
			return err;
		if (path[part] == ':')
			part++;
	}
	return err_set(note, ERR_NOT_FOUND,
	    EXTRACTOR_NAME " is neither beside this program nor in PATH");
}

/* ---- opening and closing ---------------------------------------------- */

static void
on_commit(void *arg)
{
	struct host *host = arg;

	http_server_notify(atomic_load_explicit(&host->server,
	    memory_order_acquire));
}

/* Clients are told where the local token lies: not relative to wherever this
 * process was started. */
static int
data_resolve(struct host *host, const char *data, struct err_note *note)
{
	char folder[PATH_MAX];
	size_t size;

	if (data[0] == '\0')
		return err_set(note, ERR_INVALID, "data: no folder is given");
	if (data[0] == '/') {
		host->data = mem_strdup(data);
		return host->data == NULL ? ERR_NOMEM : 0;
	}
	if (getcwd(folder, sizeof(folder)) == NULL)
		return err_set(note, err_from_errno(errno),
		    "the current folder: %s", strerror(errno));
	size = strlen(folder) + 1 + strlen(data) + 1;
	host->data = mem_alloc(size);
	if (host->data == NULL)
		return ERR_NOMEM;
	(void)snprintf(host->data, size, "%s/%s", folder, data);
	return 0;
}

static enum registration
registration_of(const char *word)
{
	if (strcmp(word, "open") == 0)
		return REGISTRATION_OPEN;
	return strcmp(word, "off") == 0 ? REGISTRATION_OFF
					: REGISTRATION_LOCAL;
}

static int
open_engine(struct host *host, const struct settings *settings, bool do_work,
    struct err_note *note)
{
	struct engine_config config = {
	    .data_dir = host->data,
	    .extractor = host->extractor,
	    .workers = (unsigned)settings->workers,
	    .file_bytes_max = settings->file_bytes_max,
	    .folder_roots =
		(const char *const *)settings->folder_roots.items,
	    .folder_root_count = settings->folder_roots.count,
	    .api_key = settings->api_key[0] == '\0' ? NULL :
						      settings->api_key,
	    .registration = registration_of(settings->registration),
	    .ocr_languages = settings->ocr ? settings->ocr_languages
					   : NULL,
	    .s3_endpoints =
		(const char *const *)settings->s3_endpoints.items,
	    .s3_endpoint_count = settings->s3_endpoints.count,
	    .net_allow = (const char *const *)settings->net_allow.items,
	    .net_allow_count = settings->net_allow.count,
	    .webhook_faces = {[DIALECT_NATIVE] = &native_webhook_face,
		[DIALECT_CAPTAIN] = captain_webhook_face(
		    settings->captain_failures_word)},
	    .is_embedding_int8 =
		strcmp(settings->embedding_numbers, "int8") == 0,
	    .embedding_dimensions = settings->embedding_dimensions,
	    .embedding_texts = settings->embedding_texts,
	    .embedding_tokens = settings->embedding_tokens,
	    .embedding_concurrency =
		(unsigned)settings->embedding_concurrency,
	    .vector_memory = settings->vector_memory,
	    .commit_ms = (unsigned)settings->commit_ms,
	    .undo_hours = (unsigned)settings->undo_hours,
	    .on_commit = on_commit,
	    .on_commit_arg = host,
	};
	struct models models = {0};
	int err = 0;

	/* Who only looks is not stopped by a service's address, but a query is
	 * to be compared with what the service has made. */
	if (do_work)
		err = models_read(settings, &models, note);
	else
		(void)models_read(settings, &models, NULL);
	config.chat_url = models.chat_url;
	config.chat_model = models.chat_model;
	config.chat_key = models.chat_key;
	config.rerank_url = models.rerank_url;
	config.rerank_model = models.rerank_model;
	config.rerank_key = models.rerank_key;
	config.embedding_folder = models.embedding_folder;
	config.embedding_url = models.embedding_url;
	config.embedding_model = models.embedding_model;
	config.embedding_key = models.embedding_key;
	if (err == 0)
		err = engine_open(&config, &host->engine, note);
	models_fini(&models);
	if (err < 0 || !do_work)
		return err;
	return engine_start(host->engine, note);
}

/* The address as it was given, with the port that was taken. */
static void
url_make(struct host *host, const char *listen, unsigned port)
{
	const char *colon = strrchr(listen, ':');
	int len = colon == NULL ? (int)strlen(listen) : (int)(colon - listen);

	(void)snprintf(host->url, sizeof(host->url), "http://%.*s:%u", len,
	    listen, port);
}

int
host_open(const struct settings *settings, bool do_work,
    struct host **ret_host, struct err_note *note)
{
	static const struct http_dialect *const dialects[] = {
	    &native_dialect,
	    &dify_dialect,
	    &digitalocean_dialect,
	    &captain_dialect,
	    &cognee_dialect,
	    &web_dialect,
	};
	struct http_options options = {
	    .listen = settings->listen,
	    .dialects = dialects,
	    .dialect_count = sizeof(dialects) / sizeof(dialects[0]),
	    .threads = (unsigned)settings->http_threads,
	    .metrics_need_key = settings->metrics_key,
	    .logs_requests = settings->log_requests,
	    .upload_file_bytes_max = settings->upload_file_bytes_max,
	    .upload_any_format = settings->upload_any_format,
	    .failures_word = settings->captain_failures_word,
	    .denied_status = strcmp(settings->cognee_status_denied, "403") ==
		0 ? 403 : 409,
	    .cors_origins = settings->cors_origins,
	    .version = TIDEMARK_VERSION,
	};
	struct http_server *server = NULL;
	struct host *host;
	unsigned port = 0;
	int err;

	host = mem_zalloc(sizeof(*host));
	if (host == NULL)
		return ERR_NOMEM;
	/* The store holds everybody's text, and its library makes it with
	 * the rights that the umask leaves. */
	(void)umask(077);
	err = host_extractor(settings, &host->extractor, note);
	if (err < 0)
		goto out;
	err = data_resolve(host, settings->data, note);
	if (err < 0)
		goto out;
	err = open_engine(host, settings, do_work, note);
	advice_of_folder(err);
	if (err < 0)
		goto out;
	err = http_server_open(&options, host->engine, &server, &port, note);
	advice_of_address(err);
	if (err < 0)
		goto out;
	atomic_store_explicit(&host->server, server, memory_order_release);
	url_make(host, settings->listen, port);

	*ret_host = host;
	host = NULL;
out:
	host_close(host);
	return err;
}

void
host_close(struct host *host)
{
	struct http_server *server;

	if (host == NULL)
		return;
	server = atomic_load(&host->server);
	if (server != NULL)
		http_server_stop(server, GRACE_MS);
	if (host->engine != NULL)
		engine_stop(host->engine);
	http_server_close(server);
	if (host->engine != NULL)
		engine_close(host->engine);
	mem_free(host->extractor);
	mem_free(host->data);
	mem_free(host);
}

struct engine *
host_engine(struct host *host)
{
	return host->engine;
}

const char *
host_url(const struct host *host)
{
	return host->url;
}
