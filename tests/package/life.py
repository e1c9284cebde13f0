#!/usr/bin/python3
"""life.py - the package from its installation to its purge, in bare roots and a network of their own; run.py starts it.

    life.py --base FOLDER --archives FOLDER --package DEB --next DEB SCENARIO

beside-postfix: Postfix as Debian makes it, then the package; attached, mail comes in and goes out; upgraded, removed,
                installed again, purged
alone:          the package first; Postfix comes later; purged, nothing is left
The daemon is run from the lines of assay.service (as_unit.py). No file is edited by hand.
"""
import argparse
import hashlib
import os
import pathlib
import re
import shlex
import signal
import socket
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import island  # noqa: E402
import lab as lab_module  # noqa: E402
import signing  # noqa: E402
import sink as sink_module  # noqa: E402
import smtp  # noqa: E402
import store  # noqa: E402
import tap  # noqa: E402
import verify  # noqa: E402
import zone_server  # noqa: E402
import as_unit  # noqa: E402
import links  # noqa: E402
import roots  # noqa: E402

DOMAIN, HOST = "example.org", "mx.example.org"
SERVER, FRIEND, STRANGER, FAR = "192.0.2.1", "198.51.100.10", "203.0.113.66", "198.51.100.25"
ADDRESSES = (SERVER, FRIEND, STRANGER)
CLONE_NEWNET = 0x40000000
NOTES = "LF.CRLF|accepts NUL octets"     # what attach says of a Postfix as Debian has it
SOCKET = "/var/spool/postfix/assay/assay.sock"
STORE = "/var/lib/assay/reports.db"
NOTIFY = "/run/notify"
SECONDS = 60.0
ZONE = f"""\
{HOST} A {SERVER}
{DOMAIN} MX 10 {HOST}.
friend.example MX 10 mx.friend.example.
mx.friend.example A {FRIEND}
friend.example TXT v=spf1 ip4:{FRIEND} -all
_dmarc.friend.example TXT v=DMARC1; p=reject; rua=mailto:dmarc@far.example
far.example MX 10 mx.far.example.
mx.far.example A {FAR}
"""


def message(author, to, subject):
    return (f"From: {author}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{subject}@test.example>\r\n\r\nGood morning.\r\n").encode()


class Syslog:
    """/dev/log of the root."""

    def __init__(self, root):
        self.lines = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(root.path("/dev/log")))
        os.chmod(root.path("/dev/log"), 0o666)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            self.lines.append(self.socket.recv(65536).decode(errors="replace"))

    def text(self):
        return "\n".join(self.lines)


def far_away(world):
    """A mail server on port 25 of FAR, in a network of its own, since Postfix takes that port of every address here."""
    def ip(words):
        lab_module.command_output(["ip", *words.split(" ")])
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    if as_unit.libc.unshare(CLONE_NEWNET) != 0:
        raise lab_module.LabError("no second network can be made")
    try:
        ip(f"link add far type veth peer name near netns {world.names.process.pid}")
        ip(f"address add {FAR}/32 dev far")
        ip("link set far up")
        ip("route add default dev far")
        server = sink_module.Sink(world.lab, FAR, 25)
    finally:
        as_unit.libc.setns(here, CLONE_NEWNET)
        os.close(here)
    ip("link set near up")
    ip(f"route add {FAR}/32 dev near src {SERVER}")
    return server


class Daemon:
    """assayd, as assay.service starts, reloads and stops it."""

    def __init__(self, lab, root, name="assayd"):
        self.root = root
        self.unit = root.path("/lib/systemd/system/assay.service")
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.settimeout(SECONDS)
        root.path(NOTIFY).unlink(missing_ok=True)
        self.notified.bind(str(root.path(NOTIFY)))
        os.chmod(root.path(NOTIFY), 0o666)
        self.environment = {**os.environ, "NOTIFY_SOCKET": NOTIFY}
        lab_module.command_output(self._words("ExecStartPre"))
        self.process = lab.run(name, self._words("ExecStart"), environment=self.environment)
        self.wait_for("READY=1")

    def _words(self, line, *more):
        return ["/usr/bin/python3", "-B", HERE / "as_unit.py", "--root", self.root.folder, "--unit", self.unit, *more, line]

    def wait_for(self, word):
        while True:
            try:
                heard = self.notified.recv(4096).decode()
            except TimeoutError:
                raise lab_module.LabError(f"no {word} from assayd:\n{self.process.text()}") from None
            if word in heard.split("\n"):
                return

    def reload_words(self):
        return self._words("ExecReload", "--main-pid", str(self.process.pid))

    def reload(self):
        lab_module.command_output(self.reload_words())
        self.wait_for("RELOADING=1")
        self.wait_for("READY=1")

    def stop(self):
        self.notified.close()
        return self.process.stop(signal.SIGTERM, SECONDS)


