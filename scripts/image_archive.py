"""Puts together what an image FROM scratch holds, and writes it as `docker load` reads it: a program, the shared libraries
that it names, theirs in turn, and certificates. It reads ELF itself, so that it can do so for another processor than this
machine's, and runs nothing. The same files give the same bytes."""

import argparse
import gzip
import hashlib
import io
import json
import struct
import sys
import tarfile
from pathlib import Path

USER = 65532
# By ELF's numbers: OCI's name of the processor, and where programs say that their loader is.
MACHINES = {0xB7: ("arm64", "arm64"), 0x3E: ("x86_64", "amd64")}
NEEDED, STRING_TABLE, INTERPRETER_SEGMENT, DYNAMIC_SEGMENT, LOAD_SEGMENT = 1, 5, 3, 2, 1


class Refused(Exception):
    """What cannot be an image; the message says why."""


class Elf:
    """As much of a 64-bit little-endian ELF file as says what it needs to run."""

    def __init__(self, path):
        self.path, self.bytes = path, path.read_bytes()
        if self.bytes[:6] != b"\x7fELF\x02\x01":
            raise Refused(f"InvalidProgram: {path} is no 64-bit program or library of Linux")
        (self.machine,) = struct.unpack_from("<H", self.bytes, 18)
        at, size, count = *struct.unpack_from("<Q", self.bytes, 32), *struct.unpack_from("<HH", self.bytes, 54)
        # Each as (kind, place in the file, address, bytes in the file).
        self.segments = []
        for n in range(count):
            kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", self.bytes, at + n * size)
            self.segments.append((kind, offset, address, length))

    def architecture(self):
        if self.machine not in MACHINES:
            raise Refused(f"WrongArchitecture: {self.path} is for a processor of the number {self.machine}")
        return MACHINES[self.machine][0]

    def interpreter(self):
        """Where the program wants its loader; nothing for a library."""
        for kind, offset, _, length in self.segments:
            if kind == INTERPRETER_SEGMENT:
                return self.bytes[offset : offset + length].rstrip(b"\0").decode()
        return None

    def needed(self):
        """The libraries that it names."""
        entries = []
        for kind, offset, _, length in self.segments:
            if kind == DYNAMIC_SEGMENT:
                entries = [struct.unpack_from("<QQ", self.bytes, offset + n) for n in range(0, length, 16)]
        tables = [self._place(value) for tag, value in entries if tag == STRING_TABLE]
        return [self._text(tables[0] + value) for tag, value in entries if tag == NEEDED]

    def _place(self, address):
        for kind, offset, start, length in self.segments:
            if kind == LOAD_SEGMENT and start <= address < start + length:
                return offset + address - start
        raise Refused(f"InvalidProgram: {self.path} names an address that is not in it")

    def _text(self, at):
        return self.bytes[at : self.bytes.index(b"\0", at)].decode()


def libraries_of(program, architecture, folders):
    """Every library that the program and its libraries name, by name, and the loader by its path."""
    start = Elf(program)
    if start.architecture() != architecture:
        raise Refused(f"WrongArchitecture: {program} is for {start.architecture()}, and the image is for {architecture}")
    loader = start.interpreter()
    if loader is None:
        raise Refused(f"InvalidProgram: {program} names no loader")
    found, wanted = {}, start.needed() + [Path(loader).name]
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        places = [folder / name for folder in folders if (folder / name).is_file()]
        # A library of the right name for another processor is passed over, as the loader does.
        fitting = [place for place in places if Elf(place).architecture() == architecture]
        if not fitting:
            raise Refused(f"LibraryMissing: {name}, which {program.name} needs on {architecture}, is in none of {', '.join(map(str, folders))}")
        found[name] = fitting[0]
        wanted += Elf(fitting[0]).needed()
    return found, loader


