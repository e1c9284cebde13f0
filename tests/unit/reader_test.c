/*
 * reader_test.c - our own reports, read as others' are, and what a process that was taken over
 * could write to the one that has the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "received/collect.h"
#include "received/confine.h"
#include "received/mailbox_trust.h"
#include "received/reader.h"
#include "received/syscalls.h"
#include "report/aggregate.h"
#include "row_fixture.h"

enum {
	ROWS = 4
};

/* Round trip */

static bool to_file(const char *bytes, size_t length, void *context)
{
	return write(*(int *)context, bytes, length) == (ssize_t)length;
}

/* Rows that differ in all that a report tells. */
static void fill_rows(struct report_row rows[ROWS])
{
	static const struct row_dkim signatures[] = {{"example.org", "s1", "pass", ""},
	                                             {"list.example", "s2", "fail", "body hash"}};

	for (size_t i = 0; i < ROWS; i++)
		rows[i] = row_fixture();
	rows[1].source = "2001:db8::17";
	rows[1].disposition = "reject";
	rows[1].dkim_aligned = "fail";
	rows[1].spf_aligned = "fail";
	rows[1].spf_result = "softfail";
	rows[2].dkim = signatures;
	rows[2].dkim_count = 2;
	rows[2].override_type = "mailing_list";
	rows[2].override_comment = "a list & its <comment>";
	rows[3].disposition = "pass";
	rows[3].envelope_to = "example.net";
	rows[3].override_type = "policy_test_mode";
	rows[3].spf_scope = "helo";
	rows[3].spf_result = "policy";
}

