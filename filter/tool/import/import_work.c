/*
 * import_work.c - what the functions of the tables ask and say: other options of the file, and what
 * does not become part of the draft. Knows none of the tables.
 */
#include <stdarg.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/import/import.h"

const struct import_option *import_work_option(const struct import_work *work, const char *name)
{
	const struct import_options *options = work->options;
	const struct import_option *found = NULL;

	invariant(options != NULL && options->count <= options->room);
	for (size_t i = 0; i < options->count; i++)
		if (options->items[i].known != NULL && options->items[i].wrong == NULL &&
		    text_same(options->items[i].known->name, name))
			found = &options->items[i];
	return found;
}

bool import_work_is_on(const struct import_work *work, const char *name)
{
	const struct import_option *option = import_work_option(work, name);

	return option != NULL && option->on;
}

void import_work_leave(struct import_work *work, const struct import_option *option,
                       enum import_loss loss, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	import_draft_leave_option(work->draft, option, loss, format, arguments);
	va_end(arguments);
}

void import_work_missed(struct import_work *work, const struct import_option *option,
                        const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	import_draft_leave_option(work->draft, option, IMPORT_MISSED, format, arguments);
	va_end(arguments);
}

void import_work_needless(struct import_work *work, const struct import_option *option,
                          const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	import_draft_leave_option(work->draft, option, IMPORT_NEEDLESS, format, arguments);
	va_end(arguments);
}
