/*
 * log_test.c - the log: levels, escapes, whole lines from many threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

enum {
	THREADS = 8,
	LINES = 200
};

/* Standard error of a call as text; the caller frees it. */
static char *captured(void (*call)(void))
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	char *text;
	long length;

	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	call();
	dup2(saved, STDERR_FILENO);
	close(saved);
	length = lseek(fileno(file), 0, SEEK_END);
	rewind(file);
	text = calloc(1, (size_t)length + 1);
	assert_int_equal(fread(text, 1, (size_t)length, file), (size_t)length);
	fclose(file);
	return text;
}

static void say_all(void)
{
	log_error("one %d", 1);
	log_warning("two\nthree\x01\x7f");
	log_info("four");
	log_debug("five");
}

static void levels_and_escapes(void **state)
{
	static const struct {
		enum log_level level;
		const char *expected;
	} cases[] = {
	    {LOG_LEVEL_ERROR, "log_test: error: one 1\n"},
	    {LOG_LEVEL_WARNING,
	     "log_test: error: one 1\nlog_test: warning: two\\x0athree\\x01\\x7f\n"},
	    {LOG_LEVEL_INFO, "log_test: error: one 1\nlog_test: warning: "
	                     "two\\x0athree\\x01\\x7f\nlog_test: info: four\n"},
	    {LOG_LEVEL_DEBUG,
	     "log_test: error: one 1\nlog_test: warning: two\\x0athree\\x01\\x7f\nlog_test: "
	     "info: four\nlog_test: debug: five\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct log_settings settings = {.target = 1, .level = cases[i].level};
		char *text;

		log_open(&settings);
		text = captured(say_all);
		assert_string_equal(text, cases[i].expected);
		free(text);
	}
}

static void say_much(void)
{
	char *much = malloc(100001);

	memset(much, '\n', 100000);
	much[100000] = '\0';
	log_error("%s", much);
	free(much);
}

static void long_lines_are_cut(void **state)
{
	char *text = captured(say_much);

	(void)state;
	assert_string_equal(text + strlen(text) - 8, "\\x0a...\n");
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_true(strlen(text) < 70000);
	free(text);
}

static void *say_lines(void *with)
{
	for (int i = 0; i < LINES; i++)
		log_error("%s", (const char *)with);
	return NULL;
}

static void say_from_threads(void)
{
	static char words[THREADS][300];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		memset(words[i], 'a' + i, sizeof words[i] - 1);
		assert_int_equal(pthread_create(&threads[i], NULL, say_lines, words[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void lines_of_threads_stay_whole(void **state)
{
	char *text = captured(say_from_threads);
	char *rest = text;
	char *line;
	int lines = 0;

	(void)state;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		const char *words = strrchr(line, ' ') + 1;

		assert_int_equal(strlen(words), 299);
		assert_int_equal(strspn(words, (char[]){words[0], '\0'}), 299);
		lines++;
	}
	assert_int_equal(lines, THREADS * LINES);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(levels_and_escapes),
	    cmocka_unit_test(long_lines_are_cut),
	    cmocka_unit_test(lines_of_threads_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
