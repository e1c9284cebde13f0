/*
 * settings_test.c - assay.conf: what is refused and in which words, what values come out, and that
 * what is printed, explained and shipped agrees with what is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decision/rules.h"
#include "settings/settings.h"

static char folder[] = "/tmp/assay-settings-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/assay.conf", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static void write_file(const char *name, const char *text, size_t length)
{
	char whole[128];
	FILE *file;

	snprintf(whole, sizeof whole, "%s/%s", folder, name);
	file = fopen(whole, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static struct settings *read_text(const char *text, struct problem *problem)
{
	problem->message[0] = '\0';
	write_text("assay.conf", text);
	return settings_read(path, problem);
}

/* What settings_print() writes, or settings_printed(NULL) for NULL; free() it. */
static char *printed(const struct settings *settings)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	if (settings != NULL)
		settings_print(settings, to);
	else
		settings_sample(to);
	fclose(to);
	return text;
}

/* Each with the words that have to stand in the problem; they start with "assay.conf:LINE: " where
 * there is a line. */
static const struct {
	const char *text, *words;
} wrong[] = {
    {"dmarc: { enforcce = \"strict\"; };",
     "assay.conf:1: setting \"dmarc.enforcce\" is unknown; did you mean \"dmarc.enforce\"?"},
    {"\n\ndmarcc: { enforce = \"strict\"; };",
     "assay.conf:3: setting \"dmarcc\" is unknown; did you mean \"dmarc\"?"},
    {"enforce = \"strict\";", "setting \"enforce\" is unknown; did you mean \"dmarc.enforce\"?"},
    {"Listen = \"unix:/x\";", "setting \"Listen\" is unknown; did you mean \"listen\"?"},
    {"spf: { minimum_rsa_bits = 2048; };", "did you mean \"dkim.minimum_rsa_bits\"?"},
    {"frobnication = 1;",
     "setting \"frobnication\" is unknown; `assay config --explain` lists all"},
    {"rules: ( { when: { from_domian = \"a.example\"; }; } );",
     "did you mean \"rules.when.from_domain\"?"},
    {"sing: ( );", "did you mean \"sign\""},
    {"dmarc: { enforce = \"loud\"; };", "assay.conf:1: setting \"dmarc.enforce\" is \"loud\": it "
                                        "takes one of \"monitor\", \"quarantine\", "
                                        "\"published\", \"strict\""},
    {"dmarc: { enforce = 1; };",
     "setting \"dmarc.enforce\" is a number; it takes one of \"monitor\""},
    {"dmarc = \"strict\";", "setting \"dmarc\" is a text; it takes a group: { ... }"},
    {"dmarc: ( );", "setting \"dmarc\" is a list; it takes a group: { ... }"},
    {"dkim: {\n minimum_rsa_bits = 512;\n};",
     "assay.conf:2: setting \"dkim.minimum_rsa_bits\" is 512; it takes a number from 1024 to "},
    {"dkim: { minimum_rsa_bits = \"2048\"; };",
     "setting \"dkim.minimum_rsa_bits\" is a text; it takes a number from"},
    {"dkim: { minimum_rsa_bits = 2048.5; };",
     "is a number with a fraction; it takes a number from"},
    {"limits: { messages = 0; };",
     "setting \"limits.messages\" is 0; it takes a number from 1 to 10000"},
    {"limits: { messages = -5; };", "setting \"limits.messages\" is -5; it takes"},
    {"limits: { messages = 4294967396; };", "assay.conf:1: a number is too large: 4294967396"},
    {"limits: { messages = 0x100000064; };", "a number is too large: 0x100000064"},
    {"limits: { messages = 99999999999999999999L; };",
     "a number is too large: 99999999999999999999L"},
    {"limits: { messages = 4294967396L; };", "setting \"limits.messages\" is 4294967396; it takes"},
    {"resolver: { dnssec = \"yes\"; };",
     "setting \"resolver.dnssec\" is a text; it takes true or false"},
    {"resolver: { dnssec = 1; };",
     "setting \"resolver.dnssec\" is a number; it takes true or false"},
    {"resolver: { servers = [ \"192.0.2.1\", \"dns.example\" ]; };",
     "setting \"resolver.servers\" is \"dns.example\": write the ADDRESS of a DNS server, or "
     "ADDRESS@PORT"},
    {"resolver: { servers = \"192.0.2.1@0\"; };",
     "the port after the @ has to be a number from 1 to 65535"},
    {"resolver: { servers = [ 5 ]; };",
     "setting \"resolver.servers\" holds a number; it takes texts"},
    {"networks: { ours = [ \"192.0.2.0/33\" ]; };",
     "setting \"networks.ours\" is \"192.0.2.0/33\": it is not an address or network"},
    {"networks: {\n ours = [\n \"192.0.2.0/24\",\n \"host.example\" ]; };",
     "assay.conf:4: setting \"networks.ours\" is \"host.example\""},
    {"networks: { ours = true; };",
     "setting \"networks.ours\" is true or false; it takes addresses and networks"},
    {"listen = \"8891\";",
     "setting \"listen\" is \"8891\": write unix:/PATH, inet:PORT@ADDRESS or inet6:PORT@[ADDRESS]"},
    {"listen = \"unix:assay.sock\";", "the path of the socket has to begin with /"},
    {"listen = \"inet:0@127.0.0.1\";", "the port has to be a number from 1 to 65535"},
    {"listen = \"inet:99999@127.0.0.1\";", "the port has to be a number from 1 to 65535"},
    {"listen = \"inet6:8891@[::g]\";", "there is no IP address between the brackets"},
    {"listen = \"inet:8891@\";", "after the @ has to come an address or the name of a host"},
    {"listen = \"inet:8891@[::1]\";", "inet takes an IPv4 address, inet6 an IPv6 address"},
    {"listen = [ \"unix:/a\", \"unix:/b\" ];",
     "setting \"listen\" is an array; it takes a text in quotes"},
    {"socket: { mode = \"rw\"; };",
     "setting \"socket.mode\" is \"rw\": write three or four octal digits"},
    {"socket: { mode = \"0689\"; };", "write three or four octal digits"},
    {"socket: { mode = 660; };", "setting \"socket.mode\" is a number; it takes a text in quotes"},
    {"authserv_id = \"two words\";",
     "setting \"authserv_id\" is \"two words\": it has to be a domain name"},
    {"authserv_id = \"a\\x0Ab\";",
     "setting \"authserv_id\" is \"a\\x0Ab\": it holds a control character"},
    {"user = \"a\\x7Fb\";", "setting \"user\" is \"a\\x7Fb\": it holds a control character"},
    {"pid_file = \"assayd.pid\";", "the path has to begin with /"},
    {"sign: ( { keys = \"keys\"; } );", "the path has to begin with /"},
    {"dmarc: { reply_url = \"ftp://x\"; };", "it has to begin with https:// or http://"},
    {"dmarc: { reply_url = \"https://a b\"; };", "it holds what no URL can hold"},
    {"quarantine: { action = \"redirect\"; };",
     "\"quarantine.action\" is \"redirect\", and \"quarantine.address\" does not say to whom"},
    {"quarantine: { action = \"redirect\"; address = \"nobody\"; };",
     "it has to be a mail address, LOCAL@DOMAIN"},
    {"reports: { email = \"x@y z\"; };", "it has to be a mail address"},
    {"received: { addresses = [ \"a@example.net\", \"\" ]; };",
     "setting \"received.addresses\" is \"\": it has to be a mail address, LOCAL@DOMAIN"},
    {"received: { addresses = \"@example.net\"; };", "it has to be a mail address, LOCAL@DOMAIN"},
    {"received: { known = ( { networks = \"192.0.2.0/24\"; } ); };",
     "setting \"received.known.name\" is missing here; it takes a text"},
    {"received: {\n known = ( {\n name = \"\"; } ); };",
     "assay.conf:3: setting \"received.known.name\" is \"\": it takes 1 to 100 characters"},
    {"rules: { dmarc = \"ignore\"; };",
     "setting \"rules\" is a group; it takes a list of groups: ( { ... }, { ... } )"},
    {"rules: ( \"a\" );", "setting \"rules\" holds a text; it takes a list of groups"},
    {"rules: (\n { dmarc = \"ignore\"; },\n { dmarc = \"never\"; } );",
     "assay.conf:3: setting \"rules.dmarc\" is \"never\": it takes one of"},
    {"rules: ( { when = { from_domain = \"*\"; }; } );",
     "write a domain, or *.DOMAIN for all below it"},
    {"rules: ( { when = { recipient = \"postmaster\"; }; } );", "write LOCAL@DOMAIN or @DOMAIN"},
    {"user = \"assay\"\nlisten = ;\n",
     "assay.conf:2: syntax error in or just before this line: listen = ;"},
    {"spf: { fail = \"reject\" };\n};\n",
     "assay.conf:2: syntax error in or just before this line: };"},
    {"user = \"a\";\nlisten = \"unix:/x;\nlog: { };\n",
     "assay.conf:2: a text in this line has no closing quote"},
    {"user = \"a\";\nlisten = \"unix:/x", "assay.conf:2: a text in this line has no closing quote"},
    {"user = \"a\";\n/* listen\n", "assay.conf:2: a comment begins here and has no closing */"},
    {"a: {b: {c: {d: {e: {f: {g: {h: {i: {}}}}}}}}}", "the settings are nested too deeply here"},
    {"\n@include nope\n", "assay.conf:2: write it as @include \"FILE\""},
    {"\n@include \"nope.conf\"\n", "nope.conf cannot be read: No such file or directory"},
    {"@include \".\"\n", "is not a file of text: it is a folder"},
    {"@include \"/dev/null\"\n", "is not a file of text: it is a device or a pipe"},
    {"@include \"assay.conf\"\n", "includes are nested too deeply; does a file include itself?"},
};

