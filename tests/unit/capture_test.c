/*
 * capture_test.c - the first lines of a captured message: what is written is read back, what is not
 * written by us is refused, and whose reports count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "received/capture_facts.h"

static const struct capture_facts good = {
    .received = 1764335565,
    .queue_id = "4F0001",
    .client = "192.0.2.1",
    .accepted = true,
    .author = "example.org",
    .dmarc = RESULT_PASS,
    .spf_aligned = true,
    .dkim_aligned = true,
    .signature_count = 2,
    .signatures = {{"example.org", "s1", false}, {"example.net", "t2", true}}};

static struct capture_facts written_and_read(const struct capture_facts *facts, struct arena *arena)
{
	char block[CAPTURE_BLOCK];
	struct capture_facts found;
	struct problem problem;

	capture_facts_write(facts, arena, block);
	assert_true(capture_facts_read(block, arena, &found, &problem));
	return found;
}

static void what_is_written_is_read_back(void **state)
{
	struct arena *arena = arena_new();
	struct capture_facts found = written_and_read(&good, arena), other = good;

	(void)state;
	assert_int_equal(found.received, good.received);
	assert_string_equal(found.queue_id, "4F0001");
	assert_string_equal(found.client, "192.0.2.1");
	assert_true(found.accepted);
	assert_string_equal(found.author, "example.org");
	assert_int_equal(found.dmarc, RESULT_PASS);
	assert_true(found.spf_aligned && found.dkim_aligned && !found.tls_aligned);
	assert_int_equal(found.signature_count, 2);
	assert_string_equal(found.signatures[1].domain, "example.net");
	assert_string_equal(found.signatures[1].selector, "t2");
	assert_true(found.signatures[1].tls_report && !found.signatures[0].tls_report);

	other.queue_id = other.author = NULL;
	found = written_and_read(&other, arena);
	assert_null(found.queue_id);
	assert_null(found.author);
	arena_free(arena);
}

/* Text of the sender adds no line, however long and odd it is. */
static void texts_add_no_lines(void **state)
{
	struct arena *arena = arena_new();
	struct capture_facts facts = good, found;
	char *odd = arena_allocate(arena, 2000);

	(void)state;
	memset(odd, '\xFF', 1999);
	memcpy(odd, "x\naligned tlsrpt\nend\n y\t\r", 25);
	facts.queue_id = facts.signatures[0].selector = facts.signatures[1].selector = odd;
	facts.signatures[0].domain = odd;
	facts.signature_count = CAPTURE_SIGNATURES_MAX;
	for (size_t i = 0; i < CAPTURE_SIGNATURES_MAX; i++)
		facts.signatures[i] = (struct capture_signature){odd, odd, true};
	found = written_and_read(&facts, arena);
	assert_false(found.tls_aligned);
	assert_int_equal(found.signature_count, CAPTURE_SIGNATURES_MAX);
	assert_null(strpbrk(found.queue_id, " \n\t\r"));
	arena_free(arena);
}

static void what_others_wrote_is_refused(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
	    {"assay-captured 1\n", "assay-captured 2\n"},
	    {"assay-captured", "Assay-captured"},
	    {"received 1764335565", "received 17643355x5"},
	    {"received 1764335565", "received -176433556"},
	    {"received 1764335565", "Received 1764335565"},
	    {"\nend\n", "\nEnd\n"},
	    {"\nend\n\n", "\nend\nx"},
	    {"author example.org", "author Example.org"},
	    {"author example.org", "author example..or"},
	    {"author example.org", "author example.or\t"},
	    {"author example.org", "author example\xFForg"},
	};
	struct arena *arena = arena_new();
	struct capture_facts found;
	struct problem problem;
	char block[CAPTURE_BLOCK + 1] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		capture_facts_write(&good, arena, block);
		assert_non_null(strstr(block, changes[i].from));
		memcpy(strstr(block, changes[i].from), changes[i].to, strlen(changes[i].to));
		if (capture_facts_read(block, arena, &found, &problem))
			fail_msg("taken with %s", changes[i].to);
	}
	memset(block, 0, sizeof block);
	assert_false(capture_facts_read(block, arena, &found, &problem));
	memset(block, '\n', CAPTURE_BLOCK);
	assert_false(capture_facts_read(block, arena, &found, &problem));
	memset(block, 'x', CAPTURE_BLOCK);
	assert_false(capture_facts_read(block, arena, &found, &problem));
	arena_free(arena);
}

/* Any octets: an answer, and nothing else. */
static void any_octet_may_be_changed(void **state)
{
	struct arena *arena = arena_new();
	char block[CAPTURE_BLOCK];
	struct capture_facts found;
	struct problem problem;

	(void)state;
	for (size_t at = 0; at < 400; at++)
		for (int octet = 0; octet < 256; octet += at < 200 ? 1 : 17) {
			capture_facts_write(&good, arena, block);
			block[at] = (char)octet;
			capture_facts_read(block, arena, &found, &problem);
			arena_reset(arena);
		}
	arena_free(arena);
}

