/*
 * import_opendmarc.c - what becomes of options of opendmarc.conf. Called through its table, and by
 * import.c for what follows from several options together.
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"

/*
 * OpenDMARC rejects what the policy rejects if RejectFailures is on, and holds what it quarantines
 * if HoldQuarantinedMessages is on too; else it accepts. (Newer versions hold without
 * RejectFailures.)
 */
void import_opendmarc_enforce(struct import_work *work)
{
	const struct import_option *reject = import_work_option(work, "RejectFailures");
	const struct import_option *hold = import_work_option(work, "HoldQuarantinedMessages");
	bool holds = import_work_is_on(work, "HoldQuarantinedMessages");
	const struct import_option *none =
	    import_draft_absent(work, "RejectFailures", "(not there: no)");

	if (!import_work_is_on(work, "RejectFailures")) {
		import_draft_text(work->draft, "dmarc.enforce", "monitor",
		                  reject == NULL ? none : reject,
		                  "nothing is refused or held, as before; \"published\" does what "
		                  "the domain owners ask for");
		if (holds)
			import_work_missed(work, hold,
			                   "without RejectFailures opendmarc 1.4 holds nothing, "
			                   "and newer ones hold p=quarantine while they accept "
			                   "p=reject; dmarc.enforce = \"quarantine\" holds both");
		return;
	}
	import_draft_text(work->draft, "dmarc.enforce", "strict", reject,
	                  "as before; \"published\" quarantines what looks like a mailing list "
	                  "instead of refusing it");
	import_draft_text(
	    work->draft, "quarantine.action", holds ? "hold" : "tag", hold == NULL ? reject : hold,
	    holds ? NULL : "opendmarc accepts what is to be quarantined; Assay marks it too");
}

void import_opendmarc_hosts(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	if (!import_set_read_lines(work, option, &set))
		return;
	import_hosts_forward_set(work, option, &set);
}

/* Appends one rule for all these domains. */
static void add_rule(struct import_work *work, const struct import_option *option,
                     const char *domains)
{
	struct import_entry rule = {
	    .comments =
	        arena_format(work->arena, "%s:%u: %s", option->place.file, option->place.line,
	                     import_draft_option_text(work->arena, option)),
	    .settings = arena_format(work->arena,
	                             "when: { from_domain = [ %s ]; };\ndmarc = \"ignore\";\nwhy = "
	                             "\"%s of opendmarc\";\n",
	                             domains, option->canonical)};

	if (domains[0] != '\0')
		import_draft_entry(work->draft, "rules", &rule);
}

void import_opendmarc_domains(struct import_work *work, const struct import_option *option)
{
	struct import_set set;
	struct text domains;

	import_set_split(work->arena, option, &set);
	text_begin(&domains, work->arena, 1 << 20);
	for (size_t i = 0; i < set.count; i++) {
		const char *name =
		    domain_normalize(work->arena, set.items[i].key, strlen(set.items[i].key));

		if (name == NULL)
			import_work_missed(work, option,
			                   "\"%.60s\" is not a domain name, and matches no author",
			                   set.items[i].key);
		else
			text_add_format(&domains, "%s%s", domains.length == 0 ? "" : ", ",
			                import_draft_quote(work->arena, name));
	}
	add_rule(work, option, domains.bytes);
}

void import_opendmarc_no_reports(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	if (!import_set_read_lines(work, option, &set))
		return;
	for (size_t i = 0; i < set.count; i++) {
		const struct import_pair *pair = &set.items[i];

		if (domain_normalize(work->arena, pair->key, strlen(pair->key)) != NULL)
			import_draft_item(work->draft, "reports.skip", pair->key, pair->place,
			                  NULL);
		else
			import_draft_omit(
			    work->draft, pair->place,
			    arena_format(work->arena, "%s: %s", option->name, pair->key),
			    IMPORT_MISSED, "it is not a domain name");
	}
}

/* RejectMultiValueFrom, RequiredHeaders, RequiredFrom */
void import_opendmarc_from(struct import_work *work, const struct import_option *option)
{
	if (option->on && strcmp(option->canonical, "RequiredHeaders") == 0)
		import_work_missed(
		    work, option,
		    "it refused mail without one From or without one Date, whatever RejectFailures "
		    "says; Assay does not look at Date, and %s; let the mail server refuse such "
		    "mail",
		    import_work_is_on(work, "RejectFailures")
		        ? "refuses what has no usable From (dmarc.unusable_author)"
		        : "with dmarc.enforce = \"monitor\" takes mail without From");
	if (option->on)
		import_draft_text(work->draft, "dmarc.unusable_author", "reject", option,
		                  "with dmarc.enforce = \"monitor\" such mail is accepted");
	else
		import_work_missed(
		    work, option,
		    "it is off; where dmarc.enforce is not \"monitor\", Assay refuses mail without "
		    "one usable author (dmarc.unusable_author), since nobody else can tell whose "
		    "it is");
}
