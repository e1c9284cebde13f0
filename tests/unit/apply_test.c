/*
 * apply_test.c - what a verdict makes of a message, as a mail server hears it: which fields go and
 * in which order, what is put on top, what becomes of quarantine that the server refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "fields/claim.h"
#include "session/apply.h"

/* The server: what it was asked, a line each; what it refuses, by the first letter of the line. */
struct recorder {
	struct text said;
	const char *refuses;
};

static bool say(struct recorder *recorder, const char *what, const char *whom, const char *how)
{
	text_add_format(&recorder->said, "%s %s%s%s\n", what, whom, how == NULL ? "" : " ",
	                how == NULL ? "" : how);
	return strchr(recorder->refuses, what[0]) == NULL;
}

static bool remove_header(void *context, const char *name, unsigned index)
{
	struct recorder *recorder = context;

	return say(recorder, "remove", name, arena_format(recorder->said.arena, "%u", index));
}

/* Of a long value its beginning is enough. */
static bool insert_header(void *context, const char *name, const char *value)
{
	struct recorder *recorder = context;
	struct arena *arena = recorder->said.arena;

	return say(recorder, "insert", arena_format(arena, "%s:", name),
	           arena_copy(arena, value, strcspn(value, ";\n")));
}

static bool set_reply(void *context, const char *code, const char *enhanced, const char *words)
{
	struct recorder *recorder = context;

	return say(recorder, "reply", arena_format(recorder->said.arena, "%s %s", code, enhanced),
	           words);
}

static bool quarantine(void *context, const char *reason)
{
	return say(context, "hold", reason, NULL);
}

static bool remove_recipient(void *context, const char *recipient)
{
	return say(context, "without", recipient, NULL);
}

static bool add_recipient(void *context, const char *recipient)
{
	return say(context, "and", recipient, NULL);
}

static const char *queue_id(void *context)
{
	(void)context;
	return "4dYkQp2xZ1z9";
}

#define OURS    " mx.example.net; dmarc=pass"
#define FOREIGN " mx.example.com; dmarc=pass"
#define AR      "Authentication-Results"

static const struct header forged[] = {
    {AR, OURS},
    {QUARANTINE_FIELD, " no"},
    {AR, FOREIGN},
    {"Received-SPF", " pass"},
    {"authentication-RESULTS", " (x) MX.example.net. 1; dmarc=pass"},
    {"From", " a@example.org"},
    {AR, " spf=pass"},
    {"x-assay-quarantine", " no"},
    {RECIPIENTS_FIELD, " <x@example.net>"},
};

#define REMOVALS                                                                                   \
	"remove x-assay-quarantine 2\nremove " AR " 4\nremove authentication-RESULTS 3\n"          \
	"remove " QUARANTINE_FIELD " 1\nremove " AR " 1\n"
/* from the last to the first, whatever their names */
#define SPF_REMOVALS                                                                               \
	"remove x-assay-quarantine 2\nremove " AR " 4\nremove authentication-RESULTS 3\n"          \
	"remove Received-SPF 1\nremove " QUARANTINE_FIELD " 1\nremove " AR " 1\n"
#define REDIRECT_REMOVALS "remove " RECIPIENTS_FIELD " 1\n" REMOVALS
#define RECIPIENTS        "insert " RECIPIENTS_FIELD ": <b@example.net>,\n"
#define LABEL             "insert " AR ": mx.example.net\n"

static const struct made_signature made[] = {{.value = "v=1 first"}, {.value = "v=1 second"}};

