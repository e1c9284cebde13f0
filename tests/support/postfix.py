"""postfix.py - a private Postfix in a temporary folder, beside whatever the host runs.

Its own main.cf, master.cf, queue, data folder and log; it listens on one port of 127.0.0.1, relays nothing, delivers
mail for one domain into maildirs of the folder, and lets 127.0.0.1 play any client with XCLIENT.
"""
import os
import pathlib
import pwd
import re
import subprocess

import lab as lab_module
from lab import LabError

MAIN = """\
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {log}
maillog_file_prefixes = {folder}
import_environment = MAIL_CONFIG={config}
multi_instance_enable = no
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {host}
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
local_transport = error:no local delivery here
relay_domains =
relayhost =
default_transport = error:nothing leaves this host
relay_transport = error:nothing leaves this host
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = static:inbox/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
smtpd_milters = {milters}
milter_default_action = tempfail
milter_protocol = 6
disable_dns_lookups = yes
notify_classes =
bounce_queue_lifetime = 0
message_size_limit = 0
virtual_mailbox_limit = 0
mailbox_size_limit = 0
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

QUEUE_FOLDERS = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid",
                 "private", "public", "saved", "trace")


def main_text(more, **values):
    """The standard main.cf, without the lines that `more` has, and `more`."""
    given = set(re.findall(r"(?m)^(\w+) *=", more))
    lines = [line for line in MAIN.format(**values).splitlines() if line.split(" ")[0] not in given]
    return "\n".join([*lines, more, ""])


class Postfix:
    """Started by the constructor, stopped at the end of the lab.

    `more` are lines of main.cf instead of the standard ones or besides them, `services` further lines of master.cf.
    """

    def __init__(self, lab, milters, domain, host, more="", services="", name="postfix"):
        self.folder = lab.path(name)
        self.config = self.folder / "etc"
        self.queue = self.folder / "queue"
        self.mail = self.folder / "mail"
        self.log = self.folder / "maillog"
        self.port = lab_module.free_port()
        self.environment = lab_module.system_environment(MAIL_CONFIG=str(self.config))
        self._make_folders()
        nobody = pwd.getpwnam("nobody")
        (self.config / "main.cf").write_text(main_text(
            more,            folder=self.folder, queue=self.queue, data=self.folder / "data", log=self.log, config=self.config,
            host=host, domain=domain, mail=self.mail, uid=nobody.pw_uid, gid=nobody.pw_gid, milters=milters))
        (self.config / "master.cf").write_text(MASTER.format(port=self.port) + services)
        self._start(lab)

    def _make_folders(self):
        postfix = pwd.getpwnam("postfix")
        nobody = pwd.getpwnam("nobody")
        self.folder.mkdir(mode=0o755)
        for folder in (self.config, self.queue, self.folder / "data", self.mail):
            folder.mkdir(mode=0o755)
        os.chown(self.folder / "data", postfix.pw_uid, 0)
        os.chown(self.mail, nobody.pw_uid, nobody.pw_gid)

    def _start(self, lab):
        started = subprocess.run(["postfix", "-c", str(self.config), "start"], env=self.environment,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lab.at_end(self.stop)
        if started.returncode != 0:
            raise LabError(f"Postfix does not start:\n{started.stdout}\n{lab_module.tail(self.log)}")
        lab.guard(lab_module.wait_until(self.master_pid, what="Postfix's process id"))
        lab_module.wait_until(lambda: lab_module.connects(self.port), what=f"Postfix on port {self.port}")

    def master_pid(self):
        try:
            return int((self.queue / "pid" / "master.pid").read_text())
        except (OSError, ValueError):
            return None

    def stop(self):
        pid = self.master_pid()
        if pid is None:
            return
        subprocess.run(["postfix", "-c", str(self.config), "stop"], env=self.environment, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        lab_module.wait_until(lambda: not lab_module.alive(pid), what="Postfix to stop")

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def complaints(self, but=None):
        """The lines of the log that nobody wants to see there; those with the words `but` are expected."""
        return "\n".join(line for line in self.log_text().splitlines()
                         if re.search(r"\b(warning|fatal|panic):", line) and (but is None or but not in line))

    def delivered(self, token):
        """The message in the maildir that contains the token, as bytes, or None."""
        inbox = self.mail / "inbox" / "new"
        for path in sorted(inbox.iterdir()) if inbox.is_dir() else []:
            message = path.read_bytes()
            if token.encode() in message:
                return message
        return None

    def submit(self, message, sender, recipient):
        """What a program on the host itself does: the sendmail command."""
        subprocess.run(["/usr/sbin/sendmail", "-f", sender, recipient], env=self.environment, check=True,
                       input=message.replace(b"\r\n", b"\n"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def held(self, queue_id):
        """The message in the hold queue as bytes, or None."""
        if not (self.queue / "hold" / queue_id).exists():
            return None
        return subprocess.run(["postcat", "-c", str(self.config), "-q", "-h", "-b", queue_id], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout

    def find(self, token, queue_id):
        """("inbox" or "hold", message), waiting until it is in either."""
        def look():
            message = self.delivered(token)
            if message is not None:
                return "inbox", message
            message = self.held(queue_id) if queue_id else None
            return ("hold", message) if message is not None else None
        return lab_module.wait_until(look, what=f"message {queue_id} in the inbox or on hold")


class Sent:
    """What swaks saw: the reply that ended the message."""

    def __init__(self, transcript):
        self.transcript = transcript
        self.reply = self._last_reply(transcript)
        self.code = self.reply[:3]
        queued = re.search(r"queued as (\S+)", self.reply)
        self.queue_id = queued.group(1) if queued else None

    @staticmethod
    def _last_reply(transcript):
        """The first refusal, else the answer to the message."""
        lines = transcript.splitlines()
        for line in lines:
            if line.startswith("<** "):
                return line[4:].strip()
        sent = [number for number, line in enumerate(lines) if re.match(r" -> \d+ lines sent", line)]
        if sent and sent[0] + 1 < len(lines) and lines[sent[0] + 1].startswith("<-  "):
            return lines[sent[0] + 1][4:].strip()
        raise LabError(f"no answer to the message:\n{transcript}")


def swaks(lab, port, message, client, name, helo, sender, recipient, login=None):
    """Sends one message (bytes) as `client` would; swaks leaves with the status of a refusal, which is an answer too."""
    path = pathlib.Path(lab.path("swaks-message.eml"))
    stuffed = re.sub(rb"(?m)^\.", b"..", message)
    path.write_bytes(stuffed + b".")
    command = ["swaks", "--server", "127.0.0.1", "--port", str(port), "--xclient-addr", client, "--xclient-name", name,
               "--helo", helo, "--from", sender or "<>", "--to", recipient, "--data", f"@{path}", "--timeout", "60",
               "--suppress-data", "--no-data-fixup", *(["--xclient-login", login] if login else [])]
    done = subprocess.run(command, env=lab_module.system_environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return Sent(done.stdout.decode(errors="replace"))
