/*
 * dkim_test.c - policy_dkim over the signed messages of dkim_fixtures.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "fake_dns.h"
#include "run_dkim.h"
#include "signed_messages.h"

static struct signed_messages fixtures;

static int read_fixtures(void **state)
{
	(void)state;
	return signed_messages_read(&fixtures) ? 0 : -1;
}

static int forget_fixtures(void **state)
{
	(void)state;
	arena_free(fixtures.arena);
	return 0;
}

/* A run and what it works with; the arena lives until end(). */
struct trial {
	struct run_dkim run;
	struct arena *arena;
	struct fake_dns *dns;
};

static struct trial begin(void)
{
	struct trial trial = {.arena = arena_new()};

	run_dkim_open(&trial.run);
	trial.dns = fake_dns_new(trial.arena, fixtures.zone);
	return trial;
}

static void end(struct trial *trial)
{
	arena_free(trial->arena);
	run_dkim_close(&trial->run);
}

static struct dkim_finding verify(struct trial *trial, const char *name)
{
	const struct signed_message *fixture = signed_messages_find(&fixtures, name);

	assert_non_null(fixture);
	return run_dkim(&trial->run, trial->arena, &trial->dns->services, fixture->raw,
	                fixture->length);
}

static const char *results_of(struct arena *arena, const struct dkim_finding *finding)
{
	struct text names;

	text_begin(&names, arena, 10000);
	for (size_t i = 0; i < finding->count; i++)
		text_add_format(&names, "%s%s", i > 0 ? " " : "",
		                result_names[finding->signatures[i].result]);
	return names.bytes;
}

/* The results in order, and a part of the first reason there is; "" where all pass. */
struct expectation {
	const char *name, *results, *reason;
};

static void expect(struct trial *trial, const struct expectation *row)
{
	struct dkim_finding finding = verify(trial, row->name);
	const char *reason = NULL;

	for (size_t i = 0; i < finding.count; i++) {
		const struct dkim_signature *signature = &finding.signatures[i];

		assert_int_equal(signature->result == RESULT_PASS, signature->reason == NULL);
		reason = reason == NULL ? signature->reason : reason;
	}
	if (strcmp(results_of(trial->arena, &finding), row->results) != 0)
		fail_msg("%s: %s (%s)", row->name, results_of(trial->arena, &finding),
		         reason == NULL ? "no reason" : reason);
	if (strstr(reason == NULL ? "" : reason, row->reason) == NULL)
		fail_msg("%s: %s", row->name, reason);
}

