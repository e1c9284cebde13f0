/*
 * run_spf.c - see run_spf.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run_spf.h"

void run_spf_begin(struct run_spf *run, const char *zone)
{
	*run = (struct run_spf){
	    .arena = arena_new(), .dns_arena = arena_new(), .settings = {.void_lookups = 2}};
	run->dns = fake_dns_new(run->dns_arena, zone);
	run->message.receiver = "mx.receiver.example";
}

void run_spf_end(struct run_spf *run)
{
	arena_free(run->arena);
	arena_free(run->dns_arena);
}

const struct spf_finding *run_spf(struct run_spf *run, const char *client, const char *helo,
                                  const char *mail_from)
{
	void *state;

	assert_true(address_parse(client, &run->message.client));
	run->message.helo = helo;
	run->message.mail_from = mail_from;
	run->findings = (struct findings){0};
	assert_true(policy_spf.open(&run->settings, &state, NULL));
	policy_spf.judge(policy_spf.begin(state, &run->message, &run->dns->services, run->arena),
	                 &run->findings);
	return &run->findings.spf;
}
