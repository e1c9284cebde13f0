/*
 * review_test.c - which settings are found odd, where, and that others are not. The machine is made
 * up: users, groups and the rights that a user has are those of the tables here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key_folder.h"
#include "review/review.h"
#include "review/review_checks.h"

struct bench {
	struct arena *arena;
	const char *folder;
};

static int set_up(void **state)
{
	static struct bench bench;

	bench = (struct bench){.arena = arena_new()};
	bench.folder = key_folder_new(bench.arena);
	*state = &bench;
	return 0;
}

static int tear_down(void **state)
{
	arena_free(((struct bench *)*state)->arena);
	return 0;
}

static bool root = true;

static bool find_account(const char *user, struct review_account *account)
{
	*account =
	    (struct review_account){.name = user, .uid = strcmp(user, "root") == 0 ? 0 : 900};
	return strcmp(user, "nobody-here") != 0;
}

static bool find_group(const char *name, gid_t *gid)
{
	*gid = 901;
	return strcmp(name, "nobody-here") != 0;
}

/* /missing/... is not there, /closed and folders called "unreadable" allow nothing, /shut only lets
 * the daemon itself through. */
static enum review_answer may(const struct review_account *account, const char *path, int what)
{
	(void)what;
	if (strncmp(path, "/missing", 8) == 0 || strncmp(path, "/new", 4) == 0)
		return REVIEW_MISSING;
	if (strncmp(path, "/shut", 5) == 0)
		return account->uid == 900 ? REVIEW_YES : REVIEW_NO;
	if (strncmp(path, "/closed", 7) == 0 || strstr(path, "/unreadable/") != NULL)
		return REVIEW_NO;
	return REVIEW_YES;
}

/* /open is for everybody, and so is /sticky, where nobody can rename what is there. */
static enum review_answer open_to_all(const char *folder, bool sticky_protects)
{
	if (strncmp(folder, "/missing", 8) == 0 || strcmp(folder, "/sticky/new") == 0)
		return REVIEW_MISSING;
	if (strcmp(folder, "/sticky") == 0)
		return sticky_protects ? REVIEW_NO : REVIEW_YES;
	return strcmp(folder, "/open") == 0 ? REVIEW_YES : REVIEW_NO;
}

static bool name_servers = true;

static bool has_name_servers(void)
{
	return name_servers;
}

static bool is_root(void)
{
	return root;
}

static long mail_sessions(void)
{
	return 200;
}

static const struct review_world world = {find_account,     find_group, may,          open_to_all,
                                          has_name_servers, is_root,    mail_sessions};

/* "check:line check:line ..." of settings as text, after a line 1 that names us. */
static const char *found_in(struct bench *bench, const char *text)
{
	static const char first[] = "authserv_id = \"mx.example.net\";\n";
	const char *whole = arena_format(bench->arena, "%s%s", first, text);
	const char *path = key_folder_write(bench->arena, bench->folder, "assay.conf", whole, 0644);
	struct problem problem = {""};
	struct settings *settings = settings_read(path, &problem);
	struct review review;
	const char *found = "";

	if (settings == NULL)
		fail_msg("%s\n%s", problem.message, text);
	review = review_settings(settings, &world, bench->arena);
	for (size_t i = 0; i < review.count; i++) {
		const struct review_finding *finding = &review.items[i];

		assert_true(strlen(finding->text) > 20);
		assert_true(finding->text[strlen(finding->text) - 1] != '.');
		assert_string_equal(finding->file, path);
		found = arena_format(bench->arena, "%s%s%s:%u", found, i == 0 ? "" : " ",
		                     finding->check, finding->line);
	}
	assert_int_equal(review.errors + review.warnings, review.count);
	settings_release(settings);
	return found;
}

static void expect(struct bench *bench, const char *text, const char *wanted)
{
	const char *found = found_in(bench, text);

	if (strcmp(found, wanted) != 0)
		fail_msg("found \"%s\" instead of \"%s\" in\n%s", found, wanted, text);
}

#define OURS(list)        "networks: { ours = [ " list " ]; };"
#define RULE(when, dmarc) "{ when = { " when " }; dmarc = \"" dmarc "\"; }"

