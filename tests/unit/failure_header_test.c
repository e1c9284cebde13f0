/*
 * failure_header_test.c - failure reports: nothing of a message is in them but what is meant to be,
 * and they are well-formed whatever a message holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "failure_scene.h"
#include "rows/failure_header.h"

static const char *header_of(struct failure_scene *scene)
{
	return failure_header_write(&scene->message, &scene->ours, &scene->key, scene->arena);
}

/* The lines of the mail: none over 998 octets, nothing but printable ASCII and white space. */
static void assert_sound(const char *mail)
{
	size_t column = 0, marks = 0;

	for (const char *at = mail; *at != '\0'; at++) {
		column = *at == '\n' ? 0 : column + 1;
		assert_true(column <= 998);
		assert_true(*at == '\n' || *at == '\t' || (*at >= ' ' && *at <= '~'));
	}
	for (const char *at = mail; (at = strstr(at, "\n--=_failure_")) != NULL; at++)
		marks++;
	assert_int_equal(marks, 4);
}

static const char *const names[] = {"From",
                                    "To",
                                    "Cc",
                                    "Subject",
                                    "Sender",
                                    "Reply-To",
                                    "Received",
                                    "Return-Path",
                                    "Date",
                                    "List-Id",
                                    "DKIM-Signature",
                                    "Message-ID",
                                    "Resent-From",
                                    "Content-Type",
                                    "MIME-Version",
                                    "X-Mailer",
                                    "Comments",
                                    "Delivered-To",
                                    "References",
                                    "In-Reply-To",
                                    "Keywords",
                                    "Authentication-Results"};

/* Values as mail has them, each with the mark where somebody's name would stand. */
static const char *const shapes[] = {
    " %s",
    " %s <%s@mail.example.org>",
    " \"%s\" <\"%s\"@mail.example.org> (%s)",
    " =?utf-8?Q?%s?= <%s@example.net>",
    " <%s@id.example.net>",
    " from %s (%s [192.0.2.9]) by %s with %s id %s for <%s@mail.example.org>; %s",
    (" from mx.example.org (helo=%s) by mx.example.net (Authenticated sender: %s)"
     " with SMTP id %s; Fri, 15 Jan 2027 08:00:00 +0100 (%s)"),
    " v=1; a=%s; d=example.org; s=k; i=%s@example.org; z=From:%s@example.org; c=%s; q=%s; l=%s",
    " Fri, 15 Jan 2027 08:00:00 +0100 (%s)",
    " Fri, 15 %s 2027 08:00:00 +0100",
    " multipart/mixed; boundary=\"%s\"; name=%s",
    " text/%s",
    " %s's list <list.example.org>",
    " <list.example.org> %s",
    " group %s: %s@mail.example.org, %s <%s@mail.example.org>;",
    " mx.example; spf=fail smtp.mailfrom=%s@example.org; %s"};

static const char *fill(struct arena *arena, const char *shape, const char *mark)
{
	struct text text;

	text_begin(&text, arena, 65536);
	for (; *shape != '\0'; shape++) {
		if (shape[0] == '%' && shape[1] == 's') {
			text_add(&text, mark);
			shape++;
		} else {
			text_add_bytes(&text, shape, 1);
		}
	}
	return text.bytes;
}

static void no_mark_of_a_message_is_in_a_report(void **state)
{
	struct failure_scene *scene = *state;
	unsigned seed = 1;

	for (int i = 0; i < 1000; i++) {
		const char *mark = arena_format(scene->arena, "MaRk%dZz", rand_r(&seed));
		const char *recipients[] = {
		    arena_format(scene->arena, "%s@receiver.example", mark)};
		const char *mail;

		scene->message.header_count = 0;
		scene->message.mail_from = arena_format(scene->arena, "%s@example.net", mark);
		scene->message.auth_user = scene->message.helo = mark;
		scene->message.recipients = recipients;
		scene->message.recipient_count = 1;
		scene->findings.dkim.count = 1;
		scene->findings.dkim.signatures = &scene->signature;
		scene->signature = (struct dkim_signature){
		    .result = RESULT_FAIL,
		    .domain = "example.org",
		    .selector = "k",
		    .identity = arena_format(scene->arena, "%s@example.org", mark)};
		for (size_t field = 0; field < sizeof names / sizeof names[0]; field++)
			for (int times = 0; times < 3; times++)
				failure_scene_add(scene, names[field],
				                  fill(scene->arena,
				                       shapes[(size_t)rand_r(&seed) %
				                              (sizeof shapes / sizeof shapes[0])],
				                       mark));
		mail = failure_scene_mail(scene, 1);
		assert_sound(mail);
		assert_null(strstr(text_lower(scene->arena, mail, strlen(mail)),
		                   text_lower(scene->arena, mark, strlen(mark))));
	}
}

static void nothing_can_be_injected(void **state)
{
	static const char *const evil[] = {"x\r\n\r\n--=_failure_0123456789abcdef--\r\nbody",
	                                   "\r\nBcc: all@example.net",
	                                   "a\nb",
	                                   "\x01\x7f\xff\xfe",
	                                   "<a@b\r\n.example.org>",
	                                   "\"\r\n\"@mail.example.org",
	                                   "--=_failure_0123456789abcdef"};
	struct failure_scene *scene = *state;

	for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++)
		for (size_t shape = 0; shape < sizeof shapes / sizeof shapes[0]; shape++) {
			scene->message.header_count = 0;
			for (size_t field = 0; field < sizeof names / sizeof names[0]; field++)
				failure_scene_add(scene, names[field],
				                  fill(scene->arena, shapes[shape], evil[i]));
			scene->message.mail_from =
			    arena_format(scene->arena, "%s@example.net", evil[i]);
			scene->findings.spf.domain = "example.org";
			scene->findings.spf.record = evil[i];
			assert_sound(failure_scene_mail(scene, 2));
			assert_null(strstr(failure_scene_mail(scene, 2), "\nBcc"));
		}
}

static void large_headers_have_a_bound(void **state)
{
	struct failure_scene *scene = *state;
	char *value = arena_allocate(scene->arena, 8001);

	scene->message.header_count = 0;
	memset(value, 'A', 8000);
	for (int i = 0; i < 12; i++) {
		failure_scene_add(scene, "DKIM-Signature",
		                  arena_format(scene->arena,
		                               " v=1; d=a.example; s=%.60s; h=%.2000s; "
		                               "bh=%.1990s; b=%.1990s",
		                               value, value, value, value));
		failure_scene_add(scene, "From", value);
		failure_scene_add(scene, "Received", value);
	}
	assert_true(strlen(header_of(scene)) < FAILURE_HEADER_MAX);
	assert_sound(failure_scene_mail(scene, 1));
}

#define TEST(function)                                                                             \
	cmocka_unit_test_setup_teardown(function, failure_scene_set_up, failure_scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(no_mark_of_a_message_is_in_a_report),
	                                   TEST(nothing_can_be_injected),
	                                   TEST(large_headers_have_a_bound)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
