/*
 * import.h - the parts of `assay import`: files of OpenDKIM, OpenDMARC and the SPF policy daemon
 * become one assay.conf, and a list of what could not become part of it.
 *
 * The way of a file: import_file.c reads it, import_options.c parses it as its own program does and
 * finds each option in the table of that program (import_known.c). The row says what becomes of it:
 * a setting in the draft (import_draft.c), or a sentence in the list of what is not in the draft.
 * Everything lives in one arena and is used by one thread.
 */
#ifndef ASSAY_IMPORT_H
#define ASSAY_IMPORT_H

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/problem.h"

enum import_program {
	IMPORT_OPENDKIM,
	/* dkimpy-milter reads a file like OpenDKIM's, with some options of its own. */
	IMPORT_DKIMPY,
	IMPORT_OPENDMARC,
	/* policyd-spf, and the milter pyspf-milter, which reads the same options. */
	IMPORT_POLICYD,
	IMPORT_PROGRAMS
};

/* "opendkim", "dkimpy-milter", "opendmarc", "policyd-spf"; ended by NULL. */
extern const char *const import_program_names[];

/* Where something was read. */
struct import_place {
	const char *file;
	unsigned line;
};

/* The files */

enum {
	IMPORT_FILE_MAX = 1 << 20, /* of options; tables may be larger */
	IMPORT_KEY_MAX = 64 * 1024 /* of a key */
};

/* Who may read the output: nobody who may not read each of the input files, since the output quotes
 * them; never everybody. */
struct import_openness {
	gid_t group; /* of the output */
	bool group_may_read;
	char closed[4096]; /* the first file that the group may not read, or "" */
};

/* Begins the only import of a process; `group` is that of the output. */
void import_file_begin(gid_t group);

/* The output may quote this file. */
void import_file_note(const char *path, const struct stat *about);

const struct import_openness *import_file_openness(void);

/*
 * Reads a regular file of at most `max` octets that holds no NUL, without a byte order mark;
 * `bytes` are the arena's and end with a NUL. Root does not follow links of other users. `quoted`:
 * the output may quote it, so who may read the output depends on it. False: a problem.
 */
bool import_file_read(struct arena *arena, const char *path, size_t max, bool quoted,
                      const char **bytes, size_t *length, struct problem *problem);

/* The next line of `*at` without its end, or NULL after the last one. */
const char *import_file_line(struct arena *arena, const char **at, const char *end);

/* A copy without white space before and after. */
const char *import_file_trim(struct arena *arena, const char *bytes, size_t length);

/* The options */

enum import_type {
	IMPORT_TEXT,
	IMPORT_FLAG,
	IMPORT_NUMBER,
	IMPORT_SECRET, /* text that is not to be shown */
	IMPORT_INCLUDE
};

struct import_work;
struct import_option;

/* Whether somebody may miss what an option did. */
enum import_loss {
	IMPORT_NEEDLESS,
	IMPORT_MISSED
};

/* What becomes of an option with one of these values, separated by blanks, in any case; of a flag,
 * "yes" is on. Tables end with the row for every other value, whose `values` is NULL. */
struct import_choice {
	const char *values;
	/* one of these is set */
	const char *missed, *needless; /* sentences */
	const char *flag;              /* a setting that becomes true */
	const char *setting;           /* one that becomes `value` */
	const char *value;
	const char *remark; /* for the comment above the setting, or NULL */
};

/* A number that becomes a setting, multiplied by `factor`. */
struct import_number {
	const char *setting;
	long factor, min, max;
	const char *remark; /* for the comment above it, or NULL */
};

/*
 * An option of a program, or several that are treated alike, and what becomes of them: exactly one
 * of the members after `type` is set. Sentences, without full stop, say what the option did, and
 * why Assay does not need it or what to do instead.
 */
struct import_known {
	const char *names; /* as their program documents them, separated by blanks; NULL: the end */
	enum import_type type;
	const char *missed, *needless;
	const struct import_choice *choices;
	const struct import_number *number;
	const char *text; /* a setting of the same value */
	void (*carry)(struct import_work *work, const struct import_option *option);
	bool elsewhere; /* import_sign() and others read it together with other options */
};
extern const struct import_known import_opendkim_options[], import_opendmarc_options[],
    import_policyd_options[];

/* The row of this option, or NULL. Only the names of policyd-spf are case-sensitive. */
const struct import_known *import_known_find(enum import_program program, const char *name);

/* Where a name stands among `names`, which are separated by blanks; NULL: nowhere. */
const char *import_work_name(const char *names, const char *name, bool exact);

