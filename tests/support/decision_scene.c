/*
 * decision_scene.c - what decision_test.c and decision_override_test.c decide about.
 */
#include "decision_scene.h"

struct decision_scene decision_scene_make(void)
{
	struct decision_scene scene = {
	    .dmarc = {.enforce = ENFORCE_PUBLISHED, .unusable_author = 2, .reply_url = ""},
	    .quarantine = {.action = QUARANTINE_HOLD, .address = ""},
	    .message = {.mail_from = "a@bounce.example", .client = {.family = ADDRESS_IPV4}},
	    .findings = {.judged = true,
	                 .dmarc = {.author = {.state = AUTHOR_ONE, .domain = "example.org"}}},
	    .arena = arena_new(),
	};
	return scene;
}

struct verdict decision_scene_decide(struct decision_scene *scene)
{
	scene->settings =
	    (struct decision_settings){&scene->spf, &scene->dmarc, &scene->quarantine};
	return decision_make(&scene->message, &scene->findings, &scene->rule, &scene->settings,
	                     scene->arena);
}