static void wrong_settings_are_refused_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct problem problem;
		struct settings *settings = read_text(wrong[i].text, &problem);

		if (settings != NULL || strstr(problem.message, wrong[i].words) == NULL)
			fail_msg("%s\n  should be refused with: %s\n  but: %s", wrong[i].text,
			         wrong[i].words,
			         settings != NULL ? "it was taken" : problem.message);
	}
}

/* Each with a line that has to stand in the effective settings. */
static const struct {
	const char *text, *line;
} right[] = {
    {"", "listen = \"unix:/run/assay/assay.sock\";\n"},
    {"", "ours = [ \"127.0.0.0/8\", \"::1/128\" ];\n"},
    {"", "enforce = \"published\";\n"},
    {"", "group = \"\";\n"},
    {"\xEF\xBB\xBF// a byte order mark\r\nuser = \"x\";\r\n", "user = \"x\";\n"},
    {"dmarc: { enforce = \"STRICT\"; };", "enforce = \"strict\";\n"},
    {"authserv_id = \"MX.Example.NET.\"", "authserv_id = \"mx.example.net\";\n"},
    {"authserv_id = \"b\xC3\xBC"
     "cher.example\"",
     "authserv_id = \"xn--bcher-kva.example\";\n"},
    {"listen = \"inet:8891@127.0.0.1\"", "listen = \"inet:8891@127.0.0.1\";\n"},
    {"listen = \"inet:8891@localhost\"", "listen = \"inet:8891@localhost\";\n"},
    {"listen = \"inet6:8891@::1\"", "listen = \"inet6:8891@::1\";\n"},
    {"listen = \"inet6:8891@[::1]\"", "listen = \"inet6:8891@[::1]\";\n"},
    {"listen = \"local:/run/a.sock\"", "listen = \"local:/run/a.sock\";\n"},
    {"socket: { mode = \"660\"; group = \"postfix\"; };", "mode = \"660\";\n"},
    {"limits: { header_bytes = 1048577L; };", "header_bytes = 1048577;\n"},
    {"limits: { messages = 0x10; };", "messages = 16;\n"},
    {"networks: { ours = [ \"192.0.2.77/24\", \"2001:DB8::1\" ]; };",
     "ours = [ \"192.0.2.77/24\", \"2001:db8::1/128\" ];\n"},
    {"networks: { forwarders = \"::ffff:192.0.2.1\"; };", "forwarders = [ \"192.0.2.1/32\" ];\n"},
    {"resolver: { servers = ( \"192.0.2.1\", \"2001:db8::1@5353\" ); };",
     "servers = [ \"192.0.2.1\", \"2001:db8::1@5353\" ];\n"},
    {"quarantine: { action = \"redirect\"; address = \"q@example.net\"; };",
     "address = \"q@example.net\";\n"},
    {"received: { addresses = [ \"DMARC@Example.ORG\" ]; };",
     "addresses = [ \"DMARC@example.org\" ];\n"},
    {"received: { known = ( { networks = \"192.0.2.1\"; name = \"Letters\"; } ); };",
     "networks = [ \"192.0.2.1/32\" ];\n"},
    {"rules: ( { when = { from_domain = \"Lists.Example.ORG\"; }; why = \"a \\\"list\\\"\"; } );",
     "from_domain = [ \"lists.example.org\" ];\n"},
    {"rules: ( { when = { from_domain = [ \"*.B\xC3\xBC"
     "cher.example\" ]; }; } );",
     "from_domain = [ \"*.xn--bcher-kva.example\" ];\n"},
    {"rules: ( { why = \"a \\\"quoted\\\" \\\\ word\"; } );",
     "why = \"a \\\"quoted\\\" \\\\ word\";\n"},
    {"rules: [ ];", "rules: ( );\n"},
    {"// @include \"nope\"\n/*\n@include \"nope\"\n*/ user = \"a // b /* c 99999999999 */ # d\";",
     "user = \"a // b /* c 99999999999 */ # d\";\n"},
    {"user = \"one\"\n \"two\" # 99999999999\n;", "user = \"onetwo\";\n"},
};

