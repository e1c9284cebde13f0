/*
 * failure_scene.c - see failure_scene.h.
 */
#include "failure_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/failure_mail.h"

static const char *const ruf[] = {"mailto:failures@example.org", "mailto:ruf@example.net"};
static const char *const only[] = {"example.org"};

void failure_scene_add(struct failure_scene *scene, const char *name, const char *value)
{
	assert_true(scene->message.header_count < FAILURE_SCENE_HEADERS);
	scene->headers[scene->message.header_count++] = (struct header){name, value};
}

int failure_scene_set_up(void **state)
{
	static const unsigned char client[4] = {192, 0, 2, 77};
	static struct network ours[1];
	static struct failure_scene scene;

	assert_true(network_parse("198.51.100.0/24", &ours[0]));
	scene = (struct failure_scene){
	    .arena = arena_new(),
	    .message = {.client = address_ipv4(client),
	                .mail_from = "Jane.Doe@bulk.example.net",
	                .received = 1800000000},
	    .record = {.p = REQUEST_REJECT, .fo = "0", .ruf = {2, ruf}},
	    .verdict = {.action = ACTION_REJECT},
	    .findings = {.judged = true,
	                 .spf = {.result = RESULT_FAIL,
	                         .domain = "bulk.example.net",
	                         .record = "v=spf1 -all"},
	                 .dmarc = {.result = RESULT_FAIL,
	                           .author = {.state = AUTHOR_ONE, .domain = "mail.example.org"},
	                           .organizational_domain = "example.org",
	                           .policy_domain = "example.org"}},
	    .domains = {1, only},
	    .ours = {1, ours},
	    .key = {{1, 2, 3}}};
	scene.message.headers = scene.headers;
	scene.findings.dmarc.record = &scene.record;
	failure_scene_add(&scene, "From", " \"Jane Doe\" <Jane.Doe@mail.example.org>");
	failure_scene_add(&scene, "Subject", " your invoice");
	*state = &scene;
	return 0;
}

int failure_scene_tear_down(void **state)
{
	struct failure_scene *scene = *state;

	arena_free(scene->arena);
	return 0;
}

const struct failure *failure_scene_make(struct failure_scene *scene)
{
	return failure_make(&scene->message, &scene->findings, &scene->verdict, &scene->ours,
	                    &scene->key, scene->arena);
}

const char *failure_scene_mail(struct failure_scene *scene, unsigned long incidents)
{
	static const struct sign_settings no_keys;
	const struct failure_mail mail = {.from = "reports@receiver.example",
	                                  .organization = "Receiver",
	                                  .contact = "",
	                                  .reporter = "mx.receiver.example",
	                                  .to = "failures@example.org",
	                                  .report_id = "0123456789abcdef",
	                                  .date = 1800000600,
	                                  .incidents = incidents,
	                                  .failure = failure_scene_make(scene)};

	return failure_mail_write(&mail, &no_keys, scene->arena).bytes;
}
