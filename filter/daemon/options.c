/*
 * options.c - the command line of assayd. Called first by main.c.
 */
#include "daemon/options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/invariant.h"

static const char usage[] = "usage: assayd [-c FILE] [-d | -f] [-t] [--version] [--help]\n";

void options_help(void)
{
	fputs(usage, stdout);
	fputs("Judges mail for Postfix and Sendmail: SPF, DKIM and DMARC in one milter.\n\n"
	      "  -c FILE    settings (default " ASSAY_SETTINGS ")\n"
	      "  -d         stay in the foreground, and log the way of each message to standard "
	      "error\n"
	      "  -f         stay in the foreground\n"
	      "  -t         check the settings and exit\n"
	      "  --version  print the version of assayd and of its libraries\n\n"
	      "SIGTERM finishes what is under way and stops; SIGUSR1 or SIGHUP reads the settings "
	      "again.\n",
	      stdout);
}

/* The daemon goes to / in the background, and reads the file again from there. */
static const char *from_root(const char *path)
{
	static char absolute[PATH_MAX];
	size_t length;
	int more;

	if (path[0] == '/' || getcwd(absolute, sizeof absolute) == NULL)
		return path;
	length = strlen(absolute);
	more = snprintf(absolute + length, sizeof absolute - length, "/%s", path);
	return more > 0 && (size_t)more < sizeof absolute - length ? absolute : path;
}

bool options_read(int argc, char **argv, struct options *options)
{
	static const struct option longer[] = {{"version", no_argument, NULL, 'V'},
	                                       {"help", no_argument, NULL, 'h'},
	                                       {NULL, 0, NULL, 0}};
	int letter;

	invariant(argc > 0 && argv[argc] == NULL);
	*options = (struct options){.settings = ASSAY_SETTINGS};
	while ((letter = getopt_long(argc, argv, "c:dft", longer, NULL)) != -1) {
		switch (letter) {
		case 'c':
			options->settings = optarg;
			break;
		case 'd':
			options->debug = options->foreground = true;
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
	if (!options->foreground && !options->only_check)
		options->settings = from_root(options->settings);
	if (optind < argc)
		fprintf(stderr, "assayd: unexpected argument \"%s\"\n%s", argv[optind], usage);
	return optind >= argc;
}
