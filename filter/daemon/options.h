/*
 * options.h - what assayd was asked to do on its command line.
 */
#ifndef ASSAY_OPTIONS_H
#define ASSAY_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *settings; /* -c, or the default path; from the root where the daemon leaves the
	                         folder */
	bool foreground;      /* -f, and with -d */
	bool debug;           /* -d: the log goes to standard error at level debug */
	bool only_check;      /* -t */
	bool version;         /* --version */
	bool help;            /* --help */
};

/* False: usage was printed to standard error; exit with EX_USAGE. */
bool options_read(int argc, char **argv, struct options *options);

void options_help(void);

#endif
