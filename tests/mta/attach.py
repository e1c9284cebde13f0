#!/usr/bin/python3
"""attach.py - contrib/postfix/assay-postfix with the real postconf, on copies of configurations and on a real Postfix.

    tests/mta/attach.py [--build FOLDER] [WORDS...]    only cases whose name has a word

Without root, only the cases with copies. One line a case, see tests/support/tap.py.
"""
import dataclasses
import os
import pathlib
import shlex
import smtplib
import socket
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import postfix  # noqa: E402
import showcase  # noqa: E402
import signing  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402

SCRIPT = HERE.parents[1] / "contrib" / "postfix" / "assay-postfix"
ASSAY = "inet:127.0.0.1:8891"
CF = {"smtp": "smtp inet n - n - - smtpd\n", "cleanup": "cleanup unix n - n - 0 cleanup\n"}
PLAIN_MASTER = CF["smtp"] + "# a comment\n" + CF["cleanup"] + "qmgr unix n - n 300 1 qmgr\n"


@dataclasses.dataclass
class Site:
    """A configuration, and what its lists are with Assay attached (where that is not `socket` alone)."""
    name: str
    main: str = ""
    master: str = ""
    smtpd: str = ASSAY
    non_smtpd: str = ASSAY
    action: str = "tempfail"
    services: dict = dataclasses.field(default_factory=dict)
    milters: tuple = ()     # what has to be there still after detaching from a changed file


SITES = (
    Site("plain"),
    Site("empty lists", "smtpd_milters =\nnon_smtpd_milters=\n"),
    Site("one other milter", "smtpd_milters = inet:localhost:12301\nnon_smtpd_milters = inet:localhost:12301\n",
         smtpd=f"{ASSAY}, inet:localhost:12301", non_smtpd=f"inet:localhost:12301, {ASSAY}",
         milters=("inet:localhost:12301",)),
    Site("separated by commas", "smtpd_milters = inet:localhost:1,unix:opendkim/opendkim.sock\n",
         smtpd=f"{ASSAY}, inet:localhost:1,unix:opendkim/opendkim.sock",
         milters=("inet:localhost:1,unix:opendkim/opendkim.sock",)),
    Site("separated by space", "smtpd_milters=inet:localhost:1 unix:/b inet:c:3\n",
         smtpd=f"{ASSAY}, inet:localhost:1 unix:/b inet:c:3", milters=("inet:localhost:1 unix:/b inet:c:3",)),
    Site("braces with parameters", "smtpd_milters = { inet:localhost:88911, connect_timeout=10s, default_action=accept },"
         " unix:/b\n", smtpd=f"{ASSAY}, {{ inet:localhost:88911, connect_timeout=10s, default_action=accept }}, unix:/b",
         milters=("{ inet:localhost:88911, connect_timeout=10s, default_action=accept }, unix:/b",)),
    Site("a longer port of the same host", f"smtpd_milters = {ASSAY}0, {{ {ASSAY}1 }}\n",
         smtpd=f"{ASSAY}, {ASSAY}0, {{ {ASSAY}1 }}", milters=(f"{ASSAY}0, {{ {ASSAY}1 }}",)),
    Site("continuation lines", "smtpd_milters =\n    inet:localhost:1,\n# one more\n\n    unix:/b\nmyhostname = mx.example.net\n",
         smtpd=f"{ASSAY}, inet:localhost:1, unix:/b", milters=("inet:localhost:1, unix:/b",)),
    Site("a reference", "smtpd_milters = unix:/b\nnon_smtpd_milters = $smtpd_milters\n", smtpd=f"{ASSAY}, unix:/b",
         non_smtpd=f"{ASSAY}, unix:/b", milters=("unix:/b",)),
    Site("a reference to a parameter of the site", "the_milters = unix:/b\nsmtpd_milters = ${the_milters}\n",
         smtpd=f"{ASSAY}, unix:/b", milters=("${the_milters}",)),
    Site("attached by hand already", f"smtpd_milters = unix:/b, {{ {ASSAY}, connect_timeout=3s }}\n",
         smtpd=f"unix:/b, {{ {ASSAY}, connect_timeout=3s }}", milters=("unix:/b",)),
    Site("an action and a daemon name of the site",
         "milter_default_action = accept\nmilter_macro_daemon_name = ORIGINATING\nmilter_protocol = 6\n", action="accept"),
    Site("submission with lists of its own", "smtpd_milters = unix:/b\n",
         "submission inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_milters=unix:/c,inet:d:4\n"
         "smtps inet n - n - - smtpd\n  -o { smtpd_milters = { unix:/e, protocol=6 } inet:f:5 }\n"
         "2525 inet n - n - - smtpd -o smtpd_milters=unix:/g\n"
         "192.0.2.1:10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_milters=unix:/h\n",
         smtpd=f"{ASSAY}, unix:/b", milters=("unix:/b",), services={
             "submission/inet": f"unix:/c,inet:d:4,{ASSAY}", "smtps/inet": f"{{unix:/e,protocol=6}},inet:f:5,{ASSAY}",
             "2525/inet": f"{ASSAY},unix:/g", "192.0.2.1:10587/inet": f"unix:/h,{ASSAY}"}),
    Site("submission with a reference", "smtpd_milters = unix:/b\nother_milters = unix:/k\n",
         "submission inet n - n - - smtpd -o smtpd_milters=$non_smtpd_milters\n"
         "submissions inet n - n - - smtpd -o smtpd_milters=$other_milters\n",
         smtpd=f"{ASSAY}, unix:/b", milters=("unix:/b",),
         services={"submission/inet": ASSAY, "submissions/inet": f"unix:/k,{ASSAY}"}),
    Site("a content filter's way back has no milters", "content_filter = smtp:[127.0.0.1]:10025\n",
         "127.0.0.1:10026 inet n - n - - smtpd\n  -o content_filter=\n  -o smtpd_milters=\n",
         services={"127.0.0.1:10026/inet": ""}),
    Site("postscreen", "smtpd_milters = unix:/b\n",
         "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n  -o smtpd_milters=unix:/c\n",
         smtpd=f"{ASSAY}, unix:/b", services={"smtpd/pass": f"{ASSAY},unix:/c"}, milters=("unix:/b",)),
)

