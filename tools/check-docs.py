#!/usr/bin/env python3
"""Checks what can be checked in the Markdown files: that every relative link leads to a
file, every link into a page to a heading of it, and that every tlsw_ or TLSW_ name is one
of the header's. One line a file, and `N passed, M failed` at the end."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A name, but not the beginning of one, as in `tlsw_ctx_*` or `tlsw_ctx_load_ca_{mem,file}`.
NAME = re.compile(r"\b(?:tlsw|TLSW)_\w*[A-Za-z0-9](?![\w*{<…])")
# Variables of the environment and build tags, which are no business of the header.
VARIABLES = {"TLSW_BLESS", "TLSW_TEST_PKI", "TLSW_LIBRARY", "TLSW_BOGO_TRANSPORT", "tlsw_static"}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def documents():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def without_code_blocks(text):
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)


def anchors(page):
    """The names of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ +(.*?) *#*$", without_code_blocks(page.read_text()), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def problems(page, known):
    text = page.read_text()
    for target in LINK.findall(without_code_blocks(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        if not other.exists():
            yield f"there is no {target}"
        elif anchor and anchor not in anchors(other):
            yield f"there is no heading for {target}"
    for name in sorted(set(NAME.findall(text)) - known):
        yield f"the header has no {name}"


def main():
    header = (ROOT / "include" / "tlswrap.h").read_text()
    known = set(re.findall(r"\b(?:tlsw|TLSW)_\w+", header)) | VARIABLES
    passed = failed = 0
    for page in documents():
        found = list(problems(page, known))
        print("FAILED " if found else "ok     ", page.relative_to(ROOT))
        for problem in found:
            print("       ", problem)
        passed += not found
        failed += bool(found)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
