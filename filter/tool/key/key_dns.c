/*
 * key_dns.c - `assay key dns DOMAIN [SELECTOR]`: the records that publish its keys.
 */
#include <string.h>
#include <sysexits.h>

#include "tool/common/tool.h"
#include "tool/key/key.h"

int key_dns(const struct key_arguments *arguments)
{
	struct key_place place = key_place_find(arguments);
	struct key_files files;
	struct problem problem;
	size_t printed = 0;
	int status = EX_OK;

	if (!key_file_list(&place, arguments->settings->user, arguments->arena, &files, &problem))
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	for (size_t i = 0; i < files.count; i++) {
		const struct key_file *file = &files.items[i];

		if (arguments->selector != NULL && strcmp(arguments->selector, file->selector) != 0)
			continue;
		printed++;
		if (file->private == NULL) {
			status = tool_complain(EX_NOINPUT, "%s", file->problem);
			continue;
		}
		if (file->state == KEY_RETIRED)
			printf("; retired: the record may go after %s\n", file->until);
		key_text_publish(file, arguments->arena, stdout);
	}
	if (printed == 0)
		return tool_complain(EX_NOINPUT,
		                     "%s holds no such key; make one with: assay key new %s",
		                     place.path, arguments->domain);
	return status;
}
