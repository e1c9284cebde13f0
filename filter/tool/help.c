/*
 * help.c - the list of subcommands, and `assay help`.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "tool/tool.h"

static const char check_help[] =
    "usage: assay check [-c FILE] [--ip ADDRESS] [--helo NAME] [--from ADDRESS] [--to ADDRESS]...\n"
    "                   [--auth USER] [--json] [MESSAGE | -]\n"
    "\n"
    "Takes one message (RFC 5322; from standard input without MESSAGE or with -) through the whole\n"
    "evaluation, with live DNS and the settings of the daemon, and tells what assayd would do with it\n"
    "and why. No mail server is needed, nothing is changed, and no report row is kept.\n"
    "\n"
    "  -c FILE         settings (default " ASSAY_SETTINGS "; without that file, the built-in ones)\n"
    "  --ip ADDRESS    address of the client that brings the message; without it the client is unknown,\n"
    "                  and SPF cannot be evaluated\n"
    "  --helo NAME     what the client says in HELO or EHLO\n"
    "  --from ADDRESS  envelope sender (MAIL FROM); '' is the null sender. Without it, that of the "
    "message's\n"
    "                  first Return-Path field; without such a field, the null sender\n"
    "  --to ADDRESS    envelope recipient (RCPT TO); as often as needed\n"
    "  --auth USER     as if the client had logged in: its mail is ours and is not judged\n"
    "  --json          one JSON object instead of text for people\n"
    "\n"
    "Exit status: 0 accept, 10 quarantine, 11 reject, 12 temporary failure, 64 usage, 65 unreadable "
    "message,\n"
    "69 DNS cannot be asked at all, 78 settings.\n";

static const char config_help[] =
    "usage: assay config [-c FILE]\n"
    "       assay config --explain [NAME]\n"
    "       assay config --sample\n"
    "\n"
    "Checks the settings and prints those in effect, defaults included, as an assay.conf.\n"
    "\n"
    "  -c FILE           settings (default " ASSAY_SETTINGS ")\n"
    "  --explain [NAME]  tells what a setting (dmarc.enforce), a group (dmarc) or every setting is for, what "
    "it\n"
    "                    takes and what it is by default\n"
    "  --sample          prints a settings file in which every setting stands commented out at its default\n"
    "\n"
    "Exit status: 0 sound, 64 usage, 78 settings.\n";

static const char key_help[] =
    "usage: assay key new DOMAIN [--selector NAME] [--bits N] [OPTION]...\n"
    "       assay key dns DOMAIN [SELECTOR] [OPTION]...\n"
    "       assay key check [DOMAIN] [--json] [OPTION]...\n"
    "       assay key list [DOMAIN] [--json] [OPTION]...\n"
    "       assay key retire DOMAIN [SELECTOR] [--without-dns] [OPTION]...\n"
    "\n"
    "The keys that sign outgoing mail, and the DNS records that publish them.\n"
    "\n"
    "  new     makes an RSA and an Ed25519 key and prints their records, for a zone file and for a web "
    "form.\n"
    "          Selectors are today's date with r and e. Keys of a domain that has some already wait as\n"
    "          SELECTOR.pending\n"
    "  dns     prints the records of the keys that there are\n"
    "  check   compares each key with the DNS and says what is to be published\n"
    "  list    the keys, what each does, and where it lies\n"
    "  retire  once the DNS has the keys that wait, lets them sign, and stops those of the same kind before\n"
    "          them; their records stay for seven days more. With SELECTOR that key alone stops\n"
    "\n"
    "  -c FILE          settings (default " ASSAY_SETTINGS "; without that file, the built-in ones)\n"
    "  --keys FOLDER    keys are in FOLDER/DOMAIN; without it, where an entry of \"sign\" says, or in\n"
    "                   " ASSAY_KEYS "\n"
    "  --selector NAME  NAMEr and NAMEe instead of the date\n"
    "  --bits N         of the RSA key: 1024, 2048 (default), 3072 or 4096\n"
    "  --without-dns    retire does not ask the DNS whether it has the keys\n"
    "  --json           one JSON object\n"
    "\n"
    "Exit status: 0 done, or all is published; 1 something is to be done first; 64 usage, 66 a key that "
    "cannot\n"
    "be read, 69 DNS cannot be asked at all, 73 a file that cannot be made, 75 the DNS did not answer, 78 "
    "settings.\n";

static const char report_help[] =
    "usage: assay report list [--day DAY] [--json | --csv]\n"
    "       assay report show DOMAIN [--day DAY] [--all] [--json | --csv]\n"
    "       assay report build FOLDER [--at MOMENT]\n"
    "       assay report send [--dry-run] [--at MOMENT]\n"
    "\n"
    "The aggregate reports to the owners of author domains (RFC 9990), also while assayd runs.\n"
    "list: the periods and the domains whose policy counted, with messages, the share that passed DMARC\n"
    "and what became of the report. show: who sent mail as DOMAIN or a name below it, most messages first.\n"
    "Messages that were asked to come again do not count.\n"
    "build: writes each report that is due into FOLDER, to look at; sends nothing, changes nothing.\n"
    "send: builds the reports of the periods that are over, hands them to the mail server, and tries those\n"
    "again that could not be sent before. assayd does this by itself unless reports.automatic is false;\n"
    "doing both does no harm. As root it works as the user of the daemon.\n"
    "\n"
    "  -c FILE       settings (default " ASSAY_SETTINGS ")\n"
    "  --store FILE  another store than the settings name\n"
    "  --day DAY     one day (UTC) only, as 2026-11-30\n"
    "  --all         show every line, not only the first 100\n"
    "  --json        one JSON object instead of a table\n"
    "  --csv         comma-separated values with a line of names (RFC 4180)\n"
    "  --dry-run     tell what would be sent to whom, send nothing\n"
    "  --at MOMENT   as if it were that time (UTC), as 2026-11-30T00:10\n"
    "  --scheduled   as assayd starts it: to the log instead of the terminal, spread over\n"
    "                reports.jitter_minutes\n"
    "\n"
    "Exit status: 0 done, 64 usage, 66 no usable store, 73 a file cannot be made, 74 the store failed,\n"
    "75 something is left for the next run, or another send is at work, 78 settings.\n";

static const char help_help[] = "usage: assay help [SUBCOMMAND]\n";

static const struct tool_command commands[] = {
    {"check", tool_check, "what would become of one message, and why", check_help},
    {"config", tool_config, "check the settings, print those in effect, explain them", config_help},
    {"key", tool_key, "keys that sign, and the DNS records that publish them", key_help},
    {"report", tool_report, "aggregate reports: look at them, build them, send them", report_help},
    {"help", tool_help, "this overview, or the help of a subcommand", help_help},
};

const struct tool_command *tool_command(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int overview(void)
{
	puts("usage: assay SUBCOMMAND [ARGUMENT]...\n"
	     "       assay --version\n"
	     "\n"
	     "The operator's side of Assay, which authenticates mail by SPF, DKIM and DMARC.\n");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		printf("  %-8s  %s\n", commands[i].name, commands[i].summary);
	puts("\n`assay help SUBCOMMAND` tells its arguments.");
	return EX_OK;
}

int tool_help(int argc, char **argv)
{
	const struct tool_command *command;

	if (argc < 2)
		return overview();
	command = tool_command(argv[1]);
	if (command == NULL)
		return tool_misuse(NULL, "there is no subcommand \"%.40s\"", argv[1]);
	if (argc > 2)
		return tool_misuse(NULL, "help takes one subcommand at a time");
	fputs(command->help, stdout);
	return EX_OK;
}
