/*
 * ask: one query to a Tidemark base, with libcurl.
 *
 *	cc -o ask ask.c -lcurl
 *	TIDEMARK_API_KEY=... ./ask handbook '{"query":"revoke a key"}'
 *
 * The answer is printed as it comes: JSON with one object per result, best
 * first, and the generation of the index that was searched.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	const char *key = getenv("TIDEMARK_API_KEY");
	const char *server = getenv("TIDEMARK_URL");
	char auth[256], url[512];
	struct curl_slist *headers = NULL;
	CURL *curl;
	CURLcode code;

	if (argc != 3 || key == NULL) {
		fprintf(stderr, "usage: TIDEMARK_API_KEY=... ask BASE JSON\n");
		return 2;
	}
	if (server == NULL)
		server = "http://127.0.0.1:8420";
	snprintf(url, sizeof(url), "%s/tidemark/v1/bases/%s/query", server,
	    argv[1]);
	snprintf(auth, sizeof(auth), "Authorization: Bearer %s", key);

	curl = curl_easy_init();
	if (curl == NULL)
		return 3;
	headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers, auth);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, argv[2]);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		fprintf(stderr, "%s: %s\n", url, curl_easy_strerror(code));
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return code == CURLE_OK ? 0 : 3;
}
