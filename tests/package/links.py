"""links.py - links that the user assay can leave among its keys, for the package to give files of
others away."""
import os

DAEMON = (1, 1)     # whose files purge must not give to root


def plant(world, domain):
    """What the user assay can leave in its folder of keys: {a file that may not change hands: its
    owner}."""
    root, keys = world.root, world.root.path("/etc/assay/keys")
    victim = root.path("/srv/victim")
    (victim / "below").mkdir(parents=True)
    files = [victim / "file", victim / "below" / "file", victim / "hard"]
    others = [victim / "other", victim / "other-hard"]
    for file in (*files, *others):
        file.write_text("not a key\n")
    for file in others:
        os.chown(file, *DAEMON)
    (keys / "folder.example").symlink_to("/srv/victim")
    (keys / "relative.example").symlink_to("../../../srv/victim/below")
    (keys / "file.pem").symlink_to("/srv/victim/file")
    (keys / "hard.pem").hardlink_to(files[2])
    (keys / "hard-other.pem").hardlink_to(others[1])
    (keys / domain / "linked.pem").symlink_to("/srv/victim/file")
    (keys / domain / "up").symlink_to("..")
    return {path: owner(path) for path in (victim, victim / "below", *files, *others)}


def owner(path):
    return path.stat().st_uid, path.stat().st_gid


def owned(world, path, wanted, what):
    found = world.stat(path)
    world.check(what, found == wanted, found)


def check(world, victims, when):
    found = {path: owner(path) for path in victims}
    world.check(f"{when}, no link among the keys gave a file of others away", found == victims,
                {str(path): found[path] for path in found if found[path] != victims[path]})


def purge(world, domain):
    """Purges the package with the links in place: (the files they lead to, what was said)."""
    victims = plant(world, domain)
    said = world.root.apt("purge", "assay")
    check(world, victims, "purged")
    return victims, said


def remove(world, victims):
    check(world, victims, "installed after a purge")
    for path in list(world.root.path("/etc/assay/keys").rglob("*")):
        if path.is_symlink() or path.name.startswith("hard"):
            path.unlink()
