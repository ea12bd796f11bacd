"""A pull worker for Headway: it comes for jobs over HTTP, does them, and brings back what came of them. Standard library only.

    from headway_worker import Worker, Fail

    worker = Worker("http://127.0.0.1:8080", name="ocr-1")

    @worker.feature("read-scan")
    def read_scan(job):
        for number, page in enumerate(pages_of(job.file("scan")), 1):
            job.write(read(page))                    # readers of the job's events see it at once
            job.progress(number, note="pages")
        # nothing returned: what was written is the result. Else return anything that JSON can hold, or a str.

    worker.run()
"""
import json
import signal
import threading
import time
import urllib.error
import urllib.request

# An answer may be lost, and a node may be away while another takes its place. Everything here can be said twice.
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.5


class Fail(Exception):
    """Raise it to end an attempt: `retryable` says whether another could succeed."""

    def __init__(self, code, message, retryable=True, retry_after=None):
        super().__init__(message)
        self.code, self.message, self.retryable, self.retry_after = code, message, retryable, retry_after


class Stopped(Exception):
    """Raised out of `write`, `progress` and `check` once the job is not this worker's any more. Let it pass."""


class Refused(Exception):
    """Headway says no: a problem with a stable code."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status, self.code = status, problem.get("code")


class Job:
    """One attempt at a job, for the function that does it."""

    def __init__(self, worker, session, told):
        self._worker, self._next = worker, 1
        self.session = session
        self.id, self.attempt, self.feature, self.version, self.input = told["job"], told["attempt"], told["feature"], told["version"], told["input"]
        self.subject, self.tenant, self.deadline, self.files = told.get("subject"), told["tenant"], told["deadline"], told.get("files", [])
        self.calls, self.disclosed = [], []
        self.stopped = threading.Event()

    def check(self):
        """Raises Stopped if the work is in vain: call it now and then in long work."""
        if self.stopped.is_set():
            raise Stopped()

    def write(self, text):
        """Shows a piece of prose."""
        self._say("append", texts=[text])

    def value(self, value):
        """Shows one value of a stream of values."""
        self._say("append", values=[value])

    def progress(self, done, total=None, note=None):
        self._say("progress", done=done, total=total, note=note)

    def spent(self, model, input_tokens=0, output_tokens=0, usd=0):
        """Tells of a call of a model, so that budgets hold and the job shows its cost."""
        self.calls.append({"model": model, "inputTokens": input_tokens, "outputTokens": output_tokens, "usd": usd})

    def shown_to(self, recipient):
        """Tells whom data of the job was shown: it is in the audit trail."""
        self.disclosed.append(recipient)

    def file(self, name):
        """The content of a file of the input."""
        return self._worker.ask("file", self.named(name=name), raw=True)

    def named(self, **more):
        return {"session": self.session, "job": self.id, "attempt": self.attempt, **{key: value for key, value in more.items() if value is not None}}

    # The ids make a piece that is said again, because the answer was lost, be written once.
    def _say(self, what, **said):
        self.check()
        try:
            self._next = self._worker.ask(what, self.named(id=self._next, **said))["next"]
        except Refused as refused:
            if refused.code == "attempt-lost":
                self.stopped.set()
                raise Stopped() from None
            raise


class Worker:
    """Does the jobs of some features, several at once."""

    def __init__(self, *nodes, name="worker", concurrency=1, wait=15, grace=10):
        self._nodes, self._name, self._wait, self._grace = list(nodes), name, wait, grace
        self._work, self._session, self._renew_every, self._renewing = {}, None, 1, False
        self._free, self._lock, self._jobs, self._ending = threading.Semaphore(concurrency), threading.Lock(), {}, threading.Event()

    def feature(self, name):
        """Says who does the jobs of a feature: `name` for all its versions, `name@2` for one, which comes before the other."""
        def give(work):
            self._work[name] = work
            return work
        return give

    def run(self):
        """Works until SIGTERM or Ctrl-C, lets its jobs come to their end for a while, and hands back the rest."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._end)
        try:
            while not self._ending.is_set():
                if self._free.acquire(timeout=0.1) and not self._claim():
                    self._free.release()
        except InterruptedError:
            pass  # Out of a wait. What it would have been given is handed back below.
        until = time.monotonic() + self._grace
        while self._jobs and time.monotonic() < until:
            time.sleep(0.05)
        if self._session:
            self.ask("release", {"session": self._session})

    def _end(self, *_):
        if not self._ending.is_set():
            self._ending.set()
            raise InterruptedError()

    # True: a job was begun, which frees the slot when it ends.
    def _claim(self):
        asked = {"features": list(self._work), "worker": self._name, "wait": self._wait}
        if self._session:
            asked["session"] = self._session
        try:
            given = self.ask("claim", asked, ends=True)
        except Refused as refused:
            if refused.code == "worker-session-lost":
                self._lost(asked.get("session"))
                return False
            raise
        if given is None:
            return False
        if self._session is None and not self._renewing:
            self._renewing = True
            threading.Thread(target=self._renew, daemon=True).start()
        with self._lock:
            self._session, self._renew_every = given["session"], given["renewEvery"]
            jobs = [Job(self, self._session, told) for told in given["jobs"]]
            self._jobs.update({(job.id, job.attempt): job for job in jobs})
        for job in jobs:
            threading.Thread(target=self._do, args=(job,), daemon=True).start()
        return bool(jobs)

    def _do(self, job):
        try:
            work = self._work.get(f"{job.feature}@{job.version}") or self._work[job.feature]
            result = work(job)
            answer = {} if result is None else {"text": result} if isinstance(result, str) else {"result": result}
            self.ask("complete", job.named(calls=job.calls, disclosed=job.disclosed, **answer))
        except Stopped:
            # Nothing becomes of it, but what it cost and who saw the data are facts.
            if job.calls or job.disclosed:
                self._tell_failure(job, Fail("stopped", "The worker was told to stop."))
        except Refused:
            pass  # Its attempt was lost, or has failed with what is wrong with its result: it is not this worker's any more.
        except Exception as error:
            failed = error if isinstance(error, Fail) else Fail("worker-exception", f"{type(error).__name__}: {error}")
            self._tell_failure(job, failed)
        finally:
            with self._lock:
                self._jobs.pop((job.id, job.attempt), None)
            self._free.release()

    def _tell_failure(self, job, failed):
        try:
            self.ask("fail", job.named(code=failed.code, message=failed.message, retryable=failed.retryable, retryAfter=failed.retry_after, calls=job.calls, disclosed=job.disclosed))
        except (Refused, OSError):
            pass  # Not this worker's any more, or it will not be for long: the lease runs out.

    def _renew(self):
        while not self._ending.wait(self._renew_every):
            with self._lock:
                session = self._session
            if session is None:
                continue
            try:
                told = self.ask("renew", lambda: self._held(session))
                lost = {(stop["job"], stop["attempt"]) for stop in told["stop"]}
                with self._lock:
                    jobs = list(self._jobs.values())
                for job in jobs:
                    if (job.id, job.attempt) in lost:
                        job.stopped.set()
            except Refused:
                self._lost(session)
            except OSError:
                continue  # The next renewal may reach a node; if none does, the lease runs out, and the next claim says so.

    # As it is at each try: a job that is not named is given to others.
    def _held(self, session):
        with self._lock:
            return {"session": session, "jobs": [{"job": job.id, "attempt": job.attempt} for job in self._jobs.values() if job.session == session]}

    # A refusal may come late, when there is a new session already: its jobs go on.
    def _lost(self, session):
        with self._lock:
            if self._session == session:
                self._session = None
            for job in self._jobs.values():
                if job.session == session:
                    job.stopped.set()

    def ask(self, what, body, raw=False, ends=False):
        """Sends a request until a node has answered it. `body`: what to send, or what makes it anew for each try. `ends`: gives up, with None, once the worker is to end."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            node = self._nodes[0]
            request = urllib.request.Request(f"{node}/v1/worker/{what}", json.dumps(body() if callable(body) else body).encode(), {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                    return answer.read() if raw else json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    raise Refused(error.code, json.load(error)) from None
                failed = error
            except OSError as error:
                failed = error
            if ends and self._ending.is_set():
                return None
            if time.monotonic() > until and not ends:
                raise OSError(f"No node has answered {what}: {failed}")
            with self._lock:
                if self._nodes[0] == node:  # another node, if there is one and no other thread has turned to it already
                    self._nodes = self._nodes[1:] + self._nodes[:1]
            time.sleep(PAUSE_SECONDS)
