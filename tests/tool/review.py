#!/usr/bin/python3
"""review.py - `assay config` and `assayd -t` as checkers: exit statuses, words and places, JSON; and no false alarm for
the settings that the scenarios, the documents and the sample have.

    tests/tool/review.py [--build FOLDER] [WORDS...]     only cases whose name has a word

What each check finds stands in tests/unit/review_test.c. One line a case, see tests/support/tap.py.
"""
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
# pylint: disable=wrong-import-position
import suite  # noqa: E402

try:
    import scenario  # noqa: E402
    import signing  # noqa: E402
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(77)

# What depends on this machine and not on the settings.
OF_THE_MACHINE = {"user-missing", "group-missing", "socket-folder", "pid-file", "name-servers", "trust-anchor",
                  "reports-store", "reports-sendmail", "key-unreadable"}
# Scenarios are about single messages: there a rule may be one that nobody should have. All others are false alarms.
MEANT = {"rule-forgeable": ("rules: ", "hostile: ", "doubt: "), "sign-weak-oversign": ("sign: ",)}
TRUE_ALARMS = {"rules: the first rule that holds counts": ["rule-never-applies"]}

ODD = """\
authserv_id = "mx.example.net";
@include "more.conf"
quarantine: { address = "a@example.net"; };
reports: { store = ""; };
"""
MORE = """\
networks: { ours = [ "192.0.2.0/24" ];
            forwarders = [ "192.0.2.9" ]; };
"""


