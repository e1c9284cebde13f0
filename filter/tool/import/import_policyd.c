/*
 * import_policyd.c - what becomes of options of policyd-spf.conf. Called through its table, and by
 * import.c for what follows from several options together.
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/text.h"

/* TestOnly = 0 (once called defaultSeedOnly) refuses nothing. */
static const struct import_option *test_mode(const struct import_work *work)
{
	const struct import_option *option = import_work_option(work, "TestOnly");

	if (option == NULL)
		option = import_work_option(work, "defaultSeedOnly");
	return option != NULL && option->number == 0 ? option : NULL;
}

static bool is_refusal(const char *value)
{
	return text_same(value, "Fail") || text_same(value, "SPF_Not_Pass") ||
	       text_same(value, "Softfail");
}

static void omit_beyond_fail(struct import_work *work, const struct import_option *option)
{
	if (option != NULL && is_refusal(option->value) && !text_same(option->value, "Fail"))
		import_work_missed(work, option,
		                   "it refused more than a fail; Assay refuses a fail alone "
		                   "(spf.fail), and leaves the rest to DMARC");
}

/* Fail is the default of both, and Assay has one setting for both. */
static void compare_helo(struct import_work *work, const struct import_option *helo, bool refuses)
{
	bool helo_refuses = helo == NULL || is_refusal(helo->value);

	if (helo != NULL && helo_refuses != refuses)
		import_work_missed(work, helo,
		                   "Assay has one setting for HELO and MAIL FROM, spf.fail; it "
		                   "stands as Mail_From_reject has it");
}

static void omit_refusals(struct import_work *work)
{
	static const char *const names[] = {"Mail_From_reject", "HELO_reject", NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (import_work_option(work, names[i]) != NULL)
			import_work_needless(work, import_work_option(work, names[i]),
			                     "TestOnly = 0 refuses nothing, so it does not count");
}

void import_policyd_refusals(struct import_work *work)
{
	const struct import_option *mail = import_work_option(work, "Mail_From_reject"),
	                           *test = test_mode(work);
	const struct import_option *none =
	    import_draft_absent(work, "Mail_From_reject", "(not there: Fail)");
	bool refuses = mail == NULL || is_refusal(mail->value);

	if (import_work_option(work, "Header_Type") == NULL)
		import_draft_flag(work->draft, "spf.received_spf", true,
		                  import_draft_absent(work, "Header_Type", "(not there: SPF)"),
		                  "beside Authentication-Results");
	if (test != NULL) {
		import_draft_text(work->draft, "spf.fail", "continue", test, NULL);
		omit_refusals(work);
		return;
	}
	import_draft_text(
	    work->draft, "spf.fail", refuses ? "reject" : "continue", mail == NULL ? none : mail,
	    refuses ? "as before; \"continue\" leaves it to DMARC, which knows of DKIM too" : NULL);
	omit_beyond_fail(work, mail);
	omit_beyond_fail(work, import_work_option(work, "HELO_reject"));
	compare_helo(work, import_work_option(work, "HELO_reject"), refuses);
}

/* TestOnly and defaultSeedOnly; import_policyd_refusals() handles 0. */
void import_policyd_test(struct import_work *work, const struct import_option *option)
{
	if (option->number != 0)
		import_work_needless(work, option,
		                     "it refused mail as configured, and so does Assay");
}

void import_policyd_temperror(struct import_work *work, const struct import_option *option)
{
	import_draft_text(work->draft, "spf.temperror", option->on ? "tempfail" : "continue",
	                  option, NULL);
}

void import_policyd_whitelist(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	import_set_split(work->arena, option, &set);
	import_hosts_forward_set(work, option, &set);
}

static bool is_loopback(const struct network *network)
{
	static const unsigned char one[16] = {[15] = 1};

	if (network->address.family == ADDRESS_IPV4)
		return network->address.bytes[0] == 127;
	return memcmp(network->address.bytes, one, sizeof one) == 0;
}

/* Loopback addresses, which are the default, are in the default of networks.ours too. */
void import_policyd_skip(struct import_work *work, const struct import_option *option)
{
	struct import_set set;
	struct network network;
	size_t kept = 0;

	import_set_split(work->arena, option, &set);
	for (size_t i = 0; i < set.count; i++)
		if (!network_parse(set.items[i].key, &network) || !is_loopback(&network))
			set.items[kept++] = set.items[i];
	if (kept < set.count)
		import_work_needless(
		    work, option, "Assay does not judge mail of the host itself (networks.ours)");
	set.count = kept;
	if (kept == 0)
		return;
	import_hosts_forward_set(work, option, &set);
}

void import_policyd_header(struct import_work *work, const struct import_option *option)
{
	if (text_same(option->value, "SPF"))
		import_draft_flag(work->draft, "spf.received_spf", true, option,
		                  "beside Authentication-Results");
	else if (text_same(option->value, "AR"))
		import_work_needless(work, option, "Assay always writes Authentication-Results");
	else
		import_work_missed(
		    work, option,
		    "it wrote no header field; Assay always writes Authentication-Results");
}
