"""private_sendmail.py - a private Sendmail from Debian's packages, unpacked into a lab's folder, on an island (island.py).

Sendmail cannot be installed beside Postfix; its packages (debs.py) are unpacked for each test.
"""
import pathlib
import re
import shutil
import subprocess

import debs
import lab as lab_module

PACKAGES = ("sendmail-bin", "sendmail-base", "sendmail-cf")
FEATURE = pathlib.Path(__file__).resolve().parents[2] / "contrib" / "sendmail" / "assay.m4"

CONFIGURATION = """\
VERSIONID(`private')dnl
OSTYPE(`linux')dnl
define(`ALIAS_FILE', `{folder}/aliases')dnl
define(`STATUS_FILE', `{folder}/status')dnl
define(`HELP_FILE', `{folder}/help')dnl
define(`QUEUE_DIR', `{queue}')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`confREFUSE_LA', `10000')dnl
define(`confQUEUE_LA', `10000')dnl
define(`confDELAY_LA', `0')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confDEF_USER_ID', `nobody:nogroup')dnl
define(`confTO_IDENT', `0s')dnl
define(`confMAX_DAEMON_CHILDREN', `20')dnl
define(`confLOG_LEVEL', `14')dnl
define(`confAUTH_MECHANISMS', `PLAIN')dnl
TRUST_AUTH_MECH(`PLAIN')dnl
LOCAL_CONFIG
ESASL_CONF_PATH={sasl}
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unresolvable_domains')dnl
RELAY_DOMAIN(`{relay}')dnl
{features}
DAEMON_OPTIONS(`Name=MTA, Addr={address}, Port=25')dnl
DAEMON_OPTIONS(`Name=LOCAL, Addr=127.0.0.1, Port=25')dnl
{more}
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

SUBMITTER = """\
VERSIONID(`private submission')dnl
OSTYPE(`linux')dnl
define(`MSP_QUEUE_DIR', `{queue}')dnl
define(`STATUS_FILE', `{folder}/status')dnl
define(`confPID_FILE', `{folder}/submit-pid')dnl
define(`confREFUSE_LA', `10000')dnl
define(`confQUEUE_LA', `10000')dnl
define(`confDELAY_LA', `0')dnl
define(`confRUN_AS_USER', `nobody:nogroup')dnl
FEATURE(`msp', `[127.0.0.1]', `25')dnl
"""


def missing():
    """"" or why there is no Sendmail."""
    return debs.missing(PACKAGES)


class Sendmail:
    """Started by the constructor, stopped at the end of the lab.

    `relay` are domains and clients that mail is relayed for, `features` lines of sendmail.mc, `more` further ones after the daemons; `sasl` is
    the folder with Sendmail.conf, below no folder that others can write to.
    """

    def __init__(self, lab, relay, host, address, features, more="", sasl="/nonexistent"):
        self.folder = lab.path("sendmail")
        self.root = self.folder / "root"
        self.queue = self.folder / "queue"
        self.traffic = self.folder / "traffic"
        self.configuration = self.folder / "sendmail.cf"
        self.folder.mkdir()
        self.queue.mkdir(mode=0o700)
        for name in ("aliases", "status", "help"):
            (self.folder / name).touch()
        debs.unpack(PACKAGES, self.root)
        self.program = self.root / "usr/libexec/sendmail/sendmail"
        self._make_submitter()
        self._configure(self.configuration, CONFIGURATION.format(folder=self.folder, queue=self.queue, host=host, relay=relay,
                                                               address=address, sasl=sasl, features=features, more=more))
        self.environment = lab_module.system_environment(SASL_CONF_PATH=str(sasl))
        self._command("-bi")
        self.process = lab.run("sendmail", self._words("-bD", "-q1h", "-X", self.traffic),
                               environment=self.environment)
        lab_module.wait_until(lambda: self.process.running() and lab_module.connects(25) or not self.process.running(),
                              what="Sendmail on port 25")
        if not self.process.running():
            raise lab_module.LabError(f"Sendmail does not start:\n{self.process.text()}")

    def _make_submitter(self):
        """submit.cf: what programs of the host use where Sendmail is installed as it is meant to be."""
        queue = self.folder / "submit-queue"
        queue.mkdir(mode=0o700)
        shutil.chown(queue, "nobody", "nogroup")
        self._configure(self.folder / "submit.cf", SUBMITTER.format(folder=self.folder, queue=queue))

    def _configure(self, path, text):
        share = self.root / "usr/share/sendmail/cf"
        shutil.copy(FEATURE, share / "feature" / FEATURE.name)
        mc = path.with_suffix(".mc")
        mc.write_text(text)
        done = subprocess.run(["m4", f"-D_CF_DIR_={share}/", share / "m4/cf.m4", mc], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0 or done.stderr:
            raise lab_module.LabError(f"m4 ends with {done.returncode}: {done.stderr}")
        path.write_text(done.stdout)

    def _words(self, *words):
        return [self.program, f"-C{self.configuration}", *words]

    def _command(self, *words, given=b""):
        done = subprocess.run([str(word) for word in self._words(*words)], input=given, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120)
        return done.returncode, done.stdout.decode(errors="replace")

    def submit(self, message, sender, submitter=True):
        """`sendmail -t` as a program of the host calls it, with submit.cf or without."""
        words = ["-t", "-i", "-f", sender]
        if submitter:
            words = ["-Ac", f"-C{self.folder}/submit.cf", *words]
        status, said = self._command(*words, given=message.replace(b"\r\n", b"\n"))
        if status != 0 or said:
            raise lab_module.LabError(f"sendmail -t ends with {status}: {said}")

    def converse(self, lines):
        """`sendmail -bs`, a line at a time: all that it answered."""
        child = subprocess.Popen([str(word) for word in self._words("-bs")], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, env=self.environment)
        heard = []

        def answer():
            while True:
                heard.append(child.stdout.readline())
                if re.match(rb"\d{3} |$", heard[-1]):
                    return
        answer()
        for line in lines:
            child.stdin.write(line)
            child.stdin.flush()
            answer()
        child.stdin.close()
        child.wait(60)
        child.stdout.close()
        return b"".join(heard).decode()

    def quarantined(self):
        """{queue id: reason} as mailq -qQ shows them."""
        shown = self._command("-bp", "-qQ")[1]
        return dict(re.findall(r"(?m)^(\w+)[ *X?-]+\d+ .*\n +QUARANTINE: (.*)", shown))

    def release(self, queue_id):
        """As an operator does: takes the quarantine off and runs the queue."""
        return self._command("-Q", "-qQ", "-qI" + queue_id) + self._command("-qI" + queue_id)
