/*
 * resolv_conf.c - watches /etc/resolv.conf. upstream.c asks whether it names a server, recursor.c
 * whether it changed.
 */
#include "dns/resolv_conf.h"

#include <stdio.h>
#include <string.h>

enum {
	CHECK_MS = 1000
};

static const char path[] = "/etc/resolv.conf";

bool resolv_conf_has_server(void)
{
	FILE *file = fopen(path, "re");
	char line[256];
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof line, file) != NULL)
		found = strncmp(line, "nameserver", 10) == 0;
	fclose(file);
	return found;
}

void resolv_conf_begin(struct resolv_conf *file)
{
	memset(file, 0, sizeof *file);
	stat(path, &file->seen);
}

/* A file that is being written may be seen half done; whoever changes it last changes it again. */
static bool is_other(const struct stat *one, const struct stat *other)
{
	return one->st_ino != other->st_ino || one->st_dev != other->st_dev ||
	       one->st_size != other->st_size || one->st_mtim.tv_sec != other->st_mtim.tv_sec ||
	       one->st_mtim.tv_nsec != other->st_mtim.tv_nsec;
}

bool resolv_conf_changed(struct resolv_conf *file, int64_t now_ms)
{
	struct stat now = {.st_size = 0};
	bool changed;

	if (now_ms - file->checked_ms < CHECK_MS)
		return false;
	file->checked_ms = now_ms;
	if (stat(path, &now) != 0)
		memset(&now, 0, sizeof now);
	changed = is_other(&now, &file->seen);
	file->seen = now;
	return changed;
}
