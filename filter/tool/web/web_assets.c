/*
 * web_assets.c - what the page has besides HTML: its style and its script, which the build makes
 * texts of, and Chart.js from the folder where Debian has it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/web/web.h"

enum {
	CHARTS_MAX = 1024 * 1024
};

static const char charts_file[] = "/usr/share/javascript/chart.js/chart.min.js";

static const char *const style_lines[] = {
#include "tool/web/style.inc"
    NULL};

static const char *const script_lines[] = {
#include "tool/web/page.inc"
    NULL};

static const char *join_lines(const char *const *lines, struct arena *arena)
{
	struct text text;

	text_begin(&text, arena, CHARTS_MAX);
	for (; *lines != NULL; lines++)
		text_add(&text, *lines);
	return text.bytes;
}

/* NULL where it is missing, too long or no text. */
static const char *read_charts(struct arena *arena)
{
	int file = open(charts_file, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t used = 0;
	ssize_t got = -1;

	if (file < 0)
		return NULL;
	text = arena_allocate(arena, CHARTS_MAX + 1);
	while (used < CHARTS_MAX && (got = read(file, text + used, CHARTS_MAX - used)) > 0)
		used += (size_t)got;
	close(file);
	return got == 0 && strlen(text) == used ? text : NULL;
}

void web_assets_load(struct web_asset assets[WEB_ASSETS], struct arena *arena)
{
	static const char script[] = "text/javascript; charset=utf-8";

	assets[WEB_STYLE] = (struct web_asset){"/style.css", "text/css; charset=utf-8",
	                                       join_lines(style_lines, arena)};
	assets[WEB_SCRIPT] =
	    (struct web_asset){"/page.js", script, join_lines(script_lines, arena)};
	assets[WEB_CHARTS] = (struct web_asset){"/chart.js", script, read_charts(arena)};
	if (assets[WEB_CHARTS].text == NULL)
		log_debug("web: no charts, since there is no %s", charts_file);
}
