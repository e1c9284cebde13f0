/*
 * html.c - see html.h.
 */
#include "web/html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"

void html_begin(struct html *html, struct arena *arena)
{
	html->arena = arena;
	text_begin(&html->page, arena, HTML_PAGE_MAX);
}

/* NULL for a character that stands for itself. */
static const char *html_escape_of(char character)
{
	switch (character) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void add_escaped(struct html *html, const char *text)
{
	for (size_t used = 0, length; text[used] != '\0'; used += length) {
		const char *escape = html_escape_of(text[used]);
		size_t shown = text_shown_length(text + used);

		length = shown == 0 ? 1 : shown;
		if (used + length > HTML_TEXT_MAX) {
			text_add(&html->page, "...");
			return;
		}
		if (escape != NULL)
			text_add(&html->page, escape);
		else if (shown > 0)
			text_add_bytes(&html->page, text + used, shown);
		else
			text_add_format(&html->page, "\\x%02X", (unsigned char)text[used]);
	}
}

/* One conversion, which `format` begins with behind its %; returns what comes after it. */
static const char *html_add_value(struct html *html, const char *format, va_list *values)
{
	const char *text;

	switch (*format) {
	case 's':
		text = va_arg(*values, const char *);
		add_escaped(html, text == NULL ? "" : text);
		return format + 1;
	case 'd':
		text_add_format(&html->page, "%d", va_arg(*values, int));
		return format + 1;
	case 'z':
		text_add_format(&html->page, "%zu", va_arg(*values, size_t));
		break;
	case 'l':
		text_add_format(&html->page, "%lu", va_arg(*values, unsigned long));
		break;
	default:
		invariant(*format == '%');
		text_add(&html->page, "%");
		return format + 1;
	}
	invariant(format[1] == 'u');
	return format + 2;
}

void html_add(struct html *html, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	while (*format != '\0') {
		size_t plain = strcspn(format, "%");

		text_add_bytes(&html->page, format, plain);
		format += plain;
		if (*format == '%')
			format = html_add_value(html, format + 1, &values);
	}
	va_end(values);
}

const char *html_count(const struct html *html, int64_t number)
{
	char digits[32], grouped[48];
	int length = snprintf(digits, sizeof digits, "%" PRId64, number);
	size_t used = 0;

	for (int i = 0; i < length; i++) {
		grouped[used++] = digits[i];
		if (i + 1 < length && (length - i - 1) % 3 == 0 && digits[i] != '-')
			grouped[used++] = ',';
	}
	grouped[used] = '\0';
	return arena_string(html->arena, grouped);
}

const char *html_url(const struct html *html, const char *text)
{
	struct text url;

	text_begin(&url, html->arena, HTML_TEXT_MAX);
	for (; *text != '\0'; text++)
		if (text_is_letter(*text) || text_is_digit(*text) || strchr("-._~", *text) != NULL)
			text_add_bytes(&url, text, 1);
		else
			text_add_format(&url, "%%%02X", (unsigned char)*text);
	return url.bytes == NULL ? "" : url.bytes;
}

static const char *html_time(const struct html *html, int64_t when, bool minute)
{
	char text[64] = "?";
	time_t moment = (time_t)when;
	struct tm utc;

	if (gmtime_r(&moment, &utc) == NULL ||
	    strftime(text, sizeof text, minute ? "%Y-%m-%d %H:%M" : "%Y-%m-%d", &utc) == 0)
		return "?";
	return arena_string(html->arena, text);
}

const char *html_day(const struct html *html, int64_t when)
{
	return html_time(html, when, false);
}

const char *html_minute(const struct html *html, int64_t when)
{
	return html_time(html, when, true);
}