static int write_report(enum report_dialect dialect, const struct report_row *rows)
{
	struct aggregate_head head = {.dialect = dialect,
	                              .organization = "Example & Net",
	                              .email = "dmarc@example.net",
	                              .contact = "",
	                              .report_id = "20261127.example.net",
	                              .begin = 1764201600,
	                              .end = 1764287999,
	                              .policy = rows,
	                              .error = ""};
	int file = memfd_create("report", MFD_CLOEXEC);
	struct aggregate *aggregate = aggregate_begin(&head, to_file, &file);

	assert_non_null(aggregate);
	for (unsigned long i = 0; i < ROWS; i++)
		assert_true(aggregate_add(aggregate, &rows[i], i + 1));
	assert_true(aggregate_end(aggregate));
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	return file;
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static void assert_same(const char *read, const char *written, enum report_dialect dialect,
                        const char *rfc9990, const char *rfc7489)
{
	if (dialect == REPORT_RFC7489 && strcmp(written, rfc9990) == 0)
		written = rfc7489;
	assert_string_equal(or_empty(read), written);
}

static void assert_same_row(const struct received_record *record, const struct report_row *row,
                            enum report_dialect dialect)
{
	assert_string_equal(record->source, row->source);
	assert_same(record->disposition, row->disposition, dialect, "pass", "none");
	assert_int_equal(record->dkim_aligned, strcmp(row->dkim_aligned, "pass") == 0);
	assert_int_equal(record->spf_aligned, strcmp(row->spf_aligned, "pass") == 0);
	assert_same(record->override_type, row->override_type, dialect, "policy_test_mode",
	            "other");
	assert_string_equal(or_empty(record->override_comment), row->override_comment);
	assert_string_equal(or_empty(record->header_from), row->header_from);
	assert_string_equal(or_empty(record->envelope_from), row->envelope_from);
	assert_string_equal(or_empty(record->envelope_to), row->envelope_to);
	assert_string_equal(or_empty(record->spf_domain), row->spf_domain);
	assert_string_equal(or_empty(record->spf_scope), row->spf_scope);
	assert_same(record->spf_result, row->spf_result, dialect, "policy", "neutral");
	assert_int_equal(record->signature_count, row->dkim_count);
	for (size_t i = 0; i < row->dkim_count; i++) {
		assert_string_equal(record->signatures[i].domain, row->dkim[i].domain);
		assert_string_equal(record->signatures[i].selector, row->dkim[i].selector);
		assert_string_equal(record->signatures[i].result, row->dkim[i].result);
	}
}

static void own_reports_read_back(enum report_dialect dialect)
{
	struct arena *arena = arena_new();
	struct report_row rows[ROWS];
	struct reader_result result;
	int file;

	fill_rows(rows);
	file = write_report(dialect, rows);
	assert_int_equal(reader_read(file, &reader_limits_default, arena, &result), READER_READ);
	assert_int_equal(result.count, 1);
	assert_int_equal(result.reason_count, 0);

	const struct received_report *report = &result.reports[0];

	assert_int_equal(report->kind, RECEIVED_DMARC);
	assert_string_equal(report->organization, "Example & Net");
	assert_string_equal(report->report_id, "20261127.example.net");
	assert_string_equal(report->domain, rows[0].policy_domain);
	assert_string_equal(report->p, rows[0].p);
	assert_string_equal(report->sp, rows[0].sp);
	assert_int_equal(report->begin, 1764201600);
	assert_int_equal(report->end, 1764287999);
	assert_int_equal(report->messages, 1 + 2 + 3 + 4);
	assert_int_equal(report->repair_count, 0);
	assert_int_equal(report->record_count, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(report->records[i].count, i + 1);
		assert_same_row(&report->records[i], &rows[i], dialect);
	}
	close(file);
	arena_free(arena);
}

static void own_reports_of_rfc9990_read_back(void **state)
{
	(void)state;
	own_reports_read_back(REPORT_RFC9990);
}

static void own_reports_of_rfc7489_read_back(void **state)
{
	(void)state;
	own_reports_read_back(REPORT_RFC7489);
}

/* A process that was taken over */

#define GOOD_RECORD "R\t1\t192.0.2.1\tnone\t1\t0\t\t\texample.com\t\t\t\t\t\n"
#define GOOD_HEAD   "H\tdmarc\tR\t\t1\texample.com\t1\t2\t\t\t\t\t\t\t\t\t\t\n"

static bool collects(const char *lines)
{
	struct arena *arena = arena_new();
	struct collect *collect = collect_new(arena, &reader_limits_default);
	struct reader_result result;
	bool good = collect_add(collect, lines, strlen(lines)) && collect_end(collect, &result);

	collect_free(collect);
	arena_free(arena);
	return good;
}

static void only_sound_lines_are_taken(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "Z\n",                                /* neither report nor reason */
	    GOOD_RECORD GOOD_HEAD,                /* no end */
	    GOOD_RECORD "Z\n",                    /* no head */
	    GOOD_HEAD "Z\n",                      /* no record */
	    GOOD_RECORD GOOD_HEAD "Z",            /* the end has none */
	    GOOD_RECORD GOOD_HEAD "Z\nU\tmore\n", /* after the end */
	    "Q\tx\nU\tx\nZ\n",                    /* an unknown letter */
	    "U\nZ\n",                             /* a value is missing */
	    "U\t\nZ\n",                           /* a text is missing */
	    "U\tx\ty\nZ\n",                       /* one too many */
	    "U\tesc\x1b[31m\nZ\n",                /* a control character */
	    "U\tbad \xff\nZ\n",                   /* no UTF-8 */
	    "U\t\xe2\x80\xae right to left\nZ\n", /* a mark of direction */
	    "S\ta.example\ts\tpass\nU\tx\nZ\n",   /* a signature of no record */
	    "F\tx\t\t\t\t1\t\nU\tx\nZ\n",         /* a failure of no policy */
	    "M\t0\t\t0\nU\tx\nZ\n",               /* a mail that is none */
	    "R\t0\t192.0.2.1\tnone\t1\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n", /* counts */
	    "R\t-1\t192.0.2.1\tnone\t1\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n",
	    "R\t1000000001\t192.0.2.1\tnone\t1\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n",
	    "R\t99999999999999999999\t192.0.2.1\tnone\t1\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n",
	    "R\t1\t192.0.2.256\tnone\t1\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n", /* an address */
	    "R\t1\t2001:DB8::1\tnone\t1\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n",
	    "R\t1\t192.0.2.1\tbounce\t1\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n", /* a word */
	    "R\t1\t192.0.2.1\tnone\t2\t0\t\t\t\t\t\t\t\t\n" GOOD_HEAD "Z\n",   /* a flag */
	    "R\t1\t192.0.2.1\tnone\t1\t0\t\t\tExample.COM\t\t\t\t\t\n" GOOD_HEAD "Z\n",
	    "R\t1\t192.0.2.1\tnone\t1\t0\t\t\ta b\t\t\t\t\t\n" GOOD_HEAD "Z\n",
	    GOOD_RECORD "H\tspam\tR\t\t1\texample.com\t1\t2\t\t\t\t\t\t\t\t\t\t\nZ\n",
	    GOOD_RECORD "H\ttls\tR\t\t1\texample.com\t1\t2\t\t\t\t\t\t\t\t\t\t\nZ\n",
	    GOOD_RECORD "H\tdmarc\tR\t\t1\t\t1\t2\t\t\t\t\t\t\t\t\t\t\nZ\n",
	    GOOD_RECORD "H\tdmarc\tR\t\t1\texample.com\t2\t1\t\t\t\t\t\t\t\t\t\t\nZ\n",
	};

	(void)state;
	assert_true(collects(GOOD_RECORD GOOD_HEAD "Z\n"));
	assert_true(collects(GOOD_RECORD "D\nU\tx\nZ\n"));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (collects(wrong[i]))
			fail_msg("line %zu was taken", i);
}

