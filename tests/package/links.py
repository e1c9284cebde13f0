"""links.py - links that the user assay can leave among its keys, to have files of others given away by the package."""


def plant(world, domain):
    """What the user assay can leave in its folder of keys, to have files of others given away: files that may not change hands."""
    root, keys = world.root, world.root.path("/etc/assay/keys")
    victim = root.path("/srv/victim")
    (victim / "below").mkdir(parents=True)
    files = [victim / "file", victim / "below" / "file", victim / "hard"]
    for file in files:
        file.write_text("not a key\n")
    (keys / "folder.example").symlink_to("/srv/victim")
    (keys / "relative.example").symlink_to("../../../srv/victim/below")
    (keys / "file.pem").symlink_to("/srv/victim/file")
    (keys / "hard.pem").hardlink_to(files[2])
    (keys / domain / "linked.pem").symlink_to("/srv/victim/file")
    (keys / domain / "up").symlink_to("..")
    return [victim, victim / "below", *files]


def owned(world, path, wanted, what):
    found = world.stat(path)
    world.check(what, found == wanted, found)


def check(world, victims, when):
    owners = {str(path): (path.stat().st_uid, path.stat().st_gid) for path in victims}
    world.check(f"{when}, no link among the keys gave a file of others away", set(owners.values()) == {(0, 0)}, owners)


def purge(world, domain):
    """Purges the package with the links in place: (the files they lead to, what was said)."""
    victims = plant(world, domain)
    said = world.root.apt("purge", "assay")
    check(world, victims, "purged")
    return victims, said


def remove(world, victims):
    check(world, victims, "installed after a purge")
    for path in list(world.root.path("/etc/assay/keys").rglob("*")):
        if path.is_symlink() or path.name == "hard.pem":
            path.unlink()
