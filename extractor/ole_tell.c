/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extractor/ole.h"
#include "extractor/sniff.h"

static const struct {
	const char *entry;
	enum format_id id; /* FORMAT_COUNT: it is not read */
	const char *media_type, *words;
} tells[] = {
#define OLE_READ(entry, id) {entry, FORMAT_##id, "", ""},
#define OLE_OTHER(entry, media_type, words)                                   \
	{entry, FORMAT_COUNT, media_type, words},
#include "extractor/ole_tell_tbl.h"
};

/* Streams that stand for what cannot be read without a key. */
static const char *const locked[] = {"EncryptedPackage", "EncryptionInfo",
    "\011DRMContent", "DRMContent", "\006DataSpaces"};

/* Installers pack their names into characters from U+3800 on. */
static int
is_packed_name(void *arg, const char *name, bool is_folder, uint64_t size)
{
	size_t len;
	uint32_t c = *name == '\0' ? 0 : utf8_decode(name, strlen(name), &len);

	(void)arg;
	(void)is_folder;
	(void)size;
	return c >= 0x3800 && c <= 0x4840;
}

static int
is_anything(void *arg, const char *name, bool is_folder, uint64_t size)
{
	(void)arg;
	(void)name;
	(void)is_folder;
	(void)size;
	return 1;
}

static int
unsupported(char *media_type, size_t size, const char *type,
    const char *words, struct err_note *note)
{
	(void)snprintf(media_type, size, "%s", type);
	return err_set(note, ERR_UNSUPPORTED,
	    "this type of file is not supported: %s", words);
}

static int
tell(const struct ole *ole, enum format_id *ret_id, char *media_type,
    size_t size, struct err_note *note)
{
	size_t i;

	for (i = 0; i < sizeof(locked) / sizeof(locked[0]); i++) {
		if (!ole_has(ole, locked[i]))
			continue;
		(void)snprintf(media_type, size,
		    "application/x-ole-encrypted");
		return err_set(note, ERR_FORBIDDEN,
		    "the document needs a password to be read");
	}
	for (i = 0; i < sizeof(tells) / sizeof(tells[0]); i++) {
		if (!ole_has(ole, tells[i].entry))
			continue;
		if (tells[i].id == FORMAT_COUNT)
			return unsupported(media_type, size,
			    tells[i].media_type, tells[i].words, note);
		*ret_id = tells[i].id;
		return 0;
	}
	if (ole_each(ole, "", is_packed_name, NULL) != 0)
		return unsupported(media_type, size, "application/x-msi",
		    "a package of the Windows Installer", note);
	if (ole_each(ole, "", is_anything, NULL) == 0)
		return err_set(note, ERR_SYNTAX,
		    "the compound file is empty, or its directory is damaged");
	return unsupported(media_type, size, "application/x-ole-storage",
	    "a compound file of an unknown program", note);
}

int
ole_tell(struct input *input, enum format_id *ret_id, char *media_type,
    size_t size, struct err_note *note)
{
	struct ole *ole = NULL;
	int err;

	(void)snprintf(media_type, size, "application/x-ole-storage");
	err = ole_open(input, &ole, note);
	if (err < 0)
		return err;
	err = tell(ole, ret_id, media_type, size, note);
	if (err == 0 && *ret_id != FORMAT_COUNT)
		media_type[0] = '\0';
	ole_close(ole);
	return err;
}
