/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile: what a hijacked reader would do.
 *
 * For tests only: this file is linked with the extractor's own objects into
 * tidemark-extract-hostile, and the linker lets it stand in front of
 * format_tell() (--wrap), so that the program that ships has no trace of it.
 * A file that begins with "TIDEMARK-HOSTILE <word>" is read by the row of
 * that word, behind the closed sandbox; all others are read as ever.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "extract/wire.h"
#include "extractor/emit.h"
#include "extractor/format.h"
#include "extractor/input.h"
#include "extractor/serve.h"

#define HOSTILE_MAGIC "TIDEMARK-HOSTILE "

/* 0 when an attempt failed, 1 when it was possible; ERR_CLOSED when the
 * answer was given by hand. */
typedef int hostile_fn(struct emit *emit);

/* What the program is linked with instead of format_tell(). */
int __wrap_format_tell(struct input *input, const char *name,
    char *media_type, size_t size, const struct format **ret_format,
    struct err_note *note);
int __real_format_tell(struct input *input, const char *name,
    char *media_type, size_t size, const struct format **ret_format,
    struct err_note *note);

/* ---- frames by hand ----------------------------------------------------- */

static void
raw(const void *bytes, size_t len)
{
	if (serve_write(NULL, bytes, len) < 0)
		_exit(0);
}

static void
put(const struct emit *emit, unsigned type, unsigned kind, unsigned level,
    const void *payload, size_t len)
{
	struct wire_frame frame = {
	    .len = htole32((uint32_t)len),
	    .type = (uint8_t)type,
	    .kind = (uint8_t)kind,
	    .level = (uint8_t)level,
	    .id = htole32(emit->id),
	};

	raw(&frame, sizeof(frame));
	if (len > 0)
		raw(payload, len);
}

static void
put_block(const struct emit *emit, const char *text)
{
	put(emit, WIRE_BLOCK, BLOCK_PARAGRAPH, 0, text, strlen(text));
}

static void
put_end(const struct emit *emit, unsigned code, uint64_t text_bytes)
{
	struct wire_end end = {
	    .code = htole32(code),
	    .text_bytes = htole64(text_bytes),
	};

	put(emit, WIRE_END, 0, 0, &end, sizeof(end));
}

static void
put_member_end(const struct emit *emit, unsigned code, uint64_t bytes)
{
	struct wire_member_end end = {
	    .code = htole32(code),
	    .bytes = htole64(bytes),
	};

	put(emit, WIRE_MEMBER_END, 0, 0, &end, sizeof(end));
}

/* Sleep without a call that is meant for it. */
static void
doze(const struct timespec *most)
{
	static uint32_t word;

	(void)syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, most, NULL, 0);
}

/* ---- out of the sandbox ------------------------------------------------- */

static int
is_possible(long result)
{
	return result >= 0 ? 1 : 0;
}

#define ATTEMPT(name, call)                                                   \
	static int name(struct emit *emit)                                    \
	{                                                                     \
		(void)emit;                                                   \
		return is_possible(call);                                     \
	}

static struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "/x"};
static const struct itimerval no_timer;
static char *const no_words[] = {NULL};
static char message[] = "x";
static struct iovec message_part = {message, 1};
static struct msghdr message_head = {.msg_iov = &message_part,
    .msg_iovlen = 1};

ATTEMPT(try_open, open("/etc/passwd", O_RDONLY | O_CLOEXEC))
ATTEMPT(try_create,
    open("/tmp/tidemark-hostile", O_CREAT | O_WRONLY | O_CLOEXEC, 0600))