static void long_lines_and_many_reports_are_refused(void **state)
{
	struct arena *arena = arena_new();
	struct text lines;

	(void)state;
	text_begin(&lines, arena, 200000);
	text_add(&lines, "U\t");
	for (size_t i = 0; i <= RECEIVED_TEXT_MAX; i++)
		text_add(&lines, "x");
	text_add(&lines, "\nZ\n");
	assert_false(collects(lines.bytes));
	text_begin(&lines, arena, 200000);
	for (size_t i = 0; i < READER_REPORTS_MAX; i++)
		text_add(&lines, GOOD_RECORD GOOD_HEAD);
	assert_true(collects(arena_format(arena, "%sZ\n", lines.bytes)));
	text_add(&lines, GOOD_RECORD GOOD_HEAD "Z\n");
	assert_false(collects(lines.bytes));
	arena_free(arena);
}

/* Confinement: each attempt in a process of its own. */

static int try_confined(void (*attempt)(void))
{
	struct confine_limits limits = {200 * 1024 * 1024, 60};
	pid_t process = fork();
	int status;

	if (process == 0) {
		int file = dup(0), pipe = dup(1);

		if (!confine_process(file, pipe, &limits))
			_exit(99);
		attempt();
		_exit(0);
	}
	assert_int_equal(waitpid(process, &status, 0), process);
	return status;
}

static void attempt_open(void)
{
	_exit(open("/etc/passwd", O_RDONLY) < 0 ? 7 : 0);
}

static void attempt_socket(void)
{
	_exit(socket(AF_INET, SOCK_STREAM, 0) < 0 ? 7 : 0);
}

static void attempt_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	_exit(7);
}

static void attempt_fork(void)
{
	_exit(fork() < 0 ? 7 : 0);
}

static void attempt_descriptors(void)
{
	char octet;

	/* all but the two were closed */
	_exit(write(2, "", 0) < 0 && read(0, &octet, 0) < 0 ? 7 : 0);
}

