/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is an address is decided by libcurl's own parser: a second opinion
 * would be the gap that an odd spelling slips through.
 */
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "net/net.h"
#include "net/net_int.h"

static int
host_fill(CURLU *url, struct net_host *host, struct err_note *note)
{
	char *name = NULL, *port = NULL;
	size_t len, i;
	int err = 0;

	if (curl_url_get(url, CURLUPART_HOST, &name, 0) != CURLUE_OK ||
	    name[0] == '\0' || strlen(name) >= sizeof(host->name)) {
		err = err_set(note, ERR_INVALID,
		    "the address has no host that could be asked");
		goto out;
	}
	(void)curl_url_get(url, CURLUPART_PORT, &port, 0);
	(void)snprintf(host->where, sizeof(host->where), "%s%s%.5s", name,
	    port == NULL ? "" : ":", port == NULL ? "" : port);
	len = strlen(name);
	if (name[0] == '[' && name[len - 1] == ']') {
		(void)snprintf(host->name, sizeof(host->name), "%.*s",
		    (int)len - 2, name + 1);
	} else {
		if (name[len - 1] == '.')
			len--;
		(void)snprintf(host->name, sizeof(host->name), "%.*s",
		    (int)len, name);
	}
	for (i = 0; host->name[i] != '\0'; i++)
		host->name[i] =
		    (char)tolower((unsigned char)host->name[i]);
out:
	curl_free(name);
	curl_free(port);
	return err;
}

int
net_url_host(const char *text, struct net_host *ret_host,
    struct err_note *note)
{
	struct net_host host;
	char *scheme = NULL;
	CURLU *url = NULL;
	CURLUcode code;
	int err = 0;

	if (strlen(text) > NET_URL_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "the address is longer than %u bytes", NET_URL_BYTES_MAX);
	if (!utf8_is_valid(text, strlen(text)))
		return err_set(note, ERR_INVALID, "the address is no UTF-8");
	url = curl_url();
	if (url == NULL)
		return ERR_NOMEM;
	code = curl_url_set(url, CURLUPART_URL, text,
	    CURLU_DISALLOW_USER);
	if (code == CURLUE_OUT_OF_MEMORY) {
		err = ERR_NOMEM;
		goto out;
	}
	/* Not quoted: there may be a password in it. */
	if (code != CURLUE_OK) {
		err = err_set(note, ERR_INVALID, "%s",
		    code == CURLUE_USER_NOT_ALLOWED ?
			"an address with a user's name in it is not used" :
			"the address is not http://HOST... or https://HOST...");
		goto out;
	}
	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
		err = err_set(note, ERR_INVALID,
		    "the address is not http://HOST... or https://HOST...");
		goto out;
	}
	err = host_fill(url, &host, note);
	if (err == 0)
		*ret_host = host;
out:
	curl_free(scheme);
	curl_url_cleanup(url);
	return err;
}

int
net_url_check(const char *url, struct err_note *note)
{
	struct net_host host;

	return net_url_host(url, &host, note);
}
