/*
 * review_world.c - the machine that review_test.c has.
 */
#include "review_world.h"

#include <string.h>

bool review_world_root = true;

static bool find_account(const char *user, struct review_account *account)
{
	*account =
	    (struct review_account){.name = user, .uid = strcmp(user, "root") == 0 ? 0 : 900};
	return strcmp(user, "nobody-here") != 0;
}

static bool find_group(const char *name, gid_t *gid)
{
	*gid = 901;
	return strcmp(name, "nobody-here") != 0;
}

/* /missing/... is not there, /closed and folders called "unreadable" allow nothing, /shut only lets
 * the daemon itself through. */
static enum review_answer may(const struct review_account *account, const char *path, int what)
{
	(void)what;
	if (strncmp(path, "/missing", 8) == 0 || strncmp(path, "/new", 4) == 0)
		return REVIEW_MISSING;
	if (strncmp(path, "/shut", 5) == 0)
		return account->uid == 900 ? REVIEW_YES : REVIEW_NO;
	if (strncmp(path, "/closed", 7) == 0 || strstr(path, "/unreadable/") != NULL)
		return REVIEW_NO;
	return REVIEW_YES;
}

/* /open is for everybody, and so is /sticky, where nobody can rename what is there. */
static enum review_answer open_to_all(const char *folder, bool sticky_protects)
{
	if (strncmp(folder, "/missing", 8) == 0 || strcmp(folder, "/sticky/new") == 0)
		return REVIEW_MISSING;
	if (strcmp(folder, "/sticky") == 0)
		return sticky_protects ? REVIEW_NO : REVIEW_YES;
	return strcmp(folder, "/open") == 0 ? REVIEW_YES : REVIEW_NO;
}

bool review_world_name_servers = true;

static bool has_name_servers(void)
{
	return review_world_name_servers;
}

static bool is_root(void)
{
	return review_world_root;
}

static long mail_sessions(void)
{
	return 200;
}

const struct review_world review_world_made_up = {
    find_account, find_group, may, open_to_all, has_name_servers, is_root, mail_sessions};
