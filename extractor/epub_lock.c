/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digital locks.  META-INF/encryption.xml lists what is encrypted; fonts that
 * are only disguised are in it as well and lock nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "extractor/epub.h"
#include "extractor/package.h"
#include "extractor/xml.h"

struct locks {
	struct epub *epub;
	bool is_method_known, is_disguise;
};

static bool
is_disguise(const char *algorithm)
{
	return strcmp(algorithm, "http://www.idpf.org/2008/embedding") == 0 ||
	    strcmp(algorithm, "http://ns.adobe.com/pdf/enc#RC") == 0;
}

static int
locks_start(void *arg, enum xml_ns ns, const char *name,
    const struct xml_attributes *attributes)
{
	struct locks *locks = arg;
	struct epub *epub = locks->epub;
	char value[EPUB_PATH_MAX], path[EPUB_PATH_MAX];
	long index;

	(void)ns;
	if (strcmp(name, "EncryptedData") == 0) {
		locks->is_method_known = locks->is_disguise = false;
	} else if (strcmp(name, "EncryptionMethod") == 0 &&
	    !locks->is_method_known) {
		/* The first one is of the data, others of their keys. */
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "Algorithm",
		    value, sizeof(value));
		locks->is_method_known = true;
		locks->is_disguise = is_disguise(value);
	} else if (strcmp(name, "CipherReference") == 0 &&
	    !locks->is_disguise) {
		(void)xml_attribute_copy(attributes, XML_NS_NONE, "URI",
		    value, sizeof(value));
		if (!epub_resolve("", value, path, sizeof(path)))
			return 0;
		index = epub_find(epub, path);
		if (index >= 0)
			epub->locked[index] = 1;
	}
	return 0;
}

int
epub_read_locks(struct epub *epub)
{
	static const struct xml_events events = {.start = locks_start};
	struct locks locks = {.epub = epub};
	int err;

	epub->locked = mem_zalloc((size_t)package_count(epub->package) + 1);
	if (epub->locked == NULL)
		return ERR_NOMEM;
	err = xml_parse_part(epub->package, "META-INF/encryption.xml",
	    &events, &locks, NULL);
	return err == ERR_NOMEM ? err : 0; /* damaged: the parts will tell */
}
