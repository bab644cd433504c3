/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/crash.h"

#ifdef SANITIZED

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t crash_once = PTHREAD_ONCE_INIT;
static char crash_name[64]; /* "": nowhere */
static atomic_long crash_left;

static void
crash_setup(void)
{
	const char *wish = getenv("TIDEMARK_CRASH_AT"), *colon;

	colon = wish == NULL ? NULL : strchr(wish, ':');
	if (colon == NULL || (size_t)(colon - wish) >= sizeof(crash_name))
		return;
	memcpy(crash_name, wish, (size_t)(colon - wish));
	atomic_store(&crash_left, strtol(colon + 1, NULL, 10));
}

void
crash_point(const char *name)
{
	(void)pthread_once(&crash_once, crash_setup);
	if (strcmp(name, crash_name) == 0 &&
	    atomic_fetch_sub(&crash_left, 1) == 1)
		(void)kill(getpid(), SIGKILL);
}

#endif
