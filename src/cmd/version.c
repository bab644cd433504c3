/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <jansson.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unicode/uvernum.h>

#include "base/err.h"
#include "cmd/client.h"
#include "cmd/cmd.h"
#include "cmd/version.h"

static void
version_print(void)
{
	(void)printf("tidemark %s\n", TIDEMARK_VERSION);
#define FEATURE(name, what) (void)printf("  %-14s %s\n", name, what);
#define LIBRARY(name, version) (void)printf("  %-14s %s\n", name, version);
#include "cmd/feature_tbl.h"
}

static int
version_print_json(void)
{
	json_t *features = json_object(), *libraries = json_object();
	json_t *all;
	int failed = 0;

#define FEATURE(name, what)                                                   \
	failed |= json_object_set_new(features, name, json_string(what));
#define LIBRARY(name, version)                                                \
	failed |= json_object_set_new(libraries, name, json_string(version));
#include "cmd/feature_tbl.h"
	all = json_pack("{s:s, s:o, s:o}", "version", TIDEMARK_VERSION,
	    "features", features, "libraries", libraries);
	if (all == NULL || failed != 0) {
		json_decref(all);
		return ERR_NOMEM;
	}
	json_print(all);
	json_decref(all);
	return 0;
}

int
cmd_version(const struct args *args)
{
	int err = 0;

	if (args_has(args, OPT(JSON)))
		err = version_print_json();
	else
		version_print();
	return err < 0 ? cmd_error("version", err, NULL) : CMD_DONE;
}
