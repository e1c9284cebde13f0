/*
 * spf.c - the SPF policy: RFC 7208 for the HELO and the MAIL FROM identity.
 *
 * Called by evaluate.c: begin() at MAIL FROM makes the two requests and starts prefetching, judge()
 * evaluates them and fills in findings.spf_helo and findings.spf. spf_evaluate.c evaluates.
 */
#include "spf/spf.h"

#include <stddef.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "fields/received_spf.h"
#include "policy.h"
#include "policy_settings.h"
#include "spf/spf_evaluate.h"
#include "spf/spf_libspf2.h"
#include "spf/spf_prefetch.h"

static const char *const engine_names[] = {
    [SPF_ENGINE_ASSAY] = "assay", [SPF_ENGINE_LIBSPF2] = "libspf2", NULL};
static const char *const fail_names[] = {"continue", "reject", NULL};
static const char *const temperror_names[] = {"continue", "tempfail", NULL};

static const struct setting rows[] = {
    {.name = "engine",
     .type = SETTING_WORD,
     .offset = offsetof(struct spf_settings, engine),
     .standard = "\"assay\"",
     .names = engine_names,
     .help = "Who evaluates: Assay itself, or libspf2 for the records that it can be trusted with"},
    {.name = "fail",
     .type = SETTING_WORD,
     .offset = offsetof(struct spf_settings, fail),
     .standard = "\"continue\"",
     .names = fail_names,
     .help = "What an SPF result of fail does by itself, for HELO and MAIL FROM alike"},
    {.name = "temperror",
     .type = SETTING_WORD,
     .offset = offsetof(struct spf_settings, temperror),
     .standard = "\"continue\"",
     .names = temperror_names,
     .help = "What an SPF result of temperror does by itself"},
    {.name = "void_lookups",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct spf_settings, void_lookups),
     .standard = "2",
     .minimum = 0,
     .maximum = 100,
     .help = "How many terms of one evaluation may find nothing in the DNS before the result is "
             "permerror (RFC 7208 4.6.4)"},
    {.name = "received_spf",
     .type = SETTING_FLAG,
     .offset = offsetof(struct spf_settings, received_spf),
     .standard = "false",
     .help = "Add a Received-SPF field too (RFC 7208 9.1), for readers that do not know "
             "Authentication-Results; those from outside that could be mistaken for ours are "
             "removed"},
    {.name = NULL},
};

const struct setting_group spf_settings_group = {"spf", rows, sizeof(struct spf_settings)};

/* One message. */
struct spf_work {
	const struct spf_settings *settings;
	const struct message *message;
	struct spf_request helo;
	struct spf_request mail_from;
	bool null_sender;
};

/* RFC 7208 4.3: a domain of one label, or none, has no policy. */
static const char *identity_domain(struct arena *arena, const char *text)
{
	const char *domain = domain_normalize(arena, text, strlen(text));

	return domain == NULL || domain_labels(domain) < 2 ? NULL : domain;
}

static void set_sender(struct spf_request *request, const char *local_part, const char *domain_text)
{
	request->domain = identity_domain(request->arena, domain_text);
	request->local_part = local_part[0] == '\0' ? "postmaster" : local_part;
	request->local_part_ascii = text_is_ascii(request->local_part, strlen(request->local_part));
	request->sender = arena_format(request->arena, "%s@%s", request->local_part,
	                               request->domain == NULL ? "" : request->domain);
}

/* RFC 8616 4: macros see A-labels. Anything else than a domain name, such as an address literal,
 * stays as it is. */
static const char *helo_value(struct arena *arena, const char *helo)
{
	const char *domain;

	if (helo == NULL || helo[0] == '\0')
		return "unknown";
	domain =
	    text_is_ascii(helo, strlen(helo)) ? NULL : domain_normalize(arena, helo, strlen(helo));
	return domain == NULL ? helo : domain;
}