class World:
    """A root, the network and its name server; what a scenario stands on."""

    def __init__(self, lab, options, checks):
        self.lab, self.options, self.checks = lab, options, checks
        self.keys = signing.Keys()
        self.published = ""
        island.furnish(lab, HOST, SERVER)
        self.names = zone_server.ZoneServer(lab, self.zone(), port=island.DNS_PORT)
        self.root = roots.open_root(lab, options.base, options.archives, lab.path("system"))
        for file in ("resolv.conf", "hosts"):
            self.root.path(f"/etc/{file}").write_text(pathlib.Path(f"/etc/{file}").read_text())
        self.root.path("/etc/hostname").write_text(HOST + "\n")
        self.syslog = Syslog(self.root)

    def zone(self):
        return ZONE + f"s1._domainkey.friend.example TXT {self.keys.record('rsa2048')}\n" + self.published

    def publish(self, records):
        """Zone-file lines NAME [TTL] [IN] TXT "..." as `assay key` prints them."""
        for name, texts in re.findall(r'(?m)^(\S+)\.\s.*?\bTXT\s+\(?((?:\s*"[^"]*")+)', records):
            self.published += f"{name} TXT " + "".join(re.findall(r'"([^"]*)"', texts)) + "\n"
        self.names.zone.write_text(self.zone())
        self.names.process.child.send_signal(signal.SIGHUP)

    def check(self, name, holds, why=""):
        return self.checks.check(name, holds, why)

    def install_postfix(self):
        for line in ("main_mailer_type select Internet Site", f"mailname string {DOMAIN}"):
            self.root.run("debconf-set-selections", given=f"postfix postfix/{line}\n")
        self.root.apt("install", "--no-install-recommends", "postfix")

    def install(self, package):
        """As an administrator does it, with nobody to answer a question."""
        return self.root.apt("install", "--no-install-recommends", self.root.bring(package))

    def packaged(self, package):
        return self.root.run("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", package, check=False)[1]

    def stat(self, path):
        return self.root.run("stat", "--format=%U:%G %a", path)[1].strip()

    def settings(self):
        return self.root.run("assay", "config")[1]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def try_settings(world):
    text = world.settings()
    for line in (f'listen = "unix:{SOCKET}";', 'keys = "/etc/assay/keys";', "automatic = false;"):
        world.check(f"the packaged settings: {line}", line in text, text)
    world.check("the packaged assay.m4 knows the socket", f"`unix:{SOCKET}'" in world.root.read("/usr/share/sendmail/cf/feature/assay.m4"))
    world.check("the keys' folder is closed", world.stat("/etc/assay/keys") == "assay:assay 700", world.stat("/etc/assay/keys"))


def try_installed(world):
    """Before anybody did anything: the files, and the daemon as it comes."""
    root = world.root
    version = root.run("assay", "--version", check=False)[1]
    world.check("assay runs", version.startswith("assay "), version)
    try_settings(world)
    for target, name in (("multi-user.target", "assay.service"), ("timers.target", "assay-reports.timer")):
        world.check(f"{name} is enabled", root.path(f"/etc/systemd/system/{target}.wants/{name}").is_symlink())


def try_error_in_settings(world, daemon):
    """The daemon goes on with the former settings, its status can be asked for, and whoever reloads it hears why not."""
    conf = world.root.path("/etc/assay/assay.conf")
    before = conf.read_text()
    conf.write_text(before + 'dmarc: { enforce = "monitor"; };\n')
    status, said = world.root.run("assay", "status", check=False)
    reloaded, answer = said_by(daemon.reload_words())
    conf.write_text(before)
    world.check("assay status with an error in the settings: names it, and how the daemon is",
                status == 0 and '"dmarc" is here a second time' in said and "runs since" in said, said)
    world.check("a reload with an error in the settings fails, and names it",
                reloaded != 0 and '"dmarc" is here a second time' in answer and daemon.process.running(), answer)


