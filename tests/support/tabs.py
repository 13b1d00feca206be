"""A page in a real browser that a test drives: keys, sizes, paper, and what the page then is."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from support.browser import PROGRAMS, QUIET, Pages, serve

_PATIENCE = 60
_AS_3_AND_4 = """
import fcntl, os, sys
reading, writing = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(reading, 3)
os.dup2(writing, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser speaks over the file descriptors 3 and 4."""
_KEYS = {"Tab": 9, "Enter": 13, " ": 32}


class Tab:
    """One page. It speaks Chrome's DevTools protocol over a pipe, so nothing listens on a port.

    `console` are messages and errors, `requests` what was asked for, as `host/path`, since the last visit.
    """

    def __init__(self, reading: int, writing: int, address: str, requests: list[str]) -> None:
        self._reading, self._writing, self._rest = reading, writing, b""
        self._number, self._session = 0, ""
        self.console: list[str] = []
        self.requests = requests
        self._address = address

    def attach(self) -> None:
        """Speak to the page that the browser opened."""
        targets = self.call("Target.getTargets")["targetInfos"]
        (target,) = [each["targetId"] for each in targets if each["type"] == "page"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def visit(self, path: str) -> None:
        """Load a page anew, on a wide light screen, and wait until it is there."""
        self.console.clear()
        self.requests.clear()
        self.resize(1280)
        self.prefer("light")
        self.call("Page.navigate", url=f"{self._address}{path}")
        self.wait_for("Page.loadEventFired")

    def close(self) -> None:
        """Close the browser."""
        self._session = ""
        with suppress(AssertionError, OSError):
            self.call("Browser.close")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            found = self._receive()
            if found.get("id") == self._number:
                assert "error" not in found, found
                result: dict[str, Any] = found["result"]
                return result

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str, *, times: int = 1) -> None:
        """A key, as from the keyboard."""
        code = _KEYS.get(key, ord(key[0].upper()))
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        for _ in range(times):
            for kind in ("keyDown", "keyUp"):
                words = {"text": text} if text and kind == "keyDown" else {}
                self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **words)

    def write(self, text: str) -> None:
        """A text into what has the focus, key by key."""
        for key in text:
            self.press(key)

    def resize(self, width: int, height: int = 900) -> None:
        """A screen of this size."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def prefer(self, scheme: str, *, media: str = "") -> None:
        """What the reader prefers, `light` or `dark`; `media` may be `print`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def picture(self) -> bytes:
        """The whole page as a PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def paper(self) -> bytes:
        """The page as a PDF."""
        printed = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(printed["data"])

    def wait_for(self, event: str) -> None:
        """Wait until the page tells of an event."""
        while self._receive().get("method") != event:
            pass

    def _receive(self) -> dict[str, Any]:
        """The next message; what the page says is kept."""
        deadline = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._reading], [], [], max(0, deadline - time.monotonic()))
            assert ready, "the browser does not answer"
            data = os.read(self._reading, 1 << 20)
            assert data, "the browser is gone"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        if found.get("method") in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}:
            self.console.append(json.dumps(found["params"]))
        return found


@contextmanager
def open_tab(pages: Pages, *, profile: Path) -> Iterator[Tab]:
    """A browser that may visit `pages` (contents by path), with an empty profile in the folder `profile`."""
    program = next(found for name in PROGRAMS if (found := shutil.which(name)))
    with serve(pages) as (here, requests):
        to_browser, writing = os.pipe()
        reading, from_browser = os.pipe()
        command = [
            sys.executable,
            "-c",
            _AS_3_AND_4,
            str(to_browser),
            str(from_browser),
            program,
            *QUIET,
            "--remote-debugging-pipe",
            "--window-size=1280,900",
            f"--user-data-dir={profile}",
            f"--host-resolver-rules=MAP * {here}",
            "about:blank",
        ]
        process = subprocess.Popen(
            command, pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        tab = Tab(reading, writing, f"http://{here}", requests)
        try:
            tab.attach()
            yield tab
        finally:
            tab.close()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(reading)
            os.close(writing)
