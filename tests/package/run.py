#!/usr/bin/python3
"""run.py - makes the Debian package, looks at it, and installs it in bare roots (life.py).

    tests/package/run.py [--package DEB] [SCENARIO...]    DEB: one that is made already

Needs root, debootstrap and namespaces, and a mirror or what a former run has left in the cache (roots.py); the part that
cannot be tried is skipped with the reason. One line a case, see tests/support/tap.py.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import island  # noqa: E402
import lab as lab_module  # noqa: E402
import namespaces  # noqa: E402
import tap  # noqa: E402
import roots  # noqa: E402

MARK = "ASSAY_TEST_PACKAGE"
SCENARIOS = ("beside-postfix", "alone")
EXPOSURE_MOST = {"assay.service": 20, "assay-reports.service": 55, "assay-web.service": 20}     # tenths, systemd-analyze security
# Each of these makes systemd set NoNewPrivileges where there is a User= (systemd.exec(5)), and sendmail is set-group-id.
NO_NEW_PRIVILEGES = {
    "NoNewPrivileges", "SystemCallFilter", "SystemCallArchitectures", "SystemCallLog", "RestrictAddressFamilies",
    "RestrictNamespaces", "PrivateDevices", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
    "ProtectClock", "ProtectHostname", "MemoryDenyWriteExecute", "RestrictRealtime", "RestrictSUIDSGID", "DynamicUser",
    "LockPersonality"}


def without():
    """"" or why no root can be made here."""
    if not shutil.which("debootstrap"):
        return "there is no debootstrap"
    return island.may()


def make_package(lab):
    output = lab.path("packages")
    environment = {**os.environ, "DEB_BUILD_OPTIONS": f"nocheck parallel={os.cpu_count()}"}
    lab_module.command_output([TREE / "contrib/package.sh", output], env=environment)
    return output


def tree_names():
    return sorted(os.listdir(TREE) + os.listdir(TREE / "contrib"))


def make_next(lab, package):
    """The same programs as a later version, whose packaged settings are others."""
    content = lab.path("next")
    lab_module.command_output(["dpkg-deb", "--raw-extract", package, content])
    control = content / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^(Version: .*)$", r"\1+next", control.read_text()))
    settings = content / "usr/share/assay/assay.conf"
    settings.write_text(settings.read_text() + "// next version\n")
    made = lab.path("assay_next.deb")
    lab_module.command_output(["dpkg-deb", "--root-owner-group", "--build", content, made])
    return made


def look_at_package(checks, changes):
    command = ["lintian", "--fail-on", "error,warning", "--allow-root", "--tag-display-limit", "0", "-EIL", "+pedantic", changes]
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    checks.check("lintian: no error and no warning", done.returncode == 0, done.stdout)


def look_at_units(checks):
    for name, most in EXPOSURE_MOST.items():
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={most}", "--no-pager",
                               str(TREE / "contrib/systemd" / name)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        level = re.search(r"Overall exposure level.*", done.stdout)
        level = level.group() if level else done.stdout
        checks.check(f"systemd-analyze security: {name} at most {most / 10}", done.returncode == 0, level)
    text = (TREE / "contrib/systemd/assay-reports.service").read_text()
    wrong = NO_NEW_PRIVILEGES & set(re.findall(r"(?m)^(\w+)=", text))
    checks.check("assay-reports.service leaves set-group-id to the sendmail command", not wrong, wrong)


def look_at_dependencies(checks):
    wanted = (TREE / "contrib/debian/control").read_text().split("Build-Depends:")[1].split("\n\n")[0]
    wanted = {"build-essential", *re.findall(r"(?m)^ ([\w.+-]+)", wanted)} - {"debhelper-compat"}
    listed = lab_module.command_output([TREE / "contrib/install-dependencies.sh", "--print", "package"]).split()
    checks.check("install-dependencies.sh package installs what making the package takes", wanted <= set(listed),
                 sorted(wanted - set(listed)))


def beside_another_mail_server(checks, lab, base, archives):
    """What the demo and the tests need never takes a mail server away: Debian has room for one."""
    root = roots.open_root(lab, base, archives, lab.path("other"))
    control = lab.path("other-mta") / "DEBIAN/control"
    control.parent.mkdir(parents=True)
    control.write_text("Package: other-mta\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\n"
                       "Provides: mail-transport-agent\nConflicts: mail-transport-agent\nDescription: another mail server\n")
    made = lab.path("other-mta.deb")
    lab_module.command_output(["dpkg-deb", "--root-owner-group", "--build", control.parents[1], made])
    root.run("dpkg", "--install", root.bring(made))
    script = root.bring(TREE / "contrib/install-dependencies.sh")
    status, said = root.run("sh", script, "demo", check=False)
    installed = root.run("dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n")[1].splitlines()
    checks.check("install-dependencies.sh beside another mail server: says that it would go, and leaves it",
                 status == 1 and "would have to remove" in said and "other-mta installed" in installed and
                 "postfix installed" not in installed, f"{status} {said}")


def verify_units(checks, lab, package):
    """With the package's files laid over this machine's, so that commands and manual pages are found."""
    content = lab.path("content")
    lab_module.command_output(["dpkg-deb", "--extract", package, content])
    # this machine's /lib is in /usr
    shutil.copytree(content / "lib", content / "usr/lib", dirs_exist_ok=True)
    for name in ("assay.service", "assay-reports.service", "assay-reports.timer", "assay-digest.service",
                 "assay-digest.timer", "assay-web.service"):
        script = f"mount -t overlay -o lowerdir={content}/usr:/usr overlay /usr && exec systemd-analyze verify {name}"
        done = subprocess.run([*namespaces.command(), "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        checks.check(f"systemd-analyze verify {name}", done.returncode == 0 and "assay" not in done.stdout, done.stdout)


def live(checks, lab, package, scenarios):
    """Runs the scenarios, two at a time; their lines become ours."""
    following = make_next(lab, package)
    base, archives = roots.prepare(lab, [[package], ["postfix", package]])
    beside_another_mail_server(checks, lab, base, archives)
    running = [(scenario, lab.run(scenario, [
        "/usr/bin/python3", "-B", HERE / "life.py", "--base", base, "--archives", archives, "--package", package, "--next",
        following, scenario])) for scenario in scenarios]
    for scenario, process in running:
        process.child.wait()
        text = process.text()
        sys.stdout.write("".join(line + "\n" for line in text.splitlines() if not line.startswith("1..")))
        checks.passed += len(re.findall(r"(?m)^ok - ", text))
        checks.failed += len(re.findall(r"(?m)^not ok - ", text))
        if process.child.returncode not in (0, 1) or not re.search(r"(?m)^1\.\.", text):
            checks.fail(scenario, f"ended with {process.child.returncode}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", type=pathlib.Path)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS)
    options = parser.parse_args()
    why_not = without()
    if not why_not and not os.environ.get(MARK):
        # mounts of the cached root go with this process
        os.execvpe("unshare", [*namespaces.command(), sys.executable, "-B", *sys.argv], {**os.environ, MARK: "1"})
    lab_module.stop_on_signals()
    checks = tap.Tap("package")
    with lab_module.Lab("package") as lab, concurrent.futures.ThreadPoolExecutor(1) as beside:
        # a first run fetches a Debian while the package is made
        ready = None if why_not else beside.submit(roots.prepare, lab, [["postfix"]])
        look_at_units(checks)
        look_at_dependencies(checks)
        names = tree_names()
        output = options.package.parent if options.package else make_package(lab)
        package = options.package or next(output.glob("assay_*.deb"))
        checks.check("package.sh leaves nothing in the tree", names == tree_names())
        looked = beside.submit(look_at_package, checks, next(output.glob("assay_*.changes")))
        try:
            if why_not:
                raise roots.NoRoot(why_not)
            verify_units(checks, lab, package)
            ready.result()
            live(checks, lab, package.resolve(), options.scenarios)
        except roots.NoRoot as error:
            checks.skip("installation", error)
        looked.result()
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
