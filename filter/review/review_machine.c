/*
 * review_machine.c - answers the checks' questions about this machine: users, groups, modes of
 * files (struct review_world in review.h). The tests have answers of their own.
 *
 * Rights are worked out from the modes, because the user who checks the settings is seldom the one
 * who needs the rights. Access control lists are ignored.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/invariant.h"
#include "review/review.h"

static bool find_account(const char *user, struct review_account *account)
{
	const struct passwd *entry = getpwnam(user);

	if (entry == NULL)
		return false;
	*account = (struct review_account){
	    .name = user, .uid = entry->pw_uid, .group_count = ACCOUNT_GROUPS};
	if (getgrouplist(user, entry->pw_gid, account->groups, &account->group_count) < 0)
		account->group_count = ACCOUNT_GROUPS; /* the rest is ignored */
	return true;
}

static bool find_self(const char *user, struct review_account *account)
{
	*account = (struct review_account){.name = user, .uid = geteuid()};
	account->groups[0] = getegid();
	account->group_count = getgroups(ACCOUNT_GROUPS - 1, account->groups + 1);
	account->group_count = account->group_count < 0 ? 1 : account->group_count + 1;
	return true;
}

static bool find_group(const char *name, gid_t *gid)
{
	const struct group *entry = getgrnam(name);

	if (entry != NULL)
		*gid = entry->gr_gid;
	return entry != NULL;
}

static bool is_member(const struct review_account *account, gid_t gid)
{
	for (int i = 0; i < account->group_count; i++)
		if (account->groups[i] == gid)
			return true;
	return false;
}

/* R_OK, W_OK and X_OK have the values of the bits of a mode. */
static bool allows(const struct review_account *account, const struct stat *found, int access)
{
	unsigned mode = found->st_mode;

	if (account->uid == 0)
		return true;
	if (found->st_uid == account->uid)
		mode >>= 6;
	else if (is_member(account, found->st_gid))
		mode >>= 3;
	return ((int)mode & access) == access;
}

static enum review_answer may_itself(const struct review_account *account, const char *path,
                                     int access)
{
	struct stat found;

	if (stat(path, &found) != 0)
		return errno == ENOENT || errno == ENOTDIR ? REVIEW_MISSING : REVIEW_UNKNOWN;
	return allows(account, &found, access) ? REVIEW_YES : REVIEW_NO;
}

/* Every folder of the path has to let the account search it. */
static enum review_answer may(const struct review_account *account, const char *path, int access)
{
	char above[4096];

	invariant(account->group_count >= 0 && account->group_count <= ACCOUNT_GROUPS);
	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		size_t length = (size_t)(slash - path);
		enum review_answer answer;

		if (length == 0)
			continue;
		if (length >= sizeof above)
			return REVIEW_UNKNOWN;
		memcpy(above, path, length);
		above[length] = '\0';
		answer = may_itself(account, above, X_OK);
		if (answer != REVIEW_YES)
			return answer;
	}
	return may_itself(account, path, access);
}

static enum review_answer open_to_all(const char *folder, bool sticky_protects)
{
	struct stat found;

	if (stat(folder, &found) != 0)
		return errno == ENOENT || errno == ENOTDIR ? REVIEW_MISSING : REVIEW_UNKNOWN;
	if ((found.st_mode & S_IWOTH) == 0 || (sticky_protects && (found.st_mode & S_ISVTX) != 0))
		return REVIEW_NO;
	return REVIEW_YES;
}

static bool has_name_servers(void)
{
	FILE *file = fopen("/etc/resolv.conf", "re");
	char line[512];
	bool found = false;

	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
		found = strncmp(line, "nameserver", sizeof "nameserver" - 1) == 0;
	if (file != NULL)
		fclose(file);
	return found;
}

static bool is_root(void)
{
	return geteuid() == 0;
}

/* default_process_limit of main.cf where it is a number; the last one counts. 0: not set. */
static long mail_sessions(void)
{
	FILE *file = fopen("/etc/postfix/main.cf", "re");
	char line[512];
	long limit = 0;

	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		char rest[2];
		long number;

		if (sscanf(line, "default_process_limit = %9ld %1s", &number, rest) == 1)
			limit = number;
	}
	if (file != NULL)
		fclose(file);
	return limit;
}

const struct review_world review_machine = {find_account,     find_group, may,          open_to_all,
                                            has_name_servers, is_root,    mail_sessions};
const struct review_world review_machine_self = {
    find_self, find_group, may, open_to_all, has_name_servers, is_root, mail_sessions};
