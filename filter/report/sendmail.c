/*
 * sendmail.c - runs the sendmail command. The sender calls it between the two marks in the store.
 */
#include "report/sendmail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "report/destination.h"

enum {
	PATIENCE_S = 300, /* a queue on a busy disk is slow; a command that hangs is killed */
	WORDS_MAX = 300,  /* octets of what it said */
	ARGUMENTS_MAX = 128
};

struct running {
	pid_t pid;
	int output;
	char said[WORDS_MAX + 1];
	size_t said_length;
};

static void add_word(char **text, size_t *count, const char *word, size_t length,
                     struct arena *arena)
{
	if (length > 0 && *count + 1 < ARGUMENTS_MAX)
		text[(*count)++] = arena_copy(arena, word, length);
}

static char **arguments(const struct sendmail_request *mail, struct arena *arena)
{
	char **text = arena_allocate(arena, ARGUMENTS_MAX * sizeof *text);
	const char *sender = mail->envelope_sender[0] == '\0' ? "<>" : mail->envelope_sender;
	const char *at = mail->command;
	size_t count = 0;

	while (*at != '\0') {
		size_t length = strcspn(at, " ");

		add_word(text, &count, at, length, arena);
		at += length + (at[length] == ' ');
	}
	/* -i: a line with only a dot does not end the mail */
	add_word(text, &count, "-i", 2, arena);
	add_word(text, &count, "-f", 2, arena);
	add_word(text, &count, sender, strlen(sender), arena);
	add_word(text, &count, "--", 2, arena);
	for (at = mail->recipients; *at != '\0'; at = destination_next(at))
		add_word(text, &count, at, destination_first(at), arena);
	return text;
}

/* In the child. What the parent blocked, ignored or opened is not the command's. */
static _Noreturn void execute(char **text, int input, int output)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* of the terminal: the mail under way is to arrive */
	setpgid(0, 0);
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execv(text[0], text);
	dprintf(STDERR_FILENO, "%s cannot be run: %s", text[0], strerror(errno));
	_exit(127);
}

/*
 * The mail is complete before the command starts: in a pipe, the end of our process would look like
 * the end of the mail, and half a report would go out.
 */
static int mail_file(const char *text, size_t length, struct problem *problem)
{
	int file = memfd_create("assay-report", MFD_CLOEXEC);
	size_t written = 0;

	while (file >= 0 && written < length) {
		ssize_t more = write(file, text + written, length - written);

		if (more < 0 && errno != EINTR)
			break;
		written += more < 0 ? 0 : (size_t)more;
	}
	if (file >= 0 && written == length && lseek(file, 0, SEEK_SET) == 0)
		return file;
	problem_say(problem, "no memory for a mail of %zu bytes: %s", length, strerror(errno));
	if (file >= 0)
		close(file);
	return -1;
}

static bool sendmail_start(struct running *running, char **text, int input, struct problem *problem)
{
	int output[2];

	if (pipe2(output, O_CLOEXEC) != 0)
		return problem_say(problem, "no pipe from %s: %s", text[0], strerror(errno));
	running->pid = fork();
	if (running->pid == 0)
		execute(text, input, output[1]);
	close(output[1]);
	running->output = output[0];
	fcntl(running->output, F_SETFL, O_NONBLOCK);
	if (running->pid > 0)
		return true;
	close(running->output);
	return problem_say(problem, "cannot start %s: %s", text[0], strerror(errno));
}

/* Reads what the command has written; the beginning is kept. False: nothing more will come. */
static bool read_output(struct running *running)
{
	char bytes[512];
	size_t room = WORDS_MAX - running->said_length;
	ssize_t got = read(running->output, bytes, sizeof bytes);

	invariant(running->said_length <= WORDS_MAX);
	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	memcpy(running->said + running->said_length, bytes,
	       (size_t)got < room ? (size_t)got : room);
	running->said_length += (size_t)got < room ? (size_t)got : room;
	return true;
}

/* Reads until the process has ended, not until the pipe is closed: processes that it leaves in the
 * background may keep the pipe open. */
static bool wait_for(struct running *running, int *status)
{
	time_t until = clock_monotonic_seconds() + PATIENCE_S;
	struct pollfd output = {.fd = running->output, .events = POLLIN};
	int pause = 1;

	while (waitpid(running->pid, status, WNOHANG) == 0) {
		if (clock_monotonic_seconds() >= until)
			return false;
		poll(&output, 1, pause);
		if (output.revents != 0 && !read_output(running))
			output.fd = -1;
		pause = pause < 20 ? pause + 1 : 20;
	}
	read_output(running);
	return true;
}

/* Under systemd's protections a command that is set-group-id, as Postfix's and Sendmail's are, has
 * no access to the queue; its message does not say why. */
static const char *hint(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
	           ? " (no_new_privs is set, so that it is not set-group-id: use "
	             "assay-reports.service)"
	           : "";
}

static bool sendmail_judge(const struct running *running, const char *command, int status,
                           struct problem *problem)
{
	struct arena *arena;
	char *said;

	log_debug("%s: process %ld ended with wait status %d", command, (long)running->pid, status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	arena = arena_new();
	said = arena_copy(arena, running->said, running->said_length);
	said[strcspn(said, "\r\n")] = '\0';
	if (WIFEXITED(status))
		problem_say(problem, "%s ended with status %d%s%s%s", command, WEXITSTATUS(status),
		            said[0] == '\0' ? "" : ": ", text_printable(arena, said, WORDS_MAX),
		            hint());
	else
		problem_say(problem, "%s was ended by signal %d", command, WTERMSIG(status));
	arena_free(arena);
	return false;
}

static bool sendmail_run(struct running *running, const char *command, struct problem *problem)
{
	int status = 0;

	if (wait_for(running, &status))
		return sendmail_judge(running, command, status, problem);
	kill(-running->pid, SIGKILL);
	waitpid(running->pid, &status, 0);
	return problem_say(problem, "%s did not take the mail in %d s%s", command, PATIENCE_S,
	                   hint());
}

bool sendmail_submit(const struct sendmail_request *mail, struct problem *problem)
{
	struct arena *arena = arena_new();
	char **text = arguments(mail, arena);
	struct running running = {.pid = -1};
	int file = mail_file(mail->text, mail->length, problem);
	bool good = file >= 0 && sendmail_start(&running, text, file, problem);

	if (file >= 0)
		close(file);
	if (good) {
		good = sendmail_run(&running, text[0], problem);
		close(running.output);
	}
	arena_free(arena);
	return good;
}