def said_by(command):
    try:
        return 0, lab_module.command_output(command)
    except lab_module.LabError as error:
        return 1, str(error)


def try_protections(world, daemon):
    """as_unit.py did put in force what the rest of this scenario is tried under."""
    status = dict(re.findall(r"(?m)^(\w+):\s*(.*)$", pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()))
    uid = re.search(r"(?m)^assay:[^:]*:(\d+)", world.root.read("/etc/passwd")).group(1)
    found = [status["Uid"].split()[1], status["CapBnd"].strip("0"), status["NoNewPrivs"], status["Seccomp"]]
    world.check("assayd runs as its user, without capabilities, under a filter of system calls", found == [uid, "", "1", "2"], found)


# Mail
# ---------------------------------------------------------------------------------------------------------------------

def inbox(world, token):
    """The message in anna's mailbox that has the token."""
    def look():
        path = world.root.path("/var/mail/anna")
        found = [one for one in re.split(r"(?m)^From .*\n", path.read_text() if path.exists() else "") if token in one]
        return found[0] if found else None
    return lab_module.wait_until(look, SECONDS, f"{token} in the inbox;\n{world.syslog.text()[-3000:]}")


def results(text):
    return re.sub(r"\s+", " ", text.split("Subject:")[0])


def try_incoming(world, again=""):
    """A friend is let in and judged, whoever forges the friend is refused."""
    genuine = world.keys.sign(message("Bob <bob@friend.example>", f"anna@{DOMAIN}", f"genuine{again}"), "rsa2048",
                              "friend.example", "s1")
    answer = smtp.send(SERVER, genuine, "bob@friend.example", f"anna@{DOMAIN}", client=FRIEND, helo="mx.friend.example")
    if world.check(f"signed mail of another domain is taken{again}", answer[0] == 250, answer):
        found = results(inbox(world, f"genuine{again}"))
        world.check(f"... and labelled: spf, dkim and dmarc pass{again}", f"Authentication-Results: {HOST};" in found and
                    all(f"{method}=pass" in found for method in ("spf", "dkim", "dmarc")), found)
    forged = message("Bob <bob@friend.example>", f"anna@{DOMAIN}", f"forged{again}")
    answer = smtp.send(SERVER, forged, "bob@friend.example", f"anna@{DOMAIN}", client=STRANGER)
    world.check(f"a spoof is refused where p=reject{again}", answer[0] == 550 and "DMARC" in answer[1], answer)


def try_outgoing(world, far, again=""):
    """Mail of ours is signed by the two keys, and a verifier outside believes them."""
    text = message(f"Anna <anna@{DOMAIN}>", "carl@far.example", f"submitted{again}").decode().replace("\r\n", "\n")
    world.root.run("runuser", "-u", "anna", "--", "/usr/sbin/sendmail", "-t", given=text)
    answer = smtp.send("127.0.0.1", message(f"Anna <anna@{DOMAIN}>", "carl@far.example", f"local{again}"), f"anna@{DOMAIN}",
                       "carl@far.example")
    world.check(f"mail from this host is taken{again}", answer[0] == 250, answer)
    for token in ("submitted", "local"):
        taken = far.find(f"Subject: {token}{again}\r\n", SECONDS).message
        tags = [(one.get("a"), one.get("d")) for one in verify.signatures(taken)]
        world.check(f"{token} mail leaves with two signatures{again}",
                    tags == [("rsa-sha256", DOMAIN), ("ed25519-sha256", DOMAIN)], tags)
        held = verify.by_dkimpy(taken)
        world.check(f"... which dkimpy finds good by the published keys{again}", held == [True, True], held)