static void attempt_memory(void)
{
	_exit(mmap(NULL, 1UL << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	              MAP_FAILED
	          ? 7
	          : 0);
}

static void a_confined_process_can_do_nothing(void **state)
{
	static void (*const attempts[])(void) = {attempt_open, attempt_socket,      attempt_exec,
	                                         attempt_fork, attempt_descriptors, attempt_memory};

	(void)state;
	for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
		int status = try_confined(attempts[i]);
		bool kept = (WIFEXITED(status) && WEXITSTATUS(status) == 7) ||
		            (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		/* limits alone open no files, and the rest is for seccomp */
		bool needs_filter = i == 1 || i == 2;

		if (!kept && (syscalls_kind()[0] != '\0' || !needs_filter))
			fail_msg("attempt %zu ended with status %d", i, status);
	}
}

/* Trust */

static void results_of_ours_decide(void **state)
{
	static const struct {
		const char *results; /* NULL: none */
		enum received_kind kind;
		bool trusted;
		const char *reporter; /* where it is trusted */
	} rows[] = {
	    {NULL, RECEIVED_DMARC, true, "from.example"},
	    {"mx.example.net; dmarc=pass header.from=r.example", RECEIVED_DMARC, true, "r.example"},
	    {"MX.Example.Net.; dmarc=PASS header.from=R.example", RECEIVED_DMARC, true,
	     "r.example"},
	    {"mx.example.net; dmarc=fail header.from=r.example", RECEIVED_DMARC, false, NULL},
	    {"mx.example.net; dmarc=none header.from=r.example", RECEIVED_DMARC, false, NULL},
	    {"mx.example.net; dmarc=temperror header.from=r.example", RECEIVED_FAILURE, false,
	     NULL},
	    {"other.example; dmarc=fail header.from=r.example", RECEIVED_DMARC, true,
	     "from.example"},
	    {"mx.example.net; spf=fail smtp.mailfrom=r.example", RECEIVED_DMARC, true,
	     "from.example"},
	    {"mx.example.net; dkim=pass header.d=mail.r.example; dmarc=pass header.from=r.example",
	     RECEIVED_TLS, true, "r.example"},
	    {"mx.example.net; dkim=pass header.d=other.example; spf=pass; dmarc=pass "
	     "header.from=r.example",
	     RECEIVED_TLS, false, NULL},
	    {"mx.example.net; dkim=fail header.d=r.example; dmarc=pass header.from=r.example",
	     RECEIVED_TLS, false, NULL},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reader_mail mail = {.is_mail = true,
		                           .from = "from.example",
		                           .results_count = rows[i].results != NULL,
		                           .results = &rows[i].results};
		struct received_report report = {.kind = rows[i].kind};
		struct received_arrival arrival;

		mailbox_trust_judge(&mail, &report, MAILBOX_UNJUDGED, "mx.example.net", 5, "here",
		                    arena, &arrival);
		assert_int_equal(arrival.trusted, rows[i].trusted);
		assert_true(arrival.trusted || arrival.why != NULL);
		if (rows[i].trusted)
			assert_string_equal(arrival.reporter, rows[i].reporter);
		/* only our own word counts in a mailbox, and none behind another mail in a pipe */
		mailbox_trust_judge(&mail, &report, MAILBOX_OUR_WORD, "mx.example.net", 5, "here",
		                    arena, &arrival);
		assert_int_equal(arrival.trusted,
		                 rows[i].trusted && strcmp(rows[i].reporter, "from.example") != 0);
		mailbox_trust_judge(&mail, &report, MAILBOX_NOTHING, "mx.example.net", 5, "here",
		                    arena, &arrival);
		assert_false(arrival.trusted);
	}
	arena_free(arena);
}

static void bare_reports_name_a_reporter(void **state)
{
	static const struct {
		const char *email, *organization, *reporter;
	} rows[] = {{"dmarc@R.example", "Org", "r.example"},
	            {NULL, "google.com", "google.com"},
	            {NULL, "Some Org", "unknown"}};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reader_mail mail = {.is_mail = false};
		struct received_report report = {.kind = RECEIVED_DMARC,
		                                 .email = rows[i].email,
		                                 .organization = rows[i].organization};
		struct received_arrival arrival;

		mailbox_trust_judge(&mail, &report, MAILBOX_UNJUDGED, "mx.example.net", 5, "here",
		                    arena, &arrival);
		assert_true(arrival.trusted && arrival.received == 5);
		assert_string_equal(arrival.reporter, rows[i].reporter);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_reports_of_rfc9990_read_back),
	    cmocka_unit_test(own_reports_of_rfc7489_read_back),
	    cmocka_unit_test(only_sound_lines_are_taken),
	    cmocka_unit_test(long_lines_and_many_reports_are_refused),
	    cmocka_unit_test(a_confined_process_can_do_nothing),
	    cmocka_unit_test(results_of_ours_decide),
	    cmocka_unit_test(bare_reports_name_a_reporter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
