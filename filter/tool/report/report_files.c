/*
 * report_files.c - a process that keeps the rights of the caller, opens files and passes them on.
 */
#include "tool/report/report_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/safe_path.h"

/* What goes over the socket with a descriptor. */
struct files_packet {
	int error;
	char name[REPORT_FILES_NAME];
};

union files_control {
	char octets[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* Sends a descriptor, or why there is none; closes it. Ends the process where nobody listens. */
static void files_send(int socket, const char *name, int file, int error)
{
	struct files_packet packet = {.error = error};
	union files_control control = {.octets = {0}};
	struct iovec text = {&packet, sizeof packet};
	struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1};
	struct cmsghdr *header;

	snprintf(packet.name, sizeof packet.name, "%s", name);
	if (file >= 0) {
		message.msg_control = control.octets;
		message.msg_controllen = sizeof control.octets;
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof file);
		memcpy(CMSG_DATA(header), &file, sizeof file);
	}
	while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			_exit(EXIT_FAILURE);
	if (file >= 0)
		close(file);
}

/* Entries that are regular files, without following links; what lies between them is passed over,
 * as are names that begin with a dot. `folder` is closed. */
static void files_walk(int socket, const char *path, int folder)
{
	DIR *list = fdopendir(folder);
	struct dirent *entry;
	unsigned long count = 0;

	while (list != NULL && count < REPORT_FILES_MAX && (entry = readdir(list)) != NULL) {
		char name[REPORT_FILES_NAME];
		struct stat status;
		int file;

		if (entry->d_name[0] == '.')
			continue;
		file = openat(folder, entry->d_name,
		              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < 0)
			name[0] = '\0';
		if (file < 0 && errno != ELOOP && errno != ENXIO) {
			files_send(socket, name, -1, errno);
		} else if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
			files_send(socket, name, file, 0);
			count++;
		} else if (file >= 0) {
			close(file);
		}
	}
	if (list != NULL)
		closedir(list);
}

/* A Maildir has what came in cur and new; any other folder has it in itself. */
static void files_folder(int socket, const char *path, int folder)
{
	static const char *const parts[] = {"cur", "new"};
	bool maildir = false;

	for (size_t i = 0; i < 2; i++) {
		char name[REPORT_FILES_NAME];
		int part =
		    openat(folder, parts[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (part < 0)
			continue;
		maildir = true;
		if (snprintf(name, sizeof name, "%s/%s", path, parts[i]) < 0)
			name[0] = '\0';
		files_walk(socket, name, part);
	}
	if (maildir)
		close(folder);
	else
		files_walk(socket, path, folder);
}

static void files_argument(int socket, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int file = standard ? dup(STDIN_FILENO)
	                    : safe_path_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (file < 0 || fstat(file, &status) != 0) {
		files_send(socket, standard ? "standard input" : path, -1, errno);
		return;
	}
	if (S_ISDIR(status.st_mode)) {
		files_folder(socket, path, file);
		return;
	}
	/* not to wait for nobody when a FIFO is opened; to wait when it is read */
	if (!standard)
		fcntl(file, F_SETFL, 0);
	files_send(socket, standard ? "standard input" : path, file, 0);
}

bool report_files_start(struct report_files *files, char *const *names, struct problem *problem)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return problem_say(problem, "cannot make a socket: %s", strerror(errno));
	files->process = fork();
	if (files->process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		for (; *names != NULL; names++)
			files_argument(ends[1], *names);
		_exit(EXIT_SUCCESS);
	}
	close(ends[1]);
	files->socket = ends[0];
	if (files->process > 0)
		return true;
	close(ends[0]);
	return problem_say(problem, "cannot start a process: %s", strerror(errno));
}

bool report_files_next(struct report_files *files, struct report_file_open *next)
{
	struct files_packet packet;
	union files_control control;
	struct iovec text = {&packet, sizeof packet};
	struct msghdr message = {.msg_iov = &text,
	                         .msg_iovlen = 1,
	                         .msg_control = control.octets,
	                         .msg_controllen = sizeof control.octets};
	struct cmsghdr *header;
	ssize_t got;

	do
		got = recvmsg(files->socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof packet)
		return false;
	header = CMSG_FIRSTHDR(&message);
	next->file = -1;
	if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(&next->file, CMSG_DATA(header), sizeof next->file);
	next->error = next->file < 0 && packet.error == 0 ? EIO : packet.error;
	memcpy(next->name, packet.name, sizeof next->name);
	next->name[sizeof next->name - 1] = '\0';
	return true;
}

void report_files_end(struct report_files *files)
{
	close(files->socket);
	while (waitpid(files->process, NULL, 0) < 0 && errno == EINTR)
		continue;
}
