/*
 * doctor_dkim.c - the keys of the domain: those at the selectors of --selector, those that the
 * settings sign with, and those at common selectors. Called by dns.c; doctor_key.c examines one
 * key.
 */
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "settings/settings.h"
#include "tool/dns/doctor.h"

/* Selectors that are in use all over the world, so that keys are found without being named. */
static const struct usual {
	const char *name;
	const char *owner; /* who uses it */
} usual_selectors[] = {
    {"default", "OpenDKIM, cPanel and many guides"},
    {"dkim", "rspamd and many guides"},
    {"mail", "OpenDKIM, Mail-in-a-Box, iRedMail"},
    {"email", "many guides"},
    {"smtp", "Mailgun and many guides"},
    {"s1", "SendGrid"},
    {"s2", "SendGrid"},
    {"m1", "SendGrid"},
    {"k1", "Mailchimp"},
    {"k2", "Mailchimp"},
    {"k3", "Mailchimp"},
    {"mandrill", "Mandrill"},
    {"mte1", "Mandrill"},
    {"selector1", "Microsoft 365"},
    {"selector2", "Microsoft 365"},
    {"google", "Google Workspace"},
    {"20230601", "Google"},
    {"20251104", "Google"},
    {"fm1", "Fastmail"},
    {"fm2", "Fastmail"},
    {"fm3", "Fastmail"},
    {"mesmtp", "Fastmail"},
    {"protonmail", "Proton"},
    {"protonmail2", "Proton"},
    {"protonmail3", "Proton"},
    {"mxvault", "MxVault"},
    {"zoho", "Zoho"},
    {"zmail", "Zoho"},
    {"sig1", "iCloud"},
    {"pm", "Postmark"},
    {"mailjet", "Mailjet"},
    {"sib", "Brevo"},
    {"mailo", "Mailo"},
    {"everlytickey1", "Everlytic"},
    {"hs1", "HubSpot"},
    {"hs2", "HubSpot"},
    {"dk", "many guides"},
    {"key1", "many guides"},
    {"key2", "many guides"},
    {"mx", "many guides"},
    {"x", "many guides"},
    {"ed25519", "servers that sign with Ed25519 too"},
};

static const char *name_of(struct doctor *doctor, const char *selector)
{
	return arena_format(doctor->arena, "%s._domainkey.%s", selector, doctor->asked->domain);
}

static struct doctor_key *doctor_dkim_add(struct doctor *doctor, const char *selector,
                                          const char *origin)
{
	struct doctor_dkim *dkim = &doctor->dkim;
	struct doctor_key *key;

	key = &ARENA_ADD(doctor->arena, dkim->keys, dkim->count, dkim->room);
	*key = (struct doctor_key){.selector = selector,
	                           .name = name_of(doctor, selector),
	                           .origin = origin,
	                           .status = "missing"};
	return key;
}

static bool is_listed(const struct doctor *doctor, const char *selector)
{
	for (size_t i = 0; i < doctor->dkim.count; i++)
		if (text_same(doctor->dkim.keys[i].selector, selector))
			return true;
	return false;
}

static void note_lookup(struct doctor *doctor, struct doctor_key *key, const struct answer *answer)
{
	if (answer->status == LOOKUP_FAILED) {
		key->status = "failed";
		doctor->dkim.failed = true;
	} else if (answer->status == LOOKUP_FOUND) {
		doctor_key_examine(doctor, key, answer);
	}
	if (strcmp(key->status, "good") == 0) {
		doctor->dkim.secure =
		    answer->secure && (doctor->dkim.secure || !doctor->dkim.usable);
		doctor->dkim.usable = true;
	}
}

/* The keys that the daemon signs with, compared as `assay key check` does. */
static void examine_own(struct doctor *doctor, const struct key_file *file)
{
	struct doctor_key *key = doctor_dkim_add(doctor, file->selector, "settings");
	const struct answer *answer = doctor_ask(doctor, key->name, RECORD_TXT);
	struct key_published published = key_published(doctor->services, file, doctor->arena);
	const char *fix = file->private == NULL || published.state == KEY_PUBLISHED
	                      ? NULL
	                      : doctor_txt(doctor, key->name, key_text_value(file, doctor->arena));

	key->file = file->path;
	key->own = key_published_names[published.state];
	note_lookup(doctor, key, answer);
	if (file->private == NULL)
		doctor_report(doctor, DKIM_OWN_UNREADABLE, key->name, file->problem);
	else if (published.state == KEY_PUBLISHED)
		doctor_report(doctor, DKIM_OWN_GOOD, key->name, key->name);
	else if (file->state == KEY_PENDING || published.state == KEY_DIFFERS ||
	         (published.state != KEY_UNKNOWN && file->state == KEY_SIGNS))
		doctor_add(doctor,
		           file->state == KEY_PENDING       ? DKIM_OWN_PENDING
		           : published.state == KEY_DIFFERS ? DKIM_OWN_DIFFERS
		                                            : DKIM_OWN_MISSING,
		           key->name, fix, DOCTOR_WORDS(key->name, file->path));
}