static const struct expectation expectations[] = {
    {"unsigned", "", ""},
    {"rfc8463", "pass pass", ""},
    {"rsa-simple/simple", "pass", ""},
    {"rsa-simple/relaxed", "pass", ""},
    {"rsa-relaxed/simple", "pass", ""},
    {"rsa-relaxed/relaxed", "pass", ""},
    {"rsa-simple", "pass", ""},
    {"rsa-relaxed", "pass", ""},
    {"ed25519-simple/simple", "pass", ""},
    {"ed25519-simple/relaxed", "pass", ""},
    {"ed25519-relaxed/simple", "pass", ""},
    {"ed25519-relaxed/relaxed", "pass", ""},
    {"ed25519-simple", "pass", ""},
    {"ed25519-relaxed", "pass", ""},
    {"default-c", "pass", ""},
    {"body-empty-simple/simple", "pass", ""},
    {"body-empty-relaxed/relaxed", "pass", ""},
    {"body-lines-simple/simple", "pass", ""},
    {"body-lines-relaxed/relaxed", "pass", ""},
    {"body-unended-simple/simple", "pass", ""},
    {"body-unended-relaxed/relaxed", "pass", ""},
    {"body-space-simple/simple", "pass", ""},
    {"body-space-relaxed/relaxed", "pass", ""},
    {"body-spaced-simple/simple", "pass", ""},
    {"body-spaced-relaxed/relaxed", "pass", ""},
    {"spaced-name", "pass", ""},
    {"folded-list", "pass", ""},
    {"empty-names", "pass", ""},
    {"unknown-tag", "pass", ""},
    /* vertical tab and form feed, which libopendkim takes for white space, and RFC 6376 2.8 does
       not */
    {"odd-white", "pass", ""},
    {"odd-white-simple", "pass", ""},
    {"odd-white-twice", "pass pass", ""},
    {"odd-white-changed", "fail", "a signed header field was changed"},
    {"odd-white-as-space", "fail", "a signed header field was changed"},

    /* what was changed on the way */
    {"body-changed-simple/simple", "fail", "body hash does not match: the body was changed"},
    {"body-changed-relaxed/relaxed", "fail", "body hash does not match: the body was changed"},
    {"header-changed-simple/simple", "fail", "a signed header field was changed"},
    {"header-changed-relaxed/relaxed", "fail", "a signed header field was changed"},
    {"both-changed-simple/simple", "fail", "and the body was changed"},
    {"both-changed-relaxed/relaxed", "fail", "and the body was changed"},
    {"space-changed-simple/simple", "fail", "a signed header field was changed"},
    {"space-changed-relaxed/relaxed", "pass", ""},
    {"second-from", "pass", ""},
    {"second-from-oversigned", "fail", "a signed header field was changed"},
    {"oversigned", "pass", ""},

    /* keys */
    {"rsa512", "policy", "key of 512 bits is shorter than 1024"},
    {"rsa768", "policy", "key of 768 bits is shorter than 1024"},
    {"rsa1024", "pass", ""},
    {"rsa4096", "pass", ""},
    {"key-huge", "policy", "key of 16384 bits is longer than 4096"},
    {"key-exponent", "permerror", "exponent"},
    {"key-one", "permerror", "exponent of the RSA key is too small"},
    {"key-curve", "permerror", "an RSA key"},
    {"key-bare", "pass", ""},
    {"key-folded", "pass", ""},
    {"key-revoked", "permerror", "key revoked"},
    {"key-strict", "pass", ""},
    {"key-testing", "pass", ""},
    {"testing-changed", "neutral", "the key is in test mode (t=y): body hash"},
    {"strict-subdomain", "permerror", "t=s"},
    {"key-sha1only", "permerror", "not for sha256"},
    {"key-service", "permerror", "the key is for TLS reports alone (s= of the key record)"},
    {"key-version", "permerror", "another version"},
    {"key-late", "permerror", "v= is not the first tag"},
    {"key-without", "permerror", "no p="},
    {"key-unknown", "permerror", "k=dsa"},
    {"key-junk", "permerror", "cannot be read"},
    {"key-broken", "permerror", "is not base64"},
    {"key-noise", "permerror", "an RSA key"},
    {"key-long", "permerror", "longer than 8192"},
    {"key-ed25519", "permerror", "the key is ed25519, but a= asks for rsa"},
    {"key-wrong-type", "permerror", "the key is rsa, but a= asks for ed25519"},
    {"key-untyped", "permerror", "an RSA key"},
    {"key-slow", "temperror", "slow._domainkey.example.org could not be looked up: timed out"},
    {"key-missing", "permerror", "no key at missing._domainkey.example.org"},
    {"key-rotated", "pass", ""},
    {"rotated-changed", "fail", "a signed header field was changed"},
    {"rotated-body", "fail", "body hash does not match"},
    {"key-crowd", "permerror", "cannot be read"},
    {"mixed", "pass pass", ""},

    /* tags */
    {"without-v", "permerror", "v= is missing"},
    {"without-a", "permerror", "a= is missing"},
    {"without-b", "permerror", "b= is missing"},
    {"without-bh", "permerror", "bh= is missing"},
    {"without-d", "permerror", "d= is missing"},
    {"without-h", "permerror", "h= is missing"},
    {"without-s", "permerror", "s= is missing"},
    {"without-from", "permerror", "From"},
    {"sha1", "permerror", "rsa-sha1 is no longer acceptable (RFC 8301)"},
    {"algorithm", "neutral", "unknown algorithm: rsa-sha512"},
    {"upper-case-algorithm", "pass", ""},
    {"version", "neutral", "unknown version"},
    {"query", "neutral", "unknown query method: http"},
    {"queries", "pass", ""},
    {"canonicalization", "neutral", "unknown canonicalization: nofws/relaxed"},
    {"body-canonicalization", "neutral", "unknown canonicalization: relaxed/nofws"},
    {"expired", "policy", "expired on 2025-12-31 23:54 UTC"},
    {"just-expired", "pass", ""},
    {"expires", "pass", ""},
    {"expires-never", "pass", ""},
    {"expires-before", "neutral", "x= is not later than t="},
    {"future", "pass", ""},
    {"time-word", "neutral", "t= is not a number: now"},
    {"identity-own", "pass", ""},
    {"identity-below", "pass", ""},
    {"identity-case", "pass", ""},
    {"identity-qp", "pass", ""},
    {"identity-other", "neutral", "i= is not within d=: @example.com"},
    {"identity-suffix", "neutral", "i= is not within d="},
    {"identity-none", "neutral", "i= is not an address"},
    {"identity-empty", "neutral", "i= is not an address"},
    {"identity-bad-qp", "neutral", "i= is not an address: joe="},
    {"identity-bad-qp-2", "neutral", "i= is not an address"},
    {"identity-long", "neutral", "i= is not an address"},
    {"domain-upper", "pass", ""},
    {"domain-space", "neutral", "d= is not a domain name: exam ple.org"},
    {"domain-empty", "neutral", "d= is not a domain name"},
    {"domain-dot", "neutral", "d= is not a domain name"},
    {"domain-paren", "neutral", "d= is not a domain name"},
    {"domain-label", "neutral", "d= is not a domain name"},
    {"domain-long", "neutral", "d= is not a domain name"},
    {"domain-address", "neutral", "d= is not a domain name"},
    {"domain-quote", "neutral", "d= is not a domain name"},
    {"selector-space", "neutral", "s= is not a selector"},
    {"selector-long", "permerror", "too long"},
    {"space-in-b", "fail", "a signed header field was changed"},
    {"spaced-b", "pass", ""},
    {"tag-in-b", "pass", ""},
    {"tag-in-b-changed", "fail", "a signed header field was changed"},
    {"upper-tag", "pass", ""},
    {"twice", "neutral", "d= occurs twice"},
    {"twice-in-case", "neutral", "D= occurs twice"},
    {"name-in-two", "neutral", "white space inside a name in h=: fr om"},
    {"many-names", "policy", "more than 256"},
    {"most-names", "pass", ""},
    {"no-tags", "neutral", "it is empty"},
    {"garbage", "neutral", "cannot be read"},
    {"huge-field", "policy", "longer than 16384"},
    {"u-label", "fail", "a signed header field was changed"},
    {"u-label-own", "pass", ""},
    {"bad-b", "neutral", "b= is not base64"},
    {"bad-bh", "neutral", "bh= is not a SHA-256"},

    /* l= as it stands by default: distrusted */
    {"length-all-simple", "policy", "l= covers all 40 octets"},
    {"length-all-relaxed", "policy", "l= covers all 33 octets"},
    {"length-part-simple", "policy", "l= covers only 10 of 40 octets"},
    {"length-part-relaxed", "policy", "l= covers only 10 of 33 octets"},
    {"length-none-simple", "policy", "l= covers only 0 of 40"},
    {"length-none-relaxed", "policy", "l= covers only 0 of 33"},
    {"length-appended-simple", "policy", "l= covers only 40 of 54"},
    {"length-appended-relaxed", "policy", "l= covers only 33 of 49"},
    {"length-changed-simple", "fail", "body hash does not match"},
    {"length-changed-relaxed", "fail", "body hash does not match"},
    {"length-more-simple", "fail", "l= covers 41 octets, more than the body has"},
    {"length-more-relaxed", "fail", "l= covers 34 octets, more than the body has"},
    {"length-bad", "neutral", "l= is not a number: -1"},
    {"length-endless", "fail", "more than the body has"},

    /* several */
    {"pass-fail", "pass fail", "body hash does not match"},
    {"fail-pass", "fail pass", "signature does not verify"},
    {"covered", "pass pass", ""},
    {"covered-changed", "fail permerror", "a signed header field was changed"},
    {"covers-hostile", "pass neutral", "i= is not an address"},
    {"covers-hostile-changed", "fail neutral", "a signed header field was changed"},
    {"covers-misread", "pass pass", ""},
    {"covers-many", "policy", "more than 32"},
    {"all-covered", "fail", ""},
};

