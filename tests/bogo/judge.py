"""judge.py RESULTS LOG CONFIG LACKING [PATTERN...]: holds what became of BoringSSL's tests against
config.json.

A test that failed has to match a pattern of "DisabledTests" there, and one that matches has to fail:
what differs by design differs always. With PATTERNs only a part of the tests was run, so patterns
that match none of them are nothing to complain of. The last line is `N passed, M failed, K skipped`;
a test that differs as it is listed counts as passed.
"""

import collections
import fnmatch
import json
import pathlib
import re
import sys

results_file, log, config_file, lacking = map(pathlib.Path, sys.argv[1:5])
is_part = len(sys.argv) > 5

results = json.loads(results_file.read_text(encoding="utf-8"))
tests = {name: test["actual"] for name, test in results["tests"].items()}
listed = json.loads(config_file.read_text(encoding="utf-8"))["DisabledTests"]
told = dict(re.findall(r"^FAILED \((\S+)\)\n(.*?)(?=^(?:PASSED|FAILED|UNIMPLEMENTED) |\Z)",
                       log.read_text(encoding="utf-8", errors="replace"), re.M | re.S))


def pattern_of(name):
    return next((pattern for pattern in listed if fnmatch.fnmatchcase(name, pattern)), None)


def text_of(name):
    """What the runner said of a test, within bounds."""
    return "".join(f"\n        {line[:400]}" for line in told.get(name, "").splitlines()[:60])


numbers = collections.Counter(passed=0, different=0, failed=0, skipped=0)
used = set()
for name, became in sorted(tests.items()):
    pattern = pattern_of(name)
    if became == "SKIP":
        numbers["skipped"] += 1
        continue
    used.add(pattern)
    if became == "PASS" and pattern is None:
        numbers["passed"] += 1
    elif became == "FAIL" and pattern is not None:
        numbers["different"] += 1
    else:
        numbers["failed"] += 1
        why = text_of(name) if pattern is None else ": it passes, and config.json lists it as different"
        print(f"FAILED  {name}{why}")
for pattern in listed:
    if pattern not in used and not is_part:
        numbers["failed"] += 1
        print(f"FAILED  {pattern} of config.json matches no test that was run")
if results["interrupted"] or not tests:
    numbers["failed"] += 1
    print("FAILED  the runner did not come to its end")

print(f"ok      {numbers['passed']} tests pass, {numbers['different']} differ as config.json lists them")
if numbers["skipped"]:
    # The shim writes a line for each test that it cannot do.
    wants = collections.Counter(lacking.read_text(encoding="utf-8").splitlines()).most_common()
    most = ", ".join(f"{what} ({number})" for what, number in wants[:8])
    others = f" and {len(wants) - 8} other features" if len(wants) > 8 else ""
    print(f"skipped {numbers['skipped']} of BoringSSL's {len(tests)} tests, which want what is not in "
          f"the ABI: {most}{others}")
passed = numbers["passed"] + numbers["different"]
print(f"\n{passed} passed, {numbers['failed']} failed, {numbers['skipped']} skipped")
sys.exit(1 if numbers["failed"] or not passed else 0)