class Checker:
    def __init__(self, build, folder):
        self.build = build
        self.folder = folder

    def write(self, text, name="assay.conf"):
        """The settings, for a user who is there on every machine."""
        if name == "assay.conf" and not re.search(r"(?m)^user = ", text):
            text = 'user = "nobody"; ' + text
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name

    def make_keys(self, *words):
        keys = self.folder / "keys"
        status, _, complaints = self.run("assay", "key", "new", *words, "--keys", keys, "-c", self.write(""))
        assert status == 0, complaints
        return keys

    def run(self, program, *words):
        done = subprocess.run([str(self.build / program), *map(str, words)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def findings(self, text):
        """Of settings as text: (check, setting, line, words), without what only this machine lacks."""
        status, output, complaints = self.run("assay", "config", "--json", "-c", self.write(text))
        assert complaints == "" and status in (0, 78), (status, complaints)
        found = json.loads(output)
        assert found["errors"] + found["warnings"] == len(found["findings"]), found
        return [one for one in found["findings"] if one["check"] not in OF_THE_MACHINE]


def warnings_name_their_place(checker):
    path = checker.write(ODD)
    more = checker.write(MORE, "more.conf")
    status, output, complaints = checker.run("assay", "config", "-c", path)
    assert status == 0 and 'authserv_id = "mx.example.net";' in output, (status, complaints)
    assert re.search(rf'^{re.escape(str(more))}:2: warning: .*"192\.0\.2\.9/32".* in "networks\.ours"', complaints,
                     re.MULTILINE), complaints
    assert re.search(rf"^{re.escape(str(path))}:3: warning: .*has no effect", complaints, re.MULTILINE), complaints
    assert checker.run("assay", "config", "--strict", "-c", path)[0] == 1
    assert checker.run("assay", "config", "--json", "--strict", "-c", path)[0] == 1


def who_is_reported_on_is_said(checker):
    settings = ('authserv_id = "mx.example.net";\nreports: { email = "a@example.net"; };\n'
                'failures: { send = true; domains = [ "example.org", "*.example.com" ]; };\n')
    [told] = [one for one in checker.findings(settings) if one["check"].startswith("failures")]
    assert told["check"] == "failures-personal-data" and told["line"] == 3, told
    for text in ("send = true; per_day = 7;", 'domains = [ "*" ]; per_day = 7;'):
        found = checker.findings('authserv_id = "mx.example.net";\nreports: { email = "a@example.net"; };\nfailures: { ' + text + " };\n")
        assert [one["check"] for one in found if "failures" in one["check"]] == ["failures-not-sent"] * 2, found
    assert "example.org, *.example.com" in told["words"] and "BSI TR-03182" in told["words"], told


def assayd_says_the_same(checker):
    path = checker.write(ODD)
    checker.write(MORE, "more.conf")
    status, output, complaints = checker.run("assayd", "-t", "-c", path)
    assert status == 0 and output == f"{path}: syntax OK\n", (status, output)
    assert complaints == checker.run("assay", "config", "-c", path)[2]


def errors_are_the_settings_fault(checker):
    path = checker.write('authserv_id = "mx.example.net";\nsocket: { group = "no-such-group"; };\n')
    for program, words in (("assay", ["config", "-c", path]), ("assayd", ["-t", "-c", path])):
        status, output, complaints = checker.run(program, *words)
        assert status == 78 and f'{path}:2: error: the group "no-such-group"' in complaints, (status, complaints)
        assert "syntax OK" not in output
    status, output, _ = checker.run("assay", "config", "--json", "-c", path)
    assert status == 78 and json.loads(output)["errors"] == 1, output


def keys_that_do_not_work_name_their_entry(checker):
    path = checker.write('authserv_id = "mx.example.net";\n@include "more.conf"\n')
    more = checker.write(f'# keys\nsign: ( {{ domain = "example.org"; keys = "{checker.folder}"; }} );\n', "more.conf")
    status, _, complaints = checker.run("assay", "config", "-c", path)
    assert status == 78 and f"{more}:2: " in complaints and "holds no key for example.org" in complaints, complaints


def unreadable_settings_are_one_finding(checker):
    path = checker.write("dmarc: { enforze = 1; };\n")
    status, output, complaints = checker.run("assay", "config", "--json", "-c", path)
    found = json.loads(output)
    assert (status, complaints) == (78, "") and "dmarc.enforce" in found["findings"][0]["words"], (status, output)


def keys_are_listed(checker):
    keys = checker.make_keys("example.org", "--selector", "s")
    path = checker.write(f'authserv_id = "mx.example.net";\nsign: ( {{ keys = "{keys}"; }} );\n')
    status, output, complaints = checker.run("assay", "config", "-c", path)
    assert status == 0, complaints
    assert "// example.org  sr  rsa 2048  " in output and "// example.org  se  ed25519  " in output, output
    again = checker.write(output, "again.conf")
    assert checker.run("assay", "config", "-c", again)[:2] == (0, output)
    listed = json.loads(checker.run("assay", "config", "--json", "-c", path)[1])["keys"]
    assert [(key["domain"], key["selector"], key["kind"], key["bits"]) for key in listed] == [
        ("example.org", "se", "ed25519", 256), ("example.org", "sr", "rsa", 2048)], listed


def folders_for_everybody(checker):
    """Modes of this machine: of the folder itself and of those above it."""
    for mode, below, is_open in ((0o755, "", False), (0o777, "", True), (0o1777, "", True), (0o1777, "there/", False),
                                 (0o777, "there/", True), (0o1777, "missing/", True), (0o775, "", False)):
        folder = checker.folder / f"{mode:o}-{below[:-1]}"
        folder.mkdir()
        if below == "there/":
            (folder / below).mkdir(mode=0o755)
        folder.chmod(mode)
        for setting in ('listen = "unix:{}";', 'reports: {{ store = "{}"; }};', 'pid_file = "{}";'):
            text = 'authserv_id = "mx.example.net";\n' + setting.format(f"{folder}/{below}file")
            found = [one for one in checker.findings(text) if one["check"] == "folder-open"]
            assert bool(found) == is_open and all(str(folder) in one["words"] for one in found), (text, mode, found)
    keys = checker.make_keys("example.org", "--selector", "s")
    keys.chmod(0o777)
    found = checker.findings(f'authserv_id = "mx.example.net";\nsign: ( {{ keys = "{keys}"; }} );\n')
    assert "folder-open" in [one["check"] for one in found], found


def no_alarm(checker, text):
    found = checker.findings(text)
    assert not found, "\n".join(f"{one['check']}: {one['words']}" for one in found) + "\n" + text


def sample_and_its_values(checker):
    sample = checker.run("assay", "config", "--sample")[1]
    no_alarm(checker, 'authserv_id = "mx.example.net";\n' + sample)
    path = checker.write('authserv_id = "mx.example.net";\n')
    no_alarm(checker, checker.run("assay", "config", "-c", path)[1])


def documents(checker):
    guide = (ROOT / "contrib" / "guides" / "examples.md").read_text(encoding="utf-8")
    keys = f'sign: ( {{ keys = "{checker.make_keys("example.net")}"; }} );\n'
    for example in re.findall(r"^```conf\n(.*?)^```", guide, re.MULTILINE | re.DOTALL):
        signs = "" if "sign:" in example else keys  # reports that leave unsigned are warned of
        no_alarm(checker, 'authserv_id = "mx.example.net";\n' + signs + example)


def examples_of_the_manual(checker):
    page = (ROOT / "filter" / "assay.conf.5").read_text(encoding="utf-8")
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", page, re.MULTILINE | re.DOTALL)
    keys = checker.make_keys("example.net")
    assert len(blocks) >= 4, blocks
    for block in blocks:
        text = block.replace("\\e", "\\").replace("/etc/assay/keys", str(keys))
        no_alarm(checker, text if "authserv_id" in text else 'authserv_id = "mx.example.net";\n' + text)


def scenarios(checker):
    wrong = []
    keys = signing.Keys()
    for one in scenario.load(ROOT / "tests" / "messages"):
        found = [finding["check"] for finding in checker.findings(one.settings_text(53, keys))]
        found = [check for check in found if not one.name.startswith(MEANT.get(check, ()))]
        if found != TRUE_ALARMS.get(one.name, []):
            wrong.append(f"{one.name}: {found}")
    assert not wrong, "\n".join(wrong)


def in_its_own_folder(function):
    def run(site):
        lab, build = site
        folder = lab.path(function.__name__)
        folder.mkdir()
        function(Checker(build, folder))
    return function.__name__.replace("_", " "), run


CASES = [in_its_own_folder(function) for function in (
    warnings_name_their_place, who_is_reported_on_is_said, assayd_says_the_same, errors_are_the_settings_fault, keys_that_do_not_work_name_their_entry,
    unreadable_settings_are_one_finding, keys_are_listed, folders_for_everybody,
    sample_and_its_values, documents, examples_of_the_manual, scenarios)]

if __name__ == "__main__":
    sys.exit(suite.main("review", __doc__, CASES, lambda lab, build: (lab, build)))