static void right_settings_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		struct problem problem;
		struct settings *settings = read_text(right[i].text, &problem);
		char *text;

		if (settings == NULL)
			fail_msg("%s\n  was refused: %s", right[i].text, problem.message);
		text = printed(settings);
		if (strstr(text, right[i].line) == NULL)
			fail_msg("%s\n  should give: %s  but: %s", right[i].text, right[i].line,
			         text);
		free(text);
		settings_release(settings);
	}
}

static void files_that_cannot_be_read_are_named(void **state)
{
	struct problem problem;

	(void)state;
	assert_null(settings_read("/nonexistent/none.conf", &problem));
	assert_non_null(strstr(problem.message,
	                       "none.conf cannot be read: No such file or directory; create it"));
	assert_null(settings_read(folder, &problem));
	assert_non_null(strstr(problem.message, "is not a file of text: it is a folder"));
	write_file("assay.conf", "user = \"a\0b\";", 13);
	assert_null(settings_read(path, &problem));
	assert_non_null(strstr(problem.message, "the file holds a NUL byte"));
}

static void includes_are_read_and_named(void **state)
{
	struct problem problem;
	struct settings *settings;
	char text[256];

	(void)state;
	write_text("spf.conf", "spf: {\n fail = \"reject\";\n};");
	write_text("bad.conf", "\n\nlimits: { messages = \"x\"; };");
	write_text("inner.conf", "@include \"spf.conf\"");
	settings = read_text(
	    "user = \"x\";\n  @include \"inner.conf\" // why\nlog: { level = \"debug\"; };",
	    &problem);
	assert_non_null(settings);
	assert_int_equal(settings->spf.fail, 1);
	assert_int_equal(settings->log.level, LOG_LEVEL_DEBUG);
	settings_release(settings);

	/* lines are counted on behind an include */
	assert_null(read_text("user = \"x\";\n@include \"inner.conf\"\nnonsense = 1;\n", &problem));
	assert_non_null(strstr(problem.message, "assay.conf:3: setting \"nonsense\""));
	assert_null(read_text("user = \"x\";\n@include \"bad.conf\"\n", &problem));
	assert_non_null(strstr(problem.message, "bad.conf:3: setting \"limits.messages\""));

	snprintf(text, sizeof text, "@include \"%s/spf.conf\"\n", folder);
	settings = read_text(text, &problem);
	assert_non_null(settings);
	assert_int_equal(settings->spf.fail, 1);
	settings_release(settings);
}

