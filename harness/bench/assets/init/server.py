"""A stand-in for your own service: takes orders, and has a health check. Needs Python alone."""

import argparse
import json
import socketserver
from http.server import BaseHTTPRequestHandler


class Orders(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open between requests
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece
    indent = None

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, {"status": "ok"})
        else:
            self.answer(404, {"error": "there is no such path"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/orders":
            self.answer(404, {"error": "there is no such path"})
            return
        try:
            order = json.loads(body)
            placed = {"id": order["id"], "status": "placed", "quantity": order["quantity"]}
        except (ValueError, KeyError, TypeError):
            self.answer(400, {"error": "an order is a JSON object with id and quantity"})
            return
        self.answer(201, placed)

    def answer(self, status, value):
        body = json.dumps(value, indent=self.indent).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """A line for each request would be most of the work."""


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024  # that many connections may be opened at once


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--indent", type=int, default=0, help="0 writes JSON in one line")
    options = parser.parse_args()
    Orders.indent = options.indent or None
    with Server((options.host, options.port), Orders) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