/* Line 2 is the first. */
static const struct {
	const char *text, *found;
} cases[] = {
    {"", ""},
    /* who we are */
    {"user = \"nobody-here\";", "user-missing:2"},
    {"user = \"root\";", "user-root:2"},
    {"socket: {\n group = \"nobody-here\"; };", "group-missing:3"},
    {"socket: {\n mode = \"0600\"; group = \"mail\"; };", "socket-mode:3"},
    {"socket: { mode = \"0666\"; };", ""},
    {"listen = \"inet:8891@127.0.0.1\";\nsocket: { mode = \"0600\"; };", "socket-unused:3"},
    {"listen = \"inet:8891@127.0.0.1\";\nsocket: { mode = \"0660\"; group = \"\"; };", ""},
    {"listen = \"inet:8891@0.0.0.0\";", ""},
    {"listen = \"unix:/closed/assay.sock\";", "socket-folder:2"},
    {"listen = \"unix:/missing/run/assay.sock\";", "socket-folder:2"},
    {"listen = \"unix:/new/assay.sock\";", ""},
    {"listen = \"unix:/shut/assay.sock\";\nsocket: { group = \"mail\"; };", "socket-folder:2"},
    {"pid_file = \"/missing/assay.pid\";", "pid-file:2"},
    {"pid_file = \"/run/assay.pid\";", ""},
    {"metrics: { listen = \"inet:8892@0.0.0.0\"; };", "metrics-listen:2"},
    {"listen = \"inet:8892@127.0.0.1\";", "metrics-listen:0"},
    {"metrics: { listen = \"\"; };", ""},
    /* DNS */
    {"resolver: { servers = [ \"127.0.0.1@53\",\n \"0.0.0.0\" ]; };", "name-servers:2"},
    {"resolver: { servers = \"ff02::1\"; };", "name-servers:2"},
    {"resolver: { servers = \"fe80::1\"; };", ""},
    {"resolver: { trust_anchor = \"/missing/root.key\"; };", "trust-anchor:2"},
    {"resolver: { trust_anchor = \"/missing/root.key\";\n dnssec = false; };",
     "trust-anchor-unused:2"},
    {"resolver: { timeout_ms = 30000; };", "timeouts:2"},
    {"limits: { message_ms = 4000; };", "timeouts:2"},
    {"limits: { messages = 2000; };", "in-flight:2"},
    {"resolver: { in_flight = 199; };", "in-flight:2"},
    {"limits: { messages = 199; };", "sessions:2"},
    {"limits: { messages = 200; };", ""},
    /* networks */
    {"listen = \"unix:/open/a.sock\";", "folder-open:2"},
    {"listen = \"local:/sticky/a.sock\";", "folder-open:2"},
    {"listen = \"unix:/sticky/new/a.sock\";", "folder-open:2"},
    {"listen = \"unix:/open/a/b/a.sock\";", "folder-open:2"},
    {"listen = \"unix:/sticky/a/a.sock\";", ""},
    {"pid_file = \"/open/a.pid\";", "folder-open:2"},
    {"metrics: { listen = \"unix:/sticky/m.sock\"; };", "folder-open:2"},
    {"reports: { store = \"/open/r.db\"; };", "folder-open:2"},
    {"resolver: { trust_anchor = \"/sticky/root.key\"; };", "folder-open:2"},
    {OURS("\"0.0.0.0/0\""), "ours-everybody:2"},
    {OURS("\"0.0.0.0/1\", \"128.0.0.0/1\""), "ours-everybody:2"},
    {OURS("\"::/1\", \"8000::/1\""), "ours-everybody:2"},
    {OURS("\"2000::/3\""), "ours-everybody:2"},
    {OURS("\"0.0.0.0/2\", \"64.0.0.0/2\", \"128.0.0.0/2\", \"192.0.0.0/2\""), "ours-everybody:2"},
    {OURS("\"8.0.0.0/7\""), "ours-everybody:2"},
    {OURS("\"9.0.0.0/8\", \"12.0.0.0/9\", \"12.128.0.0/9\""), "ours-everybody:2"},
    {OURS("\"2001::/15\""), "ours-everybody:2"},
    {OURS("\"2001::/16\", \"2002:8000::/17\""), "ours-everybody:2"},
    {OURS("\"192.0.0.0/8\", \"192.0.2.0/24\""), "network-repeated:2"},
    {OURS("\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\", \"127.0.0.0/8\", "
          "\"100.64.0.0/10\", \"fc00::/7\", \"fe80::/10\", \"::1\""),
     ""},
    {OURS("\"17.0.0.0/8\", \"10.0.0.0/8\""), ""},
    {OURS("\"2001::/16\", \"fd00::/8\""), ""},
    {OURS("\"10.0.0.0/7\""), ""},
    {"networks: { forwarders = [ \"0.0.0.0/1\", \"128.0.0.0/1\" ]; };", "ours-everybody:2"},
    {"networks: {\n ours = [ \"::/0\" ];\n forwarders = [ \"0.0.0.0/0\" ]; };",
     "ours-everybody:3 ours-everybody:4"},
    {OURS("\"10.0.0.0/8\", \"10.1.0.0/16\""), "network-repeated:2"},
    {OURS("\"10.0.0.0/8\", \"10.9.9.9/8\""), "network-repeated:2"},
    {"networks: { ours = [ \"10.0.0.0/9\", \"10.128.0.0/9\" ];\n forwarders = [ \"10.0.0.0/8\" ]; "
     "};",
     "forwarder-of-ours:3"},
    {"networks: { ours = [ \"10.0.0.0/9\", \"10.128.0.0/10\" ];\n forwarders = [ \"10.0.0.0/8\" ]; "
     "};",
     ""},
    {"networks: { ours = [ \"::ffff:192.0.2.0/120\" ];\n forwarders = [ \"192.0.2.7\" ]; };",
     "forwarder-of-ours:3"},
    {"networks: { ours = [ \"2001:db8::/33\", \"2001:db8:8000::/33\" ];\n forwarders = [ "
     "\"2001:db8::/32\" ]; };",
     "forwarder-of-ours:3"},
    /* what is done */
    {"dmarc: { enforce = \"monitor\"; temperror = \"tempfail\"; };\nspf: { fail = \"reject\"; };",
     ""},
    {"quarantine: { address = \"q@example.net\"; };", "quarantine-address:2"},
    {"quarantine: { action = \"redirect\"; address = \"q@example.net\"; };", ""},
    {"dkim: { minimum_rsa_bits = 3072; };", "rsa-bits:2"},
    {"dkim: { minimum_rsa_bits = 2048; };", ""},
    /* reports */
    {"reports: { store = \"\";\n email = \"a@example.net\";\n organization = \"us\"; };",
     "reports-without-store:4 reports-without-store:3"},
    {"reports: { store = \"\"; email = \"\"; automatic = true; };", ""},
    {"reports: { organization = \"us\";\n automatic = false; };", "reports-without-email:2"},
    {"reports: { email = \"a@example.net\"; organization = \"us\"; automatic = false; };",
     "reports-unsigned:2"},
    {"reports: { email = \"a@example.net\"; period_hours = 1;\n jitter_minutes = 61; };",
     "reports-jitter:3 reports-unsigned:2"},
    {"reports: { email = \"a@example.net\"; period_hours = 1;\n jitter_minutes = 60; };",
     "reports-unsigned:2"},
    {"reports: { email = \"a@example.net\"; keep_days = 2;\n retry_hours = 49; };",
     "reports-retry:3 reports-unsigned:2"},
    {"reports: { email = \"a@example.net\"; sendmail = \"/missing/sendmail -t\"; };",
     "reports-unsigned:2 reports-sendmail:2"},
    {"reports: { email = \"a@example.net\"; sendmail = \"/closed/sendmail -t\"; };",
     "reports-unsigned:2 reports-sendmail:2"},
    {"reports: { store = \"/closed/reports.db\"; };", "reports-store:2"},
    {"reports: { store = \"/missing/far/reports.db\"; };", "reports-store:2"},
    /* rules */
    {"rules: ( " RULE("client = \"192.0.2.0/24\";", "ignore") ",\n" RULE("client = \"192.0.2.9\";",
                                                                         "reject") ");",
     "rule-never-applies:3"},
    {"rules: ( " RULE("client = \"192.0.2.9\";", "ignore") ",\n" RULE("client = \"192.0.2.0/24\";",
                                                                      "reject") ");",
     ""},
    {"rules: ( " RULE("client = [ \"192.0.2.0/25\", \"192.0.2.128/25\" ];", "ignore") ",\n" RULE(
         "client = \"192.0.2.0/24\"; helo = \"x.example\";", "reject") ");",
     "rule-never-applies:3"},
    {"rules: ( " RULE("from_domain = \"*.a.example\";",
                      "reject") ",\n" RULE("from_domain = \"a.example\";", "quarantine") ");",
     ""},
    {"rules: ( " RULE("from_domain = \"*.a.example\";",
                      "reject") ",\n" RULE("from_domain = \"*.b.A.example\";", "quarantine") ");",
     "rule-never-applies:3"},
    {"rules: ( " RULE("from_domain = \"*.b.a.example\";",
                      "reject") ",\n" RULE("from_domain = \"*.a.example\";", "quarantine") ");",
     ""},
    {"rules: ( " RULE("from_domain = \"*.a.example\";", "reject") ",\n" RULE(
         "mail_from_domain = \"x.a.example\";", "quarantine") ");",
     ""},
    {"rules: ( " RULE("from_domain = \"a.example\";", "reject") ",\n" RULE(
         "from_domain = \"b.example\";",
         "reject") ",\n" RULE("from_domain = [ \"a.example\", \"b.example\" ]; list_id = "
                              "\"l.example\";",
                              "quarantine") ");",
     "rule-never-applies:4"},
    {"rules: ( " RULE("from_domain = \"a.example\";", "reject") ",\n" RULE(
         "from_domain = [ \"a.example\", \"b.example\" ];", "quarantine") ");",
     ""},
    {"rules: ( " RULE("recipient = \"@example.net\";",
                      "ignore") ",\n" RULE("recipient = \"Anna@Example.net\";", "reject") ");",
     "rule-never-applies:3 rule-forgeable:2"},
    {"rules: ( " RULE("recipient = \"anna@example.net\";",
                      "ignore") ",\n" RULE("recipient = \"@example.net\";", "reject") ");",
     ""},
    {"rules: ( " RULE("client = \"192.0.2.1\"; list_id = \"l.example\";",
                      "ignore") ",\n" RULE("client = \"192.0.2.1\";", "reject") ");",
     ""},
    {"rules: ( " RULE("", "reject") ",\n" RULE("client = \"192.0.2.1\";", "ignore") ");",
     "rule-never-applies:3 rule-for-all:2"},
    {"rules: ( " RULE("client = \"192.0.2.1\"; from_domain = [ \"x.a.example\",\n \"*.a.example\", "
                      "\"*.A.example\" ];",
                      "ignore") ");",
     "rule-repeats:2 rule-repeats:2"},
    {"rules: ( " RULE("recipient = [ \"a@example.net\", \"@Example.net\", \"b@example.org\" ];",
                      "ignore") ");",
     "rule-repeats:2 rule-forgeable:2"},
    {"rules: ( " RULE("client = [ \"127.0.0.1\", \"::1\" ];", "ignore") ");", "rule-for-ours:2"},
    {"rules: ( " RULE("client = [ \"127.0.0.1\", \"192.0.2.1\" ];", "ignore") ");", ""},
    {"rules: ( " RULE("client = \"192.0.2.1\";", "follow") ");", "rule-without-effect:2"},
    {"rules: ( " RULE("client = \"192.0.2.1\";",
                      "follow") ");\nnetworks: { forwarders = \"192.0.2.0/24\"; };",
     ""},
    {"rules: ( " RULE("client = \"192.0.2.1\";", "follow") ",\n" RULE("client = \"192.0.2.0/24\";",
                                                                      "ignore") ");",
     ""},
    {"rules: ( " RULE("from_domain = \"a.example\";", "ignore") ");", "rule-forgeable:2"},
    {"rules: ( " RULE("from_domain = \"a.example\"; client = \"192.0.2.1\";", "ignore") ");", ""},
    {"rules: ( " RULE("recipient = \"@a.example\";", "ignore") ");", "rule-forgeable:2"},
    {"rules: ( " RULE("client = \"0.0.0.0/0\";", "ignore") ");", "rule-for-everybody:2"},
    {"rules: ( " RULE("client = \"::/0\";", "ignore") ");", "rule-for-everybody:2"},
    {"rules: ( " RULE("client = [ \"0.0.0.0/1\", \"128.0.0.0/1\" ];", "ignore") ");",
     "rule-for-everybody:2"},
    {"rules: ( " RULE("client = \"64.0.0.0/3\"; list_id = \"l.example\";", "ignore") ");",
     "rule-for-everybody:2"},
    {"rules: ( " RULE("client = \"2000::/3\"; from_domain = \"a.example\";", "ignore") ");",
     "rule-for-everybody:2"},
    {"rules: ( " RULE("client = \"8.0.0.0/7\"; recipient = \"@a.example\";", "ignore") ");",
     "rule-for-everybody:2"},
    {"rules: ( " RULE("client = \"0.0.0.0/0\"; recipient = \"abuse@a.example\";", "ignore") ");",
     ""},
    {"rules: ( " RULE("client = \"192.0.2.0/24\";", "ignore") ");", ""},
    {"rules: ( " RULE("client = \"0.0.0.0/0\";", "reject") ");", ""},
    {"rules: ( " RULE("recipient = [ \"abuse@a.example\", \"@b.example\" ];", "ignore") ");",
     "rule-forgeable:2"},
    {"rules: ( " RULE("recipient = \"@a.example\"; list_id = \"l.example\";", "ignore") ");",
     "rule-forgeable:2"},
    {"rules: ( " RULE("recipient = \"@a.example\"; client = \"192.0.2.1\";", "ignore") ");", ""},
    {"rules: ( " RULE("recipient = [ \"abuse@a.example\", \"postmaster@a.example\" ];",
                      "ignore") ");",
     ""},
    {"rules: ( " RULE("recipient = \"@a.example\";", "reject") ");", ""},
    {"rules: ( " RULE("recipient = \"abuse@example.net\";", "ignore") ");", ""},
    {"arc: { lists=true; trusted=[\"*.com\"]; };", "arc-without-seal:2 arc-trusts-everybody:2"},
};