CASES, case = suite.cases()
TOOLS_LOCK = threading.Lock()



def no_postfix(lab):
    """A folder with a `postfix` that says that none runs; the real one would ask for the Postfix of this host. Made whole
    before it can be seen, since other cases run meanwhile."""
    tools = lab.path("no-postfix")
    with TOOLS_LOCK:
        if not tools.exists():
            tools.mkdir()
            (tools / "postfix").write_text("#!/bin/sh\nexit 1\n")
            (tools / "postfix").chmod(0o755)
    return tools


class Copy:
    """A configuration in a folder of its own."""

    def __init__(self, lab, main="", master="", level="3.6", queue="/var/spool/postfix"):
        self.environment = lab_module.system_environment()
        self.environment["PATH"] = f"{no_postfix(lab)}:{self.environment['PATH']}"
        self.folder = pathlib.Path(subprocess.run(["mktemp", "-d", lab.path("cf.XXXXXX")], check=True, text=True,
                                                  stdout=subprocess.PIPE).stdout.strip())
        first = "" if master.startswith("smtp ") else CF["smtp"]
        (self.folder / "main.cf").write_text(f"# the site's own\ncompatibility_level = {level}\n"
                                             f"queue_directory = {queue}\n{main}")
        (self.folder / "master.cf").write_text(first + PLAIN_MASTER[len(CF["smtp"]):] + master)
        self.before = self.files()
        self.age()

    def age(self):
        """postconf waits for seconds where it finds a file that has just been changed."""
        for name in ("main.cf", "master.cf"):
            if (self.folder / name).exists():
                os.utime(self.folder / name, (1, 1))

    def files(self):
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir()) if path.is_file()}

    def everything(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))

    def run(self, verb, *words, given="", environment=None):
        done = subprocess.run([SCRIPT, verb, "-c", self.folder, *words], input=given, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=environment or self.environment)
        self.age()
        return done.returncode, done.stdout

    def must(self, verb, *words, **more):
        status, said = self.run(verb, *words, **more)
        assert status == 0, f"{verb} ends with {status}:\n{said}"
        return said

    def conf(self, *words):
        return subprocess.run(["postconf", "-c", self.folder, *words], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True).stdout.strip()

    def restored(self):
        now = self.files()
        assert now == self.before, "\n".join(text.decode() for name, text in now.items() if text != self.before.get(name))
        assert self.everything() == sorted(self.before), self.everything()


def equal(found, wanted, what):
    assert found == wanted, f"{what}: {found!r} instead of {wanted!r}"


