/*
 * report_arguments.c - the settings that the arguments of `assay report` name. Called by report.c,
 * report_build.c and report_send.c.
 */
#include "tool/report/report_arguments.h"

#include <sysexits.h>

#include "settings/settings.h"
#include "tool/common/tool.h"

struct settings *report_settings_of(const struct report_arguments *arguments)
{
	return tool_read_settings(arguments->settings);
}

struct settings *report_settings_with_keys(const struct report_arguments *arguments)
{
	struct problem problem;
	struct settings *settings =
	    settings_read(tool_settings_path(arguments->settings), &problem);

	if (settings == NULL)
		tool_complain(EX_CONFIG, "%s", problem.message);
	/* cppcheck-suppress returnDanglingLifetime; settings do not point to the problem */
	return settings;
}
