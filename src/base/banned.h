/* SPDX-License-Identifier: Apache-2.0 */
/*
 * banned: calls that do not compile here.  Force-included by the Makefile
 * into every file of src/ and extractor/; base/mem.c alone is
 * compiled with BANNED_OFF.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#ifndef BANNED_OFF
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef BANNED_WITH_GLIB
#include <glib.h> /* its macros mention malloc */
#endif
#ifdef BANNED_WITH_POPPLER
#include <poppler.h> /* a struct of it has a member ctime */
#endif
#ifdef __SSE2__
/* The vector headers bring an allocator that they must read unpoisoned. */
#include <mm_malloc.h>
#endif
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets atoi
#pragma GCC poison atol localtime gmtime ctime asctime
#pragma GCC poison malloc calloc realloc strdup strndup
#endif

#endif
