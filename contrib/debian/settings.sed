# What is set for Debian in the sample of assay.conf; all else stays commented out at its default.
s|^// Every setting stands here, commented out, with its default: as it is, this file changes nothing\.|// Every setting stands here; those commented out are at their defaults. The lines below "Debian:" are not.|
/^\/\/ listen = /c\
// Debian: in Postfix's queue folder, where a chrooted smtpd sees it; assay-postfix knows it from here\
listen = "unix:/var/spool/postfix/assay/assay.sock";
/^\/\/ sign: ( {/i\
// Debian: signs for every domain that "assay key new DOMAIN" has made keys for\
sign: ( { keys = "/etc/assay/keys"; } );\

/^\t\/\/ automatic = true;/c\
\t// Debian: assay-reports.timer sends them, since the protections of assay.service keep assayd from it\
\tautomatic = false;
