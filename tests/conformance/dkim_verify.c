/*
 * dkim_verify.c - verifies message files, for dkim_differential.py.
 *
 * usage: dkim_verify ZONE [CHUNK] < LIST. Each line of LIST is the path of a message; for each one
 * line comes out, the results of its signatures in order: "pass", "fail: reason", separated by " |
 * ".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_dns.h"
#include "finding.h"
#include "run_dkim.h"
#include "whole_file.h"

static void verify(struct run_dkim *run, const char *zone, const char *path)
{
	struct arena *arena = arena_new();
	size_t length;
	char *raw = whole_file_read(arena, path, &length);
	struct fake_dns *dns = fake_dns_new(arena, zone);
	struct dkim_finding finding = run_dkim(run, arena, &dns->services, raw, length);

	for (size_t i = 0; i < finding.count; i++)
		printf("%s%s%s%s", i > 0 ? " | " : "", result_names[finding.signatures[i].result],
		       finding.signatures[i].reason == NULL ? "" : ": ",
		       finding.signatures[i].reason == NULL ? "" : finding.signatures[i].reason);
	printf("\n");
	arena_free(arena);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct run_dkim run;
	char path[4096];
	size_t length;
	char *zone;

	if (argc < 2) {
		fprintf(stderr, "usage: dkim_verify ZONE [CHUNK] < LIST\n");
		return 64;
	}
	zone = whole_file_read(arena, argv[1], &length);
	run_dkim_open(&run);
	if (argc > 2)
		run.chunk = (size_t)atol(argv[2]) > 0 ? (size_t)atol(argv[2]) : 1;
	while (fgets(path, sizeof path, stdin) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		verify(&run, zone, path);
	}
	run_dkim_close(&run);
	arena_free(arena);
	return 0;
}
