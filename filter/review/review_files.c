/*
 * review_files.c - checks of the daemon's user, and of what that user can do with keys, folders and
 * files. Rows of the table in review.c.
 */
#include <string.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/listen.h"
#include "review/review_checks.h"

enum {
	KEYS_NAMED_MAX = 5
};

static const char *folder_of(struct review_run *run, const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash == NULL || slash == file
	           ? "/"
	           : arena_copy(run->arena, file, (size_t)(slash - file));
}

/* Only root can change to the user of the settings. Started by another user, the daemon keeps that
 * user. */
void review_files_user(struct review_run *run)
{
	if (run->account == NULL && run->world->is_root())
		review_run_add(
		    run, "user", PLACES_NO_ENTRY,
		    "the user \"%s\" (setting \"user\") does not exist; create it with: adduser "
		    "--system --group --no-create-home %s",
		    run->settings->user, run->settings->user);
}

void review_files_root(struct review_run *run)
{
	if (run->account != NULL && run->account->uid == 0)
		review_run_add(
		    run, "user", PLACES_NO_ENTRY,
		    "setting \"user\" is \"%s\", so assayd would read mail as root; name a user of "
		    "its own",
		    run->settings->user);
}

void review_files_group(struct review_run *run)
{
	const char *group = run->settings->socket.group;
	gid_t gid;

	if (group[0] != '\0' && !run->world->group(group, &gid))
		review_run_add(
		    run, "socket.group", PLACES_NO_ENTRY,
		    "the group \"%s\" (setting \"socket.group\") does not exist; name the group of "
		    "the mail server, such as \"postfix\"",
		    group);
}

void review_files_keys(struct review_run *run)
{
	struct review_keys keys = review_sign_keys(run);
	size_t wrong = 0;

	for (size_t i = 0; run->account != NULL && i < keys.count; i++) {
		const char *file = keys.items[i].key->file;

		if (run->world->may(run->account, file, R_OK) != REVIEW_NO ||
		    ++wrong > KEYS_NAMED_MAX)
			continue;
		review_run_add(
		    run, "sign", PLACES_NO_ENTRY,
		    "the user \"%s\" may not read the key %s, so a reload will fail; chown %s %s, "
		    "and let it search the folders above",
		    run->account->name, file, run->account->name, file);
	}
	if (wrong > KEYS_NAMED_MAX)
		review_run_add(run, "sign", PLACES_NO_ENTRY,
		               "%zu more keys cannot be read by the user \"%s\"",
		               wrong - KEYS_NAMED_MAX, run->account->name);
}

/* Started as root, the daemon creates the folder itself, but not the one above it; systemd's unit
 * creates it before the start. Returns whether the folder is missing. */
static bool report_missing(struct review_run *run, const char *setting, const char *folder)
{
	invariant(run->account != NULL);
	if (run->world->may(run->account, folder, X_OK) != REVIEW_MISSING)
		return false;
	if (run->world->may(run->account, folder_of(run, folder), X_OK) == REVIEW_MISSING)
		review_run_add(
		    run, setting, PLACES_NO_ENTRY,
		    "the folder %s (setting \"%s\") does not exist, nor does the one above it; "
		    "create it and give it to the user \"%s\"",
		    folder, setting, run->account->name);
	return true;
}

void review_files_store(struct review_run *run)
{
	const char *store = run->settings->reports.store;
	const char *folder = folder_of(run, store);
	const char *const files[] = {folder, store, arena_format(run->arena, "%s.rows", store)};

	if (store[0] == '\0' || run->account == NULL ||
	    report_missing(run, "reports.store", folder))
		return;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		int wanted = i == 1 ? R_OK | W_OK : W_OK | X_OK;

		if (run->world->may(run->account, files[i], wanted) != REVIEW_NO)
			continue;
		review_run_add(
		    run, "reports.store", PLACES_NO_ENTRY,
		    "the user \"%s\" may not write to %s (setting \"reports.store\"), so no report "
		    "rows can be stored; chown %s %s",
		    run->account->name, files[i], run->account->name, files[i]);
		return;
	}
}

