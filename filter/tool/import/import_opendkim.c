/*
 * import_opendkim.c - what becomes of options of opendkim.conf. Called through its table; the keys
 * and tables of signing are import_sign.c's.
 */
#include "tool/import/import.h"

#include <string.h>

#include "base/text.h"

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
			import_work_missed(work, option,
			                   "\"%.60s\" is not the address of a name server", server);
	}
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
		import_work_missed(work, option,
		                   "it took keys that others can read; Assay refuses them: chmod "
		                   "600, or let assay import --keys copy them");
}

void import_opendkim_anchor(struct import_work *work, const struct import_option *option)
{
	import_draft_text(work->draft, "resolver.trust_anchor", option->value, option, NULL);
}
