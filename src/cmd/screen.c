/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screen: a frame goes out as one write, between the marks of a synchronized
 * update, which terminals that do not know them leave alone.  Each line is
 * overwritten and then cleared to its end, never the other way round: nothing
 * flickers where there are no marks either.
 *
 * A terminal that becomes narrower wraps what stands there.  How many lines
 * the frame takes then follows from what each line took; a terminal that cuts
 * instead (xterm) loses some lines above.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cmd/job_view.h"
#include "cmd/screen.h"
#include "cmd/term.h"
#include "sys/clock.h"

#define PLAIN_US 1000000 /* between two plain lines */
#define FRAME_BYTES_MAX (64 * KIB)
#define LINE_BYTES_MAX (8 * KIB)
#define SYNC_BEGIN "\033[?2026h"
#define SYNC_END "\033[?2026l"
#define CURSOR_HIDE "\033[?25l"
#define CURSOR_SHOW "\033[?25h"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"

/* ---- signals ---------------------------------------------------------- */

/* The terminal whose cursor is hidden; -1 none. */
static volatile sig_atomic_t hidden_fd = -1;
static volatile sig_atomic_t is_resized;
static volatile sig_atomic_t is_continued;

void
screen_leave(void)
{
	static const char bytes[] = SYNC_END CURSOR_SHOW "\r\n";

	if (hidden_fd >= 0)
		(void)!write(hidden_fd, bytes, sizeof(bytes) - 1);
	hidden_fd = -1;
}

static void
on_resize(int number)
{
	(void)number;
	is_resized = 1;
}

/* The signal then does what it does without us. */
static void
on_end(int number)
{
	int saved = errno;

	screen_leave();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
	errno = saved;
}

static void
on_stop(int number)
{
	struct sigaction action = {.sa_handler = on_stop};
	int saved = errno;

	screen_leave();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
	/* Here again after SIGCONT; the shell has written below the frame. */
	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = SA_NODEFER | SA_RESTART;
	(void)sigaction(number, &action, NULL);
	is_continued = 1;
	errno = saved;
}

/* What is ignored, as below nohup, stays so. */
static void
catch(int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler}, old;

	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = SA_NODEFER | SA_RESTART;
	if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
		(void)sigaction(number, &action, NULL);
}

static void
catch_all(void)
{
	catch(SIGWINCH, on_resize);
	catch(SIGTSTP, on_stop);
	catch(SIGQUIT, on_end);
	catch(SIGHUP, on_end);
	catch(SIGABRT, on_end);
}

/* ---- drawing ---------------------------------------------------------- */

void
screen_init(struct screen *screen, FILE *out)
{
	*screen = (struct screen){
	    .out = out,
	    .is_live = out != NULL && term_is_live(out),
	};
	if (!screen->is_live)
		return;
	term_face(out, &screen->face);
	catch_all();
}

bool
screen_is_stale(const struct screen *screen)
{
	return screen->is_live && (is_resized != 0 || is_continued != 0);
}

static void
write_all(int fd, const char *bytes, size_t len)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	ssize_t n;

	while (len > 0) {
		n = write(fd, bytes, len);
		if (n < 0 && errno == EAGAIN)
			(void)poll(&room, 1, -1);
		else if (n < 0 && errno != EINTR)
			return; /* the terminal has gone */
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
}

/* To the beginning of the frame that stands. */
static void
home_put(struct screen *screen, struct buf *out)
{
	unsigned i, rows = 0;

	if (screen->lines == 0)
		return;
	for (i = 0; i < screen->lines; i++)
		rows += screen->columns[i] <= screen->face.width ?
		    1 :
		    (screen->columns[i] + screen->face.width - 1) /
			screen->face.width;
	if (rows > screen->face.height)
		rows = screen->face.height;
	(void)buf_putc(out, '\r');
	if (rows > 1)
		(void)buf_printf(out, "\033[%uA", rows - 1);
}

/* Columns of a line of a frame, in which only colour is no text. */
static unsigned
line_columns(const char *line, size_t len)
{
	size_t i, start = 0, columns = 0;

	for (i = 0; i < len; i++) {
		if (line[i] != '\033')
			continue;
		columns += text_width(line + start, i - start);
		while (i < len && line[i] != 'm')
			i++;
		start = i + 1;
	}
	if (start < len)
		columns += text_width(line + start, len - start);
	return (unsigned)columns;
}

