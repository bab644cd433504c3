/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people write: their addresses, their passwords.  An address is held to
 * what mail servers take, not to all that RFC 5321 lets pass: no quotes, no
 * comments, no numbers in brackets, and a domain has a point in it.
 */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "engine/users.h"

/* Letters, digits and hyphens between points; what is not ASCII is taken for
 * a letter. */
static bool
domain_is(const char *domain)
{
	size_t i, label = 0, labels = 1;
	char c;

	for (i = 0; domain[i] != '\0'; i++) {
		c = domain[i];
		if (c == '.') {
			if (label == 0 || domain[i - 1] == '-')
				return false;
			label = 0;
			labels++;
			continue;
		}
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			(c == '-' && label > 0) || (c & 0x80) != 0) ||
		    ++label > 63)
			return false;
	}
	return label > 0 && domain[i - 1] != '-' && labels > 1;
}

static bool
local_is(const char *local, size_t len)
{
	size_t i;

	if (len == 0 || len > 64 || local[0] == '.' || local[len - 1] == '.')
		return false;
	for (i = 0; i < len; i++)
		if ((local[i] == '.' && local[i + 1] == '.') ||
		    (strchr("abcdefghijklmnopqrstuvwxyz0123456789"
			    ".!#$%&'*+/=?^_`{|}~-", local[i]) == NULL &&
			(local[i] & 0x80) == 0))
			return false;
	return true;
}

int
email_clean(const char *email, char ret_email[EMAIL_BYTES_MAX + 1],
    struct err_note *note)
{
	char clean[EMAIL_BYTES_MAX + 1];
	const char *at;
	size_t i, len = strlen(email);

	if (len > EMAIL_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "The email address is too long.");
	if (!utf8_is_valid(email, len))
		return err_set(note, ERR_INVALID,
		    "The email address is not UTF-8.");
	for (i = 0; i <= len; i++)
		clean[i] = email[i] >= 'A' && email[i] <= 'Z'
		    ? (char)(email[i] - 'A' + 'a') : email[i];
	at = strchr(clean, '@');
	if (at == NULL)
		return err_set(note, ERR_INVALID,
		    "An email address must have an @-sign.");
	if (!local_is(clean, (size_t)(at - clean)))
		return err_set(note, ERR_INVALID,
		    "What stands before the @-sign is not valid.");
	if (!domain_is(at + 1))
		return err_set(note, ERR_INVALID,
		    "What stands behind the @-sign is not valid.");
	memcpy(ret_email, clean, len + 1);
	return 0;
}

int
password_allowed(const char *password, struct err_note *note)
{
	size_t len = strlen(password);

	if (len < PASSWORD_BYTES_MIN || len > PASSWORD_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "A password has %u to %u bytes.", PASSWORD_BYTES_MIN,
		    PASSWORD_BYTES_MAX);
	if (!utf8_is_valid(password, len))
		return err_set(note, ERR_INVALID,
		    "A password must be UTF-8.");
	return 0;
}
