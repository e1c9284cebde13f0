/*
 * import_opendkim.c - what becomes of options of opendkim.conf. Called through its table; the keys
 * and tables of signing are import_sign.c's.
 */
#include "tool/import/import_opendkim.h"

#include <string.h>

#include "base/text.h"

/* The letters after "On-" that OpenDKIM knows; accept is what it does anyway. */
void import_opendkim_action(struct import_work *work, const struct import_option *option)
{
	if (text_same(option->value, "accept") || text_same(option->value, "a"))
		import_work_needless(work, option,
		                     "Assay refuses nothing because of a signature alone either");
	else if (text_same(option->name, "On-DNSError") &&
	         (text_same(option->value, "tempfail") || text_same(option->value, "t")))
		import_work_missed(
		    work, option,
		    "a signature whose key cannot be had does not make Assay answer; where that "
		    "leaves DMARC open, dmarc.temperror = \"tempfail\" asks the client to come "
		    "again");
	else
		import_work_missed(work, option,
		                   "Assay does nothing because of a signature alone, since "
		                   "a broken one counts as none (RFC 6376 6.3); DMARC "
		                   "decides (dmarc.enforce)");
}

void import_opendkim_internal(struct import_work *work, const struct import_option *option)
{
	struct import_set set;

	if (!import_set_read(work, option, &set))
		return;
	import_hosts_ours(work, option, &set);
}

void import_opendkim_headers(struct import_work *work, const struct import_option *option)
{
	if (option->number <= 0)
		import_work_missed(work, option,
		                   "it sets no limit; Assay always has one (limits.header_bytes)");
	else
		import_draft_number(work->draft, "limits.header_bytes", option->number, 16384,
		                    67108864, option,
		                    "mail from outside with a longer header is refused");
}

void import_opendkim_signatures(struct import_work *work, const struct import_option *option)
{
	import_draft_number(work->draft, "dkim.maximum_signatures", option->number, 1, 100, option,
	                    NULL);
}

void import_opendkim_key_bits(struct import_work *work, const struct import_option *option)
{
	import_draft_number(work->draft, "dkim.minimum_rsa_bits", option->number, 1024, 4096,
	                    option, NULL);
}

void import_opendkim_mode(struct import_work *work, const struct import_option *option)
{
	bool signs = strchr(option->value, 's') != NULL,
	     verifies = strchr(option->value, 'v') != NULL;

	if (signs && verifies)
		import_work_needless(work, option,
		                     "Assay signs what is ours and verifies everything else");
	else if (signs)
		import_work_missed(
		    work, option,
		    "it verified nothing; Assay verifies mail from outside wherever the mail "
		    "server asks it: attach it to the services alone where your users send");
	else
		import_work_needless(work, option,
		                     "it signed nothing, so there is no entry of sign");
}

void import_opendkim_nameservers(struct import_work *work, const struct import_option *option)
{
	struct import_set set;
	struct address address;

	import_set_split(work->arena, option, &set);
	for (size_t i = 0; i < set.count; i++) {
		const char *server = set.items[i].key;

		if (address_parse(server, &address))
			import_draft_item(work->draft, "resolver.servers", server, option->place,
			                  NULL);
		else
			import_work_missed(work, option, "\"%.60s\" is no address of a name server",
			                   server);
	}
}

void import_opendkim_required(struct import_work *work, const struct import_option *option)
{
	if (option->on)
		import_work_missed(
		    work, option,
		    "it refused mail without From, Date and the like; Assay refuses what has no "
		    "usable From (dmarc.unusable_author), the rest is for the mail server");
	else
		import_work_needless(work, option, "it is off");
}

void import_opendkim_safe_keys(struct import_work *work, const struct import_option *option)
{
	if (option->on)
		import_work_needless(work, option,
		                     "Assay always refuses keys that others can read");
	else if (work->keys_folder != NULL)
		import_work_needless(
		    work, option,
		    "it took keys that others can read; only assayd can read the copies");
	else
		import_work_missed(
		    work, option,
		    "it took keys that others can read; Assay refuses them: chmod 600, "
		    "or let assay import --keys copy them");
}

void import_opendkim_sender(struct import_work *work, const struct import_option *option)
{
	import_work_leave(
	    work, option, text_same(option->value, "From") ? IMPORT_NEEDLESS : IMPORT_MISSED, "%s",
	    "it said which header fields name the sender; Assay signs for the author in From, "
	    "which is what DMARC looks at");
}

void import_opendkim_algorithm(struct import_work *work, const struct import_option *option)
{
	if (text_same(option->value, "rsa-sha1"))
		import_work_missed(work, option,
		                   "it signed with SHA-1, which no receiver has to take any more "
		                   "(RFC 8301); Assay signs with SHA-256");
	else
		import_work_needless(work, option,
		                     "Assay signs as the kind of the key asks: rsa-sha256 or "
		                     "ed25519-sha256");
}

void import_opendkim_anchor(struct import_work *work, const struct import_option *option)
{
	import_draft_text(work->draft, "resolver.trust_anchor", option->value, option, NULL);
}
