"""Clients and servers that people use, untouched, on loopback. What is not installed is skipped;
run.py installs them."""

# Before all else: it installs tlswrap, and asyncio and http.client import ssl.
from support import PKI, client_context, file, server_context, ssl  # isort: skip

import asyncio
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

import tlswrap

BODY = b"Hello, world! " * 10_000


def needs(*names):
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"{', '.join(missing)} is not installed")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


class Server:
    """An HTTPS server of the standard library, in a thread."""

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = server_context().wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        return f"https://localhost:{self.port}/"

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@needs("requests")
class Requests(unittest.TestCase):
    def test_a_session(self):
        import requests

        with Server() as url, requests.Session() as session:
            session.verify = file("root.pem")
            session.trust_env = False
            for _ in range(3):
                self.assertEqual(session.get(url, timeout=60).content, BODY)
            self.assertEqual(session.post(url, data=BODY, timeout=60).content, BODY)

    def test_a_server_that_is_not_trusted(self):
        import requests

        with Server() as url:
            with self.assertRaises(requests.exceptions.SSLError) as caught:
                requests.get(url, verify=file("untrusted-root.pem"), timeout=60)
            self.assertIn("CERTIFICATE_VERIFY_FAILED", str(caught.exception))

    def test_unverified(self):
        import requests
        import urllib3

        urllib3.disable_warnings()
        with Server() as url:
            self.assertEqual(requests.get(url, verify=False, timeout=60).content, BODY)


@needs("urllib3")
class Urllib3(unittest.TestCase):
    def test_its_pool_keeps_connections(self):
        import urllib3

        with Server() as url, urllib3.PoolManager(ca_certs=file("root.pem")) as pool:
            for _ in range(5):
                self.assertEqual(pool.request("GET", url).data, BODY)
            connections = pool.connection_from_url(url)
            self.assertEqual(connections.num_connections, 1)
            self.assertEqual(connections.num_requests, 5)

    def test_many_threads_on_one_pool(self):
        import urllib3

        with Server() as url, urllib3.PoolManager(ca_certs=file("root.pem"), maxsize=4) as pool:
            wrong = []

            def work():
                for _ in range(5):
                    if pool.request("GET", url).data != BODY:
                        wrong.append(1)

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_the_chain_of_a_response(self):
        import urllib3

        with Server() as url, urllib3.PoolManager(ca_certs=file("root.pem")) as pool:
            response = pool.request("GET", url, preload_content=False)
            chain = tlswrap.peer_chain(response.connection)
            response.drain_conn()
        self.assertEqual(len(chain), 3)

    def test_a_pinned_certificate(self):
        import hashlib

        import urllib3

        with open(file("localhost.pem"), encoding="ascii") as pem:
            der = ssl.PEM_cert_to_DER_cert(pem.read())
        for digest, good in ((hashlib.sha256(der).hexdigest(), True), ("0" * 64, False)):
            with Server() as url:
                pool = urllib3.PoolManager(
                    assert_fingerprint=digest, ca_certs=file("root.pem"), retries=False
                )
                with pool:
                    if good:
                        self.assertEqual(pool.request("GET", url).data, BODY)
                    else:
                        with self.assertRaises(urllib3.exceptions.SSLError):
                            pool.request("GET", url)


@needs("aiohttp")
class Aiohttp(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        from aiohttp import web

        async def answer(request):
            return web.Response(body=await request.read() or BODY)

        async def socket(request):
            ws = web.WebSocketResponse()
            await ws.prepare(request)
            async for message in ws:
                await ws.send_str(message.data[::-1])
            return ws

        app = web.Application(client_max_size=1 << 24)
        app.add_routes([web.get("/", answer), web.post("/", answer), web.get("/ws", socket)])
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=server_context())
        await site.start()
        self.url = f"https://localhost:{self.runner.addresses[0][1]}"

    async def asyncTearDown(self):
        await self.runner.cleanup()

    async def test_client_and_server(self):
        import aiohttp

        async def get(session):
            async with session.get(self.url, ssl=client_context()) as response:
                self.assertEqual(await response.read(), BODY)

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*[get(session) for _ in range(20)])
            async with session.post(self.url, data=BODY * 20, ssl=client_context()) as response:
                self.assertEqual(await response.read(), BODY * 20)

    async def test_the_chain(self):
        import aiohttp

        async with aiohttp.ClientSession() as session:
            async with session.get(self.url, ssl=client_context()) as response:
                self.assertEqual(len(tlswrap.peer_chain(response.connection.transport)), 3)

    async def test_websocket(self):
        import aiohttp

        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(self.url + "/ws", ssl=client_context()) as ws:
                await ws.send_str("abc" * 50_000)
                self.assertEqual((await ws.receive()).data, "cba" * 50_000)

    async def test_not_trusted(self):
        import aiohttp

        context = client_context("untrusted-root.pem")
        async with aiohttp.ClientSession() as session:
            with self.assertRaises(aiohttp.ClientConnectorCertificateError):
                await session.get(self.url, ssl=context)


APP = """
import ssl

async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    body = (ssl.OPENSSL_VERSION + " " + scope["scheme"]).encode()
    await send({"type": "http.response.body", "body": body})
"""


@needs("uvicorn")
@unittest.skipIf(shutil.which("curl") is None, "curl is not installed")
class Uvicorn(unittest.TestCase):
    def test_serving_curl(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "served.py"), "w", encoding="ascii") as module:
                module.write(APP)
            command = [
                sys.executable,
                "-m",
                "tlswrap",
                "-m",
                "uvicorn",
                "served:app",
                "--port",
                "0",
            ]
            command += ["--lifespan", "off", "--ssl-certfile", file("localhost.chain.pem")]
            command += ["--ssl-keyfile", file("localhost.key.pem")]
            server = subprocess.Popen(
                command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            try:
                told = ""
                for line in server.stdout:
                    told += line
                    if "running on" in line:
                        break
                self.assertIn("https://127.0.0.1:", told)
                port = told.rpartition("https://127.0.0.1:")[2].split()[0]
                curl = ["curl", "--silent", "--show-error", "--max-time", "60", "--noproxy", "*"]
                curl += ["--cacert", file("root.pem"), f"https://localhost:{port}/"]
                done = subprocess.run(curl, capture_output=True, text=True)
                self.assertEqual(done.stderr, "")
                self.assertEqual(done.stdout, f"{ssl.OPENSSL_VERSION} https")
            finally:
                server.terminate()
                server.communicate()


class StandardLibrary(unittest.TestCase):
    def test_urllib(self):
        import urllib.request

        with Server() as url:
            with urllib.request.urlopen(url, context=client_context()) as response:
                self.assertEqual(response.read(), BODY)

    def test_get_server_certificate(self):
        with Server() as url:
            port = int(url.rstrip("/").rpartition(":")[2])
            pem = ssl.get_server_certificate(("localhost", port), ca_certs=file("root.pem"))
        with open(os.path.join(PKI, "localhost.pem"), encoding="ascii") as wanted:
            self.assertEqual(pem.split(), wanted.read().split())


if __name__ == "__main__":
    unittest.main()