static void every_message_gets_its_result(void **state)
{
	struct trial trial = begin();

	(void)state;
	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
		expect(&trial, &expectations[i]);
	end(&trial);
}

/* Chunk boundaries anywhere in the body change nothing. */
static void chunks_of_any_size(void **state)
{
	(void)state;
	for (size_t chunk = 1; chunk < 16; chunk++) {
		struct trial trial = begin();

		trial.run.chunk = chunk;
		for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
			if (strncmp(expectations[i].name, "body-", 5) == 0 ||
			    strncmp(expectations[i].name, "length-", 7) == 0)
				expect(&trial, &expectations[i]);
		end(&trial);
	}
}

static void settings_rule(void **state)
{
	static const struct {
		long bits;
		int trust;
		struct expectation expected;
	} rows[] = {
	    {2048,
	     BODY_LENGTH_DISTRUST,
	     {"rsa1024", "policy", "key of 1024 bits is shorter than 2048"}},
	    {2048, BODY_LENGTH_DISTRUST, {"rsa-simple", "pass", ""}},
	    {4096, BODY_LENGTH_DISTRUST, {"ed25519-simple", "pass", ""}},
	    {1024, BODY_LENGTH_PARTIAL, {"length-all-simple", "pass", ""}},
	    {1024, BODY_LENGTH_PARTIAL, {"length-all-relaxed", "pass", ""}},
	    {1024, BODY_LENGTH_PARTIAL, {"length-part-simple", "policy", "10 of 40"}},
	    {1024, BODY_LENGTH_PARTIAL, {"length-appended-relaxed", "policy", "33 of 49"}},
	    {1024, BODY_LENGTH_PARTIAL, {"length-none-relaxed", "policy", "0 of 33"}},
	    {1024, BODY_LENGTH_ACCEPT, {"length-part-relaxed", "pass", ""}},
	    {1024, BODY_LENGTH_ACCEPT, {"length-appended-simple", "pass", ""}},
	    {1024, BODY_LENGTH_ACCEPT, {"length-none-simple", "pass", ""}},
	    {1024, BODY_LENGTH_ACCEPT, {"length-more-relaxed", "fail", "more than the body has"}},
	    {1024, BODY_LENGTH_ACCEPT, {"length-changed-simple", "fail", "body hash"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct trial trial = begin();

		trial.run.settings->minimum_rsa_bits = rows[i].bits;
		trial.run.settings->body_length_limit = rows[i].trust;
		expect(&trial, &rows[i].expected);
		end(&trial);
	}
}

static void the_facts_of_a_signature(void **state)
{
	struct trial trial = begin();
	struct dkim_finding finding = verify(&trial, "identity-below");
	const struct dkim_signature *signature = &finding.signatures[0];

	(void)state;
	assert_string_equal(signature->domain, "example.org");
	assert_string_equal(signature->selector, "rsa2048");
	assert_string_equal(signature->identity, "joe@sub.example.org");
	assert_string_equal(signature->algorithm, "rsa-sha256");
	assert_int_equal(signature->key_bits, 2048);
	assert_int_equal(strlen(signature->header_b), 8);
	assert_false(signature->testing);
	finding = verify(&trial, "key-testing");
	assert_true(finding.signatures[0].testing);
	assert_string_equal(finding.signatures[0].identity, "@example.org");
	assert_int_equal(verify(&trial, "rsa512").signatures[0].key_bits, 512);
	assert_int_equal(verify(&trial, "ed25519-simple").signatures[0].key_bits, 256);
	assert_int_equal(verify(&trial, "key-missing").signatures[0].key_bits, 0);
	assert_null(verify(&trial, "without-d").signatures[0].domain);
	assert_string_equal(verify(&trial, "domain-upper").signatures[0].domain, "example.org");
	assert_string_equal(verify(&trial, "without-v").signatures[0].domain, "example.org");
	end(&trial);
}

static void signatures_beyond_the_limit_are_counted(void **state)
{
	struct trial trial = begin();
	struct dkim_finding finding = verify(&trial, "twelve");

	(void)state;
	assert_int_equal(finding.count, 10);
	assert_int_equal(finding.beyond_limit, 2);
	trial.run.settings->maximum_signatures = 1;
	finding = verify(&trial, "pass-fail");
	assert_int_equal(finding.count, 1);
	assert_int_equal(finding.beyond_limit, 1);
	assert_int_equal(finding.signatures[0].result, RESULT_PASS);
	trial.run.settings->maximum_signatures = 100;
	assert_int_equal(verify(&trial, "twelve").count, 12);
	end(&trial);
}

/* RFC 6008 4: enough characters of b=, but not for what is the same throughout. */
static void header_b_tells_signatures_apart(void **state)
{
	static const char *const expected[] = {"AAAABBBBCCCCD", "AAAABBBBCCCCE", "AAAABBBBF",
	                                       "ZZZZ", "AAAABBBBCCCCD"};
	struct trial trial = begin();
	struct dkim_finding finding = verify(&trial, "alike");

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(finding.signatures[i].header_b, expected[i]);
	end(&trial);
}

/* One lookup, prefetched; none where it cannot help, and no body either. */
static void nothing_is_asked_in_vain(void **state)
{
	static const char *const decided[] = {"unsigned", "sha1",         "garbage",
	                                      "expired",  "domain-space", "without-bh"};
	struct trial trial = begin();

	(void)state;
	verify(&trial, "rsa-simple");
	assert_int_equal(trial.dns->query_count, 2);
	assert_true(trial.dns->queries[0].prefetched);
	assert_string_equal(trial.dns->queries[0].name, "rsa2048._domainkey.example.org");
	assert_true(trial.run.body_wanted);
	for (size_t i = 0; i < sizeof decided / sizeof decided[0]; i++) {
		trial.dns->query_count = 0;
		verify(&trial, decided[i]);
		assert_false(trial.run.body_wanted);
		/* whether it has expired only counts at the end of the header */
		assert_int_equal(trial.dns->query_count,
		                 strcmp(decided[i], "expired") == 0 ? 1 : 0);
	}
	end(&trial);
}

/* Not even one word takes memory: what is kept of a body are its hashes. Libopendkim keeps it. */
static void a_line_of_a_body_may_have_any_length(void **state)
{
	const size_t length = 10000000;
	struct trial trial = begin();
	const struct signed_message *message =
	    signed_messages_find(&fixtures, "rsa-relaxed/relaxed");
	struct text raw;
	char *word = arena_allocate(trial.arena, length + 1);
	struct dkim_finding finding;
	size_t before;

	(void)state;
	memset(word, 'w', length);
	text_begin(&raw, trial.arena, 2 * length);
	text_add_bytes(&raw, message->raw, message->length);
	text_add(&raw, word);
	before = arena_used(trial.arena);
	trial.run.settings->second_opinion = false;
	finding = run_dkim(&trial.run, trial.arena, &trial.dns->services, raw.bytes, raw.length);
	assert_int_equal(finding.signatures[0].result, RESULT_FAIL);
	assert_true(arena_used(trial.arena) - before < 100000);
	end(&trial);
}

static void a_header_that_was_cut_cannot_be_verified(void **state)
{
	struct trial trial = begin();

	(void)state;
	trial.run.header_cut = true;
	expect(&trial, &(struct expectation){"rsa-simple", "neutral", "limits.header_bytes"});
	end(&trial);
}

/* Ten thousand fields, five hundred signatures: all are counted, the first ten are verified. */
static void crowds_of_fields_and_signatures(void **state)
{
	struct trial trial = begin();
	const struct signed_message *fixture =
	    signed_messages_find(&fixtures, "rsa-relaxed/relaxed");
	struct dkim_finding finding;
	struct text raw;

	(void)state;
	text_begin(&raw, trial.arena, 10000000);
	text_add_bytes(&raw, fixture->raw,
	               (size_t)(strstr(fixture->raw, "\r\n") + 2 - fixture->raw));
	for (int i = 0; i < 499; i++)
		text_add(&raw,
		         "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=missing; h=from; "
		         "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA\r\n");
	for (int i = 0; i < 10000; i++)
		text_add(&raw, "To: nobody@example.net\r\n");
	text_add(&raw, strstr(fixture->raw, "\r\n") + 2);
	finding = run_dkim(&trial.run, trial.arena, &trial.dns->services, raw.bytes, raw.length);
	assert_int_equal(finding.count, 10);
	assert_int_equal(finding.beyond_limit, 490);
	assert_int_equal(finding.signatures[0].result, RESULT_PASS);
	assert_int_equal(finding.signatures[9].result, RESULT_PERMERROR);
	end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_message_gets_its_result),
	    cmocka_unit_test(chunks_of_any_size),
	    cmocka_unit_test(settings_rule),
	    cmocka_unit_test(the_facts_of_a_signature),
	    cmocka_unit_test(signatures_beyond_the_limit_are_counted),
	    cmocka_unit_test(header_b_tells_signatures_apart),
	    cmocka_unit_test(nothing_is_asked_in_vain),
	    cmocka_unit_test(a_line_of_a_body_may_have_any_length),
	    cmocka_unit_test(a_header_that_was_cut_cannot_be_verified),
	    cmocka_unit_test(crowds_of_fields_and_signatures),
	};

	return cmocka_run_group_tests(tests, read_fixtures, forget_fixtures);
}
