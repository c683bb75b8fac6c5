# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""OTRDATA, written from its published description: files as ChatSecure sends and takes them.

Works on a PotrPeer. `style` says whose habits it has: "android" names a file by its name alone,
and "ios" gives each transfer an id and says the name once more in a header.
"""

import hashlib
import threading
import uuid

from .peers.potr_peer import OtrDataRequest, OtrDataResponse
from .waiting import Timeout, patience

CHUNK = 16384
MOST_OUTSTANDING = 5


def parse(message: bytes):
    """First line, headers with lower-case names, body."""
    head, _, body = message.partition(b"\r\n\r\n")
    lines = head.decode("utf-8").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return lines[0], headers, body


def build(first_line, headers, body=b""):
    lines = [first_line] + [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body


class Download:
    """A file that was offered to us."""

    def __init__(self, url, headers):
        self.url = url
        self.headers = headers
        self.length = int(headers["file-length"])
        self.sha1 = headers["file-hash-sha1"].lower()
        self.parts = {}
        self.errors = []

    @property
    def content(self):
        return b"".join(self.parts[start] for start in sorted(self.parts))

    @property
    def is_complete(self):
        return (sum(len(part) for part in self.parts.values()) == self.length
                and hashlib.sha1(self.content).hexdigest() == self.sha1)


class OtrData:
    def __init__(self, peer, style="android"):
        self.peer = peer
        self.style = style
        self.uploads = {}    # content by URL
        self.downloads = []  # in the order of the offers
        self.answers = {}    # first line and headers by request id
        self.served = []     # ranges, in the order in which they were asked for
        self._asked = {}     # download and range by request id
        self._news = threading.Condition(peer.lock)  # records come under it
        peer.on_record = self._on_record

    # --- what a user does ---

    def offer(self, name, content, sha1=None, length=None, url=None):
        """Returns the request's id and the URL."""
        url = url or (f"otr-in-band:/storage/{uuid.uuid4()}/{name}" if self.style == "ios"
                      else f"otr-in-band:/storage/{name}")
        request = str(uuid.uuid4())
        headers = {"File-Length": len(content) if length is None else length,
                   "File-Hash-SHA1": sha1 or hashlib.sha1(content).hexdigest(),
                   "Request-Id": request, "Mime-Type": "application/octet-stream"}
        if self.style == "ios":
            headers["File-Name"] = name
        with self._news:
            self.uploads[url] = content
        self._request(f"OFFER {url} HTTP/1.1", headers)
        return request, url

    def accept(self, download):
        """Asks for everything, some parts at a time."""
        with self._news:
            self._missing = list(range(0, download.length, CHUNK))
            for _ in range(MOST_OUTSTANDING):
                self._ask_next(download)

    def get(self, url, value, download=None):
        """One request with this Range header; returns its id."""
        request = str(uuid.uuid4())
        headers = {"Request-Id": request}
        if value is not None:
            headers["Range"] = value
        with self._news:
            self._asked[request] = (download, value)
        self._request(f"GET {url} HTTP/1.1", headers)
        return request

    # --- waiting ---

    def wait(self, condition, what, timeout=30.0):
        with self._news:
            if not self._news.wait_for(condition, timeout * patience()):
                raise Timeout(f"OTRDATA: {what} did not happen")

    def wait_offer(self, number=1):
        self.wait(lambda: len(self.downloads) >= number, f"offer {number}")
        return self.downloads[number - 1]

    def wait_answer(self, request):
        self.wait(lambda: request in self.answers, f"an answer to {request}")
        return self.answers[request]

    # --- records ---

    def _request(self, first_line, headers):
        self.peer.send_record(OtrDataRequest, build(first_line, headers))

    def _respond(self, status, headers, body=b""):
        self.peer.send_record(OtrDataResponse, build(f"HTTP/1.1 {status}", headers, body))

    def _ask_next(self, download):
        if self._missing:
            start = self._missing.pop(0)
            end = min(start + CHUNK, download.length) - 1
            self.get(download.url, f"bytes={start}-{end}", download)

    def _on_record(self, kind, data):
        first_line, headers, body = parse(data)
        with self._news:
            if kind == OtrDataRequest.typ:
                self._on_request(first_line, headers)
            else:
                self._on_response(first_line, headers, body)
            self._news.notify_all()

    def _on_request(self, first_line, headers):
        method, url, _ = first_line.split(" ")
        reply = {"Request-Id": headers["request-id"]}
        if method == "OFFER":
            self._respond("200 OK", reply)
            self.downloads.append(Download(url, headers))
        elif method == "GET" and url in self.uploads:
            start, end = headers["range"].removeprefix("bytes=").split("-")
            self.served.append((int(start), int(end)))
            self._respond("200 OK", reply, self.uploads[url][int(start):int(end) + 1])
        else:
            self._respond("400 No such offer made", reply)

    def _on_response(self, first_line, headers, body):
        request = headers["request-id"]
        self.answers[request] = (first_line, headers, body)
        download, value = self._asked.pop(request, (None, None))
        if download is None:
            return
        if first_line.split(" ")[1] != "200":
            download.errors.append(first_line)
            return
        start = int(value.removeprefix("bytes=").split("-")[0])
        download.parts[start] = body
        self._ask_next(download)
