/*
 * settings_syntax_test.c - what libconfig refuses in assay.conf is reported with the line and what
 * has to be changed there; and what reading many files takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings/settings.h"
#include "settings/settings_source.h"

static const struct {
	const char *text, *words;
} cases[] = {
    {"user = \"a\";\nlog: { };\nuser = \"b\";",
     ":3: \"user\" is here a second time, the first is at "},
    {"dmarc: { };\nspf: { };\n\tdmarc: { enforce = \"strict\"; };",
     ":3: \"dmarc\" is here a second time"},
    {"\ndmarc: { };\nspf: { };\ndmarc: { enforce = \"strict\"; };", ":2; make one of the two"},
    {"spf: {\nfail = \"reject\";\nfail = \"continue\";\n};", ":2; make one of the two"},
    /* which of the two is meant, nobody knows */
    {"dmarc: { };\nrules: ( { dmarc = \"ignore\";\ndmarc = \"follow\"; } );",
     ":3: duplicate setting name in or just before this line: dmarc = \"follow\";"},
    {"log: { }; log: { level = \"info\"; };", ":1; make one of the two"},
    {"log: { };\n{ };", ":2: syntax error in or just before this line: { };"},
    {"dmarc.enforce = \"monitor\";",
     ":1: a setting is written inside its group: dmarc: { enforce = ...; };"},
    {"limits: { };\nlimits.messages = 3;",
     ":2: a setting is written inside its group: limits: { messages = ...; };"},
    {"limits. = 3;", ":1: syntax error in or just before this line: limits. = 3;"},
    {"dmarc: { enforce = monitor; };", "enforce = monitor; };; write \"monitor\" with quotes"},
    {"resolver: { dnssec = no; };", "; write false for no"},
    {"resolver: { dnssec = On; };", "; write true for On"},
    {"resolver: { timeout_ms = 5s; };", "; write the number 5 alone, its unit is in the name"},
    {"networks: { ours = [ \"10.0.0.0/8\", 192.0.2.1 ]; };", "; write \"192.0.2.1\" with quotes"},
    {"listen = unix:/run/a.sock;", "; write \"unix:/run/a.sock\" with quotes"},
    {"dmarc: { enforce = \"monitor\";\n",
     ":2: syntax error before this line; is a } or a ) missing?"},
};

static void words_lead_to_the_place(void **state)
{
	char path[] = "/tmp/assay-syntax-XXXXXX";
	int made = mkstemp(path);

	(void)state;
	assert_int_not_equal(made, -1);
	close(made);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct problem problem = {.message = ""};
		FILE *file = fopen(path, "w");
		struct settings *settings;

		assert_non_null(file);
		fputs(cases[i].text, file);
		assert_int_equal(fclose(file), 0);
		settings = settings_read(path, &problem);
		if (settings != NULL || strncmp(problem.message, path, strlen(path)) != 0 ||
		    strstr(problem.message, cases[i].words) == NULL)
			fail_msg("%s\n  should be refused with: %s\n  but: %s", cases[i].text,
			         cases[i].words,
			         settings != NULL ? "it was taken" : problem.message);
	}
	unlink(path);
}

/* A file a domain is a way to keep them: what each costs is its own length. */
static void many_includes_take_little_memory(void **state)
{
	char path[] = "/tmp/assay-syntax-XXXXXX", inner[sizeof path + 6];
	int made = mkstemp(path);
	struct arena *arena = arena_new();
	struct problem problem;
	FILE *file;

	(void)state;
	assert_int_not_equal(made, -1);
	close(made);
	snprintf(inner, sizeof inner, "%s.inner", path);
	file = fopen(inner, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	file = fopen(path, "w");
	assert_non_null(file);
	for (size_t i = 0; i < 64; i++)
		fprintf(file, "@include \"%s\"\n", inner);
	assert_int_equal(fclose(file), 0);
	assert_non_null(settings_source_read(arena, path, &problem));
	assert_in_range(arena_used(arena), 0, 4 << 20);
	arena_free(arena);
	unlink(inner);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_lead_to_the_place),
	    cmocka_unit_test(many_includes_take_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
