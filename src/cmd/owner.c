/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd/owner.h"

int
owner_become(const char *dir, struct err_note *note)
{
	struct stat st;

	if (getuid() != 0 || stat(dir, &st) < 0 || st.st_uid == 0)
		return 0; /* what is not there is told by who opens it */
	if (setegid(st.st_gid) < 0 || seteuid(st.st_uid) < 0)
		return err_set(note, err_from_errno(errno),
		    "cannot act as the owner of %s: %s", dir,
		    strerror(errno));
	return 0;
}

void
owner_return(void)
{
	/* Back to the real ones, which is always allowed. */
	if (geteuid() != getuid())
		(void)!seteuid(getuid());
	if (getegid() != getgid())
		(void)!setegid(getgid());
}
