/*
 * import_carry.c - options that several programs have. Called through their tables.
 */
#include <string.h>

#include "base/text.h"
#include "tool/import/import.h"

void import_carry_authserv_id(struct import_work *work, const struct import_option *option)
{
	if (strcmp(option->value, "HOSTNAME") == 0)
		import_work_needless(work, option,
		                     "Assay takes the full name of the host by itself, where "
		                     "authserv_id is not set");
	else
		import_draft_text(work->draft, "authserv_id", option->value, option, NULL);
}

/* "inet:8891", "inet:8891@localhost", "inet6:8891@[::1]"; without a host, libmilter listens on all
 * addresses. */
static const char *listen_inet(struct arena *arena, const char *value)
{
	bool six = text_same_bytes(value, "inet6:", 6);
	const char *rest = strchr(value, ':') + 1;

	if (strchr(rest, '@') == NULL)
		return arena_format(arena, "%s%s@%s", six ? "inet6:" : "inet:", rest,
		                    six ? "[::]" : "0.0.0.0");
	return arena_format(arena, "%s%s", six ? "inet6:" : "inet:", rest);
}

static void carry_path(struct import_work *work, const struct import_option *option,
                       const char *path)
{
	static const char *const volatile_folders[] = {
	    "/run/opendkim/",          "/var/run/opendkim/",     "/run/dkimpy-milter/",
	    "/var/run/dkimpy-milter/", "/run/opendmarc/",        "/var/run/opendmarc/",
	    "/run/pyspf-milter/",      "/var/run/pyspf-milter/", NULL};

	for (size_t i = 0; volatile_folders[i] != NULL; i++)
		if (strncmp(path, volatile_folders[i], strlen(volatile_folders[i])) == 0) {
			import_draft_text(work->draft, "listen", "unix:/run/assay/assay.sock",
			                  option,
			                  "that folder goes with the service that made it, so "
			                  "Assay has its own: tell the mail server");
			return;
		}
	import_draft_text(work->draft, "listen", arena_format(work->arena, "unix:%s", path), option,
	                  "assayd refuses to start while the other program listens there");
}

/* As libmilter reads it: a path without a prefix names a UNIX socket. */
void import_carry_socket(struct import_work *work, const struct import_option *option)
{
	const char *value = option->value;

	if (work->own_socket)
		import_work_missed(
		    work, option,
		    "assayd listens where its settings have it (listen): tell the mail server");
	else if (text_same_bytes(value, "inet:", 5) || text_same_bytes(value, "inet6:", 6))
		import_draft_text(work->draft, "listen", listen_inet(work->arena, value), option,
		                  "assayd cannot start while the other program listens there");
	else if (text_same_bytes(value, "unix:", 5) || text_same_bytes(value, "local:", 6))
		carry_path(work, option, strchr(value, ':') + 1);
	else if (strchr(value, ':') == NULL)
		carry_path(work, option, value);
	else
		import_work_missed(work, option,
		                   "libmilter does not know this kind of socket; set listen");
}

/* Does assayd take over a UNIX socket of the program? Without the option Socket it may be set on
 * the command line. */
static bool keeps_socket(const struct import_work *work)
{
	const struct import_option *given = import_work_option(work, "Socket");

	return !work->own_socket && (given == NULL || !text_same_bytes(given->value, "inet", 4));
}

/* The user is kept if keys are read in place, the group if there is a UNIX socket. */
void import_carry_user(struct import_work *work, const struct import_option *option)
{
	size_t length = strcspn(option->value, ":");
	const char *user = arena_copy(work->arena, option->value, length);
	const char *group = option->value[length] == '\0' ? "" : option->value + length + 1;
	bool keeps = work->options->program <= IMPORT_DKIMPY && work->signs &&
	             work->keys_folder == NULL && work->user == NULL;

	if (keeps)
		import_draft_text(
		    work->draft, "user", user, option,
		    "the keys belong to it, and are read again at a reload. Where assay.service "
		    "starts assayd as another user, import with --keys instead");
	else if (group[0] == '\0' && keeps_socket(work))
		import_work_missed(
		    work, option,
		    "assayd has a user of its own (user), to whose first group its socket belongs: "
		    "name a group of the mail server's in socket.group");
	else
		import_work_needless(work, option, "assayd has a user of its own (user)");
	if (group[0] != '\0' && keeps_socket(work))
		import_draft_text(work->draft, "socket.group", group, option, NULL);
}

/* Connecting to a socket needs the right to write to it. */
void import_carry_mask(struct import_work *work, const struct import_option *option)
{
	if (!keeps_socket(work))
		import_work_needless(work, option,
		                     "it is for the rights of a UNIX socket, and assayd does not "
		                     "listen on that one");
	else if (option->number < 0 || option->number > 0777)
		import_work_missed(work, option, "it is not a umask; set socket.mode");
	else
		import_draft_text(
		    work->draft, "socket.mode",
		    arena_format(work->arena, "%04lo", 0666 & ~(unsigned long)option->number),
		    option, NULL);
}
