/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients.  What follows from what:
 *
 *	s3.c		a client, and its end
 *	s3_place.c	where its bucket is
 *	s3_sign.c	what proves who asks
 *	s3_ask.c	one request; what a refusal means; when to try again
 *	s3_xml.c	the XML of answers
 *	s3_page.c	pages of a listing, and reasons
 *	s3_list.c	a whole listing
 *	s3_fetch.c	one object
 *	s3_uri.c	keys as addresses
 */
#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "source/patterns.h"
#include "source/s3_int.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define TICK_US 100000

/* ---- waiting ------------------------------------------------------------- */

/* Nobody tells us of *stop, so it is looked at again and again. */
static int
wait_by_clock(void *arg, int64_t us, const atomic_bool *stop)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	int64_t end = clock_mono_us() + us, left;
	pthread_cond_t cond;
	int err = 0;

	(void)arg;
	thread_cond_init(&cond);
	(void)pthread_mutex_lock(&mutex);
	for (;;) {
		if (stop != NULL && atomic_load(stop)) {
			err = ERR_CANCELLED;
			break;
		}
		left = end - clock_mono_us();
		if (left <= 0)
			break;
		thread_wait_us(&cond, &mutex,
		    left < TICK_US ? left : TICK_US);
	}
	(void)pthread_mutex_unlock(&mutex);
	(void)pthread_cond_destroy(&cond);
	return err;
}

/* ---- clients ------------------------------------------------------------- */

static int
text_copy(const char *text, char **ret_copy)
{
	char *copy = mem_strdup(text == NULL ? "" : text);

	if (copy == NULL)
		return ERR_NOMEM;
	*ret_copy = copy;
	return 0;
}

static int
patterns_copy(const char *const *patterns, size_t count, char ***ret_copy,
    size_t *count_copied)
{
	char **copy;
	size_t i;

	copy = mem_array(count, sizeof(*copy));
	if (copy == NULL)
		return ERR_NOMEM;
	*ret_copy = copy;
	for (i = 0; i < count; i++) {
		if (text_copy(patterns[i], &copy[i]) < 0)
			return ERR_NOMEM;
		(*count_copied)++;
	}
	return 0;
}

static int
copies_make(struct s3_client *client, const struct s3_config *config)
{
	const struct {
		const char *text;
		char **copy;
	} rows[] = {
	    {config->endpoint, &client->endpoint},
	    {config->account, &client->account},
	    {config->jurisdiction, &client->jurisdiction},
	    {config->scheme == NULL || config->scheme[0] == '\0'
		    ? s3_provider_scheme(config->provider)
		    : config->scheme,
		&client->scheme},
	    {config->bucket, &client->bucket},
	    {config->prefix, &client->prefix},
	    {config->key_id, &client->key_id},
	    {config->secret, &client->secret},
	    {config->session_token, &client->session_token},
	};
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && err == 0; i++)
		err = text_copy(rows[i].text, rows[i].copy);
	if (err == 0)
		err = patterns_copy(config->include, config->include_count,
		    &client->include, &client->include_count);
	if (err == 0)
		err = patterns_copy(config->exclude, config->exclude_count,
		    &client->exclude, &client->exclude_count);
	client->is_all = patterns_say_nothing(config->include,
	    config->include_count);
	return err;
}

/* Can it stand in a header? */
static bool
is_header_text(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= 0x20 || *text >= 0x7f)
			return false;
	return true;
}

static int
config_check(const struct s3_client *client, struct err_note *note)
{
	if (strlen(client->prefix) > S3_KEY_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "the prefix is longer than %u bytes", S3_KEY_BYTES_MAX);
	if ((client->key_id[0] == '\0') != (client->secret[0] == '\0'))
		return err_set(note, ERR_INVALID,
		    "a key's name and its secret go together");
	if (client->session_token[0] != '\0' && client->key_id[0] == '\0')
		return err_set(note, ERR_INVALID,
		    "a session token goes with a key");
	if (strlen(client->key_id) > NAME_BYTES_MAX ||
	    strlen(client->secret) > S3_SECRET_BYTES_MAX ||
	    strlen(client->session_token) > S3_SECRET_BYTES_MAX ||
	    !is_header_text(client->key_id) ||
	    !is_header_text(client->session_token) ||
	    strpbrk(client->key_id, "/,") != NULL)
		return err_set(note, ERR_INVALID,
		    "the key is not one of an S3 service");
	return 0;
}

int
s3_client_new(const struct s3_config *config, struct s3_client **ret_client,
    struct err_note *note)
{
	const char *region = config->region == NULL ? "" : config->region;
	struct s3_client *client;
	int err;

	if (config->include_count > PATTERNS_MAX ||
	    config->exclude_count > PATTERNS_MAX)
		return err_set(note, ERR_TOO_BIG, "more than %u patterns",
		    PATTERNS_MAX);
	client = mem_zalloc(sizeof(*client));
	if (client == NULL)
		return err_set(note, ERR_NOMEM, "out of memory");
	client->provider = config->provider;
	client->style = config->style;
	client->is_prefix_whole = config->is_prefix_whole;
	client->is_name_whole = config->is_name_whole;
	client->is_region_given = region[0] != '\0';
	client->connect_ms = config->connect_ms;
	client->total_ms = config->total_ms;
	client->stall_ms = config->stall_ms;
	client->wait = config->wait == NULL ? wait_by_clock : config->wait;
	client->wait_arg = config->wait_arg;
	buf_init(&client->origin, NET_URL_BYTES_MAX);
	buf_init(&client->path, NET_URL_BYTES_MAX);
	err = copies_make(client, config);
	if (err < 0)
		(void)err_set(note, err, "out of memory");
	if (err == 0)
		err = config_check(client, note);
	if (err == 0)
		err = s3_place(client, region, note);
	if (err == 0)
		err = net_client_new(&config->policy, &client->net, note);
	if (err < 0)
		goto out;
	*ret_client = client;
	client = NULL;
out:
	s3_client_free(client);
	return err;
}

static void
secret_free(char *secret)
{
	if (secret != NULL)
		OPENSSL_cleanse(secret, strlen(secret));
	mem_free(secret);
}

static void
patterns_free(char **patterns, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		mem_free(patterns[i]);
	mem_free(patterns);
}

void
s3_client_free(struct s3_client *client)
{
	if (client == NULL)
		return;
	net_client_free(client->net);
	patterns_free(client->include, client->include_count);
	patterns_free(client->exclude, client->exclude_count);
	secret_free(client->key_id);
	secret_free(client->secret);
	secret_free(client->session_token);
	mem_free(client->endpoint);
	mem_free(client->account);
	mem_free(client->jurisdiction);
	mem_free(client->scheme);
	mem_free(client->bucket);
	mem_free(client->prefix);
	buf_fini(&client->origin);
	buf_fini(&client->path);
	mem_free(client);
}