struct import_option {
	const struct import_known *known; /* NULL: no such option */
	const char *canonical;    /* its name as its program documents it; NULL without `known` */
	const char *name, *value; /* as they stand in the file; value never NULL */
	struct import_place place;
	bool on;           /* of IMPORT_FLAG */
	long number;       /* of IMPORT_NUMBER */
	const char *wrong; /* what is wrong with it, so that it does not count; NULL */
	bool overruled;    /* a later one of the same name counts */
};

struct import_options {
	enum import_program program;
	const char *file;
	size_t count, room;
	struct import_option *items; /* in the order of the file */
	size_t files;                /* read so far, with those included */
};

/* Finds out by its options which program a file belongs to. False and a problem if that is
 * unclear. */
bool import_options_recognize(const char *path, const char *bytes, size_t length,
                              struct arena *arena, enum import_program *program,
                              struct problem *problem);

/* Parses a file, and those that it includes. False and a problem if one cannot be read. */
bool import_options_read(struct arena *arena, const char *path, const char *bytes, size_t length,
                         struct import_options *options, struct problem *problem);

/* The data sets of OpenDKIM (opendkim(8)) and the lists of the others */

struct import_pair {
	const char *key, *value; /* value NULL where there is none */
	bool
	    indented; /* after white space, which opendkim takes for part of the key in a refile: */
	struct import_place place;
};

enum import_set_type {
	IMPORT_SET_LIST, /* csl: */
	IMPORT_SET_FILE,
	IMPORT_SET_PATTERNS /* refile: keys with * in them */
};

struct import_set {
	enum import_set_type type;
	size_t count, room;
	struct import_pair *items;
	const struct import_pair **sorted; /* by key; made by import_set_find() */
};

/* Reads a data set. False if it cannot be read: the list of what is not in the draft says why. */
bool import_set_read(struct import_work *work, const struct import_option *option,
                     struct import_set *set);

/* The same of a file with an item a line, as opendmarc reads it. */
bool import_set_read_lines(struct import_work *work, const struct import_option *option,
                           struct import_set *set);

/* Items between commas. */
void import_set_split(struct arena *arena, const struct import_option *option,
                      struct import_set *set);

/* The first pair of a key, as opendkim finds it: a file is case-sensitive, patterns are not. */
const struct import_pair *import_set_find(struct arena *arena, struct import_set *set,
                                          const char *key);

/* The draft */

struct import_draft;

struct import_draft *import_draft_new(struct arena *arena);

/* Sets a setting; `remark` is a sentence for the comment above it, or NULL. If another option has
 * set it differently, the first value stays, and the list says so. Values that Assay does not
 * accept go to the list, numbers to the nearest that it accepts. */
void import_draft_text(struct import_draft *draft, const char *name, const char *value,
                       const struct import_option *from, const char *remark);
void import_draft_number(struct import_draft *draft, const char *name, long value, long min,
                         long max, const struct import_option *from, const char *remark);
void import_draft_flag(struct import_draft *draft, const char *name, bool value,
                       const struct import_option *from, const char *remark);

/* Appends to a list of texts; `text` is what the file has, where that differs from `value`. */
void import_draft_item(struct import_draft *draft, const char *name, const char *value,
                       struct import_place place, const char *text);

/* Removes from networks.forwarders what lies in networks.ours, whose mail is not judged. After all
 * options. */
void import_draft_drop_ours(struct import_draft *draft);

/* Begins a list, which stays empty if nothing is appended. */
void import_draft_list(struct import_draft *draft, const char *name,
                       const struct import_option *from, const char *remark);

bool import_draft_has(const struct import_draft *draft, const char *name);

/* Entries of "sign" and "rules" are written in order; `unusable` says why one stands as a comment.
 */
struct import_entry {
	const char *comments; /* lines */
	const char *settings; /* lines "name = value;" */
	const char *unusable; /* NULL */
};
void import_draft_entry(struct import_draft *draft, const char *list,
                        const struct import_entry *entry);

/* An option that all entries of a list come from, for the comment above them. */
void import_draft_entries_from(struct import_draft *draft, const char *list,
                               const struct import_option *option);

/* Appends to the list of what is not in the draft, with a sentence without full stop that says why;
 * `text` is what stands at the place, without control characters. */
