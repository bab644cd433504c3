/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_place_tbl: kinds of file systems that a data folder should not be on,
 * by the numbers of statfs(2).  is_wrong: SQLite's log needs memory that all
 * who open it share, and locks that hold; here it may lose data.
 */
/* clang-format off */
#define MOVE "move the data folder to a local disk"
/*    number      is_wrong name        why                                        remedy */
PLACE(0x00006969, true,  "NFS",       "locks and shared memory do not hold there", MOVE)
PLACE(0x0000517b, true,  "SMB",       "locks and shared memory do not hold there", MOVE)
PLACE(0xff534d42, true,  "CIFS",      "locks and shared memory do not hold there", MOVE)
PLACE(0xfe534d42, true,  "SMB2",      "locks and shared memory do not hold there", MOVE)
PLACE(0x01021997, true,  "9P",        "locks and shared memory do not hold there", MOVE)
PLACE(0x5346414f, true,  "AFS",       "locks and shared memory do not hold there", MOVE)
PLACE(0x00c36400, true,  "Ceph",      "it is shared between machines",            MOVE)
PLACE(0x0bd00bd0, true,  "Lustre",    "it is shared between machines",            MOVE)
PLACE(0x01161970, true,  "GFS2",      "it is shared between machines",            MOVE)
PLACE(0x7461636f, true,  "OCFS2",     "it is shared between machines",            MOVE)
PLACE(0x00004d44, true,  "FAT",       "it has no rights: everybody can read it",  MOVE)
PLACE(0x2011bab0, true,  "exFAT",     "it has no rights: everybody can read it",  MOVE)
PLACE(0x65735546, false, "FUSE",      "whether flushes and locks hold depends on the program behind it", MOVE)
PLACE(0x794c7630, false, "overlayfs", "a container's own layer goes with the container", "put a volume there")
PLACE(0x01021994, false, "tmpfs",     "it is memory: all of it is gone at the next boot", MOVE)
PLACE(0x858458f6, false, "ramfs",     "it is memory: all of it is gone at the next boot", MOVE)
#undef MOVE
/* clang-format on */
#undef PLACE
