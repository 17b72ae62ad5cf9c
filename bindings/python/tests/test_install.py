"""How programs come to run on tlswrap, and their children with them."""

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
import zipfile

import tlswrap

OURS = "OpenSSL 1.1.1 (compatible; BoringSSL)"
SHOW = "import ssl; print(ssl.OPENSSL_VERSION)"
# So that the package is found where it is not installed.
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(tlswrap.__file__)))
INSTALLED = os.path.exists(os.path.join(PACKAGE, "tlswrap.pth"))


def python(*arguments, **options):
    """Runs Python; (status, what it printed, last line of what it complained)."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "TLSWRAP_I"))}
    if not INSTALLED:
        environment["PYTHONPATH"] = PACKAGE
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, **options
    )
    return done.returncode, done.stdout.strip(), (done.stderr.strip().splitlines() or [""])[-1]


def tlswrap_(*arguments, **options):
    return python("-m", "tlswrap", *arguments, **options)


class Programs(unittest.TestCase):
    def test_code_with_arguments(self):
        code = SHOW + "; import sys; print(sys.argv, __name__)"
        shown = f"{OURS}\n['-c', 'a', '-m', 'b'] __main__"
        self.assertEqual(tlswrap_("-c", code, "a", "-m", "b"), (0, shown, ""))

    def test_script(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "script.py")
            with open(os.path.join(directory, "beside.py"), "w", encoding="ascii") as file:
                file.write("VALUE = 7")
            with open(path, "w", encoding="ascii") as file:
                file.write(SHOW + "; import sys, beside; print(sys.argv, beside.VALUE, __file__)")
            shown = f"{OURS}\n['{path}', '-x'] 7 {path}"
            self.assertEqual(tlswrap_(path, "-x"), (0, shown, ""))

    def test_module(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "module.py"), "w", encoding="ascii") as file:
                file.write(SHOW + "; import sys; print(sys.argv[1:]); sys.exit(3)")
            told = tlswrap_("-m", "module", "-y", cwd=directory)
            self.assertEqual(told, (3, f"{OURS}\n['-y']", ""))

    def test_programs_find_themselves_as_without_us(self):
        code = """
import atexit, pickle, sys, threading, time
def here(): pass
def later(what):
    print(what, pickle.loads(pickle.dumps(here)) is here, sys.modules["__main__"].__name__)
for name in "__name__", "__package__", "__file__", "__cached__", "__doc__":
    print(name, globals().get(name, "none"))
print(sys.argv, sys.path[0], type(__loader__).__name__, __spec__ and __spec__.name)
print(__builtins__.__name__, "tlswrap" in globals())
atexit.register(later, "exit")
def thread():
    time.sleep(0.2)
    later("thread")
threading.Thread(target=thread).start()
if len(sys.argv) > 1:
    sys.exit(int(sys.argv[1]))
