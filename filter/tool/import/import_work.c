/*
 * import_work.c - what all that handles options uses: other options of the file, the list of what
 * is not in the draft, and rows of the tables that need no function.
 */
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/import/import.h"

const char *import_work_name(const char *names, const char *name, bool exact)
{
	size_t length = strlen(name);

	while (*names != '\0') {
		size_t word = strcspn(names, " ");

		if (word == length && (exact ? strncmp(names, name, length) == 0
		                             : text_same_bytes(names, name, length)))
			return names;
		names += word + strspn(names + word, " ");
	}
	return NULL;
}

const struct import_option *import_work_option(const struct import_work *work, const char *name)
{
	const struct import_options *options = work->options;
	const struct import_option *found = NULL;

	invariant(options != NULL && options->count <= options->room);
	for (size_t i = 0; i < options->count; i++)
		if (options->items[i].known != NULL && options->items[i].wrong == NULL &&
		    text_same(options->items[i].canonical, name))
			found = &options->items[i];
	return found;
}

bool import_work_is_on(const struct import_work *work, const char *name)
{
	const struct import_option *option = import_work_option(work, name);

	return option != NULL && option->on;
}

void import_work_omit_named(struct import_work *work, const char *const *names, const char *why)
{
	for (; *names != NULL; names++) {
		const struct import_option *option = import_work_option(work, *names);

		if (option != NULL)
			import_work_needless(work, option, "%s", why);
	}
}

static void import_work_choose(struct import_work *work, const struct import_option *option)
{
	const struct import_choice *choice = option->known->choices;
	const char *value = option->value;

	if (option->known->type == IMPORT_FLAG)
		value = option->on ? "yes" : "no";
	while (choice->values != NULL && import_work_name(choice->values, value, false) == NULL)
		choice++;
	invariant((choice->missed != NULL) + (choice->needless != NULL) + (choice->flag != NULL) +
	              (choice->setting != NULL) ==
	          1);
	if (choice->flag != NULL)
		import_draft_flag(work->draft, choice->flag, true, option, choice->remark);
	else if (choice->setting != NULL)
		import_draft_text(work->draft, choice->setting, choice->value, option,
		                  choice->remark);
	else if (choice->missed != NULL)
		import_work_missed(work, option, "%s", choice->missed);
	else
		import_work_needless(work, option, "%s", choice->needless);
}

static void import_work_number(struct import_work *work, const struct import_option *option)
{
	const struct import_number *row = option->known->number;
	long above = row->max / row->factor + 1;
	long number = option->number < above ? option->number : above;

	invariant(row->factor > 0 && row->min <= row->max);
	import_draft_number(work->draft, row->setting, number * row->factor, row->min, row->max,
	                    option, row->remark);
}

void import_work_carry(struct import_work *work, const struct import_option *option)
{
	const struct import_known *known = option->known;

	invariant(known != NULL && option->wrong == NULL);
	if (known->carry != NULL)
		known->carry(work, option);
	else if (known->choices != NULL)
		import_work_choose(work, option);
	else if (known->number != NULL)
		import_work_number(work, option);
	else if (known->text != NULL)
		import_draft_text(work->draft, known->text, option->value, option, NULL);
	else if (known->missed != NULL && known->type == IMPORT_FLAG && !option->on)
		import_work_needless(work, option, "it is off, as in Assay");
	else if (known->missed != NULL)
		import_work_missed(work, option, "%s", known->missed);
	else if (known->needless != NULL)
		import_work_needless(work, option, "%s", known->needless);
}