def attached_as_expected(copy, one):
    equal(copy.conf("-x", "-h", "smtpd_milters"), one.smtpd, "smtpd_milters")
    equal(copy.conf("-x", "-h", "non_smtpd_milters"), one.non_smtpd, "non_smtpd_milters")
    equal(copy.conf("-h", "milter_default_action"), one.action, "milter_default_action")
    for service, wanted in one.services.items():
        equal(copy.conf("-x", "-h", "-P", f"{service}/smtpd_milters"), wanted, service)


def rest(copy):
    """All settings but ours."""
    ours = ("smtpd_milters", "non_smtpd_milters", "milter_default_action")
    main = [line for line in copy.conf("-n").splitlines() if line.split(" ")[0] not in ours]
    services = [line for line in copy.conf("-P").splitlines() if "/smtpd_milters = " not in line]
    return main, services, [line for line in copy.conf("-F").splitlines() if "/command = " not in line]


def to_and_fro(lab, one):
    copy = Copy(lab, one.main, one.master)
    others = rest(copy)
    shown = copy.must("attach", "-n", "-s", ASSAY)
    equal((copy.files(), copy.everything()), (copy.before, sorted(copy.before)), "after -n")
    said = copy.must("attach", "-s", ASSAY, given="y\n")
    assert ASSAY in shown and all(line in said for line in shown.splitlines()), f"{shown}\n{said}"
    attached_as_expected(copy, one)
    equal(rest(copy), others, "other settings")
    once = copy.files()
    assert "attached already" in copy.must("attach", "-s", ASSAY, "-y"), "attached twice"
    equal(copy.files(), once, "after the second attach")
    assert f"smtpd_milters = {one.smtpd}" in copy.must("show"), copy.must("show")
    equal(copy.files(), once, "after show")
    assert "- smtpd_milters" in copy.must("detach", "-n") or "attached by hand" in one.name, copy.must("detach", "-n")
    equal(copy.files(), once, "after detach -n")
    copy.must("detach", "-y")
    copy.restored()
    assert "not attached" in copy.must("detach", "-y") or "by hand" in one.name, "detached twice"


def changed_meanwhile(lab, one):
    copy = Copy(lab, one.main, one.master)
    copy.must("attach", "-s", ASSAY, "-y")
    for name in ("main.cf", "master.cf"):
        with open(copy.folder / name, "a") as file:
            file.write("# changed\n" + ("mydomain = changed.example\n" if name == "main.cf" else ""))
    copy.age()
    copy.must("detach", "-y")
    text = copy.conf("-n") + copy.conf("-P")
    words = text.replace(",", " ").split()
    assert ASSAY not in words and "mydomain = changed.example" in text, text
    for milters in one.milters:
        assert milters in text, f"{milters} is not in\n{text}"
    assert (one.action == "tempfail") != ("milter_default_action" in text), text
    assert not (copy.folder / "assay-attached").exists()


for site in SITES:
    case(f"attached and detached: {site.name}")(lambda lab, one=site: to_and_fro(lab, one))
    case(f"detached from files that others changed: {site.name}")(lambda lab, one=site: changed_meanwhile(lab, one))


@case("no is no, and so is no answer")
def no(lab):
    for answer in ("n\n", "", "\n"):
        copy = Copy(lab)
        assert "Nothing was changed" in copy.must("attach", "-s", ASSAY, given=answer)
        copy.restored()


@case("killed at any command, attaching or detaching: detach restores all the same")
def killed(lab):
    words = ("-s", ASSAY, "-y")
    lists = "submission inet n - n - - smtpd -o smtpd_milters=unix:/c\n"
    tools = lab.path("killers")
    tools.mkdir()
    for name in ("cp", "mv", "rm", "mkdir", "touch"):
        (tools / name).write_text(f"#!/bin/sh\nleft=$(cat {tools}/left)\necho $((left - 1)) >{tools}/left\n"
                                  f"[ $left != 0 ] || kill -9 $PPID\nexec /bin/{name} \"$@\"\n")
        (tools / name).chmod(0o755)
    environment = Copy(lab).environment
    environment["PATH"] = f"{tools}:{environment['PATH']}"
    for verb in ("attach", "detach"):
        moments = 0
        while True:
            copy = Copy(lab, "smtpd_milters = unix:/b\n", lists)
            if verb == "detach":
                copy.must("attach", *words)
            (tools / "left").write_text(f"{moments}\n")
            status, _ = copy.run(verb, "-y", *(words[:2] if verb == "attach" else ()), environment=environment)
            for name in ("main.cf", "master.cf"):
                assert copy.files()[name].startswith(copy.before[name][:30]), f"{name} is not whole"
            copy.run("detach", "-y")
            now = {name: text for name, text in copy.files().items() if name in copy.before}
            equal(now, copy.before, f"killed at command {moments} of {verb}")
            if status == 0:
                break
            moments += 1
        assert moments > 8, f"only {moments} moments"