static void examine_asked(struct doctor *doctor, const char *selector)
{
	struct doctor_key *key = doctor_dkim_add(doctor, selector, "asked");
	const struct answer *answer = doctor_ask(doctor, key->name, RECORD_TXT);

	note_lookup(doctor, key, answer);
	if (answer->status == LOOKUP_NO_DATA || answer->status == LOOKUP_NO_NAME)
		doctor_report(doctor, DKIM_SELECTOR_NONE, key->name, key->name);
}

static bool doctor_dkim_is_same(const struct answer *one, const struct answer *other)
{
	return one->status == LOOKUP_FOUND && other->status == LOOKUP_FOUND &&
	       one->records[0].text_length == other->records[0].text_length &&
	       memcmp(one->records[0].text, other->records[0].text, one->records[0].text_length) ==
	           0;
}

/* A selector without a record is not listed. */
static void examine_usual(struct doctor *doctor, const struct usual *selector,
                          const struct answer *everywhere)
{
	const char *name = name_of(doctor, selector->name);
	const struct answer *answer;
	struct doctor_key *key;

	if (is_listed(doctor, selector->name) || strlen(name) > DOMAIN_MAX)
		return;
	answer = services_lookup(doctor->services, name, RECORD_TXT);
	if (answer->status == LOOKUP_FAILED)
		doctor_ask(doctor, name, RECORD_TXT);
	if (answer->status == LOOKUP_NO_DATA || answer->status == LOOKUP_NO_NAME ||
	    doctor_dkim_is_same(answer, everywhere))
		return;
	key = doctor_dkim_add(doctor, selector->name, "usual");
	key->owner = selector->owner;
	note_lookup(doctor, key, answer);
}

/* A wildcard answers for selectors that do not exist. */
static const struct answer *examine_wildcard(struct doctor *doctor)
{
	const char *name = name_of(doctor, doctor->asked->random_label);
	const struct answer *answer = services_lookup(doctor->services, name, RECORD_TXT);

	if (answer->status == LOOKUP_FOUND)
		doctor_report(doctor, DKIM_WILDCARD, name, name);
	return answer;
}

/* Whether reports are sent from this domain although no key signs for it. */
static bool sends_unsigned_reports(const struct doctor_asked *asked, struct arena *arena)
{
	const char *at = strrchr(asked->settings->reports.email, '@');
	const char *domain = at == NULL ? NULL : domain_normalize(arena, at + 1, strlen(at + 1));

	if (domain == NULL || asked->own_problem != NULL || !domain_equal(domain, asked->domain))
		return false;
	for (size_t i = 0; i < asked->own_count; i++)
		if (asked->own[i].state == KEY_SIGNS)
			return false;
	return true;
}

void doctor_dkim_examine(struct doctor *doctor)
{
	const struct doctor_asked *asked = doctor->asked;
	const struct answer *everywhere = examine_wildcard(doctor);

	for (size_t i = 0; i < asked->own_count; i++)
		if (asked->own[i].state != KEY_RETIRED)
			examine_own(doctor, &asked->own[i]);
	if (asked->own_problem != NULL)
		doctor_report(doctor, DKIM_OWN_UNREADABLE, asked->domain, asked->own_problem);
	if (sends_unsigned_reports(asked, doctor->arena))
		doctor_report(doctor, DKIM_OWN_REPORTS, asked->domain,
		              asked->settings->reports.email, asked->domain);
	for (size_t i = 0; i < asked->selector_count; i++)
		if (!is_listed(doctor, asked->selectors[i]))
			examine_asked(doctor, asked->selectors[i]);
	for (size_t i = 0; i < sizeof usual_selectors / sizeof usual_selectors[0]; i++)
		examine_usual(doctor, &usual_selectors[i], everywhere);
	if (doctor->dkim.count == 0)
		doctor_report(doctor, DKIM_NONE, asked->domain, NULL);
	if (doctor->dkim.usable && doctor->dkim.secure)
		doctor_report(doctor, DKIM_SECURE, asked->domain, NULL);
}
