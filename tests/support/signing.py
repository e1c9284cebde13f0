"""signing.py - DKIM keys made for one run, their DNS records, and signatures by dkimpy: a signer that is not ours.

Keys have names: "rsa2048", "rsa2048-b", "ed25519-other". The part before the dash says what kind of key it is; equal
names mean the same key within one Keys.
"""
import base64
import hashlib
import pathlib
import secrets
import subprocess
import tempfile
import threading

import dkim
import dkim.canonicalization
import dkim.crypto
import nacl.signing

PRIVATE, PUBLIC = 0, 1
BITS_MOST = 4096    # longer keys take minutes to make; no verifier has to take them, so they have a public part only


def _openssl(arguments, given=None):
    return subprocess.run(["openssl", *arguments], input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


def _make_rsa(bits):
    private = _openssl(["genrsa", "-traditional", str(bits)])
    public = _openssl(["rsa", "-pubout", "-outform", "DER"], private)
    return private, base64.b64encode(public).decode()


def _der(tag, content):
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (octets if size < 128 else bytes([128 + len(octets)]) + octets) + content


def _make_long_rsa(bits):
    """The SubjectPublicKeyInfo of a number of that size; nobody needs to know its factors."""
    modulus = (1 << (bits - 1) | secrets.randbits(bits - 2) | 1).to_bytes(bits // 8 + 1, "big")
    numbers = _der(0x30, _der(2, modulus) + _der(2, (65537).to_bytes(3, "big")))
    algorithm = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return None, base64.b64encode(_der(0x30, algorithm + _der(3, b"\0" + numbers))).decode()


def _make_ed25519():
    """dkimpy-milter takes base64 that begins with / in a key table for a path: one key in 64, and none of ours."""
    private = b"/"
    while private.startswith(b"/"):
        key = nacl.signing.SigningKey.generate()
        private = base64.b64encode(bytes(key))
    return private, base64.b64encode(bytes(key.verify_key)).decode()


def _ed25519_pem(private):
    """PKCS#8 (RFC 8410 7) of what dkimpy takes."""
    der = _der(0x30, _der(2, b"\0") + _der(0x30, bytes.fromhex("06032b6570")) + _der(4, _der(4, base64.b64decode(private))))
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"


class Keys:
    def __init__(self):
        self._made = {}
        self._folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self._lock = threading.Lock()

    def _pair(self, name):
        with self._lock:
            return self._pair_locked(name)

    def _pair_locked(self, name):
        if name not in self._made:
            kind = name.split("-")[0]
            if not (kind == "ed25519" or (kind.startswith("rsa") and kind[3:].isdigit())):
                raise ValueError(f"no such kind of key: {name}")
            self._made[name] = self._make(kind)
        return self._made[name]

    @staticmethod
    def _make(kind):
        if kind == "ed25519":
            return _make_ed25519()
        bits = int(kind[3:])
        return _make_rsa(bits) if bits <= BITS_MOST else _make_long_rsa(bits)

    def public(self, name):
        """The base64 of p=."""
        return self._pair(name)[PUBLIC]

    def public_pkcs1(self, name):
        """The same as the RSAPublicKey of which RFC 6376 speaks, without the wrapper that is used in practice."""
        return base64.b64encode(_openssl(["rsa", "-RSAPublicKey_out", "-outform", "DER"],
                                         self._pair(name)[PRIVATE])).decode()

    def record(self, name):
        """The TXT record that publishes the key."""
        kind = "ed25519" if name.startswith("ed25519") else "rsa"
        return f"v=DKIM1; k={kind}; p={self.public(name)}"

    def file(self, name):
        """The path of the private key as PEM text, as long as this object lives."""
        with self._lock:
            path = pathlib.Path(self._folder.name) / f"{name}.pem"
            if not path.exists():
                private = self._pair_locked(name)[PRIVATE]
                path.touch(mode=0o600)
                path.write_bytes(_ed25519_pem(private) if name.startswith("ed25519") else private)
            return str(path)

    def sign(self, message, key, domain, selector, identity=None, canonicalize="relaxed/relaxed", headers=None,
             length=False, algorithm=None):
        """The message (bytes) with one more DKIM-Signature on top. Line ends are made CRLF first."""
        message = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        algorithm = algorithm or ("ed25519-sha256" if key.startswith("ed25519") else "rsa-sha256")
        how = tuple(part.encode() for part in canonicalize.split("/"))
        include = [name.lower().encode() for name in headers] if headers else None
        signature = dkim.sign(message, selector.encode(), domain.encode(), self._pair(key)[PRIVATE],
                              identity=identity.encode() if identity else None, canonicalize=how,
                              signature_algorithm=algorithm.encode(), include_headers=include, length=length)
        return signature + message

    def sign_tags(self, message, key, tags, headers, last="b="):
        """A signature with exactly these tags (b= and, unless given, bh= are added): for what dkimpy would not write.

        The algorithm is a= where it is known, else SHA-256; the canonicalisation is c=.
        """
        message = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        fields, body = dkim.rfc822_parse(message)
        canonical = dkim.canonicalization.CanonicalizationPolicy.from_c_value(
            tags.get("c", "simple/simple").encode())
        new_hash = hashlib.sha1 if tags.get("a", "").endswith("sha1") else hashlib.sha256
        body = canonical.canonicalize_body(body)
        if "l" in tags:
            body = body[:int(tags["l"])]
        tags = dict(tags)
        tags.setdefault("bh", base64.b64encode(new_hash(body).digest()).decode())
        value = " " + "; ".join(f"{name}={text}" for name, text in tags.items()) + "; " + last
        hashed = new_hash()
        chosen = []
        left = list(fields)
        for name in headers:
            for field in reversed(left):
                if field[0].lower() == name.lower().encode():
                    chosen.append(field)
                    left.remove(field)
                    break
        for name, text in canonical.canonicalize_headers(chosen):
            hashed.update(name + b":" + text)
        own = canonical.canonicalize_headers([(b"DKIM-Signature", value.encode() + b"\r\n")])[0]
        hashed.update((own[0] + b":" + own[1]).rstrip(b"\r\n"))
        return f"DKIM-Signature:{value}{self.signature(key, hashed)}\r\n".encode() + message

    def signature(self, key, hashed):
        """The base64 of b= over a hash (hashlib) of what is signed."""
        private = self._pair(key)[PRIVATE]
        if key.startswith("ed25519"):
            seal = nacl.signing.SigningKey(base64.b64decode(private)).sign(hashed.digest()).signature
        else:
            seal = dkim.crypto.RSASSA_PKCS1_v1_5_sign(hashed, dkim.crypto.parse_pem_private_key(private))
        return base64.b64encode(seal).decode()
