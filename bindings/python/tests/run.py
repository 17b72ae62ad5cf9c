#!/usr/bin/env python3
"""run.py [PART...]: tests the Python binding on the Python that runs this; see PARTS.

The package is installed into an environment of its own, as users have it. Then our own tests run;
those with what people use; CPython's test_ssl and the suites of its standard library that make TLS
connections, held against expected.toml; and with each other Python that is supported and found our
own tests and test_ssl. The last line is `N passed, M failed, K skipped`.
"""

import concurrent.futures
import functools
import glob
import os
import re
import shutil
import subprocess
import sys
import venv
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
ROOT = os.path.dirname(os.path.dirname(PACKAGE))
VERSION = "{}.{}".format(*sys.version_info)
RELEASE = "{}.{}.{}".format(*sys.version_info)
WORK = os.path.join(ROOT, "target", "test-python", VERSION)
PYTHON = os.path.join(WORK, "venv", "bin", "python")

# Python 3.N for each of these N, where it can be found.
SUPPORTED = range(9, 15)

# The suites of the standard library: name, and whether it makes TLS connections.
SUITES = [
    ("test_imaplib", True),
    ("test_logging", True),
    ("test_ftplib", True),
    ("test_poplib", True),
    ("test_asyncio.test_ssl", True),
    ("test_asyncio.test_sslproto", True),
    ("test_asyncio.test_events", True),
    ("test_asyncio.test_streams", True),
    ("test_asyncio.test_sendfile", True),
    ("test_httplib", True),
    ("test_urllib2_localnet", True),
    ("test_nntplib", True),
    ("test_hashlib", False),
    ("test_hmac", False),
]
# What people use; our tests of them skip themselves where they cannot be installed.
CLIENTS = ["requests", "urllib3", "aiohttp", "uvicorn"]
# What regrtest may not use, where it knows it.
UNWANTED = "largefile network gui audio cpu decimal tzdata walltime".split()

counts = {"passed": 0, "failed": 0, "skipped": 0}


def count(what, number=1):
    counts[what] += number


def say(line):
    print(line, flush=True)


def skip(line):
    say(f"skipped {line}")
    count("skipped")