static void odd_settings_are_found(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect(*state, cases[i].text, cases[i].found);
}

static void a_user_that_root_alone_needs(void **state)
{
	root = false;
	expect(*state, "user = \"nobody-here\";", "");
	root = true;
}

static void name_servers_of_the_system(void **state)
{
	name_servers = false;
	expect(*state, "", "name-servers:0");
	expect(*state, "resolver: { servers = \"192.0.2.53\"; };", "");
	name_servers = true;
}

/* Keys: one.example has both kinds, two.example and sub.one.example RSA alone. %s is the folder. */
static const struct {
	const char *text, *found;
} sign_cases[] = {
    {"sign: ( { keys = \"%s/all\"; } );", ""},
    {"sign: ( { keys = \"%s/all\"; },\n { domain = \"one.example\"; keys = \"%s/all\"; } );",
     "sign-never-applies:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; },\n { keys = \"%s/all\"; } );", ""},
    {"sign: ( { domain = \"one.example\"; subdomains = true; keys = \"%s/all\"; },\n"
     "{ domain = \"*.one.example\"; keys = \"%s/all\"; } );",
     "sign-never-applies:3"},
    {"sign: ( { domain = \"*.one.example\"; keys = \"%s/all\"; },\n"
     "{ domain = \"one.example\"; subdomains = true; keys = \"%s/all\"; } );",
     ""},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; continue = true; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; } );",
     ""},
    /* who is refused by the first finds the second closed, unless it names users */
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; users = \"anna\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; } );",
     "sign-never-applies:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; users = \"anna\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; users = \"bob\"; } );",
     ""},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; users = [ \"anna\", \"bob\" ]; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; users = \"BOB\"; } );",
     "sign-never-applies:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; users = \"anna\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; users = \"bob\"; } );",
     "sign-never-applies:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; users = \"anna\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; sign_as = \"two.example\"; } );",
     ""},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; users = \"anna\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; sign_as = \"two.example\"; } );",
     "sign-never-applies:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; authors = \"a@one.example\"; },\n"
     "{ domain = \"one.example\"; keys = \"%s/all\"; } );",
     ""},
    {"sign: ( { domain = \"*.x.example\"; keys = \"%s/all\"; sign_as = \"two.example\"; },\n"
     "{ domain = \"*.y.x.example\"; keys = \"%s/all\"; sign_as = \"one.example\"; } );",
     "sign-never-applies:3"},
    /* the folder is the table, and has no domain yet: so the Debian package begins */
    {"sign: ( { keys = \"%s/empty\"; } );", ""},
    {"sign: ( { keys = \"%s/new\"; } );", "key-ed25519-alone:2"},
    /* one file, whatever number of entries names it */
    {"sign: ( { domain = \"one.example\"; keys = \"%s/unreadable/r.pem\"; },\n"
     "{ domain = \"two.example\"; keys = \"%s/unreadable/r.pem\"; } );",
     "key-unreadable:2"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\";\nheaders = [ \"From\", \"Received\" "
     "];\n"
     "oversign = [ \"DKIM-Signature\", \"x-ticket\" ]; } );",
     "sign-unsound-header:3 sign-unsound-header:4"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; headers = [ \"Subject\", \"sender\" "
     "]; } );",
     ""},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\";\noversign = [ \"subject\" ]; } );",
     "sign-weak-oversign:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\";\noversign = [ \"To\" ]; } );",
     "sign-weak-oversign:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\";\noversign = [ \"from\" ]; } );",
     "sign-weak-oversign:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\";\noversign = [ \"content-type\" ]; } "
     ");",
     "sign-weak-oversign:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\";\nheaders = [ \"subject\" ]; oversign "
     "= [ \"x-a\" ]; } );",
     "sign-weak-oversign:3"},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; headers = [ \"date\" ]; oversign = [ "
     "\"x-a\" ]; } );",
     ""},
    {"sign: ( { domain = \"one.example\"; keys = \"%s/all\"; oversign = [ \"TO\", \"Subject\" ]; } "
     ");",
     ""},
    {"listen = \"inet:8891@0.0.0.0\";\nsign: ( { keys = \"%s/all\"; } );", "listen-everywhere:2"},
    {"listen = \"inet6:8891@[::]\";\nsign: ( { keys = \"%s/all\"; } );", "listen-everywhere:2"},
    {"listen = \"inet:8891@10.0.0.1\";\nsign: ( { keys = \"%s/all\"; } );", ""},
    {"socket: { mode = \"0666\"; };\nsign: ( { keys = \"%s/all\"; } );", "socket-mode:2"},
    {"sign: ( { keys = \"%s/all\"; } );\nreports: { email = \"a@three.example\"; };",
     "reports-unsigned:3"},
    {"sign: ( { keys = \"%s/all\"; } );\nreports: { email = \"a@TWO.example\"; };", ""},
};