static void whose_reports_count(void **state)
{
	static const struct {
		const char *author;
		enum result dmarc;
		bool accepted, spf, dkim, tls;
		bool aggregate, tls_report;
	} rows[] = {
	    {"a.example", RESULT_PASS, true, true, true, false, true, true},
	    {"a.example", RESULT_PASS, true, true, false, false, true, false},
	    {"a.example", RESULT_PASS, true, false, true, false, true, true},
	    /* without a policy it is the aligned pass that counts */
	    {"a.example", RESULT_NONE, true, false, true, false, true, true},
	    {"a.example", RESULT_NONE, true, true, false, false, true, false},
	    {"a.example", RESULT_NONE, true, false, false, false, false, false},
	    {"a.example", RESULT_FAIL, true, false, false, false, false, false},
	    /* a pass whose policy could not be looked up might not be aligned by it */
	    {"a.example", RESULT_TEMPERROR, true, true, true, false, false, false},
	    {"a.example", RESULT_PERMERROR, true, true, true, false, false, false},
	    {"a.example", RESULT_FAIL, true, false, false, true, false, true},
	    {"a.example", RESULT_PASS, true, true, false, true, true, true},
	    {NULL, RESULT_PASS, true, true, true, true, false, false},
	    {"a.example", RESULT_PASS, false, true, true, true, false, false},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct capture_facts facts = {.received = 1,
		                              .accepted = rows[i].accepted,
		                              .author = rows[i].author,
		                              .dmarc = rows[i].dmarc,
		                              .spf_aligned = rows[i].spf,
		                              .dkim_aligned = rows[i].dkim,
		                              .tls_aligned = rows[i].tls};

		for (enum received_kind kind = RECEIVED_DMARC; kind <= RECEIVED_FAILURE; kind++) {
			bool wanted = kind == RECEIVED_TLS ? rows[i].tls_report : rows[i].aggregate;
			struct received_arrival arrival;

			capture_facts_arrival(&facts, kind, arena, &arrival);
			if (arrival.trusted != wanted)
				fail_msg("row %zu, kind %d", i, (int)kind);
			assert_int_equal(arrival.trusted, arrival.reporter != NULL);
			assert_int_equal(arrival.trusted, arrival.why == NULL);
			assert_non_null(arrival.place);
		}
		assert_int_equal(capture_facts_may_count(&facts, arena),
		                 rows[i].aggregate || rows[i].tls_report);
	}
	arena_free(arena);
}

/* From the findings: nothing of a message with several authors is the author's. */
static void facts_of_findings(void **state)
{
	struct dkim_signature signatures[] = {
	    {.result = RESULT_FAIL, .domain = "example.org", .selector = "f"},
	    {.result = RESULT_PASS, .domain = "other.example", .selector = "o"},
	    {.result = RESULT_PERMERROR,
	     .domain = "example.org",
	     .selector = "t",
	     .tls_report = true},
	    {.result = RESULT_PERMERROR, .domain = "example.org", .selector = "p"},
	};
	struct findings findings = {.judged = true, .dkim = {.count = 4, .signatures = signatures}};
	struct message message = {.received = 5};
	struct arena *arena = arena_new();
	struct capture_facts facts;

	(void)state;
	findings.dmarc.author.state = AUTHOR_ONE;
	findings.dmarc.author.domain = "mail.example.org";
	findings.dmarc.organizational_domain = "example.org";
	capture_facts_find(&message, &findings, true, arena, &facts);
	assert_true(facts.tls_aligned);
	assert_int_equal(facts.signature_count, 2);
	assert_string_equal(facts.signatures[0].selector, "t");
	assert_string_equal(facts.signatures[1].selector, "o");
	assert_string_equal(facts.client, "unknown");

	findings.dmarc.organizational_domain = "mail.example.org";
	capture_facts_find(&message, &findings, true, arena, &facts);
	assert_false(facts.tls_aligned);

	findings.dmarc.organizational_domain = "example.org";
	findings.dmarc.author.state = AUTHOR_SEVERAL;
	findings.dmarc.spf_aligned = findings.dmarc.dkim_aligned = true;
	findings.dmarc.result = RESULT_PASS;
	capture_facts_find(&message, &findings, true, arena, &facts);
	assert_null(facts.author);
	assert_false(facts.tls_aligned || facts.spf_aligned || facts.dkim_aligned);
	assert_false(capture_facts_may_count(&facts, arena));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(texts_add_no_lines),
	    cmocka_unit_test(what_others_wrote_is_refused),
	    cmocka_unit_test(any_octet_may_be_changed),
	    cmocka_unit_test(whose_reports_count),
	    cmocka_unit_test(facts_of_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
