#!/usr/bin/env python3
"""run.py [PART...]: tests the Python binding; see PARTS.

The package is installed into an environment of its own, as users have it. Then our own tests run;
CPython's test_ssl, held against expected.toml; and the suites of the standard library that make
TLS connections. The last line is `N passed, M failed, K skipped`.
"""

import concurrent.futures
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
WORK = os.path.join(ROOT, "target", "test-python")
PYTHON = os.path.join(WORK, "venv", "bin", "python")

# The suites of the standard library: name, options, whether it makes TLS connections.
SUITES = [
    ("test_imaplib", [], True),
    ("test_logging", [], True),
    ("test_ftplib", [], True),
    ("test_poplib", [], True),
    ("test_asyncio.test_ssl", [], True),
    ("test_asyncio.test_sslproto", [], True),
    ("test_asyncio.test_events", [], True),
    ("test_asyncio.test_streams", [], True),
    ("test_asyncio.test_sendfile", [], True),
    # It asserts that a context for HTTPS has post_handshake_auth, which BoringSSL has not.
    ("test_httplib", ["-i", "test_tls13_pha"], True),
    ("test_urllib2_localnet", [], True),
    ("test_nntplib", [], True),
    ("test_hashlib", [], False),
    ("test_hmac", [], False),
]
# What people use; our tests of them skip themselves where they cannot be installed.
CLIENTS = ["requests", "urllib3", "aiohttp", "uvicorn"]
RESOURCES = "all,-largefile,-network,-gui,-audio,-cpu,-decimal,-tzdata,-walltime"

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
    """An environment with the package, made of this checkout, and with the clients we try."""
    if not usable(PYTHON):
        shutil.rmtree(WORK, ignore_errors=True)
        venv.create(os.path.join(WORK, "venv"), with_pip=True, symlinks=True)
    done = pip("install", "--no-index", "--force-reinstall", PACKAGE)
    if done.returncode:
        sys.exit(f"run.py: the package cannot be installed:\n{done.stderr}")
    if pip("show", *CLIENTS).returncode:
        done = pip("install", "--timeout", "20", "--retries", "1", *CLIENTS)
        if done.returncode:
            say(f"        without {', '.join(CLIENTS)}: pip cannot install them")
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
        name = os.path.basename(path)
        command = [PYTHON, "-m", "unittest", "-v", path]
        result = run(command, 240, cwd=HERE, TLSWRAP_TEST_PKI=os.path.join(WORK, "pki"))
        ran = re.findall(r"^Ran (\d+) tests?", result.text, re.M)
        bad = sum(
            int(n) for n in re.findall(r"(?:failures|errors|successes)=(\d+)", last_line(result))
        )
        skipped = re.findall(r"skipped=(\d+)", last_line(result))
        skipped = int(skipped[0]) if skipped else 0
        for why in sorted(set(re.findall(r"\.\.\. skipped ['\"](.*)['\"]", result.text))):
            say(f"skipped {name}: {why}")
        if not ran or ran == ["0"] and not skipped or (result.status and not bad):
            bad = max(bad, 1)
        ran = int(ran[0]) if ran else bad
        count("skipped", skipped)
        count("failed", bad)
        count("passed", max(0, ran - bad - skipped))
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


def suite(name, options, connects):
    """Runs a suite: (result, {test: "passed", "failed" or "skipped"}, what is wrong)."""
    xml_file = os.path.join(WORK, name + ".xml")
    command = [PYTHON, "-m", "tlswrap", os.path.join(HERE, "suite.py")]
    command += ["-u", RESOURCES, "--junit-xml", xml_file, "--timeout", "120", *options, name]
    result = run(command, 300)
    tests = {}
    if os.path.exists(xml_file):
        for case in xml.etree.ElementTree.parse(xml_file).iter("testcase"):
            test = re.sub(r"^test\.(?:test_\w+\.)*", "", case.get("name").split(" ")[0])
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


def expectations():
    """expected.toml: a table of strings, which needs no more of TOML than this."""
    with open(os.path.join(HERE, "expected.toml"), encoding="utf-8") as file:
        return dict(re.findall(r'^"(.+?)" = "(.+)"$', file.read(), re.M))


def test_ssl(outcome):
    """What became of CPython's test_ssl against what must become of it."""
    result, tests, wrong = outcome
    expected = expectations()
    for test, became in sorted(tests.items()):
        if became == "failed" and test not in expected:
            wrong = wrong or f"{test} failed"
            say(f"FAILED  test_ssl {test}")
            count("failed")
        elif became != "failed" and test in expected:
            wrong = wrong or f"{test} is in expected.toml, and {became}"
            say(f"FAILED  test_ssl {test}: it is in expected.toml, and {became}")
            count("failed")
        else:
            count("skipped" if became == "skipped" else "passed")
    for test in sorted(set(expected) - set(tests)):
        wrong = wrong or f"{test} is in expected.toml, and does not exist"
        count("failed")
    numbers = [list(tests.values()).count(became) for became in ("passed", "failed", "skipped")]
    say("test_ssl: {} run, {} passed, {} failed, {} skipped".format(len(tests), *numbers))
    verdict("test_ssl" + (f": {wrong}" if wrong else ""), not wrong, result)
    if wrong and not counts["failed"]:
        count("failed")


def other(name, outcome):
    result, tests, wrong = outcome
    values = list(tests.values())
    failed = max(values.count("failed"), 1 if wrong else 0)
    count("passed", values.count("passed"))
    count("failed", failed)
    count("skipped", values.count("skipped"))
    verdict(name + (f": {wrong}" if wrong else ""), not failed, result)


def cpython(which):
    if sys.version_info[:2] != (3, 11):
        return skip(f"CPython's suites: they are held against 3.11, and this is {sys.version[:6]}")
    try:
        import test.test_ssl  # noqa: F401
    except ImportError:
        return skip("CPython's suites: this Python has no package `test`")
    # Two at a time: they mostly wait.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = [(name, pool.submit(suite, name, options, tls)) for name, options, tls in which]
        for name, outcome in running:
            if name == "test_ssl":
                test_ssl(outcome.result())
            else:
                other(name, outcome.result())


PARTS = {
    "own": own,
    "test_ssl": lambda: cpython([("test_ssl", [], True)]),
    "suites": lambda: cpython(SUITES),
}


def main(parts):
    for part in parts:
        if part not in PARTS:
            sys.exit(f"run.py: no part {part!r}; there are: {' '.join(PARTS)}")
    prepare()
    if not parts:
        own()
        cpython([("test_ssl", [], True), *SUITES])
    for part in parts:
        PARTS[part]()
    say(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
