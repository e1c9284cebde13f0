/*
 * arc_verify.c - validates the ARC chains of message files, for arc_suite.py and
 * arc_differential.py.
 *
 * usage: arc_verify [CHUNK] < LIST. Each line of LIST is the path of a message and that of its zone
 * (fake_dns.h), with a tab between them; for each one line comes out: the result, the number of
 * sets, "temporary", "changed" or "-", and the reason or "-".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dns.h"
#include "run_arc.h"
#include "whole_file.h"

static void validate(struct run_arc *run, char *line)
{
	struct arena *arena = arena_new();
	char *zone = strchr(line, '\t');
	const struct arc_finding *arc;
	struct findings findings;
	struct fake_dns *dns;
	size_t length, zone_length;
	char *raw;

	if (zone == NULL) {
		fprintf(stderr, "arc_verify: no tab in \"%s\"\n", line);
		exit(64);
	}
	*zone++ = '\0';
	raw = whole_file_read(arena, line, &length);
	dns = fake_dns_new(arena, whole_file_read(arena, zone, &zone_length));
	findings = run_arc(run, arena, &dns->services, raw, length);
	arc = &findings.arc;
	printf("%s %zu %s %s\n", result_names[arc->result], arc->count,
	       arc->temporary      ? "temporary"
	       : arc->only_changed ? "changed"
	                           : "-",
	       arc->reason == NULL ? "-" : arc->reason);
	arena_free(arena);
}

int main(int argc, char **argv)
{
	struct run_arc run;
	char line[8192];

	run_arc_open(&run);
	if (argc > 1)
		run.dkim.chunk = (size_t)atol(argv[1]) > 0 ? (size_t)atol(argv[1]) : 1;
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		validate(&run, line);
	}
	run_arc_close(&run);
	return 0;
}