def try_reports_unit(world, far):
    """The sendmail command works under the protections of assay-reports.service; without an address nothing is sent."""
    unit = world.root.path("/lib/systemd/system/assay-reports.service")
    words = ["/usr/bin/python3", "-B", HERE / "as_unit.py", "--root", world.root.folder, "--unit", unit, "ExecStart"]
    status, said = said_by(words)
    world.check("assay-reports.service: nothing to do, and no complaint", status == 0 and not said, said)
    text = message(f"Reports <reports@{DOMAIN}>", "carl@far.example", "reporting").decode().replace("\r\n", "\n")
    world.root.path("/srv/report").write_text(text)
    command = f"/bin/sh -c {shlex.quote('exec /usr/sbin/sendmail -f reports@' + DOMAIN + ' carl@far.example </srv/report')}"
    status, said = said_by([*words, "--instead", command])
    if world.check("assay-reports.service: the sendmail command works under it", status == 0, said):
        far.find("Subject: reporting\r\n", SECONDS)


# The package
# ---------------------------------------------------------------------------------------------------------------------

def attach(world):
    _, said = world.root.run("assay-postfix", "attach", "-y")
    lists = world.root.run("postconf", "-h", "smtpd_milters", "non_smtpd_milters")[1].split()
    world.check("assay-postfix attach finds the socket in the settings", lists == ["unix:assay/assay.sock"] * 2, said)
    world.check("... and remarks nothing but bare line feeds and NUL", said.count("Note:") == len(re.findall(NOTES, said)), said)
    jailed = [line.split() for line in world.root.run("postconf", "-M", "smtp/inet")[1].splitlines()]
    world.check("smtpd is chrooted, as Debian has it", jailed and jailed[0][4] == "y", jailed)


def make_keys(world, daemon):
    _, said = world.root.run("assay", "key", "new", DOMAIN)
    world.publish(said)
    world.check("assay key new needs no line in assay.conf", "sign:" not in said, said)
    daemon.reload()
    status, said = world.root.run("assay", "key", "check", DOMAIN, check=False)
    world.check("assay key check finds what was published", status == 0, said)
    return sorted(world.root.path(f"/etc/assay/keys/{DOMAIN}").glob("*.pem"))


def upgrade(world, daemon, keys):
    """Changed settings, keys and rows survive, without a question; the daemon comes back as the unit would restart it."""
    root, conf = world.root, world.root.path("/etc/assay/assay.conf")
    root.run("sed", "-i", 's|^// authserv_id = "";|authserv_id = "filter.example.org";|', "/etc/assay/assay.conf")
    before = [digest(path) for path in (conf, *keys)]
    rows = lab_module.wait_until(lambda: store.total(root.path(STORE)), SECONDS, "rows in the store")
    said = world.install(world.options.next)
    world.check("the daemon runs while it is upgraded", daemon.process.running())
    world.check("upgraded", world.packaged("assay").startswith("installed ") and world.packaged("assay").endswith("+next"), said)
    world.check("changed settings and keys survive an upgrade", before == [digest(path) for path in (conf, *keys)])
    left = [path.name for path in root.path("/etc/assay").iterdir()]
    world.check("... and nothing lies beside them", sorted(left) == ["assay.conf", "keys"], left)
    world.check("the new package brings other settings, which are not taken",
                "next version" in root.read("/usr/share/assay/assay.conf"))
    status = daemon.stop()
    world.check("the daemon stops cleanly", status == 0, daemon.process.text())
    again = Daemon(world.lab, root, "assayd-next")
    world.check("rows survive an upgrade", store.total(root.path(STORE)) >= rows)
    return again


def configure_again(world, active=True, more=""):
    """What the package says when it is configured beside systemd, and what it asks of systemd, which is played here."""
    root, conf = world.root, world.root.path("/etc/assay/assay.conf")
    before, asked = conf.read_text(), root.path("/run/asked")
    root.path("/run/systemd/system").mkdir(parents=True)
    asked.write_text("")
    root.path("/usr/bin/systemctl").write_text(
        "#!/bin/sh\n" 'echo "$*" >>/run/asked\n' 'case " $* " in\n' f"*' is-active '*) exit {0 if active else 3} ;;\n"
        "*' is-enabled '*) echo enabled ;;\n" "*' show '*) echo assay ;;\n" "esac\n")
    root.path("/usr/bin/systemctl").chmod(0o755)
    conf.write_text(before + more)
    said = root.run("dpkg", "--install", root.bring(world.options.next))[1]
    conf.write_text(before)
    root.path("/usr/bin/systemctl").unlink()
    root.path("/run/systemd/system").rmdir()
    return said, [line.split()[-2:] for line in asked.read_text().splitlines()]