"""
        with tempfile.TemporaryDirectory() as directory:

            def write(*names):
                path = os.path.join(directory, *names)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="ascii") as file:
                    file.write(code)

            write("script.py")
            write("package", "__main__.py")
            write("package", "part.py")
            with zipfile.ZipFile(os.path.join(directory, "archive.zip"), "w") as archive:
                archive.writestr("__main__.py", code)
            for arguments in (
                ["script.py", "3"],
                [os.path.join(directory, "script.py")],
                [os.path.join("package", os.pardir, "script.py"), "0"],
                ["package", "4"],
                ["archive.zip"],
                ["-m", "script", "5"],
                ["-m", "package"],
                ["-m", "package.part", "6"],
                ["-c", code, "7"],
                ["nowhere.py"],
                ["-m", "nowhere"],
            ):
                with self.subTest(arguments):
                    alone = python(*arguments, cwd=directory)
                    self.assertEqual(tlswrap_(*arguments, cwd=directory), alone)

    def test_version_and_usage(self):
        status, told, _ = tlswrap_("--version")
        self.assertEqual(status, 0)
        self.assertIn(OURS, told)
        self.assertEqual(tlswrap_()[0], 2)
        self.assertEqual(tlswrap_("-x")[0], 2)
        self.assertEqual(tlswrap_("-m")[0], 2)
        self.assertEqual(tlswrap_("--help")[0], 0)

    def test_the_interpreter_without_us_is_as_it_was(self):
        self.assertNotIn("BoringSSL", python("-c", SHOW)[1])


class FromCode(unittest.TestCase):
    def test_before_ssl(self):
        code = (
            "import tlswrap; assert not tlswrap.installed(); tlswrap.install(); tlswrap.install()"
        )
        code += f"; assert tlswrap.installed(); {SHOW}; assert tlswrap.installed()"
        self.assertEqual(python("-c", code), (0, OURS, ""))

    def test_too_late(self):
        status, _, complaint = python("-c", "import ssl, tlswrap; tlswrap.install()")
        self.assertEqual(status, 1)
        self.assertRegex(complaint, r"^RuntimeError: tlswrap.install\(\) came too late: `ssl` was ")

    def test_hashlib_keeps_its_openssl(self):
        code = "import tlswrap; tlswrap.install(); import ssl, _hashlib, hashlib; "
        code += (
            "print(hashlib.sha256(b'').hexdigest()[:8], _hashlib.openssl_md_meth_names is not None)"
        )
        self.assertEqual(python("-c", code), (0, "e3b0c442 True", ""))

    def test_importing_the_package_is_cheap(self):
        code = "import tlswrap, sys; print('ctypes' in sys.modules or 'ssl' in sys.modules)"
        self.assertEqual(python("-c", code), (0, "False", ""))


class Children(unittest.TestCase):
    """What a program that runs on tlswrap starts: it runs on tlswrap too, or does not start."""

    def child(self, *options, more=""):
        code = f"""
            import subprocess, sys
            command = [sys.executable, *{options!r}, "-c", {SHOW!r}]
            print(subprocess.run(command, capture_output=True, text=True{more}).stdout.strip())
            """
        return tlswrap_("-c", textwrap.dedent(code))

    def test_they_inherit(self):
        for options in ([], ["-B"], ["-s"], ["-W", "ignore"], ["-S"]):
            with self.subTest(options):
                self.assertEqual(self.child(*options), (0, OURS, ""))

    def test_grandchildren_inherit(self):
        inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SHOW!r}])"
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
        self.assertEqual(tlswrap_("-c", code), (0, OURS, ""))

    def test_without_environment_they_are_kept_or_refused(self):
        for options in (["-E"], ["-I"], ["-IB"], ["-B", "-E"]):
            with self.subTest(options):
                status, shown, complaint = self.child(*options)
                if INSTALLED:
                    self.assertEqual((status, shown), (0, OURS))
                else:
                    self.assertEqual(status, 1)
                    self.assertRegex(
                        complaint, "^RuntimeError: this Python program would not run on "
                    )

    def test_what_cannot_be_kept_is_refused(self):
        for options, more in ((["-I", "-S"], ""), (["-ES"], ""), ([], ", env={}")):
            with self.subTest(options):
                status, _, complaint = self.child(*options, more=more)
                self.assertEqual(status, 1)
                self.assertRegex(complaint, "^RuntimeError: this Python program would not run on ")
        for start in (
            "os.execv(sys.executable, [sys.executable, '-IS'])",
            "os.posix_spawn(sys.executable, [sys.executable, '-c', ''], {})",
        ):
            with self.subTest(start):
                status, _, complaint = tlswrap_("-c", "import os, sys; " + start)
                self.assertEqual(status, 1)
                self.assertRegex(complaint, "^RuntimeError: this Python program would not run on ")

    def test_other_programs_are_left_alone(self):
        code = "import subprocess; subprocess.run(['env', '-i', 'echo', 'done'], env={})"
        self.assertEqual(tlswrap_("-c", code), (0, "done", ""))

    def test_a_sitecustomize_is_not_hidden(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "sitecustomize.py"), "w", encoding="ascii") as file:
                file.write("import sys; sys.seen = True")
            code = (
                "import subprocess, sys, os; os.environ['PYTHONPATH'] += os.pathsep + sys.argv[1]"
            )
            code += "; subprocess.run([sys.executable, '-c', 'import sys; print(sys.seen)'])"
            self.assertEqual(tlswrap_("-c", code, directory), (0, "True", ""))

    def test_workers_of_regrtest(self):
        try:
            import test.test_ssl  # noqa: F401
        except ImportError:
            self.skipTest("this Python has no package `test`")
        with tempfile.TemporaryDirectory() as directory:
            command = ["-m", "test", "-j2", "-v", "test_ssl", "-m", "test_openssl_version"]
            status, told, complaint = tlswrap_(*command, cwd=directory)
        self.assertEqual(status, 0, told + complaint)
        self.assertIn(f"testing with '{OURS}'", told)


if __name__ == "__main__":
    unittest.main()