@case("modes, owners and links of the files stay")
def modes(lab):
    copy = Copy(lab)
    elsewhere = copy.folder.parent / "elsewhere.cf"
    (copy.folder / "main.cf").rename(elsewhere)
    (copy.folder / "main.cf").symlink_to(elsewhere)
    (copy.folder / "master.cf").chmod(0o600)
    elsewhere.chmod(0o640)
    for verb in (("attach", "-s", ASSAY, "-y"), ("detach", "-y")):
        copy.must(*verb)
        assert (copy.folder / "main.cf").is_symlink(), "the link is a file"
        equal((elsewhere.stat().st_mode & 0o777, (copy.folder / "master.cf").stat().st_mode & 0o777), (0o640, 0o600),
              f"modes after {verb[0]}")


@case("a chrooted Postfix and a socket outside of its folder: says what to do, changes nothing")
def chroot(lab):
    jailed = "smtp inet n - y - - smtpd\n"
    for main, master, level in (("", jailed, "3.6"), ("", "smtp inet n - - - - smtpd\n", "0"),
                                ("", "smtp inet n - n - - smtpd\nsubmission inet n - y - - smtpd\n", "3.6")):
        copy = Copy(lab, main, master, level)
        status, said = copy.run("attach", "-y")
        assert status == 1 and "chrooted" in said and "-s unix:assay/assay.sock" in said, f"{status} {said}"
        assert 'listen = "unix:/var/spool/postfix/assay/assay.sock"' in said, said
        copy.restored()


@case("what a chrooted Postfix can see is attached")
def chroot_sees(lab):
    jailed = "smtp inet n - y - - smtpd\n"
    queue = lab.path("queue")
    inside = queue / "run" / "assay"
    inside.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(inside / "assay.sock"))
        for words in ((), ("-s", "unix:assay/assay.sock"), ("-s", ASSAY), ("-s", "inet6:[::1]:8891")):
            copy = Copy(lab, "", jailed, queue=queue)
            said = copy.must("attach", "-y", *words)
            assert ("there is no socket" in said) == (words in ((), ("-s", "unix:assay/assay.sock"))), said
            copy.must("detach", "-y")
            copy.restored()
    for master, level in (("smtp inet n - n - - smtpd\n", "3.6"), ("smtp inet n - - - - smtpd\n", "3.6")):
        copy = Copy(lab, "", master, level)
        copy.must("attach", "-y")
        copy.must("detach", "-y")
        copy.restored()


@case("where the settings say that assayd listens: warnings are kept away, an error is told, a change is noted")
def by_settings(lab):
    copy = Copy(lab)
    tools = lab.path("settings-tools")
    tools.mkdir()

    def says(words):
        (tools / "assay").write_text(f"#!/bin/sh\n{words}\n")
        (tools / "assay").chmod(0o755)
        return {**copy.environment, "PATH": f"{tools}:{copy.environment['PATH']}"}
    first = says("echo 'a warning of the settings' >&2; echo 'listen = \"inet:8891@127.0.0.1\";'")
    said = copy.must("attach", "-y", environment=first)
    assert "warning" not in said and "Note: Assay is attached" not in said and copy.conf("-h", "smtpd_milters").strip() == ASSAY, said
    said = copy.must("attach", "-y", environment=says("echo 'listen = \"inet:8899@127.0.0.1\";'"))
    assert f"Note: Assay is attached at {ASSAY}, and assay.conf has inet:127.0.0.1:8899: detach, and attach again." in said, said
    status, said = copy.run("attach", "-y", environment=says("echo 'line 7 is wrong' >&2; exit 78"))
    assert status == 1 and "line 7 is wrong" in said and "where does assayd listen?" in said, said
    copy.must("detach", "-y")
    copy.restored()
    for listen, milter in (("inet6:8891@[::1]", "inet:[::1]:8891"), ("inet6:8891@2001:db8::1", "inet:[2001:db8::1]:8891"),
                           ("inet6:8891@::", "inet:[::1]:8891"), ("inet:8891@[127.0.0.1]", "inet:127.0.0.1:8891"),
                           ("inet:8891@0.0.0.0", "inet:127.0.0.1:8891"), ("inet:8891@mx.example.org", "inet:mx.example.org:8891"),
                           ("unix:/run/assay/assay.sock", "unix:/run/assay/assay.sock"),
                           ("local:/var/spool/postfix/assay/assay.sock", "unix:assay/assay.sock")):
        said = copy.must("attach", "-n", environment=says(f"echo 'listen = \"{listen}\";'"))
        assert f"+ smtpd_milters = {milter}\n" in said, f"{listen}: {said}"