static void printed_settings_read_back_to_the_same(void **state)
{
	static const char *const texts[] = {
	    "",
	    "authserv_id = \"mx.example.net\"; user = \"\"; spf: { fail = \"reject\"; };\n"
	    "networks: { ours = [ ]; forwarders = [ \"2001:db8::/32\", \"192.0.2.1\" ]; };\n"
	    "rules: ( { when = { client = \"192.0.2.0/24\"; recipient = [ \"@example.net\", "
	    "\"a@example.net\" ]; };\n"
	    "  dmarc = \"ignore\"; why = \"a \\\\ \\\"b\\\"\"; },\n"
	    "  { when = { helo = \"*.example.org\"; }; dmarc = \"reject\"; } );\n"
	    "quarantine: { action = \"redirect\"; address = \"q@example.net\"; };\n"
	    "received: { addresses = [ \"a@example.net\" ]; after = \"discard\"; known = ( {\n"
	    "  networks = [ \"192.0.2.0/24\", \"2001:db8::1\" ]; name = \"Letters\"; } ); };",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct problem problem;
		struct settings *settings = read_text(texts[i], &problem);
		char *first, *second;

		assert_non_null(settings);
		first = printed(settings);
		settings_release(settings);
		settings = read_text(first, &problem);
		if (settings == NULL)
			fail_msg("%s\n  was refused: %s", first, problem.message);
		second = printed(settings);
		assert_string_equal(first, second);
		settings_release(settings);
		free(first);
		free(second);
	}
}

