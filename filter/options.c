/*
 * options.c - the command line of assayd. Called first by main.c.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>

#ifndef ASSAY_SETTINGS
#define ASSAY_SETTINGS "/etc/assay/assay.conf"
#endif

static const char usage[] = "usage: assayd [-c FILE] [-f] [-t] [--version] [--help]\n";

void options_help(void)
{
	fputs(usage, stdout);
	fputs("Judges mail for Postfix and Sendmail: SPF, DKIM and DMARC in one milter.\n\n"
	      "  -c FILE    settings (default " ASSAY_SETTINGS ")\n"
	      "  -f         stay in the foreground\n"
	      "  -t         check the settings and exit\n"
	      "  --version  print the version of assayd and of its libraries\n\n"
	      "SIGTERM finishes what is under way and stops; SIGUSR1 or SIGHUP reads the settings again.\n",
	      stdout);
}

bool options_read(int argc, char **argv, struct options *options)
{
	static const struct option longer[] = {
	    {"version", no_argument, NULL, 'V'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int letter;

	*options = (struct options){.settings = ASSAY_SETTINGS};
	while ((letter = getopt_long(argc, argv, "c:ft", longer, NULL)) != -1) {
		switch (letter) {
		case 'c':
			options->settings = optarg;
			break;
		case 'f':
			options->foreground = true;
			break;
		case 't':
			options->only_check = true;
			break;
		case 'V':
			options->version = true;
			break;
		case 'h':
			options->help = true;
			break;
		default:
			fputs(usage, stderr);
			return false;
		}
	}
	if (optind < argc)
		fprintf(stderr, "assayd: \"%s\" is one argument too many\n%s", argv[optind], usage);
	return optind >= argc;
}