def try_restarts(world, daemon):
    """An upgrade ends the daemon that runs only where the new version takes the settings."""
    restart, start = ["restart", "assay.service"], ["start", "assay.service"]
    said, asked = configure_again(world)
    world.check("upgraded with sound settings: restarted", restart in asked and "assay: " not in said, (asked, said))
    said, asked = configure_again(world, more="nonsense = 1;\n")
    world.check("upgraded with settings that the new version refuses: says why, and what to do",
                '"nonsense" is unknown' in said and "left running" in said and "systemctl restart assay" in said, said)
    world.check("... the daemon is not ended, and goes on", restart not in asked and daemon.process.running(), asked)
    world.check("... and the package is installed", world.packaged("assay").startswith("installed "))
    answer = smtp.send("127.0.0.1", message(f"Anna <anna@{DOMAIN}>", f"anna@{DOMAIN}", "refused"), f"anna@{DOMAIN}", f"anna@{DOMAIN}")
    world.check("... and mail goes on", answer[0] == 250, answer)
    said, asked = configure_again(world, active=False, more="nonsense = 1;\n")
    world.check("the same where no assayd runs: says that none does", "assayd is not running" in said and start in asked, said)


def remove_and_purge(world, keys):
    root = world.root
    said = root.apt("remove", "assay")
    world.check("removed while attached: detached first", "is detached now" in said
                and not root.run("postconf", "-n", "smtpd_milters")[1].strip(), said)
    world.install(world.options.next)
    said = root.apt("remove", "assay")
    world.check("removed while detached: nothing to say about Postfix", "detached now" not in said, said)
    world.check("remove leaves settings, keys and rows", all(path.exists() for path in (
        root.path("/etc/assay/assay.conf"), root.path(STORE), *keys)) and not root.path("/usr/sbin/assayd").exists())
    world.install(world.options.next)
    world.check("installed again with the former settings", 'authserv_id = "filter.example.org"' in world.settings())
    victims, said = links.purge(world, DOMAIN)
    world.check("purge says that the keys are left", "keys in /etc/assay/keys were kept" in said, said)
    links.owned(world, f"/etc/assay/keys/{DOMAIN}/{keys[0].name}", "root:root 600", "purge leaves the keys to root")
    gone = ("/etc/assay/assay.conf", "/var/lib/assay", "/var/spool/postfix/assay", "/usr/share/assay")
    world.check("purge takes settings, rows and socket", not any(root.path(path).exists() for path in gone))
    world.check("purge takes user and group", "assay:" not in root.read("/etc/passwd") + root.read("/etc/group"))
    world.install(world.options.next)
    links.owned(world, f"/etc/assay/keys/{DOMAIN}/{keys[0].name}", "assay:assay 600", "installed after a purge, the keys are Assay's again")
    links.remove(world, victims)
    daemon = Daemon(world.lab, root, "assayd-after-purge")
    world.check("... and it runs", daemon.stop() == 0, daemon.process.text())


def beside_postfix(world):
    far = far_away(world)
    world.install_postfix()
    world.root.run("useradd", "--create-home", "anna")
    world.install(world.options.package)
    try_installed(world)
    world.check("the socket's folder is for Postfix's group", world.stat("/var/spool/postfix/assay") == "assay:postfix 2750")
    daemon = Daemon(world.lab, world.root)
    world.check("the socket is for Postfix's group", world.stat(SOCKET) == "assay:postfix 660", world.stat(SOCKET))
    try_protections(world, daemon)
    try_error_in_settings(world, daemon)
    world.root.run("sh", "-c", "postfix status 2>/dev/null || postfix start")
    lab_module.wait_until(lambda: lab_module.connects(25), SECONDS, "Postfix on port 25")
    attach(world)
    keys = make_keys(world, daemon)
    try_incoming(world)
    try_outgoing(world, far)
    try_reports_unit(world, far)
    daemon = upgrade(world, daemon, keys)
    answer = smtp.send("127.0.0.1", message(f"Anna <anna@{DOMAIN}>", "carl@far.example", "upgraded"), f"anna@{DOMAIN}",
                       "carl@far.example")
    taken = far.find("Subject: upgraded\r\n", SECONDS).message
    world.check("mail is signed after the upgrade", answer[0] == 250 and verify.by_dkimpy(taken) == [True, True], answer)
    try_restarts(world, daemon)
    daemon.stop()
    remove_and_purge(world, keys)
    world.root.run("postfix", "stop", check=False)