static const struct {
	const char *about;
	struct verdict verdict;
	bool outbound;
	const char *auth_user, *received;
	bool cut; /* recipients */
	const char *refuses;
	const char *expected;
} rows[] = {
    {"accepted", {.action = ACTION_ACCEPT}, .expected = REMOVALS LABEL},
    {"with Received-SPF",
     {.action = ACTION_ACCEPT},
     .received = "pass",
     .expected = SPF_REMOVALS "insert Received-SPF: pass\n" LABEL},
    {"fields that the server does not touch",
     {.action = ACTION_ACCEPT},
     .received = "pass",
     .refuses = "ri",
     .expected = SPF_REMOVALS "insert Received-SPF: pass\n" LABEL},
    {"held",
     {.action = ACTION_QUARANTINE, .reason = "dmarc=fail\r\n\x1B"},
     .expected = REMOVALS "hold dmarc=fail\\x0D\\x0A\\x1B\n" LABEL},
    {"in words that are not ASCII",
     {.action = ACTION_QUARANTINE, .how = QUARANTINE_TAG, .reason = "From: J\xC3\xBCrgen"},
     .expected = REMOVALS "insert " QUARANTINE_FIELD ": From: J??rgen\n" LABEL},
    {"held where the server holds nothing",
     {.action = ACTION_QUARANTINE, .reason = "dmarc=fail"},
     .refuses = "h",
     .expected = REMOVALS "hold dmarc=fail\ninsert " QUARANTINE_FIELD ": dmarc=fail\n" LABEL},
    {"tagged",
     {.action = ACTION_QUARANTINE, .how = QUARANTINE_TAG, .reason = "dmarc=fail\r\nX: y"},
     .expected = REMOVALS "insert " QUARANTINE_FIELD ": dmarc=fail\\x0D\\x0AX: y\n" LABEL},
    {"redirected",
     {.action = ACTION_QUARANTINE,
      .how = QUARANTINE_REDIRECT,
      .redirect = "jail@example.net",
      .reason = "why"},
     .expected = REDIRECT_REMOVALS "insert " QUARANTINE_FIELD
                                   ": why\nand jail@example.net\nwithout b@example.net\n"
                                   "without c@example.net\n" RECIPIENTS LABEL},
    {"redirected to one of its recipients",
     {.action = ACTION_QUARANTINE,
      .how = QUARANTINE_REDIRECT,
      .redirect = "B@Example.net",
      .reason = "why"},
     .expected =
         REDIRECT_REMOVALS "insert " QUARANTINE_FIELD
                           ": why\nand B@Example.net\nwithout c@example.net\n" RECIPIENTS LABEL},
    {"redirected where the server adds nobody: it stays with its recipients",
     {.action = ACTION_QUARANTINE,
      .how = QUARANTINE_REDIRECT,
      .redirect = "jail@example.net",
      .reason = "why"},
     .refuses = "a",
     .expected =
         REDIRECT_REMOVALS "insert " QUARANTINE_FIELD ": why\nand jail@example.net\n" LABEL},
    {"redirected, with recipients that nobody remembers",
     {.action = ACTION_QUARANTINE,
      .how = QUARANTINE_REDIRECT,
      .redirect = "jail@example.net",
      .reason = "why"},
     .cut = true,
     .expected = REDIRECT_REMOVALS "hold why\n" LABEL},
    {"redirected, with recipients that nobody remembers, where the server holds nothing",
     {.action = ACTION_QUARANTINE,
      .how = QUARANTINE_REDIRECT,
      .redirect = "jail@example.net",
      .reason = "why"},
     .cut = true,
     .refuses = "h",
     .expected =
         REDIRECT_REMOVALS "hold why\ninsert " QUARANTINE_FIELD ": why\nand jail@example.net\n"
                           "without b@example.net\nwithout c@example.net\n" LABEL},
    {"refused",
     {.action = ACTION_REJECT, .code = "550", .enhanced = "5.7.1", .reply = "Rejected by DMARC"},
     .expected = "reply 550 5.7.1 Rejected by DMARC\n"},
    {"refused, in words that the server does not take",
     {.action = ACTION_REJECT, .code = "550", .enhanced = "5.7.1", .reply = "Rejected by DMARC"},
     .refuses = "r",
     .expected = "reply 550 5.7.1 Rejected by DMARC\n"},
    {"put off",
     {.action = ACTION_TEMPFAIL, .code = "451", .enhanced = "4.7.1", .reply = "Later"},
     .expected = "reply 451 4.7.1 Later\n"},
    {"ours, from a network of ours: its fields may be ours",
     {.action = ACTION_ACCEPT},
     .outbound = true,
     .expected = "insert DKIM-Signature: v=1 second\ninsert DKIM-Signature: v=1 first\n"},
    {"ours, by login",
     {.action = ACTION_ACCEPT},
     .outbound = true,
     .auth_user = "anna",
     .expected = REMOVALS "insert DKIM-Signature: v=1 second\ninsert DKIM-Signature: v=1 first\n"},
};

static void the_server_hears(void **state)
{
	static const char *const recipients[] = {"b@example.net", "c@example.net"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct recorder recorder = {.refuses =
		                                rows[i].refuses == NULL ? "" : rows[i].refuses};
		const struct mta mta = {&recorder,     remove_header, insert_header,
		                        set_reply,     quarantine,    remove_recipient,
		                        add_recipient, NULL,          queue_id};
		struct message message = {.receiver = "mx.example.net",
		                          .mail_from = "",
		                          .outbound = rows[i].outbound,
		                          .auth_user = rows[i].auth_user,
		                          .recipient_count = 2,
		                          .recipients = recipients,
		                          .recipients_cut = rows[i].cut,
		                          .header_count = sizeof forged / sizeof forged[0],
		                          .headers = forged,
		                          .forged = 1,
		                          .may_be_redirected = true,
		                          .gets_received_spf = rows[i].received != NULL};
		struct findings findings = {.judged = !rows[i].outbound,
		                            .spf = {.received = rows[i].received}};

		if (rows[i].outbound)
			findings.sign = (struct sign_finding){.count = 2, .signatures = made};
		text_begin(&recorder.said, arena, 10000);
		assert_int_equal(
		    apply_verdict(&message, &findings, &rows[i].verdict, &mta, NULL, arena),
		    rows[i].verdict.action);
		if (strcmp(recorder.said.bytes, rows[i].expected) != 0)
			fail_msg("%s:\n%s", rows[i].about, recorder.said.bytes);
		arena_free(arena);
	}
}

/* A server that removes nothing, and a sender who brings forged fields by the hundred: one line in
 * the log.
 */
static void one_complaint_for_all_forged_fields(void **state)
{
	enum {
		FIELDS = 300
	};
	struct arena *arena = arena_new();
	struct recorder recorder = {.refuses = "r"};
	const struct mta mta = {&recorder,     remove_header, insert_header,
	                        set_reply,     quarantine,    remove_recipient,
	                        add_recipient, NULL,          queue_id};
	struct header fields[FIELDS];
	struct message message = {.receiver = "mx.example.net",
	                          .mail_from = "",
	                          .header_count = FIELDS,
	                          .headers = fields,
	                          .forged = FIELDS};
	const struct findings findings = {.judged = true};
	const struct verdict verdict = {.action = ACTION_ACCEPT};
	FILE *log = tmpfile();
	int saved = dup(STDERR_FILENO), lines = 0;

	(void)state;
	for (unsigned i = 0; i < FIELDS; i++)
		fields[i] = (struct header){AR, OURS};
	text_begin(&recorder.said, arena, 100000);
	dup2(fileno(log), STDERR_FILENO);
	apply_verdict(&message, &findings, &verdict, &mta, NULL, arena);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(log);
	for (int byte; (byte = fgetc(log)) != EOF;)
		lines += byte == '\n';
	fclose(log);
	assert_int_equal(lines, 1);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_server_hears),
	                                   cmocka_unit_test(one_complaint_for_all_forged_fields)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
