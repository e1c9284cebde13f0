/*
 * received_open.h - the view of a command: settings and store found, rights given up. For
 * report_received.c, report_sources.c and report_digest.c.
 */
#ifndef ASSAY_RECEIVED_OPEN_H
#define ASSAY_RECEIVED_OPEN_H

#include "tool/report/received_view.h"
#include "tool/report/report_arguments.h"

struct received_open {
	struct settings *settings;
	struct received_view_request request;
	struct received_view *view;
};

/* EX_OK, or the status after a message; then there is nothing to end. With `keys`, the settings
 * have the keys that sign. As root, the command goes on as who owns the store. */
int received_open_begin(struct received_open *opened, const struct report_arguments *arguments,
                        bool keys);
void received_open_end(struct received_open *opened);

#endif
