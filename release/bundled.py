"""What the native library holds of other people's work: licences and a bill of materials.

Usage: bundled.py <cargo metadata, JSON> <Cargo.lock> <directory to write to>

Writes THIRD-PARTY-LICENSES.txt (every crate's licence and its text) and sluice.cdx.json (CycloneDX 1.6). Both depend on
Cargo.lock alone: no time, no random serial number, so that two builds are equal bit for bit.
"""

import json
import sys
import tomllib
from collections import defaultdict
from functools import partial
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

LIBRARY = "sluice-jni"
JAR = partial(PackageURL, "maven", "io.sluice", "sluice-spark_2.13")
APACHE = Path(__file__).parent.parent / "LICENSE"
FILES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")


def bundled(metadata):
    """The packages whose code is in the library, by id, and what each needs of the others. Build scripts and macros only
    run at build time."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    [root] = [id for id, package in packages.items() if package["name"] == LIBRARY]

    def needs(id):
        for dependency in nodes[id]["deps"]:
            linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            macro = any("proc-macro" in target["kind"] for target in packages[dependency["pkg"]]["targets"])
            if linked and not macro:
                yield dependency["pkg"]

    found, ahead = {}, [root]
    while ahead:
        id = ahead.pop()
        if id not in found:
            found[id] = sorted(needs(id))
            ahead += found[id]
    return root, {id: packages[id] for id in found}, found


def expression(package):
    """The licence as SPDX writes it: crates.io once took a slash for OR."""
    given = package["license"]
    if not given:
        sys.exit(f"Cannot list the licence of {package['name']} {package['version']}: its Cargo.toml names none")
    return " OR ".join(part.strip() for part in given.split("/"))


def files(package):
    """The licence files of a crate, with those of the C code that it carries."""
    root = Path(package["manifest_path"]).parent
    named = [file for file in root.iterdir() if file.name.upper().startswith(FILES)]
    carried = root.glob("*/**/LICENSE*") if package["links"] else []
    return [file for file in sorted({*named, *carried}) if file.is_file()]


def texts(package, packages):
    """A crate's licence files, else those of a crate from the same repository, else the text of Apache-2.0 where that is one to choose."""
    kin = [other for other in packages if package["repository"] and other["repository"] == package["repository"]]
    own = [APACHE] if "Apache-2.0" in expression(package).split(" OR ") else []
    found = next(filter(None, map(files, [package, *kin])), own)
    if not found:
        sys.exit(f"Cannot give the licence text of {package['name']} {package['version']} ({expression(package)}): no file of it holds one")
    return [file.read_text(encoding="utf-8", errors="replace").strip() for file in found]


def licences(packages):
    """One text once, under the crates that it covers."""
    covered = defaultdict(list)
    for package in packages:
        if package["source"]:
            for text in texts(package, packages):
                covered[text].append(package)
    lines = ["The native library of Sluice holds these crates, each under its own licence.", ""]
    for package in packages:
        if package["source"]:
            lines.append(f"{package['name']} {package['version']}: {expression(package)}; {package['repository'] or 'crates.io'}")
    for text, of in covered.items():
        lines += ["", "-" * 100, ", ".join(f"{package['name']} {package['version']}" for package in of), "", text]
    return "\n".join(lines) + "\n"


def bill(root, packages, needs, checksums):
    """The jar as the thing described, the crates as its parts."""
    def component(package):
        version = package["version"]
        url = JAR(version) if package["id"] == root else PackageURL("cargo", None, package["name"], version)
        checksum = checksums.get((package["name"], version))
        return Component(
            name=url.name,
            group=url.namespace,
            version=version,
            type=ComponentType.LIBRARY,
            bom_ref=str(url),
            purl=url,
            licenses=[LicenseExpression(expression(package))],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
        )

    parts = {package["id"]: component(package) for package in packages}
    bom = Bom(components=[part for id, part in parts.items() if id != root])
    bom.metadata.component = parts[root]
    for id, part in parts.items():
        bom.register_dependency(part, [parts[need] for need in needs[id]])
    written = json.loads(JsonV1Dot6(bom).output_as_string())
    del written["serialNumber"], written["metadata"]["timestamp"]
    text = json.dumps(written, indent=2, ensure_ascii=False) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        sys.exit(f"Cannot write the bill of materials: it is no valid CycloneDX: {wrong}")
    return text


def main(metadata, lock, directory):
    root, found, needs = bundled(json.loads(Path(metadata).read_text(encoding="utf-8")))
    packages = sorted(found.values(), key=lambda package: (package["name"], package["version"]))
    locked = tomllib.loads(Path(lock).read_text(encoding="utf-8"))["package"]
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in locked}
    out = Path(directory)
    out.mkdir(parents=True, exist_ok=True)
    (out / "THIRD-PARTY-LICENSES.txt").write_text(licences(packages), encoding="utf-8", newline="\n")
    (out / "sluice.cdx.json").write_text(bill(root, packages, needs, checksums), encoding="utf-8", newline="\n")
    print(f"{len(packages)} crates in the native library")


main(*sys.argv[1:])
