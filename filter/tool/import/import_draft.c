/*
 * import_draft.c - the draft of assay.conf, where each of its settings came from, and the list of
 * what is not in it. Filled by the functions of the tables; import_write.c writes it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "settings/settings_check.h"
#include "tool/import/import_draft.h"

enum {
	OPTION_TEXT_MAX = 160 /* octets of an option that are shown */
};

struct import_draft *import_draft_new(struct arena *arena)
{
	struct import_draft *draft = arena_allocate(arena, sizeof *draft);

	draft->arena = arena;
	return draft;
}

const char *import_draft_clean(struct arena *arena, const char *text, size_t max)
{
	size_t length = strnlen(text, max);
	bool cut = text[length] != '\0';
	char *copy;

	while (cut && length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
		length--;
	copy = arena_format(arena, "%.*s%s", (int)length, text, cut ? "..." : "");
	for (char *at = copy; *at != '\0';) {
		size_t shown = text_shown_length(at);

		if (shown == 0)
			*at = '?';
		at += shown == 0 ? 1 : shown;
	}
	return copy;
}

/* "dsn:mysql://USER:PASSWORD@HOST/..." without user and password. */
static const char *without_login(struct arena *arena, const char *value)
{
	const char *login = strstr(value, "://"), *host = strrchr(value, '@');

	if (login == NULL || host == NULL || host < login)
		return value;
	return arena_format(arena, "%.*s://(not shown)%s", (int)(login - value), value, host);
}

const char *import_draft_option_text(struct arena *arena, const struct import_option *option)
{
	bool secret = option->known != NULL && option->known->type == IMPORT_SECRET;
	const char *value = secret ? "(not shown)" : without_login(arena, option->value);
	const char *both = arena_format(arena, "%s %s", option->name, value);

	invariant(option->name != NULL && option->value != NULL);
	return import_draft_clean(arena, import_file_trim(arena, both, strlen(both)),
	                          OPTION_TEXT_MAX);
}

const char *import_draft_pair_text(struct arena *arena, const char *name,
                                   const struct import_pair *pair)
{
	return import_draft_clean(arena, arena_format(arena, "%s: %s", name, pair->key),
	                          OPTION_TEXT_MAX);
}

const char *import_draft_quote(struct arena *arena, const char *bytes)
{
	struct text text;

	text_begin(&text, arena, 2 * strlen(bytes) + 2);
	text_add(&text, "\"");
	for (; *bytes != '\0'; bytes++) {
		if (*bytes == '"' || *bytes == '\\')
			text_add(&text, "\\");
		text_add_bytes(&text, bytes, 1);
	}
	text_add(&text, "\"");
	return text.bytes;
}

const struct import_option *import_draft_absent(const struct import_work *work, const char *name,
                                                const char *value)
{
	struct import_option *option = arena_allocate(work->arena, sizeof *option);

	*option = (struct import_option){
	    .name = name, .value = value, .place = {.file = work->options->file, .line = 0}};
	return option;
}

const char *import_draft_place(struct arena *arena, struct import_place place)
{
	return place.line == 0 ? place.file : arena_format(arena, "%s:%u", place.file, place.line);
}

struct draft_setting *import_draft_find(const struct import_draft *draft, const char *name)
{
	for (size_t i = 0; i < draft->setting_count; i++)
		if (strcmp(draft->settings[i].name, name) == 0)
			return &draft->settings[i];
	return NULL;
}

bool import_draft_has(const struct import_draft *draft, const char *name)
{
	return import_draft_find(draft, name) != NULL;
}

/* A new one has neither value nor items yet. */
static struct draft_setting *find_or_add(struct import_draft *draft, const char *name)
{
	struct draft_setting *setting = import_draft_find(draft, name);

	if (setting != NULL)
		return setting;
	setting =
	    &ARENA_ADD(draft->arena, draft->settings, draft->setting_count, draft->setting_room);
	*setting = (struct draft_setting){.name = name};
	return setting;
}

static void import_draft_comment(struct import_draft *draft, struct draft_setting *setting,
                                 const struct import_option *from, const char *remark)
{
	const char *before = setting->comments == NULL ? "" : setting->comments;

	setting->comments = arena_format(draft->arena, "%s%s: %s%s%s\n", before,
	                                 import_draft_place(draft->arena, from->place),
	                                 import_draft_option_text(draft->arena, from),
	                                 remark == NULL ? "" : "\n", remark == NULL ? "" : remark);
}

#define draft_missed(draft, option, ...)                                                           \
	import_draft_omit(draft, (option)->place,                                                  \
	                  import_draft_option_text((draft)->arena, option), IMPORT_MISSED,         \
	                  __VA_ARGS__)

/* `value` is in the syntax of libconfig. */
static void set(struct import_draft *draft, const char *name, const char *value,
                const struct import_option *from, const char *remark)
{
	struct draft_setting *setting = find_or_add(draft, name);

	invariant(value != NULL && !setting->is_list);
	if (setting->value == NULL) {
		setting->value = value;
		setting->from = from;
		import_draft_comment(draft, setting, from, remark);
	} else if (strcmp(setting->value, value) == 0) {
		import_draft_comment(draft, setting, from, NULL);
	} else {
		draft_missed(
		    draft, from,
		    "it makes %s %s, and %s makes it %s; Assay has one, and the first stays", name,
		    value, import_draft_place(draft->arena, setting->from->place), setting->value);
	}
}

void import_draft_text(struct import_draft *draft, const char *name, const char *value,
                       const struct import_option *from, const char *remark)
{
	const char *taken, *wrong;

	if (settings_check_text(name, value, draft->arena, &taken, &wrong))
		set(draft, name, import_draft_quote(draft->arena, value), from, remark);
	else
		draft_missed(draft, from, "it cannot be %s: %s", name, wrong);
}

void import_draft_number(struct import_draft *draft, const char *name, long value, long min,
                         long max, const struct import_option *from, const char *remark)
{
	long fitting = value < min ? min : value > max ? max : value;

	invariant(min <= max);
	if (fitting != value)
		draft_missed(draft, from, "%s can be %ld to %ld in Assay, so %ld stands there",
		             name, min, max, fitting);
	set(draft, name, arena_format(draft->arena, "%ld", fitting), from, remark);
}

void import_draft_flag(struct import_draft *draft, const char *name, bool value,
                       const struct import_option *from, const char *remark)
{
	set(draft, name, value ? "true" : "false", from, remark);
}

void import_draft_list(struct import_draft *draft, const char *name,
                       const struct import_option *from, const char *remark)
{
	struct draft_setting *setting = find_or_add(draft, name);

	setting->is_list = true;
	import_draft_comment(draft, setting, from, remark);
}

static bool has_item(const struct draft_setting *setting, const char *value)
{
	for (size_t i = 0; i < setting->item_count; i++)
		if (strcmp(setting->items[i].value, value) == 0)
			return true;
	return false;
}

void import_draft_item(struct import_draft *draft, const char *name, const char *value,
                       struct import_place place, const char *text)
{
	struct draft_setting *setting = find_or_add(draft, name);

	setting->is_list = true;
	if (setting->item_count < DRAFT_ITEMS_COMPARED && has_item(setting, value))
		return;
	ARENA_ADD(draft->arena, setting->items, setting->item_count, setting->item_room) =
	    (struct draft_item){value, place, text};
}

static struct networks networks_of(struct arena *arena, const struct draft_setting *setting)
{
	struct network *networks =
	    arena_allocate(arena, (setting->item_count + 1) * sizeof *networks);
	size_t count = 0;

	for (size_t i = 0; i < setting->item_count; i++)
		if (network_parse(setting->items[i].value, &networks[count]))
			count++;
	return (struct networks){count, networks};
}

void import_draft_drop_ours(struct import_draft *draft)
{
	struct draft_setting *forwarders = import_draft_find(draft, "networks.forwarders");
	const struct draft_setting *ours = import_draft_find(draft, "networks.ours");
	struct networks list;
	struct network network;
	size_t kept = 0;

	if (forwarders == NULL || ours == NULL)
		return;
	list = networks_of(draft->arena, ours);
	for (size_t i = 0; i < forwarders->item_count; i++)
		if (!network_parse(forwarders->items[i].value, &network) ||
		    !address_networks_hold(&list, &network))
			forwarders->items[kept++] = forwarders->items[i];
	if (kept < forwarders->item_count)
		forwarders->comments = arena_format(
		    draft->arena,
		    "%swhat lies in networks.ours is left out here: that mail is not judged\n",
		    forwarders->comments == NULL ? "" : forwarders->comments);
	forwarders->item_count = kept;
}

static struct draft_list *list_of(struct import_draft *draft, const char *list)
{
	invariant(strcmp(list, "sign") == 0 || strcmp(list, "rules") == 0);
	return strcmp(list, "sign") == 0 ? &draft->sign : &draft->rules;
}

void import_draft_entries_from(struct import_draft *draft, const char *list,
                               const struct import_option *option)
{
	struct draft_list *to = list_of(draft, list);

	to->comments =
	    arena_format(draft->arena, "%s%s: %s\n", to->comments == NULL ? "" : to->comments,
	                 import_draft_place(draft->arena, option->place),
	                 import_draft_option_text(draft->arena, option));
}

void import_draft_entry(struct import_draft *draft, const char *list,
                        const struct import_entry *entry)
{
	struct draft_list *to = list_of(draft, list);

	ARENA_ADD(draft->arena, to->items, to->count, to->room) = *entry;
}

void import_draft_omit(struct import_draft *draft, struct import_place place, const char *text,
                       enum import_loss loss, const char *format, ...)
{
	va_list arguments;
	char why[2048];

	va_start(arguments, format);
	vsnprintf(why, sizeof why, format, arguments);
	va_end(arguments);
	ARENA_ADD(draft->arena, draft->omissions, draft->omission_count, draft->omission_room) =
	    (struct draft_omission){place, text, loss,
	                            import_draft_clean(draft->arena, why, sizeof why)};
}