void import_draft_omit(struct import_draft *draft, struct import_place place, const char *text,
                       enum import_loss loss, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Stands for an option that is absent, where a setting follows from its default; `value` says
 * so. */
const struct import_option *import_draft_absent(const struct import_work *work, const char *name,
                                                const char *value);

/* A copy without control characters, of at most `max` octets; "..." follows where it is cut. */
const char *import_draft_clean(struct arena *arena, const char *text, size_t max);

/* "Domain example.com", without control characters and secrets. */
const char *import_draft_option_text(struct arena *arena, const struct import_option *option);

/* "IgnoreHosts: 192.0.2.1", a line of the table that an option names, the same way. */
const char *import_draft_pair_text(struct arena *arena, const char *name,
                                   const struct import_pair *pair);

/* A string of assay.conf, with its quotes. */
const char *import_draft_quote(struct arena *arena, const char *text);

void import_draft_write(const struct import_draft *draft, FILE *to);
void import_draft_report(const struct import_draft *draft, FILE *to, const char *before);
void import_draft_json(const struct import_draft *draft, FILE *to);

/* What becomes of them */

struct import_work {
	struct arena *arena;
	struct import_draft *draft;
	const struct import_options *options; /* of the current program */
	const char *keys_folder;              /* --keys, or NULL */
	const char *user;                     /* --user, or NULL */
	const char *base;                     /* folder of relative paths */
	bool signs;                           /* entries of "sign" were made */
	bool own_socket;                      /* the existing settings say where assayd listens */
};

/* The option of the current program that counts, or NULL. */
const struct import_option *import_work_option(const struct import_work *work, const char *name);

/* Is this flag in the file, and on? */
bool import_work_is_on(const struct import_work *work, const char *name);

/* Does with an option what its row says. */
void import_work_carry(struct import_work *work, const struct import_option *option);

/* import_draft_omit() of an option that somebody may miss, of one that nobody misses, and of a line
 * of a table. */
#define import_work_missed(work, option, ...)                                                      \
	import_draft_omit((work)->draft, (option)->place,                                          \
	                  import_draft_option_text((work)->arena, option), IMPORT_MISSED,          \
	                  __VA_ARGS__)
#define import_work_needless(work, option, ...)                                                    \
	import_draft_omit((work)->draft, (option)->place,                                          \
	                  import_draft_option_text((work)->arena, option), IMPORT_NEEDLESS,        \
	                  __VA_ARGS__)
#define import_work_missed_pair(work, name, pair, ...)                                             \
	import_draft_omit((work)->draft, (pair)->place,                                            \
	                  import_draft_pair_text((work)->arena, name, pair), IMPORT_MISSED,        \
	                  __VA_ARGS__)

/* Of those of these options that the file has, nobody misses what they did, for this reason. */
void import_work_omit_named(struct import_work *work, const char *const *names, const char *why);

/* Copies from the existing settings where assayd listens and whether it sends reports; called
 * first. `path` NULL: the standard file, which need not exist. False and a problem if `path` cannot
 * be read. */
bool import_own(struct import_work *work, const char *path, struct problem *problem);

/* Options that several programs have (import_carry.c). */
void import_carry_authserv_id(struct import_work *work, const struct import_option *option);
void import_carry_socket(struct import_work *work, const struct import_option *option);
void import_carry_user(struct import_work *work, const struct import_option *option);
void import_carry_mask(struct import_work *work, const struct import_option *option);

/* Before the options: what is enforced and refused follows from several of them together. */
void import_opendmarc_enforce(struct import_work *work);
void import_policyd_refusals(struct import_work *work);

/* Networks of a list of hosts become items of networks.ours, or of networks.forwarders. */
enum import_hosts {
	IMPORT_OURS,
	IMPORT_FORWARDERS
};
void import_hosts_ours(struct import_work *work, const struct import_option *option);
void import_hosts_forward(struct import_work *work, const struct import_option *option);

/* The same of a list that was read already. */
void import_hosts_add(struct import_work *work, const struct import_option *option,
                      enum import_hosts list, const struct import_set *set);

/* Turns keys and tables of opendkim.conf into entries of "sign"; before the other options. */
void import_sign(struct import_work *work);

/* One signature as OpenDKIM would make it. */
struct import_signature {
	const char *domain;   /* author domain, "*.DOMAIN" for those below, "" all */
	const char *author;   /* pattern of author addresses, or NULL */
	const char *signer;   /* d=; "*": the author's domain */
	const char *selector; /* s= */
	const char *key;      /* path, or the key itself */
	bool is_path;
	bool subdomains;
	bool identity;  /* i= names the author domain */
	bool go_on;     /* entries after this one sign too */
	bool beside;    /* the next one, an Ed25519 key of the same line, signs too */
	bool by_folder; /* the entry can name the folder of the key under --keys */
	const char *comments;
	struct import_place place; /* for the list */
	const char *text;
};

/* The path of the key that Assay is to use, which is a copy under --keys, if that was given. NULL
 * and a problem if the key cannot be used. */
const char *import_keys_place(struct import_work *work, const struct import_signature *signature,
                              struct problem *problem);

#endif