def environment(**more):
    """Ours, without what would lead Python or the package elsewhere."""
    ours = ("PYTHON", "TLSWRAP", "SSL", "REQUESTS_", "CURL_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**kept, **more}


def pip(*arguments):
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    return subprocess.run(command, env=environment(), capture_output=True, text=True)


def prepare():
    """An environment with the package, made of this checkout."""
    if not usable(PYTHON):
        shutil.rmtree(WORK, ignore_errors=True)
        venv.create(os.path.join(WORK, "venv"), with_pip=True, symlinks=True)
    done = pip("install", "--no-index", "--force-reinstall", PACKAGE)
    if done.returncode:
        sys.exit(f"run.py: the package cannot be installed:\n{done.stderr}")
    pki = os.path.join(WORK, "pki")
    subprocess.run([os.path.join(ROOT, "target/release/examples/make-certs"), pki], check=True)


def usable(python):
    """Whether an environment of an earlier run is of this very Python."""
    try:
        command = [python, "-c", "import sys; print(sys.version)"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip() == sys.version
    except OSError:
        return False


# ---- Our own tests ----


def own():
    """Our own tests, one process a file, with the installed package."""
    for path in sorted(glob.glob(os.path.join(HERE, "test_*.py"))):
        if os.path.basename(path) != "test_clients.py":
            tests_of(path)


def clients():
    """Our own tests with what people use."""
    if pip("show", *CLIENTS).returncode:
        done = pip("install", "--timeout", "20", "--retries", "1", *CLIENTS)
        if done.returncode:
            say(f"        without {', '.join(CLIENTS)}: pip cannot install them")
    tests_of(os.path.join(HERE, "test_clients.py"))


def tests_of(path):
    name = os.path.basename(path)
    command = [PYTHON, "-m", "unittest", "-v", path]
    result = run(command, 240, cwd=HERE, TLSWRAP_TEST_PKI=os.path.join(WORK, "pki"))
    # Not by the number at the end: whether it has those that were skipped differs.
    passed = len(re.findall(r"(?:\.\.\. |^)ok$", result.text, re.M))
    bad = sum(int(n) for n in re.findall(r"(?:failures|errors|successes)=(\d+)", last_line(result)))
    skipped = re.findall(r"skipped=(\d+)", last_line(result))
    skipped = int(skipped[0]) if skipped else 0
    for why in sorted(set(re.findall(r"\.\.\. skipped ['\"](.*)['\"]", result.text))):
        say(f"skipped {name}: {why}")
    if not passed and not skipped or result.status and not bad:
        bad = max(bad, 1)
    count("skipped", skipped)
    count("failed", bad)
    count("passed", passed)
    verdict(name, bad == 0, result)


def last_line(result):
    return result.text.strip().splitlines()[-1] if result.text.strip() else ""


# ---- CPython's ----


class Result:
    def __init__(self, status, text):
        self.status = status
        self.text = text


def run(command, seconds, cwd=WORK, **more):
    """Runs a command to its end, or to that of its time; all it prints is in the result."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        text, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # All that it started too.
        os.killpg(process.pid, 9)
        text, _ = process.communicate()
        return Result(124, text + f"\nnot done after {seconds} seconds")
    return Result(process.returncode, text)


def verdict(name, good, result):
    say(f"{'ok     ' if good else 'FAILED '} {name}")
    if not good:
        say("\n".join("    " + line for line in result.text.splitlines()[-200:]))


@functools.lru_cache(maxsize=None)
def resources():
    """What regrtest may use. Not every version knows all: 3.11.2 has no `walltime`, 3.11.7 has."""
    told = subprocess.run([PYTHON, "-m", "test", "--help"], env=environment(), capture_output=True, text=True).stdout
    known = [name for name in UNWANTED if re.search(rf"^ +{name} - ", told, re.M)]
    return ",".join(["all", *(f"-{name}" for name in known)])


@functools.lru_cache(maxsize=None)
def has_terminals():
    """Whether a pseudo-terminal can be made, which takes more than a bare chroot has."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        skip("tests of pseudo-terminals: none can be made here")
        return False
    return True


def suite(name, connects):
    """Runs a suite: (result, {test: "passed", "failed" or "skipped"}, what is wrong)."""
    xml_file = os.path.join(WORK, name + ".xml")
    if os.path.exists(xml_file):
        os.unlink(xml_file)
    command = [PYTHON, "-m", "tlswrap", os.path.join(HERE, "suite.py")]
    command += ["-u", resources(), "--junit-xml", xml_file, "--timeout", "120"]
    # Of asyncio, for its streams over pseudo-terminals.
    command += [] if has_terminals() else ["--ignore", "*_pty*"]
    command.append(name)
    result = run(command, 300)
    tests = {}
    if os.path.exists(xml_file):
        for case in xml.etree.ElementTree.parse(xml_file).iter("testcase"):
            # Python 3.9 gives no name to a part of a test that failed.
            test = (case.get("name") or "(a subtest)").split(" ")[0]
            test = re.sub(r"^test\.(?:test_\w+\.)*", "", test)
            if case.find("failure") is not None or case.find("error") is not None:
                tests[test] = "failed"
            elif case.find("skipped") is not None:
                tests.setdefault(test, "skipped")
            else:
                tests.setdefault(test, "passed")
    handshakes = re.findall(r"^tlswrap: (\d+) handshakes$", result.text, re.M)
    wrong = None
    if not handshakes:
        wrong = "it did not come to its end"
    elif connects and handshakes[-1] == "0":
        wrong = "no connection was made"
    elif not tests:
        wrong = "there are no results"
    elif result.status and "failed" not in tests.values():
        wrong = f"it ended with status {result.status}"
    return result, tests, wrong


def expected(name):
    """What expected.toml says of a suite in this version of Python: tables of strings, which need
    no more of TOML than this."""
    rows = {}
    with open(os.path.join(HERE, "expected.toml"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            title = re.fullmatch(r'\[([\w.]+)\."(.+)"\]', line)
            row = re.fullmatch(r'"(.+?)" = "(.+)"', line)
            if title:
                versions = title[2].split()
                meant = title[1] == name and (VERSION in versions or RELEASE in versions)
            elif row and meant:
                rows[row[1]] = row[2]
    return rows


def judge(name, outcome):
    """What became of a suite against what must become of it."""
    result, tests, wrong = outcome
    known = expected(name)
    count("failed", 1 if wrong else 0)
    for test, became in sorted(tests.items()):
        if became == "skipped" and test in known:
            # The minor versions of one Python differ in what their tests skip.
            skip(f"{name} {test}: skips itself in Python {sys.version.split()[0]}")
            continue
        if (became == "failed") == (test in known):
            count("skipped" if became == "skipped" else "passed")
            continue
        why = "failed" if became == "failed" else f"is in expected.toml, and {became}"
        wrong = wrong or f"{test} {why}"
        say(f"FAILED  {name} {test}: it {why}")
        count("failed")
    for test in sorted(set(known) - set(tests)):
        wrong = wrong or f"{test} is in expected.toml, and does not exist"
        count("failed")
    values = list(tests.values())
    numbers = [values.count(became) for became in ("passed", "failed", "skipped")]
    told = "{} run, {} passed, {} failed, {} skipped".format(len(tests), *numbers)
    verdict(f"{name}: {told}" + (f": {wrong}" if wrong else ""), not wrong, result)


def cpython(which):
    try:
        import test
    except ImportError:
        return skip(f"CPython's suites: this Python {VERSION} has no package `test`")
    there = []
    for name, connects in which:
        path = os.path.join(os.path.dirname(test.__file__), *name.split(".")) + ".py"
        if os.path.exists(path):
            there.append((name, connects))
        else:
            skip(f"{name}: Python {VERSION} has no such suite")
    has_terminals()  # asked once, not by two at a time
    # Two at a time: they mostly wait.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = [(name, pool.submit(suite, name, connects)) for name, connects in there]
        for name, outcome in running:
            judge(name, outcome.result())


# ---- Other Pythons ----


def find(minor):
    """A Python 3.`minor` with what the tests take, or None: of the PATH, or one of pyenv's."""
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    candidates = glob.glob(os.path.join(pyenv, "versions", f"3.{minor}.*[0-9]", "bin", "python"))
    for python in [shutil.which(f"python3.{minor}"), *candidates]:
        code = "import sys, ctypes, venv, ensurepip; print(sys.version_info[1])"
        try:
            done = subprocess.run([python, "-c", code], capture_output=True, env=environment())
        except (OSError, TypeError):
            continue
        if done.stdout.strip() == str(minor).encode():
            return python
    return None


def others():
    """Our own tests and test_ssl with every other Python, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = []
        for minor in SUPPORTED:
            if minor != sys.version_info[1]:
                python = find(minor)
                if python is None:
                    skip(f"Python 3.{minor}: it is not here, or lacks ctypes or venv")
                else:
                    command = [python, os.path.abspath(__file__), "own", "test_ssl"]
                    running.append((minor, pool.submit(run, command, 400, cwd=HERE)))
        for minor, outcome in running:
            result = outcome.result()
            *lines, last = result.text.strip().splitlines() or [""]
            say("\n".join([f"Python 3.{minor}:", *lines]))
            numbers = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", last)
            if numbers is None or result.status and numbers[2] == "0":
                say(f"{last}\nFAILED  the tests on Python 3.{minor} did not come to their end")
                count("failed")
            if numbers is not None:
                for what, number in zip(counts, numbers.groups()):
                    count(what, int(number))


PARTS = {
    "own": own,
    "clients": clients,
    "test_ssl": lambda: cpython([("test_ssl", True)]),
    "suites": lambda: cpython(SUITES),
    "others": others,
}


def main(parts):
    for part in parts:
        if part not in PARTS:
            sys.exit(f"run.py: no part {part!r}; there are: {' '.join(PARTS)}")
    if parts != ["others"]:
        prepare()
    for part in parts or PARTS:
        PARTS[part]()
    say(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