static void
lines_put(struct screen *screen, const char *text, struct buf *out)
{
	size_t len;

	screen->lines = 0;
	for (;;) {
		len = strcspn(text, "\n");
		(void)buf_put(out, text, len);
		(void)buf_puts(out, CLEAR_LINE);
		screen->columns[screen->lines++] = line_columns(text, len);
		if (text[len] == '\0' || screen->lines == FRAME_LINES_MAX)
			break;
		(void)buf_puts(out, "\r\n");
		text += len + 1;
	}
}

/* Put into the background, the terminal is somebody else's: nothing is drawn
 * until it is ours again. */
static bool
is_background(const struct screen *screen)
{
	pid_t group = tcgetpgrp(fileno(screen->out));

	return group > 0 && group != getpgrp();
}

static void
draw(struct screen *screen, const char *text)
{
	struct buf out;

	if (is_background(screen)) {
		screen->lines = 0;
		return;
	}
	buf_init(&out, FRAME_BYTES_MAX);
	(void)buf_puts(&out, SYNC_BEGIN);
	/* Also again: after a stop the shell may have shown it. */
	(void)buf_puts(&out, CURSOR_HIDE);
	home_put(screen, &out);
	lines_put(screen, text, &out);
	(void)buf_puts(&out, CLEAR_BELOW SYNC_END);
	(void)fflush(screen->out);
	hidden_fd = fileno(screen->out);
	if (out.err == 0)
		write_all(fileno(screen->out), out.data, out.len);
	buf_fini(&out);
}

/* What the terminal is like now; a frame that the shell has written below is
 * left to it. */
static void
face_refresh(struct screen *screen)
{
	if (is_continued != 0) {
		is_continued = 0;
		is_resized = 1;
		screen->lines = 0;
	}
	if (is_resized != 0) {
		is_resized = 0;
		term_face(screen->out, &screen->face);
	}
}

void
screen_clear(struct screen *screen)
{
	struct buf out;

	if (screen->out == NULL)
		return;
	(void)fflush(screen->out);
	if (!screen->is_live)
		return;
	face_refresh(screen);
	if (screen->lines == 0)
		return;
	buf_init(&out, KIB);
	home_put(screen, &out);
	(void)buf_puts(&out, CLEAR_BELOW CURSOR_SHOW);
	write_all(fileno(screen->out), buf_text(&out), out.len);
	buf_fini(&out);
	screen->lines = 0;
	hidden_fd = -1;
}

/* ---- plain lines ------------------------------------------------------ */

/* Without a terminal: what has changed, once a second at most. */
static void
plain(struct screen *screen, const char *text, bool is_last)
{
	bool is_news = strcmp(text, screen->last) != 0;
	int64_t now = clock_mono_us();

	screen->is_owed = is_news && !is_last && screen->last[0] != '\0' &&
	    now - screen->drawn_us < PLAIN_US;
	if (!is_news || screen->is_owed)
		return;
	screen->drawn_us = now;
	(void)snprintf(screen->last, sizeof(screen->last), "%s", text);
	(void)fprintf(screen->out, "%s\n", text);
	(void)fflush(screen->out);
}

void
screen_words(struct screen *screen, const char *words)
{
	struct buf text;

	if (screen->out == NULL)
		return;
	if (!screen->is_live) {
		plain(screen, words, false);
		return;
	}
	face_refresh(screen);
	buf_init(&text, LINE_BYTES_MAX);
	frame_words_put(&text, words, &screen->face);
	draw(screen, buf_text(&text));
	buf_fini(&text);
}

void
screen_view(struct screen *screen, const struct job_view *view,
    const struct failures *failures)
{
	struct buf text;

	if (screen->out == NULL)
		return;
	buf_init(&text, FRAME_BYTES_MAX);
	if (screen->is_live) {
		face_refresh(screen);
		frame_put(&text, view, failures, &screen->face);
		draw(screen, buf_text(&text));
	} else {
		text_clean(&text, view->base, strlen(view->base));
		(void)buf_puts(&text, ": ");
		job_view_line(view, &text);
		plain(screen, buf_text(&text), job_view_is_final(view));
	}
	buf_fini(&text);
}
