/*
 * html_fuzz.c - texts of strangers in a page: none becomes markup.
 *
 * The input is a text, a NUL, and another.
 */
#include "fuzz.h"

#include "web/html.h"
#include "web/web_guard.h"

/* Is what begins with & one of the references that the writer makes? */
static bool is_reference(const char *at)
{
	static const char *const all[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strncmp(at, all[i], strlen(all[i])) == 0)
			return true;
	return false;
}

static void must_be_text(const char *at, const char *end)
{
	while (at < end) {
		size_t shown = text_shown_length(at);

		must(shown > 0 && strchr("<>\"'", *at) == NULL);
		must(*at != '&' || is_reference(at));
		at += shown;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char before[] = "<a href=\"/x?y=", between[] = "\">", after[] = "</a>";
	struct fuzz_input input = {(const char *)bytes, (const char *)bytes + length};
	struct arena *arena = arena_new();
	const char *name = fuzz_string(&input, arena), *text = fuzz_string(&input, arena);
	const struct strings names = {1, &name};
	const char *url, *middle;
	struct html html;

	html_begin(&html, arena);
	url = html_url(&html, name);
	must(strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%") ==
	     strlen(url));
	html_add(&html, "<a href=\"/x?y=%s\">%s</a>", url, text);
	must(strncmp(html.page.bytes, before, sizeof before - 1) == 0);
	middle = strstr(html.page.bytes, between);
	must(middle != NULL);
	must_be_text(html.page.bytes + sizeof before - 1, middle);
	must_be_text(middle + sizeof between - 1,
	             html.page.bytes + html.page.length - (sizeof after - 1));
	must(strcmp(html.page.bytes + html.page.length - (sizeof after - 1), after) == 0);
	web_guard_host(text, &names);
	arena_free(arena);
	return 0;
}
