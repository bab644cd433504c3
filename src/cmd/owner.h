/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner: root works on a data folder as the user whose it is, so that nothing
 * in it becomes root's, which the server could not open any more.
 */
#ifndef CMD_OWNER_H
#define CMD_OWNER_H

struct err_note;

/* From now on act as the owner of dir, when this is root and dir is not
 * root's; else nothing happens.  The real user stays what it is. */
int owner_become(const char *dir, struct err_note *note);
/* Be oneself again. */
void owner_return(void);

#endif
