"""Makes the wheel (PEP 517): the package, the shared object, and the .pth file for child processes.

The shared object is the one in target/dist; if it has not been built since its source was changed,
`make` builds it.
"""

import base64
import hashlib
import os
import re
import subprocess
import sysconfig
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# Run at the start of every Python program where the package is installed; it does something only
# in children of `python -m tlswrap`, also of those that do not look at PYTHONPATH.
PTH = 'import os; "TLSWRAP_INSTALL" in os.environ and __import__("tlswrap._install")._install.start()\n'


def _version():
    with open(os.path.join(ROOT, "Cargo.toml"), encoding="utf-8") as file:
        return re.search(r'^version *= *"(.*)"', file.read(), re.M)[1]


def _changed():
    """When the source of the library was last changed."""
    files = [os.path.join(ROOT, name) for name in ("build.rs", "Cargo.toml", "Cargo.lock")]
    for directory, _, names in os.walk(os.path.join(ROOT, "src")):
        files.extend(os.path.join(directory, name) for name in names)
    return max(map(os.path.getmtime, files))


def _shared_object():
    name = os.path.join("target", "dist", f"libtlswrap.so.{_version()}")
    path = os.path.join(ROOT, name)
    if not os.path.exists(path) or os.path.getmtime(path) < _changed():
        subprocess.run(["make", "-C", ROOT, name], check=True)
    return path


def _metadata():
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
        description = file.read()
    return (
        "Metadata-Version: 2.1\n"
        "Name: tlswrap\n"
        f"Version: {_version()}\n"
        "Summary: The standard library's ssl module on BoringSSL, with the peer's certificate chains\n"
        "License: Apache-2.0 OR MIT\n"
        "Requires-Python: >=3.9\n"
        "Description-Content-Type: text/markdown\n"
        "\n" + description
    )


def _sources():
    """The files of the package: (name in the wheel, path)."""
    for directory, directories, files in os.walk(os.path.join(HERE, "tlswrap")):
        directories[:] = sorted(set(directories) - {"__pycache__"})
        for name in sorted(files):
            if name.endswith((".py", ".pyi", ".typed")):
                path = os.path.join(directory, name)
                yield os.path.relpath(path, HERE).replace(os.sep, "/"), path


def _write(directory, files):
    """Writes a wheel of `files`, a list of (name, bytes)."""
    tag = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())
    info = f"tlswrap-{_version()}.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: tlswrap\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files = [*files, (f"{info}/METADATA", _metadata().encode()), (f"{info}/WHEEL", wheel.encode())]
    for licence in ("LICENSE-APACHE", "LICENSE-MIT"):
        with open(os.path.join(ROOT, licence), "rb") as file:
            files.append((f"{info}/licenses/{licence}", file.read()))
    record = ""
    for name, data in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        record += f"{name},sha256={digest},{len(data)}\n"
    record += f"{info}/RECORD,,\n"
    filename = f"tlswrap-{_version()}-{tag}.whl"
    with zipfile.ZipFile(os.path.join(directory, filename), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*files, (f"{info}/RECORD", record.encode())]:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            archive.writestr(entry, data)
    return filename


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = []
    for name, path in [*_sources(), ("tlswrap/libtlswrap.so", _shared_object())]:
        with open(path, "rb") as file:
            files.append((name, file.read()))
    return _write(wheel_directory, [*files, ("tlswrap.pth", PTH.encode())])


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    # The checkout itself, whose package finds the library in target.
    return _write(
        wheel_directory,
        [("tlswrap_checkout.pth", (HERE + "\n").encode()), ("tlswrap.pth", PTH.encode())],
    )


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError("the source of the library is the whole checkout: install from there")
