"""installation.py - an installation of opendkim and the others in a folder, imported, and run beside assayd."""
import itertools
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess

import assayd
import dkim
import lab as lab_module
import milter_client
import signing
import tap
import yaml

CASES = pathlib.Path(__file__).resolve().parent / "cases"
PACKAGE = CASES.parents[2] / "contrib" / "debian" / "settings.sed"
OPENDKIM = pathlib.Path("/usr/sbin/opendkim")
HOSTER_DOMAINS = 1000
USER = "nobody"


class Bench:
    def __init__(self, lab, build):
        self.lab = lab
        self.programs = assayd.programs(build, lab)
        self.tool = self.programs / "assay"
        self.keys = signing.Keys()
        self.numbers = itertools.count(1)
        self.is_root = os.geteuid() == 0
        # without it, those of the machine that runs the tests would count
        self.no_settings = lab.write("no-settings.conf", 'authserv_id = "mx.example.net";\n')

    def import_files(self, *arguments):
        done = subprocess.run([self.tool, "import", "-c", self.no_settings, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              check=False, timeout=120, env=lab_module.system_environment())
        return done.returncode, *(octets.decode(errors="surrogateescape") for octets in (done.stdout, done.stderr))

    def config(self, path):
        done = subprocess.run([self.tool, "config", "-c", path], capture_output=True, check=False, timeout=120,
                              env=lab_module.system_environment())
        assert done.returncode == 0, f"assay config refuses it: {done.stderr.decode()}"
        return done.stdout.decode()


def give_to_user(path):
    if os.geteuid() == 0:
        account = pwd.getpwnam(USER)
        os.chown(path, account.pw_uid, account.pw_gid)


class Installation:
    """A copy of a case's files, with keys."""

    def __init__(self, bench, name, files):
        self.bench = bench
        self.folder = bench.lab.path(f"{name}-{next(bench.numbers)}")
        self.folder.mkdir()
        self.settings = self.folder / "assay.conf"
        self.key_names = {}
        self.files = files

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = text.replace("@FOLDER@", str(self.folder))
        text = re.sub(r"@BASE64:(.*?)@", lambda found: self.base64(found.group(1)), text)
        path.write_bytes(text.encode())

    def base64(self, name):
        lines = (self.folder / name).read_text().splitlines()
        return "".join(line for line in lines if not line.startswith("-----"))

    def add_key(self, name, key, mode=0o600):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.bench.keys.public(key)
        path.write_bytes(self.bench.keys._pair(key)[signing.PRIVATE])    # pylint: disable=protected-access
        path.chmod(mode)
        give_to_user(path)
        self.key_names[name] = key

    def take(self, *options):
        """Imports; the settings and the list."""
        if self.settings.exists():
            self.settings.unlink()
        status, out, err = self.bench.import_files(*options, "--output", self.settings,
                                                   *[self.folder / name for name in self.files])
        assert status == 0, f"status {status}: {err}"
        self.bench.config(self.settings)
        return self.settings.read_text(), out

    def take_with_copies(self):
        keys = self.folder / "copied"
        settings, left = self.take("--keys", keys, "--user", USER)
        give_to_user(keys)
        return settings, left

    def assayd(self):
        """The imported settings in a daemon of the lab: where it listens and logs is the lab's."""
        text = self.settings.read_text()
        for name in ("listen", "user"):
            text = re.sub(rf"^{name} = .*$", "", text, flags=re.MULTILINE)
        text = re.sub(r"^socket: \{.*?^\};$", "", text, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^authserv_id = .*$", "", text, flags=re.MULTILINE)
        text = re.sub(r"^resolver: \{.*?^\};$", "", text, flags=re.MULTILINE | re.DOTALL)
        more = 'resolver: { servers = [ "127.0.0.1@1" ]; timeout_ms = 100; dnssec = false; };\nauthserv_id = "mx.example.net";\n'
        name = f"assayd{next(self.bench.numbers)}"
        folder = self.bench.lab.path(name)
        own = f'listen = "unix:{folder}/assay.sock";\nuser = "{USER}";\nlog: {{ target = "stderr"; }};\n' \
              f'reports: {{ store = ""; }};\n'
        return assayd.Assayd(self.bench.lab, self.bench.programs, settings=own + more + text, name=name)

    def opendkim(self):
        """Debian's daemon with the files as they are; its socket and user are the lab's."""
        name = f"opendkim{next(self.bench.numbers)}"
        folder = self.bench.lab.path(name)
        folder.mkdir()
        give_to_user(folder)
        path = folder / "opendkim.sock"
        user = ["-u", USER] if self.bench.is_root else []
        process = self.bench.lab.run(name, [OPENDKIM, "-f", "-x", self.folder / "opendkim.conf", "-p", f"local:{path}",
                                            "-P", folder / "pid", *user], environment=lab_module.system_environment())
        lab_module.wait_until(lambda: path.exists() or not process.running(), 60, "opendkim to listen")
        assert process.running(), f"opendkim does not start: {process.text()}"
        return process, str(path)

    def dns(self, key):
        record = self.bench.keys.record(key).encode()
        return lambda name, timeout=5: record


def message_of(author):
    return milter_client.plain(author=f"Somebody <{author}>", body=b"Hello,\r\n\r\nworld.  \r\n")


def signatures(socket_path, message, client="127.0.0.1"):
    """The milter's answer, and each signature that was added."""
    link = milter_client.Client(socket_path)
    with link.start(client=client, name="client.invalid"):
        answer = link.deliver(message, sender="bounce@envelope.example")
    return answer.word, [value for _, name, value in answer.inserted if name.lower() == "dkim-signature"]


def pair(value):
    tags = dict(re.findall(r"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)", value))
    return f"{tags['d'].strip()}:{tags['s'].strip()}".lower()


def verifies(message, dns):
    try:
        return dkim.DKIM(message).verify(dnsfunc=dns)
    except ValueError:      # a key of the other kind
        return False


def which_key(installation, message, value):
    """The only key file that verifies a signature."""
    field = b"DKIM-Signature:" + value.replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n"
    good = {installation.bench.keys.public(key) for key in set(installation.key_names.values())
            if verifies(field + message, installation.dns(key))}
    assert len(good) == 1, f"verifies with {len(good)} of the keys: {value}"
    return good.pop()


def made(installation, socket_path, author, client="127.0.0.1"):
    """{(d:s, public key)} of an author's message."""
    message = message_of(author)
    word, values = signatures(socket_path, message, client)
    assert word in ("continue", "accept"), f"{author}: {word}"
    return {(pair(value), which_key(installation, message, value)) for value in values}


def compare(installation, expected, theirs):
    ours = installation.assayd()
    try:
        for author, pairs in expected["sign"].items():
            found = made(installation, ours.socket, author)
            assert {one for one, _ in found} == set(pairs), f"{author}: {found}, expected {pairs}"
            if theirs:
                original = made(installation, theirs, author)
                alike = set(expected.get("original", {}).get(author, pairs))
                assert original == {one for one in found if one[0] in alike}, \
                    f"{author}: opendkim makes {original}, assayd {found}"
        author = next(author for author, pairs in expected["sign"].items() if pairs)
        for client, signs in expected.get("clients", {}).items():
            for path in filter(None, (ours.socket, theirs)):
                assert bool(made(installation, path, author, client)) == signs, f"{client} by {path}"
    finally:
        ours.stop()


def sign_case(bench, installation, expected):
    if not bench.is_root:
        raise tap.Skip("needs root")
    process, theirs = None, None
    if expected.get("opendkim", True):
        if not OPENDKIM.exists():
            raise tap.Skip("opendkim is not installed")
        process, theirs = installation.opendkim()
    try:
        if not expected.get("copied"):
            installation.take()
            compare(installation, expected, theirs)
        installation.take_with_copies()
        compare(installation, expected, theirs)
    finally:
        if process:     # it takes five seconds to stop by itself, and with AutoRestart it is two processes
            os.killpg(process.pid, signal.SIGKILL)
            process.stop()


def read_case(bench, folder):
    expected = yaml.safe_load((folder / "expected").read_text())
    installation = Installation(bench, folder.name, expected.get("files", ["opendkim.conf"]))
    for name, key in expected.get("keys", {}).items():
        installation.add_key(name, key, expected.get("modes", {}).get(name, 0o600))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "expected":
            installation.write(path.relative_to(folder), path.read_bytes().decode())
    return installation, expected


def import_case(installation, expected):
    before = {path: path.read_bytes() for path in installation.folder.rglob("*") if path.is_file()}
    settings, left = installation.take_with_copies() if expected.get("copied") else installation.take()
    for piece in expected.get("contains", []):
        assert piece.replace("@FOLDER@", str(installation.folder)) in settings, f"no {piece} in:\n{settings}"
    for piece in expected.get("lacks", []):
        assert piece not in settings, f"{piece} in:\n{settings}"
    for piece in expected.get("left", []):
        assert piece.replace("@FOLDER@", str(installation.folder)) in left, f"no {piece} in:\n{left}"
    for path, content in before.items():
        assert path.read_bytes() == content, f"{path} was changed"
    every_option_is_somewhere(installation, settings)


def every_option_is_somewhere(installation, settings):
    """The settings name each option of the files: above a setting or in the list."""
    settings = re.sub(r"\n\s*// ", " ", settings)
    for name in installation.files:
        for number, line in enumerate((installation.folder / name).read_bytes().decode("utf-8-sig").splitlines(), 1):
            if line.split("#")[0].strip() and not line.lower().strip().startswith("include"):
                assert re.search(rf"{re.escape(name)}:{number}\b", settings), f"{name}:{number} {line} is nowhere in:\n{settings}"


def folder_cases(folder):
    expected = yaml.safe_load((folder / "expected").read_text())
    yield f"{folder.name}: what becomes of it", lambda bench: import_case(*read_case(bench, folder))
    if "sign" in expected:
        yield f"{folder.name}: signs as opendkim does", lambda bench: sign_case(bench, *read_case(bench, folder))


def hoster(bench):
    """A thousand domains: one entry for all if the keys are copied, otherwise one for each."""
    installation = Installation(bench, "hoster", ["opendkim.conf"])
    names = [f"d{number:04}.example" for number in range(HOSTER_DOMAINS)]
    kinds = ["rsa2048", "rsa2048-b", "rsa2048-c"]
    for number, name in enumerate(names):
        installation.add_key(f"keys/{name}/mail.private", kinds[number % len(kinds)])
    installation.write("keytable", "".join(f"mail._domainkey.{name} {name}:mail:@FOLDER@/keys/{name}/mail.private\n"
                                           for name in names))
    installation.write("signingtable", "".join(f"*@{name} mail._domainkey.{name}\n" for name in names))
    installation.write("opendkim.conf", "RequireSafeKeys no\nKeyTable refile:@FOLDER@/keytable\n"
                                        "SigningTable refile:@FOLDER@/signingtable\n")
    return installation, {"sign": {f"anna@{name}": [f"{name}:mail"] for name in (*names[::200], names[-1])}
                          | {"anna@d1000.example": []}}


def hoster_case(bench):
    installation, expected = hoster(bench)
    settings, _ = installation.take()
    assert settings.count("domain = ") == HOSTER_DOMAINS, settings.count("domain = ")
    sign_case(bench, installation, expected | {"copied": True})
    settings = installation.settings.read_text()
    assert "domain = " not in settings and settings.count("keys = ") == 1, settings[-2000:]
    assert len(list((installation.folder / "copied").glob("*/mail.pem"))) == HOSTER_DOMAINS


def copies(bench):
    """Only the daemon's user can read the copies; a second import keeps them."""
    installation, _ = read_case(bench, CASES / "howto")
    installation.take_with_copies()
    path = installation.folder / "copied" / "example.com" / "mail.pem"
    about = path.stat()
    assert about.st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700, oct(about.st_mode)
    if bench.is_root:
        assert about.st_uid == pwd.getpwnam(USER).pw_uid
    settings, _ = installation.take_with_copies()
    assert "Not usable" not in settings
    path.write_bytes(bench.keys._pair("rsa2048-other")[signing.PRIVATE])    # pylint: disable=protected-access
    settings, left = installation.take_with_copies()
    assert "is there already, with another key" in left and "Not usable" in settings, left
    shutil.copy(path, path.with_name("own.pem"))


def output(bench):
    """Where the settings and the list go, and that nothing is overwritten."""
    installation, _ = read_case(bench, CASES / "howto")
    conf = installation.folder / "opendkim.conf"
    status, out, err = bench.import_files(conf)
    assert status == 0 and out.startswith("// assay.conf") and "Look at these" in err, err
    status, listed, err = bench.import_files("--output", installation.settings, conf)
    assert status == 0 and "Look at these" in listed and not err, err
    before = installation.settings.read_bytes()
    status, _, err = bench.import_files("--output", installation.settings, conf)
    assert status == 73 and "name another file" in err and installation.settings.read_bytes() == before, err
    status, out, _ = bench.import_files("--json", "--output", installation.folder / "second.conf", conf)
    left = yaml.safe_load(out)["left"]
    assert status == 0 and all(set(item) == {"file", "line", "option", "missed", "why"} for item in left), out
    status, _, err = bench.import_files(conf, conf)
    assert status == 65 and "both files of opendkim" in err, err
    for files in ([], [conf] * 33):
        status, _, err = bench.import_files(*files)
        assert status == 64, err


def recognized(bench):
    """dkimpy-milter is recognized by its options or its name, otherwise it is OpenDKIM; never both."""
    installation, _ = read_case(bench, CASES / "dkimpy-single")
    path = installation.folder / "dkimpy-milter.conf"
    own = "Domain example.com\nMacroListVerify a\n"
    rows = ((own, "some.conf", "it made mail foreign"),
            (own + "On-Default a\nLogWhy no\n", "opendkim.conf", "it made mail foreign"),
            ("Nothing 1\nMode sv\n", "dkimpy-milter.conf", "dkimpy-milter has no such option"),
            ("Nothing 1\nMode sv\n", "some.conf", "opendkim has no such option"))
    for text, name, words in rows:
        installation.write(name, text)
        status, _, err = bench.import_files(installation.folder / name)
        assert status == 0 and words in " ".join(err.replace("//", "").split()), err
    installation.write("opendkim.conf", "Domain example.com\n")
    for words in (["--opendkim", installation.folder / "opendkim.conf", path],
                  ["--dkimpy-milter", path, installation.folder / "opendkim.conf"]):
        status, _, err = bench.import_files(*words)
        assert status == 65 and "opendkim and dkimpy-milter both sign" in err, err


def package(bench):
    """The socket and reports.automatic of the Debian package's settings are kept."""
    installation, _ = read_case(bench, CASES / "howto")
    sample = subprocess.run([bench.tool, "config", "--sample"], capture_output=True, check=True, timeout=120).stdout
    settings = installation.folder / "package.conf"
    settings.write_bytes(subprocess.run(["sed", "-f", PACKAGE], input=sample, capture_output=True, check=True, timeout=120).stdout)
    text, left = installation.take("-c", settings)
    for piece in ('listen = "unix:/var/spool/postfix/assay/assay.sock";', "automatic = false;", f"// {settings}:"):
        assert piece in text, f"no {piece} in:\n{text}"
    assert "socket: {" not in text, f"the mail server could not reach the socket:\n{text}"
    assert "opendkim.sock: assayd listens where its settings have it" in left, left
    status, _, err = bench.import_files("-c", installation.folder / "nowhere.conf", installation.folder / "opendkim.conf")
    assert status == 65 and "nowhere.conf cannot be read" in err, err


def too_large(bench):
    """More settings than assayd reads: the message has the size, the file and a remedy."""
    installation = Installation(bench, "large", ["opendkim.conf"])
    names = [f"d{number:05}.{'long' * 10}.example" for number in range(5000)]
    installation.add_key("key", "rsa2048")
    installation.write("signingtable", "".join(f"*@{name} key\n" for name in names))
    installation.write("keytable", "key %:mail:@FOLDER@/key\n")
    installation.write("opendkim.conf", "KeyTable @FOLDER@/keytable\nSigningTable refile:@FOLDER@/signingtable\n")
    status, _, err = bench.import_files("--output", installation.settings, installation.folder / "opendkim.conf")
    assert status == 78 and f"settings file {installation.settings} is larger than" in err and "with --keys FOLDER" in err, err


def cases():
    for folder in sorted(CASES.iterdir()):
        yield from folder_cases(folder)
    yield "hoster: a thousand domains sign as opendkim does", hoster_case
    yield "keys are copied, and never written over", copies
    yield "settings and list go where they are asked to", output
    yield "which files are dkimpy-milter's", recognized
    yield "where assayd listens stays as its settings have it", package
    yield "more settings than assayd reads", too_large
