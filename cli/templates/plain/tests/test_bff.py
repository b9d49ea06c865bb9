"""The BFF, over HTTP. Run: python3 -m unittest discover -s tests"""

import http.client, json, os, socket, subprocess, sys, tempfile, threading, tomllib, unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlencode

BFF = Path(__file__).parent.parent / "bff.py"
VERSION = tomllib.loads((BFF.parent / "marquetry.toml").read_text())["app"]["version"]
BASE = f"/_m/app/{{app}}@{VERSION}"


def start(data, **environment):
    environment = os.environ | {"MARQUETRY_LISTEN": "127.0.0.1:0", "MARQUETRY_DATA_DIR": data, "MARQUETRY_ADMIN": ""} | environment
    process = subprocess.Popen([sys.executable, BFF], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, json.loads(process.stdout.readline())["listening"]


def stop(process):
    process.terminate()
    process.wait(10)
    process.stdout.close()


class Bff(unittest.TestCase):
    def setUp(self):
        self.data = tempfile.TemporaryDirectory()
        self.process, self.address = start(self.data.name)

    def tearDown(self):
        stop(self.process)
        self.data.cleanup()

    def ask(self, method, path, fields=None, **headers):
        connection = http.client.HTTPConnection(self.address, timeout=5)
        body = urlencode(fields) if fields is not None else None
        connection.request(method, path, body, {"marquetry-base": BASE} | headers)
        answer = connection.getresponse()
        result = answer.status, answer.getheader("location"), answer.read().decode()
        connection.close()
        return result

    def test_a_review_that_a_form_sends_is_in_the_list(self):
        review = {"product": "AU-02", "author": "Ida", "stars": "4", "text": "<b>Pulls</b> well"}
        status, location, _ = self.ask("POST", "/reviews", review, accept="text/html")
        self.assertEqual((status, location), (303, "{{page_path}}/AU-02"))
        status, _, html = self.ask("GET", "/fragments/list?product=AU-02")
        self.assertEqual(status, 200)
        self.assertIn("&lt;b&gt;Pulls&lt;/b&gt; well", html)
        self.assertIn(f'action="{BASE}/reviews"', html)
        self.assertNotIn("Ida", self.ask("GET", "/fragments/list?product=AU-03")[2])

    def test_a_script_gets_the_new_list(self):
        review = {"product": "AU-02", "author": "Ida", "stars": "5", "text": "Yes"}
        status, _, html = self.ask("POST", "/reviews", review, accept="text/x-fragment")
        self.assertEqual(status, 200)
        self.assertIn("5 of 5 stars", html)

    def test_nonsense_is_refused(self):
        good = {"product": "AU-02", "author": "Ida", "stars": "4", "text": "x"}
        for wrong in ({"stars": "6"}, {"author": " "}, {"text": "x" * 1001}, {"product": "a/b"}):
            self.assertEqual(self.ask("POST", "/reviews", good | wrong)[0], 422, wrong)
        for path in ("/fragments/list", "/fragments/list?product=%3Cscript%3E", "/elsewhere?product=AU-02"):
            self.assertEqual(self.ask("GET", path)[0], 404, path)
        self.assertNotIn("evil", self.ask("GET", "/fragments/list?product=AU-02", **{"marquetry-base": '"><evil>'})[2])
        self.assertEqual(self.ask("POST", "/reviews", {"text": "x" * 20_000})[0], 413)
        self.assertEqual(self.ask("GET", "/healthz")[0], 200)

    def test_a_body_that_is_not_read_is_no_request(self):
        hidden = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
        for head in (f"GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: {len(hidden)}", "POST /reviews HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked"):
            host, _, port = self.address.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=5) as connection:
                connection.sendall(f"{head}\r\n\r\n{hidden}".encode())
                answers = b"".join(iter(lambda: connection.recv(65536), b"")).lower()
            self.assertEqual((answers.count(b"http/1.1 "), answers.count(b"connection: close")), (1, 1), head)
{{?page}}
{{?page}}    def test_the_page_has_a_slot_for_the_list(self):
{{?page}}        html = self.ask("GET", "/fragments/page?product=AU-02")[2]
{{?page}}        self.assertIn('<fragment-slot src="{{app}}/list?product=AU-02">', html)


class Announcing(unittest.TestCase):
    def test_it_says_that_it_is_there_and_that_it_goes(self):
        heard, there = [], threading.Event()

        class Composer(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                heard.append((self.command, self.path, self.headers["authorization"], body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"id":"i1","lease_ms":10000,"renew_ms":60000}')
                there.set()

            do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        composer = HTTPServer(("127.0.0.1", 0), Composer)
        threading.Thread(target=composer.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory() as data:
            admin = f"http://127.0.0.1:{composer.server_port}"
            process, address = start(data, MARQUETRY_ADMIN=admin, MARQUETRY_TOKEN="mq_secret")
            self.assertTrue(there.wait(10))
            stop(process)
        composer.shutdown()
        composer.server_close()
        method, path, authorization, body = heard[0]
        self.assertEqual((method, path, authorization), ("POST", "/v1/instances", "Bearer mq_secret"))
        self.assertEqual(json.loads(body), {"version": f"{{app}}@{VERSION}", "origin": f"http://{address}"})
        self.assertEqual(heard[-1][:2], ("DELETE", "/v1/instances/i1"))


if __name__ == "__main__":
    unittest.main()