def everything(root):
    """Path, owner and mode of all files that no package manager's own bookkeeping and no cache explains."""
    skipped = "-path /proc -o -path /sys -o -path /dev -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log " \
              "-o -path /var/lib/systemd/deb-systemd-helper-enabled -o -path /var/lib/apt -o -path /run -o -path /tmp -o -path /root"
    found = root.run("sh", "-c", f"find / \\( {skipped} \\) -prune -o -printf '%p %u:%g %m\\n'")[1].splitlines()
    return {line for line in found if not re.match(r"/etc/(passwd|group|shadow|gshadow|subuid|subgid|ld\.so\.cache)-? ", line)}


def alone(world):
    root = world.root
    control = root.run("dpkg-deb", "--field", root.bring(world.options.package), "Depends")[1]
    depends = [re.split(r"[ (|:]", word.strip())[0] for word in control.split(",")]
    root.apt("install", "--no-install-recommends", *depends, "init-system-helpers")
    accounts = root.read("/etc/passwd") + root.read("/etc/group")
    before = everything(root)
    world.install(world.options.package)
    daemon = Daemon(world.lab, root)
    world.check("alone: the socket is there without any mail server", root.path(SOCKET).is_socket())
    world.check("alone: its folder is closed", world.stat("/var/spool/postfix/assay") == "assay:assay 2750")
    root.path("/etc/assay/assay.conf").write_text(root.read("/etc/assay/assay.conf") + "// a note\n")
    world.check("alone: the daemon stops", daemon.stop() == 0)
    root.apt("purge", "assay")
    after = everything(root)
    world.check("alone: purge leaves nothing behind", after == before, "\n".join(sorted(after ^ before)))
    world.check("alone: nor an account", accounts == root.read("/etc/passwd") + root.read("/etc/group"),
                root.read("/etc/group")[-100:])
    world.install(world.options.package)
    daemon = Daemon(world.lab, root, "assayd-again")
    world.install_postfix()
    world.check("Postfix came later: the socket's folder is for its group",
                world.stat("/var/spool/postfix/assay") == "assay:postfix 2750", world.stat("/var/spool/postfix/assay"))
    world.check("... and the socket too", world.stat(SOCKET) == "assay:postfix 660", world.stat(SOCKET))
    said = root.run("assay-postfix", "attach", "-n")[1]
    world.check("... and attaching remarks nothing but bare line feeds and NUL", "unix:assay/assay.sock" in said and said.count("Note:") == len(re.findall(NOTES, said)), said)
    said = root.apt("purge", "assay")
    world.check("purged while an assayd runs: the user is left, and how it goes is said",
                not world.packaged("assay").startswith("installed") and "deluser --system assay" in said, said)
    daemon.stop()
    root.run("deluser", "--quiet", "--system", "assay")
    world.install(world.options.package)
    root.run("usermod", "--append", "--groups", "assay", "postfix")
    said = root.apt("purge", "assay")
    world.check("purged while the group has members: it is left, and how it goes is said",
                "assay:" not in root.read("/etc/passwd") and "delgroup --system assay" in said, said)
    root.run("postfix", "stop", check=False)


def main():
    parser = argparse.ArgumentParser()
    for name in ("base", "archives", "package", "next"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("scenario", choices=("beside-postfix", "alone"))
    options = parser.parse_args()
    island.enter(HOST, ADDRESSES, "-p", "-f", "--mount-proc", "--kill-child")
    lab_module.stop_on_signals()
    checks = tap.Tap("package")
    with lab_module.Lab("package") as lab:
        world = World(lab, options, checks)
        try:
            {"beside-postfix": beside_postfix, "alone": alone}[options.scenario](world)
        except (lab_module.LabError, OSError) as error:
            checks.fail(f"{options.scenario} to its end", f"{error}\n{world.syslog.text()[-4000:]}")
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