ATTEMPT(try_unlink, unlink("/tmp/tidemark-hostile-file"))
ATTEMPT(try_stat, syscall(SYS_newfstatat, AT_FDCWD, "/", NULL, 0))
ATTEMPT(try_tcp, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
ATTEMPT(try_udp, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
ATTEMPT(try_unix, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
ATTEMPT(try_connect,
    connect(WIRE_FD, (struct sockaddr *)&nobody, sizeof(nobody)))
ATTEMPT(try_send_other, send(2, "x", 1, MSG_NOSIGNAL))
ATTEMPT(try_sendmsg, sendmsg(WIRE_FD, &message_head, MSG_NOSIGNAL))
ATTEMPT(try_send_urgent, send(WIRE_FD, "x", 1, MSG_OOB | MSG_NOSIGNAL))
ATTEMPT(try_send_to, sendto(WIRE_FD, "x", 1, MSG_NOSIGNAL,
    (struct sockaddr *)&nobody, sizeof(nobody)))
ATTEMPT(try_receive_urgent,
    recvmsg(WIRE_FD, &message_head, MSG_OOB | MSG_DONTWAIT))
ATTEMPT(try_read_other, pread(2, message, 1, 0))
ATTEMPT(try_alarm, setitimer(ITIMER_REAL, &no_timer, NULL))
ATTEMPT(try_requeue,
    syscall(SYS_futex, message, FUTEX_CMP_REQUEUE_PI, 1, 0, message, 0))
ATTEMPT(try_advice, madvise(NULL, 4096, MADV_PAGEOUT))
ATTEMPT(try_remap, syscall(SYS_mremap, 0, 4096, 4096,
    MREMAP_MAYMOVE | MREMAP_FIXED, 4096))
ATTEMPT(try_thread, syscall(SYS_clone, 0x10f00, 0, 0, 0, 0))
ATTEMPT(try_exec, execve("/bin/true", no_words, no_words))
ATTEMPT(try_execveat, syscall(SYS_execveat, 4, "", no_words, no_words,
    AT_EMPTY_PATH))
ATTEMPT(try_kill, syscall(SYS_kill, 1, 0))
ATTEMPT(try_tkill_other, syscall(SYS_tgkill, 1, 1, 0))
ATTEMPT(try_ptrace, syscall(SYS_ptrace, 0, 0, 0, 0))
ATTEMPT(try_peek, syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0))
ATTEMPT(try_memfd, syscall(SYS_memfd_create, "x", 0))
ATTEMPT(try_dup, dup(WIRE_FD))
ATTEMPT(try_ioctl, syscall(SYS_ioctl, 0, 0x5401, NULL))
ATTEMPT(try_mount, syscall(SYS_mount, "x", "/", "tmpfs", 0, NULL))
ATTEMPT(try_chroot, chroot("/"))
ATTEMPT(try_bpf, syscall(SYS_bpf, 0, NULL, 0))
ATTEMPT(try_io_uring, syscall(SYS_io_uring_setup, 1, NULL))
ATTEMPT(try_userns, syscall(SYS_unshare, 0x10000000))
ATTEMPT(try_shm, syscall(SYS_shmget, 0, 4096, 01600))

static int
try_fork(struct emit *emit)
{
	pid_t pid = fork();

	(void)emit;
	if (pid == 0)
		_exit(0);
	return is_possible(pid);
}

/* The document itself, mapped; and memory that code could be put into. */
static int
try_map_file(struct emit *emit)
{
	(void)emit;
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 4, 0) != MAP_FAILED;
}

static int
try_map_code(struct emit *emit)
{
	(void)emit;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static int
try_make_code(struct emit *emit)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)emit;
	return page != MAP_FAILED &&
	    mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

/* ---- without end -------------------------------------------------------- */

static int
take_memory(struct emit *emit)
{
	size_t size = 16 * MIB;
	char *block;

	(void)emit;
	for (;;) {
		block = mem_alloc(size);
		if (block == NULL)
			return 0;
		memset(block, 1, size);
	}
}

static unsigned
recurse(unsigned depth)
{
	volatile char frame[512];

	if (depth == 0)
		return 0;
	frame[depth % sizeof(frame)] = (char)depth;
	return recurse(depth + 1) + (unsigned char)frame[1];
}

static int
take_stack(struct emit *emit)
{
	return (int)recurse(emit->id) & 1;
}

static int
take_time(struct emit *emit)
{
	volatile unsigned long n = 0;

	(void)emit;
	for (;;)
		n++;
	return 0;
}

static int
sleep_on(struct emit *emit)
{
	(void)emit;
	for (;;)
		doze(NULL);
	return 0;
}

/* It could wait for the next request itself. */
static int
listen_on(struct emit *emit)
{
	(void)emit;
	for (;;)
		(void)recvmsg(WIRE_FD, &message_head, MSG_CMSG_CLOEXEC);
	return 0;
}

static int
half_frame(struct emit *emit)
{
	raw("\x10\0\0\0\2", 5);
	return sleep_on(emit);
}

/* Never silent for long. */
static int
trickle_text(struct emit *emit)
{
	static const struct timespec a_bit = {.tv_nsec = 5000000};

	for (;;) {
		put_block(emit, "drop");
		doze(&a_bit);
	}
	return 0;
}

static int
trickle_life(struct emit *emit)
{
	static const struct timespec a_bit = {.tv_nsec = 5000000};

	for (;;) {
		put(emit, WIRE_ALIVE, 0, 0, NULL, 0);
		doze(&a_bit);
	}
	return 0;
}

/* Never silent, so that the server always has something to receive. */
static int
flood_life(struct emit *emit)
{
	struct wire_frame frames[4096];
	size_t i;

	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		frames[i] = (struct wire_frame){.type = WIRE_ALIVE,
		    .id = htole32(emit->id)};
	for (;;)
		raw(frames, sizeof(frames));
	return 0;
}

/* What a library might do, a bit at a time: the memory stays taken. */
static int
leak(struct emit *emit)
{
	static void *kept;

	(void)emit;
	kept = mem_alloc(400 * MIB);
	return kept == NULL;
}

/* As much again, which is given back. */
static int
take_room(struct emit *emit)
{
	void *block = mem_alloc(400 * MIB);
	int failed = block == NULL;

	(void)emit;
	mem_free(block);
	return failed;
}

static int
write_text(struct emit *emit)
{
	char text[8192];

	memset(text, 'x', sizeof(text));
	for (;;)
		put(emit, WIRE_BLOCK, BLOCK_PARAGRAPH, 0, text, sizeof(text));
	return 0;
}

static int
write_members(struct emit *emit)
{
	for (;;) {
		put(emit, WIRE_MEMBER, 0, 0, "m", 1);
		put_member_end(emit, 0, 0);
	}
	return 0;
}

static int
write_member(struct emit *emit)
{
	char bytes[8192];

	memset(bytes, 'x', sizeof(bytes));
	put(emit, WIRE_MEMBER, 0, 0, "m", 1);
	for (;;)
		put(emit, WIRE_MEMBER_BYTES, 0, 0, bytes, sizeof(bytes));
	return 0;
}

/* ---- frames against the rules ------------------------------------------- */

/* Rows that send one wrong frame, then a proper end. */
#define GARBAGE(name, ...)                                                    \
	static int name(struct emit *emit)                                    \
	{                                                                     \
		__VA_ARGS__;                                                  \
		put_end(emit, 0, 0);                                          \
		return sleep_on(emit);                                        \
	}

GARBAGE(send_noise, raw("\xDE\xAD\xBE\xEF\xDE\xAD\xBE\xEF\0\0\0\0\0\0\0\0",
    16))
GARBAGE(send_long, raw("\1\0\4\0\2\1\0\0\0\0\0\0\1\0\0\0", 16))
GARBAGE(send_type, put(emit, 77, 0, 0, NULL, 0))
GARBAGE(send_hello, put(emit, WIRE_HELLO, 0, 0, NULL, 0))
GARBAGE(send_id, emit->id += 3; put_block(emit, "x"); emit->id -= 3)
GARBAGE(send_empty, put_block(emit, ""))
GARBAGE(send_bytes, put_block(emit, "\xC3("))
GARBAGE(send_nul, put(emit, WIRE_BLOCK, BLOCK_CODE, 0, "a\0b", 3))
GARBAGE(send_kind, put(emit, WIRE_BLOCK, 99, 0, "x", 1))
GARBAGE(send_level, put(emit, WIRE_BLOCK, BLOCK_HEADING, 9, "x", 1))
GARBAGE(send_meta, put(emit, WIRE_META, 0, 0, "short", 5))
GARBAGE(send_end_short, put(emit, WIRE_END, 0, 0, "short", 5))
GARBAGE(send_end_sum, put_end(emit, 0, 999))
GARBAGE(send_end_code, put_end(emit, ITEM_CODE_CANCELLED, 0))
GARBAGE(send_alive, put(emit, WIRE_ALIVE, 0, 0, "x", 1))
GARBAGE(send_property_kind, put(emit, WIRE_PROPERTY, 99, 0, "x", 1))
GARBAGE(send_property_empty, put(emit, WIRE_PROPERTY, 1, 0, NULL, 0))
GARBAGE(send_property_control, put(emit, WIRE_PROPERTY, 1, 0, "a\nb", 3))
GARBAGE(send_property_twice, put(emit, WIRE_PROPERTY, 1, 0, "x", 1);
	put(emit, WIRE_PROPERTY, 1, 0, "x", 1))
GARBAGE(send_member_nameless, put(emit, WIRE_MEMBER, 0, 0, NULL, 0))
GARBAGE(send_member_control, put(emit, WIRE_MEMBER, 0, 0, "a\nb", 3))
GARBAGE(send_member_in_member, put(emit, WIRE_MEMBER, 0, 0, "a", 1);
	put(emit, WIRE_MEMBER, 0, 0, "b", 1))
GARBAGE(send_bytes_of_none, put(emit, WIRE_MEMBER_BYTES, 0, 0, "x", 1))
GARBAGE(send_end_of_none, put_member_end(emit, 0, 0))
GARBAGE(send_member_sum, put(emit, WIRE_MEMBER, 0, 0, "a", 1);
	put_member_end(emit, 0, 5))
GARBAGE(send_member_code, put(emit, WIRE_MEMBER, 0, 0, "a", 1);
	put_member_end(emit, ITEM_CODE_STORAGE_FULL, 0))
GARBAGE(send_block_in_member, put(emit, WIRE_MEMBER, 0, 0, "a", 1);
	put_block(emit, "x"))
GARBAGE(send_end_in_member, put(emit, WIRE_MEMBER, 0, 0, "a", 1))

/* A proper answer, and then some: the next file must not see it. */
static int
send_after_end(struct emit *emit)
{
	put_block(emit, "all");
	put_end(emit, 0, 3);
	for (;;)
		put_block(emit, "more");
	return 0;
}

/* Not hostile: readers of damaged documents stop anywhere. */
static int
leave_members(struct emit *emit)
{
	(void)emit_member_begin(emit, "a", 1);
	(void)emit_member_bytes(emit, "x", 1);
	(void)emit_member_begin(emit, "b", 1);
	(void)emit_member_bytes(emit, "y", 1);
	(void)emit_member_end(emit, ITEM_CODE_NONE, NULL);
	(void)emit_member_begin(emit, "c", 1);
	(void)emit_property(emit, PROPERTY_AUTHOR, "Ada", 3);
	(void)emit_member_begin(emit, "d", 1);
	return 0;
}

/* ---- an early end ------------------------------------------------------- */

static int
exit_early(struct emit *emit)
{
	put_block(emit, "first");
	_exit(0);
}

static int
exit_behind(struct emit *emit)
{
	put_block(emit, "all");
	put_end(emit, 0, 3);
	_exit(0);
}

static int
abort_now(struct emit *emit)
{
	put_block(emit, "first");
	abort();
}

/* A child's first requests have odd numbers in the tests. */
static int
crash_once(struct emit *emit)
{
	put_block(emit, "first");
	if (emit->id % 2 == 1)
		_exit(9);
	put_block(emit, "second");
	put_end(emit, 0, 11);
	return ERR_CLOSED;
}

/* ---- the table ---------------------------------------------------------- */

static const struct {
	const char *word;
	hostile_fn *fn;
} hostile_rows[] = {
#define HOSTILE(word, function, ending, starts) {word, function},
#include "tests/hostile/hostile_tbl.h"
};

static hostile_fn *hostile_now;

static int
read_hostile(struct input *input, struct emit *emit, struct err_note *note)
{
	const char *words;
	int result;

	(void)input;
	(void)note;
	result = hostile_now(emit);
	if (result < 0)
		return result;
	words = result > 0 ? "POSSIBLE" : "refused";
	return emit_block(emit, BLOCK_PARAGRAPH, 0, words, strlen(words));
}

static const struct format hostile_format = {
    .media_type = "text/x-hostile",
    .read = read_hostile,
    .shape = FORMAT_IS_BINARY,
    .extensions = " ",
};

int
__wrap_format_tell(struct input *input, const char *name, char *media_type,
    size_t size, const struct format **ret_format, struct err_note *note)
{
	const char *word = input->raw + strlen(HOSTILE_MAGIC);
	size_t i, len;

	for (i = 0; i < sizeof(hostile_rows) / sizeof(hostile_rows[0]); i++) {
		len = strlen(HOSTILE_MAGIC) + strlen(hostile_rows[i].word);
		if (input->raw_len != len ||
		    memcmp(input->raw, HOSTILE_MAGIC, strlen(HOSTILE_MAGIC)) !=
			0 ||
		    memcmp(word, hostile_rows[i].word,
			strlen(hostile_rows[i].word)) != 0)
			continue;
		hostile_now = hostile_rows[i].fn;
		(void)snprintf(media_type, size, "%s",
		    hostile_format.media_type);
		*ret_format = &hostile_format;
		return 0;
	}
	return __real_format_tell(input, name, media_type, size, ret_format,
	    note);
}
