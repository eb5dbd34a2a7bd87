"""A headless Chromium that is told what to do over a pair of pipes, in Chromium's own protocol."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile

ANSWER_SECONDS_MAX = 60


class Browser:
    """One browser with one page. What the page says, asks for and fails in is kept in `events`."""

    def __init__(self):
        program = shutil.which("chromium")
        if program is None:
            raise SystemExit("no chromium on the PATH; tools/setup installs it")
        self.folder = tempfile.mkdtemp(prefix="usher-report-")
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        self.process = subprocess.Popen(
            [
                "/bin/sh", "-c", f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}', program,
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe",
                f"--user-data-dir={self.folder}",
            ],
            pass_fds=(to_read, to_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self.rest = b""
        self.last = 0
        self.session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, **parameters):
        """Calls a method, and returns its result once it is there."""
        self.last += 1
        call = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            call["sessionId"] = self.session
        self._write(json.dumps(call).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self.last:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait_for(self, method):
        """Reads on until an event of that name has come since the last call of `open`."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._read())

    def open(self, path):
        """Opens a file, forgetting what happened before."""
        self.events = []
        self.call("Page.navigate", url=f"file://{path}")
        self.wait_for("Page.loadEventFired")

    def run(self, expression):
        """The value of an expression in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", media="",
                  features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, path, whole=True):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"clip": {**size, "scale": 1}, "captureBeyondViewport": True} if whole else {}
        data = self.call("Page.captureScreenshot", format="png", **clip)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def complaints(self):
        """What the page's scripts threw, and what the browser refused or warned of."""
        found = []
        for event in self.events:
            name, what = event.get("method"), event.get("params", {})
            if name == "Runtime.exceptionThrown":
                found.append(what["exceptionDetails"].get("exception", what).get("description", what))
            elif name == "Runtime.consoleAPICalled":
                found.append([one.get("value") for one in what["args"]])
            elif name == "Log.entryAdded":
                found.append(what["entry"]["text"])
        return found

    def requests(self):
        """The addresses that were asked for."""
        return [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]

    def _write(self, data):
        while data:
            data = data[os.write(self.to, data):]

    def _read(self):
        while b"\0" not in self.rest:
            if not select.select([self.back], [], [], ANSWER_SECONDS_MAX)[0]:
                raise AssertionError(f"the browser was silent for {ANSWER_SECONDS_MAX} s")
            data = os.read(self.back, 1 << 20)
            if not data:
                raise AssertionError("the browser ended")
            self.rest += data
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)
