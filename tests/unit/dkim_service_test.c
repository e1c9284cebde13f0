/*
 * dkim_service_test.c - keys whose service type (s=) is tlsrpt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fake_dns.h"
#include "run_dkim.h"
#include "signed_messages.h"

struct trial {
	struct signed_messages fixtures;
	struct run_dkim run;
	struct fake_dns *dns;
	struct arena *arena;
};

/* The only signature of a message with other text, of the same length, in the place of the first
 * `from`. */
static struct dkim_signature verify(struct trial *trial, const char *name, const char *from,
                                    const char *to)
{
	const struct signed_message *fixture = signed_messages_find(&trial->fixtures, name);
	struct dkim_finding finding;
	char *raw, *at;

	assert_non_null(fixture);
	raw = arena_copy(trial->arena, fixture->raw, fixture->length);
	at = strstr(raw, from);
	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
	finding = run_dkim(&trial->run, trial->arena, &trial->dns->services, raw, fixture->length);
	assert_int_equal(finding.count, 1);
	return finding.signatures[0];
}

/* RFC 8460 3: it makes no mail pass, and a report only if it verifies. */
static void a_key_for_tls_reports_is_for_nothing_else(void **state)
{
	static const struct {
		const char *name, *from, *to;
		bool tls_report;
	} rows[] = {
	    {"key-service", "", "", true},
	    {"key-service", "soup", "soap", false},
	    {"key-service", "Joe <joe@", "Eve <eve@", false},
	    {"key-service", "bh=Sl4w", "bh=Sl4v", false},
	    {"key-service", "; b=SyNm", "; b=SyNn", false},
	    {"key-sha1only", "", "", false},
	    {"key-revoked", "", "", false},
	};
	struct trial trial = {.arena = arena_new()};

	(void)state;
	assert_true(signed_messages_read(&trial.fixtures));
	run_dkim_open(&trial.run);
	trial.dns = fake_dns_new(trial.arena, trial.fixtures.zone);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct dkim_signature signature =
		    verify(&trial, rows[i].name, rows[i].from, rows[i].to);

		assert_int_equal(signature.result, RESULT_PERMERROR);
		if (signature.tls_report != rows[i].tls_report)
			fail_msg("%s with \"%s\"", rows[i].name, rows[i].to);
	}
	assert_false(verify(&trial, "rsa-relaxed/relaxed", "", "").tls_report);
	trial.run.settings->minimum_rsa_bits = 4096;
	assert_false(verify(&trial, "key-service", "", "").tls_report);
	run_dkim_close(&trial.run);
	arena_free(trial.arena);
	arena_free(trial.fixtures.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_for_tls_reports_is_for_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
