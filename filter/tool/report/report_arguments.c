/*
 * report_arguments.c - the settings that the arguments of `assay report` name. Called by report.c,
 * report_build.c and report_send.c.
 */
#include "tool/report/report_arguments.h"

#include <sysexits.h>

#include "settings/settings.h"
#include "tool/common/tool.h"

typedef struct settings *settings_reader(const char *path, struct problem *problem);

static struct settings *settings_by(settings_reader *read, const struct report_arguments *arguments)
{
	struct problem problem;
	struct settings *settings = read(tool_settings_path(arguments->settings), &problem);

	if (settings == NULL)
		tool_complain(EX_CONFIG, "%s", problem.message);
	/* cppcheck-suppress returnDanglingLifetime; settings do not point to the problem */
	return settings;
}

struct settings *report_settings_of(const struct report_arguments *arguments)
{
	return settings_by(settings_read_keyless, arguments);
}

struct settings *report_settings_with_keys(const struct report_arguments *arguments)
{
	return settings_by(settings_read, arguments);
}
