/*
 * import_opendkim.c - what becomes of options of opendkim.conf. Called through its table; the keys and tables
 * of signing are import_sign.c's.
 */
#include "tool/import/import_opendkim.h"

#include <string.h>

#include "sign/signature_make.h"
#include "text.h"

enum {
	HEADERS_MOST = 1000 /* octets of names that are shown */
};

/* The letters after "On-" that OpenDKIM knows; accept is what it does anyway. */
void import_opendkim_action(struct import_work *work, const struct import_option *option)
{
	if (text_same(option->value, "accept") || text_same(option->value, "a"))
		import_draft_leave_option(work->draft, option, IMPORT_NEEDLESS,
		                          "Assay refuses nothing because of a signature alone either");
	else if (text_same(option->name, "On-DNSError") &&
	         (text_same(option->value, "tempfail") || text_same(option->value, "t")))
		import_draft_leave_option(
		    work->draft, option, IMPORT_MISSED,
		    "a signature whose key cannot be had does not make Assay answer; where that leaves DMARC "
		    "open, dmarc.temperror = \"tempfail\" asks the client to come again");
	else
		import_draft_leave_option(
		    work->draft, option, IMPORT_MISSED,
		    "Assay does nothing because of a signature alone, since a broken one counts as none "
		    "(RFC 6376 6.3); DMARC decides (dmarc.enforce)");
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
		import_draft_leave_option(work->draft, option, IMPORT_MISSED,
		                          "it sets no limit; Assay always has one (limits.header_bytes)");
	else
		import_draft_number(work->draft, "limits.header_bytes", option->number, 16384, 67108864,
		                    option, "mail from outside with a longer header is refused");
}

void import_opendkim_signatures(struct import_work *work, const struct import_option *option)
{
	import_draft_number(work->draft, "dkim.maximum_signatures", option->number, 1, 100, option, NULL);
}

void import_opendkim_key_bits(struct import_work *work, const struct import_option *option)
{
	import_draft_number(work->draft, "dkim.minimum_rsa_bits", option->number, 1024, 4096, option, NULL);
}

void import_opendkim_mode(struct import_work *work, const struct import_option *option)
{
	bool signs = strchr(option->value, 's') != NULL, verifies = strchr(option->value, 'v') != NULL;

	if (signs && verifies)
		import_draft_leave_option(work->draft, option, IMPORT_NEEDLESS,
		                          "Assay signs what is ours and verifies everything else");
	else if (signs)
		import_draft_leave_option(work->draft, option, IMPORT_MISSED,
		                          "it verified nothing; Assay verifies mail from outside wherever "
		                          "the mail server asks it: attach it "
		                          "to the services alone where your users send");
	else
		import_draft_leave_option(work->draft, option, IMPORT_NEEDLESS,
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
			import_draft_item(work->draft, "resolver.servers", server, option->place, NULL);
		else
			import_draft_leave_option(work->draft, option, IMPORT_MISSED,
			                          "\"%.60s\" is no address of a name server", server);
	}
}

void import_opendkim_required(struct import_work *work, const struct import_option *option)
{
	if (option->on)
		import_draft_leave_option(
		    work->draft, option, IMPORT_MISSED,
		    "it refused mail without From, Date and the like; Assay refuses what has no usable From "
		    "(dmarc.unusable_author), the rest is for the mail server");
	else
		import_draft_leave_option(work->draft, option, IMPORT_NEEDLESS, "it is off");
}

void import_opendkim_safe_keys(struct import_work *work, const struct import_option *option)
{
	if (option->on)
		import_draft_leave_option(work->draft, option, IMPORT_NEEDLESS,
		                          "Assay always refuses keys that others can read");
	else if (work->keys_folder != NULL)
		import_draft_leave_option(
		    work->draft, option, IMPORT_NEEDLESS,
		    "it took keys that others can read; only assayd can read the copies");
	else
		import_draft_leave_option(work->draft, option, IMPORT_MISSED,
		                          "it took keys that others can read; Assay refuses them: chmod 600, "
		                          "or let assay import --keys copy them");
}