static void make_requests(struct spf_work *work, const struct message *message,
                          const struct services *services, struct arena *arena)
{
	const char *at = strrchr(message->mail_from, '@');

	invariant(work->settings->void_lookups >= 0);
	work->helo = (struct spf_request){
	    .services = services,
	    .arena = arena,
	    .client = message->client,
	    .scope = SPF_SCOPE_HELO,
	    .helo = helo_value(arena, message->helo),
	    .receiver = message->receiver == NULL ? "unknown" : message->receiver,
	    .now = services->now(services->context),
	    .void_lookups_max = (unsigned)work->settings->void_lookups,
	};
	work->mail_from = work->helo;
	work->mail_from.scope = SPF_SCOPE_MAILFROM;
	work->null_sender = message->mail_from[0] == '\0';
	set_sender(&work->helo, "postmaster", message->helo == NULL ? "" : message->helo);
	if (at == NULL)
		set_sender(&work->mail_from, message->mail_from, "");
	else
		set_sender(&work->mail_from,
		           arena_copy(arena, message->mail_from, (size_t)(at - message->mail_from)),
		           at + 1);
}

static bool can_be_judged(const struct spf_request *request)
{
	return request->domain != NULL && request->client.family != ADDRESS_UNKNOWN;
}

static void *spf_begin(void *state, const struct message *message, const struct services *services,
                       struct arena *arena)
{
	struct spf_work *work = arena_allocate(arena, sizeof *work);

	work->settings = state;
	work->message = message;
	make_requests(work, message, services, arena);
	if (!work->null_sender && can_be_judged(&work->mail_from))
		spf_prefetch(&work->mail_from);
	if (can_be_judged(&work->helo))
		spf_prefetch(&work->helo);
	return work;
}

static const char *unjudged_reason(const struct spf_request *request, bool null_sender)
{
	if (request->client.family == ADDRESS_UNKNOWN)
		return "the address of the client is not known";
	if (request->scope == SPF_SCOPE_HELO || null_sender)
		return "HELO is not a domain name of two labels or more";
	return "MAIL FROM has no domain name of two labels or more";
}

/* The result of the other engine, if it differs. */
static void ask_other_engine(const struct spf_request *request, struct spf_finding *finding)
{
	struct spf_finding other = {0};

	if (strcmp(finding->engine, "assay") == 0) {
		if (!spf_libspf2(request, &other))
			return;
	} else {
		spf_evaluate(request, &other);
	}
	services_debug(request->services, "SPF: %s finds %s, %s finds %s", finding->engine,
	               result_names[finding->result], other.engine, result_names[other.result]);
	if (other.result != finding->result)
		finding->second_opinion = arena_format(request->arena, "%s: %s", other.engine,
		                                       result_names[other.result]);
}

static void judge_request(const struct spf_work *work, const struct spf_request *request,
                          struct spf_finding *finding)
{
	finding->scope = request->scope;
	finding->domain = request->domain;
	finding->engine = "assay";
	if (!can_be_judged(request)) {
		finding->result = RESULT_NONE;
		finding->reason = unjudged_reason(request, work->null_sender);
		services_debug(request->services, "SPF: not evaluated: %s", finding->reason);
		return;
	}
	if (work->settings->engine != SPF_ENGINE_LIBSPF2 || !spf_libspf2(request, finding))
		spf_evaluate(request, finding);
	services_debug(request->services, "SPF of %s: %s by %s, %u lookups, %u void: %s",
	               request->domain, result_names[finding->result],
	               finding->mechanism == NULL ? "no mechanism" : finding->mechanism,
	               finding->lookups, finding->void_lookups,
	               finding->reason == NULL ? "no reason needed" : finding->reason);
	if (work->settings->second_opinion)
		ask_other_engine(request, finding);
}

static void spf_judge(void *context, struct findings *findings)
{
	struct spf_work *work = context;

	/* DMARC needs MAIL FROM: a slow HELO must not use up its time. */
	if (!work->null_sender)
		judge_request(work, &work->mail_from, &findings->spf);
	judge_request(work, &work->helo, &findings->spf_helo);
	if (work->null_sender) {
		findings->spf = findings->spf_helo;
		findings->spf.scope = SPF_SCOPE_MAILFROM;
	}
	if (work->settings->received_spf)
		findings->spf.received =
		    received_spf_write(work->message, &findings->spf, work->mail_from.arena);
}

const struct policy policy_spf = {
    .name = "spf",
    .settings = &spf_settings_group,
    .open = policy_settings_open,
    .begin = spf_begin,
    .judge = spf_judge,
};