def contents(options):
    """The files of the image by their path, each as (bytes, mode)."""
    libraries, loader = libraries_of(options.program, options.architecture, options.libraries)
    files = {options.program.name: (options.program.read_bytes(), 0o755)}
    for name, place in libraries.items():
        path = loader.lstrip("/") if name == Path(loader).name else f"lib/{name}"
        files[path] = (place.read_bytes(), 0o755)
    files["etc/ssl/certs/ca-certificates.crt"] = (options.certificates.read_bytes(), 0o644)
    files["etc/passwd"] = (f"millrace:x:{USER}:{USER}::/tmp:/none\n".encode(), 0o644)
    files["etc/group"] = (f"millrace:x:{USER}:\n".encode(), 0o644)
    return files


def entry(name, mode, kind, size=0):
    made = tarfile.TarInfo(name)
    made.mode, made.type, made.size, made.mtime = mode, kind, size, 0
    return made


def layer(files):
    """A tar of the files and their folders, in the order of their names."""
    folders = {"tmp"} | {str(parent) for name in files for parent in Path(name).parents if str(parent) != "."}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(folders | set(files)):
            if name in folders:
                # A volume that Fargate mounts at /tmp has the rights of this folder.
                tar.addfile(entry(name, 0o1777 if name == "tmp" else 0o755, tarfile.DIRTYPE))
            else:
                content, mode = files[name]
                tar.addfile(entry(name, mode, tarfile.REGTYPE, len(content)), io.BytesIO(content))
    return made.getvalue()


def archive(options, packed_layer):
    """As `docker save` writes an image of one layer."""
    digest = hashlib.sha256(packed_layer).hexdigest()
    config = {
        "architecture": {name: oci for name, oci in MACHINES.values()}[options.architecture],
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": {"User": f"{USER}:{USER}", "Entrypoint": [f"/{options.program.name}"], "Volumes": {"/tmp": {}}, "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "scripts/image-archives"}],
    }
    text = json.dumps(config, separators=(",", ":")).encode()
    name = f"{hashlib.sha256(text).hexdigest()}.json"
    manifest = [{"Config": name, "RepoTags": [options.tag], "Layers": [f"{digest}/layer.tar"]}]
    parts = {name: text, "manifest.json": json.dumps(manifest, separators=(",", ":")).encode(), f"{digest}/layer.tar": packed_layer}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for part, content in parts.items():
            tar.addfile(entry(part, 0o644, tarfile.REGTYPE, len(content)), io.BytesIO(content))
    return made.getvalue()


def write_root(files, root):
    for name, (content, mode) in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(mode)
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)


def write_archive(options, files):
    bytes_unpacked = sum(len(content) for content, _ in files.values())
    one = layer(files)
    bytes_packed = len(gzip.compress(one, mtime=0))
    mebibytes, megabytes = bytes_unpacked / 2**20, bytes_packed / 1e6
    print(f"{options.program.name:20} {options.architecture:7} {mebibytes:6.1f} MiB, packed {megabytes:5.1f} MB")
    if mebibytes > options.most_mebibytes or megabytes > options.most_packed_megabytes:
        raise Refused(f"ImageTooLarge: {options.program.name} may have {options.most_mebibytes} MiB and, packed, {options.most_packed_megabytes} MB")
    aside = options.archive.with_suffix(".new")
    aside.write_bytes(archive(options, one))
    aside.replace(options.archive)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", required=True, choices=[name for name, _ in MACHINES.values()])
    parser.add_argument("--program", required=True, type=Path)
    parser.add_argument("--libraries", required=True, type=Path, action="append", help="a folder; the first that has a library counts")
    parser.add_argument("--certificates", required=True, type=Path)
    parser.add_argument("--root", type=Path, help="write the files below this folder")
    parser.add_argument("--archive", type=Path, help="write the image to this file")
    parser.add_argument("--tag")
    parser.add_argument("--most-mebibytes", type=float, default=float("inf"))
    parser.add_argument("--most-packed-megabytes", type=float, default=float("inf"))
    options = parser.parse_args()
    try:
        files = contents(options)
        if options.root:
            write_root(files, options.root)
        if options.archive:
            write_archive(options, files)
    except (Refused, OSError) as error:
        sys.exit(f"image-archives: {error}")


if __name__ == "__main__":
    main()
