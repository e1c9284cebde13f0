/*
 * sign_settings.c - the settings of one entry of "sign": names, defaults and help.
 */
#include "sign/sign.h"
#include "sign/signed_fields.h"

#define NAMES(list) list(SIGNED_FIELDS_WORD)
static const char headers_help[] =
    "Header fields that are signed where they are, From always; empty:" NAMES(
        SIGNED_FIELDS_HEADERS);
static const char oversign_help[] =
    "Header fields that are signed once more than they occur, so that adding one breaks the "
    "signature, From always; names given here take the place of all of the default; empty, as far "
    "as \"headers\" has them:" NAMES(SIGNED_FIELDS_OVERSIGN) "; and where there is one:" NAMES(
        SIGNED_FIELDS_OVERSIGN_PRESENT);
#undef NAMES

static const char *const canonicalization_names[] = {[SIGN_RELAXED_RELAXED] = "relaxed/relaxed",
                                                     [SIGN_RELAXED_SIMPLE] = "relaxed/simple",
                                                     [SIGN_SIMPLE_RELAXED] = "simple/relaxed",
                                                     [SIGN_SIMPLE_SIMPLE] = "simple/simple",
                                                     NULL};

#define ROW(member) offsetof(struct sign_entry, member)
static const struct setting rows[] = {
    {.name = "domain",
     .type = SETTING_STRING,
     .offset = ROW(domain),
     .standard = "\"\"",
     .help = "Author domain that it signs for; *.example.org for all below; empty: each domain "
             "that \"keys\" has a folder for"},
    {.name = "subdomains",
     .type = SETTING_FLAG,
     .offset = ROW(subdomains),
     .standard = "false",
     .help = "Sign for the author domains below too"},
    {.name = "keys",
     .type = SETTING_STRING,
     .offset = ROW(keys),
     .standard = "\"\"",
     .help = "Folder with SELECTOR.pem, or with DOMAIN/SELECTOR.pem; every key there signs. Or one "
             "key file"},
    {.name = "selector",
     .type = SETTING_STRING,
     .offset = ROW(selector),
     .standard = "\"\"",
     .help =
         "Selector of the key, where \"keys\" is one file; empty: the file is named SELECTOR.pem"},
    {.name = "authors",
     .type = SETTING_STRINGS,
     .offset = ROW(authors),
     .standard = "[ ]",
     .help = "Author addresses that it is for, * for any characters; every mailbox of From has to "
             "match one; empty: all of \"domain\""},
    {.name = "users",
     .type = SETTING_STRINGS,
     .offset = ROW(users),
     .standard = "[ ]",
     .help =
         "Logins that may send as these domains, * for any characters; empty: all outbound mail"},
    {.name = "sign_as",
     .type = SETTING_STRING,
     .offset = ROW(sign_as),
     .standard = "\"\"",
     .help =
         "Sign with the keys of this domain instead, for authors whose domain has none; *: as the "
         "author's domain, whatever it is, with the one key file"},
    {.name = "canonicalization",
     .type = SETTING_WORD,
     .offset = ROW(canonicalization),
     .standard = "\"relaxed/relaxed\"",
     .names = canonicalization_names,
     .help = "How header and body are made canonical before they are signed"},
    {.name = "expire_days",
     .type = SETTING_NUMBER,
     .offset = ROW(expire_days),
     .standard = "0",
     .minimum = 0,
     .maximum = 3650,
     .help = "Days after which the signature expires (x=); 0: never"},
    {.name = "identity",
     .type = SETTING_FLAG,
     .offset = ROW(identity),
     .standard = "false",
     .help = "Name the author domain in the signature (i=)"},
    {.name = "headers",
     .type = SETTING_STRINGS,
     .offset = ROW(headers),
     .standard = "[ ]",
     .help = headers_help},
    {.name = "oversign",
     .type = SETTING_STRINGS,
     .offset = ROW(oversign),
     .standard = "[ ]",
     .help = oversign_help},
    {.name = "continue",
     .type = SETTING_FLAG,
     .offset = ROW(go_on),
     .standard = "false",
     .help = "The entries below may add their signatures too"},
    {.name = NULL},
};
#undef ROW

const struct setting_group sign_settings_group = {"sign", rows, sizeof(struct sign_entry)};