void import_opendkim_sender(struct import_work *work, const struct import_option *option)
{
	import_draft_leave_option(
	    work->draft, option, text_same(option->value, "From") ? IMPORT_NEEDLESS : IMPORT_MISSED, "%s",
	    "it said which header fields name the sender; Assay signs for the author in From, which is "
	    "what DMARC looks at");
}

void import_opendkim_algorithm(struct import_work *work, const struct import_option *option)
{
	if (text_same(option->value, "rsa-sha1"))
		import_draft_leave_option(work->draft, option, IMPORT_MISSED,
		                          "it signed with SHA-1, which no receiver has to take any more "
		                          "(RFC 8301); Assay signs with SHA-256");
	else
		import_draft_leave_option(work->draft, option, IMPORT_NEEDLESS,
		                          "Assay signs as the kind of the key asks: rsa-sha256 or "
		                          "ed25519-sha256");
}

void import_opendkim_anchor(struct import_work *work, const struct import_option *option)
{
	import_draft_text(work->draft, "resolver.trust_anchor", option->value, option, NULL);
}

static bool is_not_signed(const char *name)
{
	bool once_more;

	return !signature_make_covers(name, &once_more);
}

static bool is_not_signed_once_more(const char *name)
{
	bool once_more;

	return !signature_make_covers(name, &once_more) || !once_more;
}

static bool is_signed(const char *name)
{
	return !is_not_signed(name);
}

/* Those of a list of header fields that are so in Assay. "*" in a list stands for OpenDKIM's own, of which it
 * takes "-NAME" away and adds "+NAME". */
static const char *names_that(struct import_work *work, const struct import_set *set,
                              bool (*are)(const char *name))
{
	struct text names;

	text_begin(&names, work->arena, HEADERS_MOST);
	for (size_t i = 0; i < set->count; i++) {
		const char *name = set->items[i].key + (set->items[i].key[0] == '+');

		if (strcspn(name, "*.-") > 0 && are(name))
			text_add_format(&names, "%s%s", names.length == 0 ? "" : ", ", name);
	}
	return names.bytes;
}

/* Assay signs the same header fields of all mail (signature_make.c). */
static void compare_headers(struct import_work *work, const struct import_option *option,
                            bool (*differ)(const char *name), const char *where_some, enum import_loss loss,
                            const char *where_none)
{
	struct import_set set;
	const char *names;

	if (!import_set_read(work, option, &set))
		return;
	names = names_that(work, &set, differ);
	if (names[0] != '\0')
		import_draft_leave_option(work->draft, option, IMPORT_MISSED, "%s: %s", where_some, names);
	else
		import_draft_leave_option(work->draft, option, loss, "%s", where_none);
}

#define FIXED                                                                                                \
	"Assay signs the same header fields of all mail: what a reader sees, once more than it is there, "   \
	"so "                                                                                                \
	"that a server after it that adds or changes one breaks the signature"

void import_opendkim_signed(struct import_work *work, const struct import_option *option)
{
	compare_headers(work, option, is_not_signed, FIXED ". Not among them", IMPORT_MISSED, FIXED);
}

#undef FIXED

void import_opendkim_oversigned(struct import_work *work, const struct import_option *option)
{
	compare_headers(work, option, is_not_signed_once_more,
	                "Assay signs what a reader sees once more than it is there. Not among them, so that "
	                "one can be added",
	                IMPORT_NEEDLESS, "Assay signs these once more than they are there too");
}

void import_opendkim_omitted(struct import_work *work, const struct import_option *option)
{
	compare_headers(work, option, is_signed,
	                "Assay signs the same header fields of all mail, and no server after it may add or "
	                "change one. Among them",
	                IMPORT_NEEDLESS, "Assay does not sign these either");
}
