/*
 * received_open.c - see received_open.h.
 */
#include "tool/report/received_open.h"

#include <sysexits.h>

#include "settings/settings.h"
#include "tool/common/tool.h"
#include "tool/report/report_user.h"

static int open_view(struct received_open *opened)
{
	struct problem problem;

	if (opened->request.store[0] == '\0')
		return tool_complain(EX_CONFIG, "reports.store is empty: no reports are kept");
	if (!report_user_become_owner(opened->request.store, &problem))
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	opened->view = received_view_open(&opened->request, &problem);
	if (opened->view == NULL)
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	return EX_OK;
}

int received_open_begin(struct received_open *opened, const struct report_arguments *arguments,
                        bool keys)
{
	int status;

	*opened = (struct received_open){.settings = keys ? report_settings_with_keys(arguments)
	                                                  : report_settings_of(arguments)};
	if (opened->settings == NULL)
		return EX_CONFIG;
	opened->request = (struct received_view_request){
	    .settings = opened->settings,
	    .store = arguments->store != NULL ? arguments->store : opened->settings->reports.store,
	    .now = arguments->now,
	    .range = arguments->range,
	    .no_dns = arguments->no_dns};
	status = open_view(opened);
	if (status != EX_OK)
		settings_release(opened->settings);
	return status;
}

void received_open_end(struct received_open *opened)
{
	received_view_close(opened->view);
	settings_release(opened->settings);
}