static void rules_keep_their_order_and_lines(void **state)
{
	struct problem problem;
	struct settings *settings = read_text(
	    "rules: (\n { dmarc = \"ignore\"; },\n { dmarc = \"reject\"; why = \"w\"; } );",
	    &problem);
	const struct rule *rule;

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings->rules.count, 2);
	rule = settings->rules.items;
	assert_int_equal(rule[0].dmarc, RULE_IGNORE);
	assert_int_equal(rule[1].dmarc, RULE_REJECT);
	assert_string_equal(rule[1].why, "w");
	assert_int_equal(settings->rules.lines[0], 2);
	assert_int_equal(settings->rules.lines[1], 3);
	settings_release(settings);
}

static void the_sample_changes_nothing_and_is_up_to_date(void **state)
{
	char *text = printed(NULL), *defaults, *as_shipped;
	struct problem problem;
	struct settings *settings = settings_read(NULL, &problem);
	const char *source = getenv("srcdir"); /* the folder of Makefile.am, as `make check` says */
	char sample_file[1024];
	FILE *file;
	char shipped[65536] = "";

	(void)state;
	assert_non_null(settings);
	defaults = printed(settings);
	settings_release(settings);
	settings = read_text(text, &problem);
	if (settings == NULL)
		fail_msg("the sample was refused: %s", problem.message);
	as_shipped = printed(settings);
	assert_string_equal(as_shipped, defaults);
	settings_release(settings);

	snprintf(sample_file, sizeof sample_file, "%s/filter/assay.conf.sample",
	         source == NULL ? "." : source);
	file = fopen(sample_file, "r");
	assert_non_null(file);
	assert_true(fread(shipped, 1, sizeof shipped - 1, file) > 0);
	fclose(file);
	if (strcmp(shipped, text) != 0)
		fail_msg("%s is not what `assay config --sample` prints now; print it again",
		         sample_file);
	free(text);
	free(defaults);
	free(as_shipped);
}

/* Taking the comment marks away from every setting has to give the same settings again: the
 * sample's defaults are the real ones. */
static void the_sample_shows_the_real_defaults(void **state)
{
	char *text = printed(NULL), *bare = calloc(1, strlen(text) + 1), *one, *other;
	struct problem problem;
	struct settings *settings;
	bool in_rules = false; /* or in another list */

	(void)state;
	for (char *save, *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *mark = strstr(line, "// ");

		/* what is commented out ends like a setting; the lists are examples and stay out */
		if (mark == line &&
		    (strncmp(line, "// rules", 8) == 0 || strncmp(line, "// sign", 7) == 0))
			in_rules = true;
		if (mark != NULL && !in_rules && line[strlen(line) - 1] == ';')
			memmove(mark, mark + 3, strlen(mark + 3) + 1);
		if (strcmp(line, "// } );") == 0)
			in_rules = false;
		strcat(bare, line);
		strcat(bare, "\n");
	}
	assert_non_null(strstr(bare, "\nlisten = "));
	settings = read_text(bare, &problem);
	if (settings == NULL)
		fail_msg("%s\n  was refused: %s", bare, problem.message);
	one = printed(settings);
	settings_release(settings);
	settings = settings_read(NULL, &problem);
	other = printed(settings);
	settings_release(settings);
	assert_string_equal(one, other);
	free(text);
	free(bare);
	free(one);
	free(other);
}

static void explain_finds_settings_and_near_names(void **state)
{
	struct problem problem;
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	(void)state;
	assert_true(settings_explain("dmarc.enforce", to, &problem));
	fflush(to);
	assert_non_null(
	    strstr(text, "one of \"monitor\", \"quarantine\", \"published\", \"strict\""));
	assert_non_null(strstr(text, "default  \"published\""));
	assert_null(strstr(text, "dmarc.discovery"));
	assert_true(settings_explain("dmarc", to, &problem));
	fflush(to);
	assert_non_null(strstr(text, "dmarc.discovery"));
	assert_false(settings_explain("dmarc.enforze", to, &problem));
	assert_non_null(strstr(problem.message, "did you mean \"dmarc.enforce\"?"));
	assert_false(settings_explain("", to, &problem));
	assert_true(settings_explain(NULL, to, &problem));
	fflush(to);
	assert_non_null(strstr(text, "rules.when.list_id"));
	fclose(to);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wrong_settings_are_refused_in_words),
	    cmocka_unit_test(right_settings_are_taken),
	    cmocka_unit_test(files_that_cannot_be_read_are_named),
	    cmocka_unit_test(includes_are_read_and_named),
	    cmocka_unit_test(printed_settings_read_back_to_the_same),
	    cmocka_unit_test(rules_keep_their_order_and_lines),
	    cmocka_unit_test(the_sample_changes_nothing_and_is_up_to_date),
	    cmocka_unit_test(the_sample_shows_the_real_defaults),
	    cmocka_unit_test(explain_finds_settings_and_near_names),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
