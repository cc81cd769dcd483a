"""Lambda's runtime API, as much of it as a function needs to answer one event."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INVOCATION = "/2018-06-01/runtime/invocation/"
LONGEST_SECONDS = 60


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A function that is killed while it waits leaves its connection."""


class RuntimeApi:
    """Gives out one event, and notes when and how it is answered."""

    def __init__(self, event):
        self.event = json.dumps(event).encode()
        self.asked = threading.Event()
        self.answered = threading.Event()
        self.answered_at = None
        self.failure = None
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                # Only the first question is answered: the function then waits, as it does between invocations.
                if api.asked.is_set():
                    api.finished.wait()
                    return
                api.asked.set()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "one")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + LONGEST_SECONDS) * 1000)))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:measured")
                self.send_header("Content-Length", str(len(api.event)))
                self.end_headers()
                self.wfile.write(api.event)

            def do_POST(self):
                api.answered_at = time.perf_counter()
                said = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path != f"{INVOCATION}one/response":
                    api.failure = said.decode()
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                api.answered.set()

            def log_message(self, *_):
                pass

        self.finished = threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.finished.set()
        self.server.shutdown()
        self.server.server_close()