/* The mail server reaches the socket with the rights of its group. */
static void report_closed(struct review_run *run, const char *folder)
{
	struct review_account server = {.name = run->settings->socket.group, .uid = (uid_t)-1};

	if (server.name[0] == '\0' || !run->world->group(server.name, &server.groups[0]))
		return;
	server.group_count = 1;
	if (run->world->may(&server, folder, X_OK) == REVIEW_NO)
		review_run_add(
		    run, "listen", PLACES_NO_ENTRY,
		    "the group \"%s\" (setting \"socket.group\") may not search %s, so the mail "
		    "server cannot reach the socket; chmod or chgrp that folder",
		    server.name, folder);
}

void review_files_socket(struct review_run *run)
{
	const char *path = listen_path(run->settings->listen);
	const char *folder;

	if (path == NULL || run->account == NULL)
		return;
	folder = folder_of(run, path);
	if (report_missing(run, "listen", folder))
		return;
	if (run->world->may(run->account, folder, W_OK | X_OK) == REVIEW_NO)
		review_run_add(
		    run, "listen", PLACES_NO_ENTRY,
		    "the user \"%s\" may not write to %s: assayd can make its socket there only "
		    "when root starts it, and cannot remove it when it stops; give the user a "
		    "folder of its own",
		    run->account->name, folder);
	report_closed(run, folder);
}

void review_files_pid(struct review_run *run)
{
	const char *file = run->settings->pid_file;

	if (file[0] == '\0' || run->account == NULL)
		return;
	if (run->world->may(run->account, folder_of(run, file), X_OK) == REVIEW_MISSING)
		review_run_add(
		    run, "pid_file", PLACES_NO_ENTRY,
		    "the folder %s (setting \"pid_file\") does not exist; create it, or the daemon "
		    "will not start",
		    folder_of(run, file));
}

void review_files_trust_anchor(struct review_run *run)
{
	const struct resolver_settings *resolver = &run->settings->resolver;
	enum review_answer answer;

	if (!resolver->dnssec || resolver->trust_anchor == NULL ||
	    resolver->trust_anchor[0] == '\0' || run->account == NULL)
		return;
	answer = run->world->may(run->account, resolver->trust_anchor, R_OK);
	if (answer == REVIEW_NO || answer == REVIEW_MISSING)
		review_run_add(
		    run, "resolver.trust_anchor", PLACES_NO_ENTRY,
		    "%s (setting \"resolver.trust_anchor\") %s, so answers are not validated "
		    "although \"resolver.dnssec\" is true; install it (Debian: dns-root-data) or "
		    "set \"resolver.dnssec\" to false",
		    resolver->trust_anchor,
		    answer == REVIEW_NO ? "cannot be read" : "does not exist");
}

/* A folder in which any user could put a file in the place of this one, now or before the daemon
 * starts: the file's own, or one above it that does not exist yet or can be renamed. NULL: none. */
static const char *open_folder(struct review_run *run, const char *file)
{
	const char *folder = folder_of(run, file);
	bool exists = false;

	for (;;) {
		enum review_answer answer = run->world->open_to_all(folder, exists);

		if (answer == REVIEW_YES)
			return folder;
		exists = exists || answer != REVIEW_MISSING;
		if (strcmp(folder, "/") == 0)
			return NULL;
		folder = folder_of(run, folder);
	}
}

static bool report_open(struct review_run *run, const char *setting, const char *file)
{
	const char *folder = file == NULL || file[0] != '/' ? NULL : open_folder(run, file);

	if (folder != NULL)
		review_run_add(
		    run, setting, PLACES_NO_ENTRY,
		    "every user of this host may write to %s, and so replace %s (setting \"%s\"); "
		    "use a folder that only root and \"%s\" can write to",
		    folder, file, setting, run->settings->user);
	return folder != NULL;
}

void review_files_open(struct review_run *run)
{
	const struct settings *settings = run->settings;
	struct review_keys keys = review_sign_keys(run);
	size_t reported = 0;

	report_open(run, "listen", listen_path(settings->listen));
	report_open(run, "metrics.listen", listen_path(settings->metrics.listen));
	report_open(run, "pid_file", settings->pid_file);
	report_open(run, "resolver.trust_anchor", settings->resolver.trust_anchor);
	report_open(run, "reports.store", settings->reports.store);
	report_open(run, "reports.sendmail", settings->reports.sendmail);
	for (size_t i = 0; i < keys.count && reported < KEYS_NAMED_MAX; i++)
		reported += report_open(run, "sign", keys.items[i].key->file);
}