@case("wrong words are refused")
def wrong(lab):
    copy = Copy(lab)
    for words in (("attach", "-s", "here"), ("attach", "-s", "unix:/a, unix:/b"), ("attach", "-a", "maybe"),
                  ("attach", "more"), ("sing",), ("attach", "-s", "unix:$x")):
        status, said = copy.run(*words)
        assert status in (1, 64), f"{words}: {status} {said}"
    copy.restored()
    copy.must("attach", "-s", ASSAY, "-y")
    status, said = copy.run("attach", "-s", "unix:assay/assay.sock", "-y")
    assert status == 1 and f"attached at {ASSAY}" in said, said


@case("MAIL_CONFIG, which postmulti -x sets, names the instance")
def instance(lab):
    copy, other = Copy(lab), Copy(lab)
    for verb in (("attach", "-s", ASSAY, "-y"), ("detach", "-y")):
        done = subprocess.run([SCRIPT, *verb], env={**copy.environment, "MAIL_CONFIG": str(copy.folder)}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        copy.age()
        assert done.returncode == 0, done.stdout
        other.restored()
        if verb[0] == "attach":
            equal(copy.conf("-h", "smtpd_milters"), ASSAY, "smtpd_milters")
    copy.restored()


@case("a Postfix without settings: says so, and takes no other folder for them")
def no_settings(lab):
    copy = Copy(lab)
    empty = lab.path("empty")
    empty.mkdir()
    done = subprocess.run([SCRIPT, "attach", "-y", "-s", ASSAY], env={**copy.environment, "MAIL_CONFIG": str(empty)}, text=True,
                          cwd=copy.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 1 and "Postfix has no settings yet" in done.stdout, done.stdout
    copy.restored()


@case("-a is what becomes of mail while assayd is not there; remarks on old protocols and content filters")
def action(lab):
    copy = Copy(lab, "milter_protocol = 2\ncontent_filter = smtp:[127.0.0.1]:10025\n")
    said = copy.must("attach", "-s", ASSAY, "-a", "accept", "-y")
    equal(copy.conf("-h", "milter_default_action"), "accept", "milter_default_action")
    assert "milter_protocol" in said and "no_milters" in said, said
    copy.must("detach", "-y")
    copy.restored()


@case("attach says how a second mail could be smuggled, and how not; with that done it does not")
def smuggling(lab):
    allowed = ("", "smtpd_forbid_bare_newline = no\n", "x = no\nsmtpd_forbid_bare_newline = $x\n", "smtpd_forbid_bare_newline =   no\n")
    for main in allowed:
        copy = Copy(lab, main)
        for words in (("-n",), ("-y",)):
            said = copy.must("attach", "-s", ASSAY, *words)
            assert "LF.CRLF" in said and "postconf -e 'smtpd_forbid_bare_newline = yes'" in said, said
        assert "LF.CRLF" not in copy.must("detach", "-y")
        copy.restored()
    for main, master in (("smtpd_forbid_bare_newline = yes\n", ""), ("x = yes\nsmtpd_forbid_bare_newline = $x\n", "")):
        assert "LF.CRLF" not in Copy(lab, main, master).must("attach", "-s", ASSAY, "-y"), main
    service = "smtp inet n - y - - smtpd\n    -o smtpd_forbid_bare_newline=no\n"
    assert "LF.CRLF" in Copy(lab, "smtpd_forbid_bare_newline = yes\n", service).must("attach", "-s", ASSAY, "-y")


OLD_POSTCONF = """#!/bin/sh
case " $* " in *smtpd_forbid_bare_newline*) echo 'postconf: warning: unknown parameter' >&2; exit 0 ;; esac
exec /usr/sbin/postconf "$@"
"""


@case("attach says that a Postfix without smtpd_forbid_bare_newline, of which postconf prints nothing, is to be upgraded")
def too_old_for_bare_newline(lab):
    copy = Copy(lab)
    old = lab.path("old-postconf")
    old.mkdir()
    (old / "postconf").write_text(OLD_POSTCONF)
    (old / "postconf").chmod(0o755)
    environment = {**copy.environment, "PATH": f"{old}:{copy.environment['PATH']}"}
    said = copy.must("attach", "-s", ASSAY, "-n", environment=environment)
    assert "upgrade Postfix" in said, said


@case("attach says that what stands behind a NUL is hidden from milters, unless Postfix refuses NUL")
def hidden_behind_nul(lab):
    advice = r"postconf -e 'message_reject_characters = \0'"
    cleanup = "cleanup2 unix n - n - 0 cleanup\n    -o message_reject_characters="
    for values in ("", r"\b", r"\01", r"\\0", r"\010\007", "0"):
        copy = Copy(lab, f"message_reject_characters = {values}\n")
        for words in (("-n",), ("-y",)):
            assert advice in copy.must("attach", "-s", ASSAY, *words), values
        assert "NUL" not in copy.must("detach", "-y")
        copy.restored()
    assert advice in Copy(lab).must("attach", "-s", ASSAY, "-y")
    for values in (r"\0", r"\00", r"\000", r"\b\0", r"\0001", r"\\\0", r"\0\010"):
        main = f"message_reject_characters = {values}\n"
        assert "NUL" not in Copy(lab, main).must("attach", "-s", ASSAY, "-y"), values
        assert advice in Copy(lab, main, cleanup + r"\b" + "\n").must("attach", "-s", ASSAY, "-y"), values
        assert "NUL" not in Copy(lab, main, cleanup + r"\0" + "\n").must("attach", "-s", ASSAY, "-y"), values


def refuses_nul(lab, server):
    """Postfix takes a NUL, and with the setting that attach advises refuses it."""
    def send(value):
        with smtplib.SMTP("127.0.0.1", server.port, timeout=60) as client:
            client.ehlo()
            client.mail("anna@example.org")
            client.rcpt(showcase.RECIPIENT)
            return client.data(b"From: Anna" + value + b" <anna@example.org>\r\n\r\nx\r\n")[0]
    equal(send(b"\0"), 250, "the reply to a NUL")
    said = Copy(lab).must("attach", "-s", ASSAY, "-n")
    command = next(line for line in said.splitlines() if "message_reject_characters =" in line)
    words = shlex.split(command.split(" && ")[0])
    for one in ([words[0], "-c", server.config, *words[1:]], ["postfix", "-c", server.config, "reload"]):
        lab_module.command_output(one, env=server.environment)
    lab_module.wait_until(lambda: send(b"\0") == 550, what="Postfix to refuse a NUL")
    equal(send(b""), 250, "the reply to a message without NUL")


@case("a running Postfix: attached, mail is judged; detached, it is not")
@suite.for_root
def running(lab):
    keys = signing.Keys()
    zone = zone_server.ZoneServer(lab, "".join(f"{name} {kind} {text}\n" for name, kind, text in showcase.zone(keys)))
    daemon = assayd.Assayd(lab, assayd.programs(lab.build, lab), dns_port=zone.port)
    server = postfix.Postfix(lab, milters="", domain=showcase.DOMAIN, host=showcase.HOST,
                             more="# milter_default_action =")
    one = showcase.PERFORMANCES[0]

    def judged(token):
        message = one.message(keys).replace(b"Shown: genuine", b"Shown: " + token.encode())
        sent = postfix.swaks(lab, server.port, message, one.client, one.client_name, one.client_name, one.sender,
                             showcase.RECIPIENT)
        return bool(showcase.results_fields(server.find("Shown: " + token, sent.queue_id)[1]))

    def script(*words):
        return lab_module.command_output([SCRIPT, *words, "-c", server.config, "-y"], env=server.environment)
    assert not judged("before"), "judged before"
    said = script("attach", "-s", f"unix:{daemon.socket}")
    assert "there is no socket" not in said and "not running" not in said, said
    lab_module.wait_until(lambda: "reload -- version" in server.log_text(), what="the reload")
    assert judged("attached"), "not judged"
    script("detach")
    lab_module.wait_until(lambda: server.log_text().count("reload -- version") == 2, what="the reload")
    assert not judged("after"), "judged after"
    refuses_nul(lab, server)


def make(lab, build):
    """All that the cases need."""
    lab.build = build
    return lab


if __name__ == "__main__":
    # mostly they wait, for postconf
    sys.exit(suite.main("attach", __doc__, CASES, make, at_once=6))