static void odd_entries_of_sign_are_found(void **state)
{
	struct bench *bench = *state;

	key_folder_key(bench->arena, bench->folder, "all/one.example/r.pem", CRYPTO_RSA);
	key_folder_key(bench->arena, bench->folder, "all/one.example/e.pem", CRYPTO_ED25519);
	key_folder_key(bench->arena, bench->folder, "all/two.example/r.pem", CRYPTO_RSA);
	key_folder_key(bench->arena, bench->folder, "all/sub.one.example/r.pem", CRYPTO_RSA);
	key_folder_key(bench->arena, bench->folder, "new/one.example/e.pem", CRYPTO_ED25519);
	key_folder_key(bench->arena, bench->folder, "unreadable/r.pem", CRYPTO_RSA);
	key_folder_write(bench->arena, bench->folder, "empty/readme", "no key", 0644);
	for (size_t i = 0; i < sizeof sign_cases / sizeof sign_cases[0]; i++) {
		const char *text = sign_cases[i].text, *mark;

		while ((mark = strstr(text, "%s")) != NULL)
			text = arena_format(bench->arena, "%.*s%s%s", (int)(mark - text), text,
			                    bench->folder, mark + 2);
		expect(bench, text, sign_cases[i].found);
	}
}

/* The sample with every line in force, at its default. */
static void the_sample_is_not_odd(void **state)
{
	struct bench *bench = *state;
	char *sample = NULL;
	size_t length;
	FILE *to = open_memstream(&sample, &length);

	settings_sample(to);
	fclose(to);
	expect(bench, sample, "");
	free(sample);
}

static void count_row(void *with, const char *name, enum review_level level, const char *about)
{
	(void)level;
	assert_true(strlen(name) > 0 && strlen(about) > 0);
	++*(size_t *)with;
}

static void every_check_says_what_it_is_about(void **state)
{
	size_t rows = 0;

	(void)state;
	review_checks(count_row, &rows);
	assert_true(rows >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(odd_settings_are_found, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_user_that_root_alone_needs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(name_servers_of_the_system, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(odd_entries_of_sign_are_found, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_sample_is_not_odd, set_up, tear_down),
	    cmocka_unit_test(every_check_says_what_it_is_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
