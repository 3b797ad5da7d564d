#!/usr/bin/env python3
"""plain: an example of a runtime that is no part of Atoll. It speaks docs/runtime-protocol.md.

It runs payloads as ordinary child processes, WITHOUT A SANDBOX: a payload is whoever runs the daemon. It is
here to be read, and to prove that the protocol is enough; it needs Python 3.9 on Linux, and no library.
Commands beside payloads are in plain_session.py.

    atoll up --runtime plain=/path/to/plain.py --allow-unsandboxed
    atoll run --driver plain --unsandboxed -- echo hello

These kinds of process, so that each may be killed:
    plain.py serve FOLDER         the runtime: answers the daemon. Killed: is started again, and finds all runs again.
    plain.py keep RUN_FOLDER      one a run: writes the payload's output, sees its end. Killed: the run is lost.
    the payload                   and whatever it starts
    plain_session.py EXEC_FOLDER  one a command beside a payload. Killed: the command ends.

A run's folder (the daemon makes and removes it) has: run (what is asked for), work/ (the payload's), lock (held
by the keeper), payload (its pid), peak, out.N (its output), exit, exec-ID/ for each command beside it; and the
marks begun, stop, suspended, hungry. FOLDER has runs/RUN: where that is, and the keeper's pid.
"""
import ctypes
import fcntl
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LONGEST_LINE = 8 << 20


# ---- files and processes


def write(path, text):
    """All of it or nothing, and on the disk on return."""
    with open(path + ".new", "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


def numbers(path):
    try:
        with open(path) as file:
            return [int(word) for word in file.read().split()]
    except (OSError, ValueError):
        return []


def tree(root):
    """The processes below one: its payload, and whatever that started (the root adopts orphans)."""
    found = []
    try:
        for task in os.listdir(f"/proc/{root}/task"):
            for child in numbers(f"/proc/{root}/task/{task}/children"):
                found += [child] + tree(child)
    except OSError:
        pass
    return found


def reach(path):
    """The same socket by a name that is short enough for an address, whatever the length of its path."""
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_CLOEXEC)
    return f"/proc/self/fd/{folder}/{os.path.basename(path)}", folder


def kill(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


def memory(pids):
    page = os.sysconf("SC_PAGE_SIZE")
    return sum((numbers(f"/proc/{pid}/statm") + [0, 0])[1] * page for pid in pids)


def ticks(pid, fields):
    """Processor time of /proc/PID/stat: fields 13, 14 are its own, 15, 16 those of children it waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            stat = file.read().rpartition(")")[2].split()
        return sum(int(stat[field - 2]) for field in fields)
    except (OSError, IndexError):
        return 0


# ---- the keeper of one run


class Output:
    """The run's output as the protocol wants it: records in out.0, out.1, …"""

    def __init__(self, folder):
        self.folder, self.number, self.size, self.end = folder, 0, 0, 0
        self.open()

    def open(self):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self.file, self.size = os.open(f"{self.folder}/out.{self.number}", flags, 0o600), 0

    def write(self, stream, data):
        if self.size >= 4 << 20:
            os.close(self.file)
            self.number += 1
            self.open()
            if self.number >= 16:
                os.unlink(f"{self.folder}/out.{self.number - 16}")
        record = struct.pack(">QQB3xI", self.end, time.time_ns(), stream, len(data)) + data
        while True:
            try:
                if os.write(self.file, record) == len(record):
                    break
            except OSError:
                pass
            os.ftruncate(self.file, self.size)  # a full disk: no half record stays, and the payload waits
            os.lseek(self.file, self.size, os.SEEK_SET)
            time.sleep(1)
        self.size += len(record)
        self.end += len(data)


def adopt_orphans():
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def held(lock):
    try:
        with open(lock) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False


def command_line(pid):
    """Of a process that is known by its pid, to see that it still is the same one."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode(errors="replace").split("\0")
    except OSError:
        return []


def environment(run, more=()):
    return {"PATH": PATH, **run["workload"]["env"], **dict(more)}


def say(word):
    """To the runtime, if it is still there; once."""
    try:
        os.write(1, f"{word}\n".encode())
    except BrokenPipeError:
        pass
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def keep(folder):
    """Starts the payload, and stays until it has ended. Says on stdout "ok", or why there is no payload.

    It holds the lock from before its own start. So a run without "begun" whose lock is free never began.
    """
    run = json.loads(read(f"{folder}/run"))
    adopt_orphans()
    wake, woken = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    open(f"{folder}/begun", "w").close()
    try:
        payload = subprocess.Popen(
            run["workload"]["command"], env=environment(run), cwd=f"{folder}/work", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=die_with_parent)
    except OSError as failure:
        exit_ = {"cause": "START_FAILED", "code": 127, "detail": str(failure)}
        write(f"{folder}/exit", json.dumps({"exit": exit_, "output": 0}))
        say(failure)
        return
    with open(f"{folder}/payload", "w") as file:
        file.write(str(payload.pid))
    say("ok")

    output, told, peak, status = Output(folder), 0, 0, None
    notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notes.setblocking(False)
    note_to, _ = reach(run["notes"])
    pipes = selectors.DefaultSelector()
    pipes.register(wake, selectors.EVENT_READ, 0)
    for stream, pipe in ((1, payload.stdout.fileno()), (2, payload.stderr.fileno())):
        os.set_blocking(pipe, False)
        pipes.register(pipe, selectors.EVENT_READ, stream)
    limit, looked = run["workload"]["resources"]["memory"], 0.0
    open_pipes, last_look = 2, None
    while status is None or (open_pipes and time.monotonic() < last_look):
        for key, _ in pipes.select(0.05):
            data = b""
            try:
                data = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if data and key.data:
                output.write(key.data, data)
            elif not data:
                pipes.unregister(key.fd)
                open_pipes -= 1
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == payload.pid:
                    status = ended[1]
                    last_look = time.monotonic() + 1  # for output that is still in the pipes
        except ChildProcessError:
            pass
        if status is not None:  # what the payload left behind ends with it
            kill(tree(os.getpid()), signal.SIGKILL)
        elif time.monotonic() - looked > 0.04:
            looked, used = time.monotonic(), memory(pids := tree(os.getpid()))
            if used > peak + (1 << 18):
                peak = used
                with open(f"{folder}/peak", "w") as file:
                    file.write(str(peak))
            if limit and used > limit:
                open(f"{folder}/hungry", "w").close()
                kill(pids, signal.SIGKILL)
        if output.end > told:
            told = output.end
            try:
                notes.sendto(f"{run['run']} {told}".encode(), note_to)
            except OSError:
                pass  # nobody listens, or not fast enough: it is only a hint
    while kill(tree(os.getpid()), signal.SIGKILL) or tree(os.getpid()):
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    os.fsync(output.file)
    code = os.waitstatus_to_exitcode(status)
    if os.path.exists(f"{folder}/hungry"):
        cause, code, detail = "OUT_OF_MEMORY", 137, "it used more memory than its limit"
    else:
        stopped = os.path.exists(f"{folder}/stop")
        cause, detail = "STOPPED" if stopped else "EXITED" if code >= 0 else "SIGNALED", ""
    exit_ = {"cause": cause, "code": code if code >= 0 else 128 - code, "detail": detail}
    at = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    write(f"{folder}/exit", json.dumps({"exit": exit_, "endedAt": at, "output": output.end}))


# ---- the runtime


class Refused(Exception):
    def __init__(self, code, text, hint=""):
        super().__init__(text)
        self.error = {"code": code, "text": text, "hint": hint}


class Run:
    """One run. Requests for it take its lock one after another; `wait` takes none."""

    def __init__(self, name, index, folder, keeper=0):
        self.name, self.index, self.folder, self.keeper = name, index, folder, keeper
        self.lock, self.news = threading.RLock(), threading.Condition()
        self.changes, self.output, self.watched, self.gone = 0, 0, False, False

    def has(self, mark):
        return os.path.exists(f"{self.folder}/{mark}")

    def mark(self, mark):
        open(f"{self.folder}/{mark}", "w").close()

    def unmark(self, mark):
        if self.has(mark):
            os.unlink(f"{self.folder}/{mark}")

    def kept(self):
        """Whether its keeper lives."""
        return held(f"{self.folder}/lock")

    def sessions(self):
        """Pids of those that keep commands beside the payload."""
        try:
            folders = [name for name in os.listdir(self.folder) if name.startswith("exec-")]
        except OSError:
            return []
        pids = [pid for name in folders for pid in numbers(f"{self.folder}/{name}/pid")]
        return [pid for pid in pids if any(self.folder in word for word in command_line(pid))]

    def processes(self):
        keepers = [self.keeper] if self.folder in command_line(self.keeper) else []
        return [pid for keeper in keepers + self.sessions() for pid in tree(keeper)]

    def changed(self):
        with self.news:
            self.changes += 1
            self.news.notify_all()

    def watch(self):
        """Follows it to its end: the keeper's lock is free then."""
        if not self.watched:
            self.watched = True
            threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        with open(f"{self.folder}/lock") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
        if not self.has("exit"):  # its keeper was killed: what it left is no run any more
            for pid in numbers(f"{self.folder}/payload"):
                try:
                    os.killpg(pid, signal.SIGKILL)
                except OSError:
                    pass
        self.changed()

    def status(self):
        status = {"cursor": f"{CURSOR}.{self.changes}", "output": self.output}
        if self.kept():
            return {**status, "state": "suspended" if self.has("suspended") else "running"}
        end = json.loads(read(f"{self.folder}/exit") or "null")
        lost = {"exit": {"cause": "LOST", "code": 125, "detail": "its keeper was killed"}}
        return {**status, "state": "ended", **(end or lost)}

    def note(self):
        """What is known also where its folder is gone."""
        write(self.index, json.dumps({"folder": self.folder, "keeper": self.keeper}))

    def start(self):
        if self.gone:  # it was promised meanwhile that it never begins
            raise Refused("NOT_FOUND", f"there is no run {self.name}")
        if self.has("lock"):
            raise Refused("CONFLICT", f"{self.name} was started before")
        lock = os.open(f"{self.folder}/lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keeper = subprocess.Popen(
                [sys.executable, os.path.abspath(__file__), "keep", self.folder], pass_fds=[lock],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
            self.keeper = keeper.pid
            self.note()
        finally:
            os.close(lock)
        threading.Thread(target=keeper.wait, daemon=True).start()
        said = keeper.stdout.readline().decode().strip()
        keeper.stdout.close()
        if said != "ok":
            code = "NOT_FOUND" if "No such file" in said else "START_FAILED"
            raise Refused(code, f"cannot start {self.name}: {said}", "check the command")
        self.watch()

    def signal(self, number):
        """To all its processes, also those that begin meanwhile."""
        done = set()
        while more := set(self.processes()) - done:
            kill(more, number)
            done |= more

    def suspend(self):
        if self.kept():
            self.mark("suspended")
            self.signal(signal.SIGSTOP)
            self.changed()

    def resume(self):
        if self.has("suspended"):
            self.signal(signal.SIGCONT)
            self.unmark("suspended")
            self.changed()

    def stop(self, grace):
        if not self.kept():
            return
        self.mark("stop")
        self.resume()
        if grace:
            kill(numbers(f"{self.folder}/payload"), signal.SIGTERM)
        until = time.monotonic() + grace
        while self.kept():
            if time.monotonic() >= until:
                kill(self.processes(), signal.SIGKILL)
            time.sleep(0.01)

    def usage(self):
        pids = self.processes()
        used = memory(pids)
        cpu = sum(ticks(pid, (13, 14, 15, 16)) for pid in pids) + ticks(self.keeper, (15, 16))
        disk = 0
        for place, _, files in os.walk(f"{self.folder}/work"):
            for file in files:
                try:
                    disk += os.lstat(os.path.join(place, file)).st_blocks * 512
                except OSError:
                    pass
        return {"cpuNanos": cpu * (10**9 // os.sysconf("SC_CLK_TCK")), "memory": used, "disk": disk,
                "memoryPeak": max([used] + numbers(f"{self.folder}/peak")), "outputBytes": self.output}

    def exec(self, session, params):
        if len(self.sessions()) >= 16:
            raise Refused("TOO_MANY_REQUESTS", "16 commands run beside this payload", "end one of them first")
        place = f"{self.folder}/exec-{session}"
        try:
            os.mkdir(place)
        except FileExistsError:
            raise Refused("CONFLICT", f"session {session} was begun before", "choose another id")
        write(f"{place}/spec", json.dumps(params))
        with socket.socket(socket.AF_UNIX) as listener:
            address, reached = reach(f"{place}/sock")
            listener.bind(address)
            os.close(reached)
            listener.listen(8)
            program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "plain_session.py")
            keeper = subprocess.Popen(
                [sys.executable, "-B", program, place, str(listener.fileno())], pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        with open(f"{place}/pid", "w") as file:
            file.write(str(keeper.pid))
        threading.Thread(target=keeper.wait, daemon=True).start()

    def destroy(self):
        self.stop(0)
        kill(self.processes() + self.sessions(), signal.SIGKILL)
        for file in os.listdir(self.folder) if os.path.isdir(self.folder) else ():
            if not file.startswith("atoll.") and file != "exit":
                path = f"{self.folder}/{file}"
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        self.unmark("exit")


CURSOR = f"{os.getpid()}.{time.time_ns()}"


class Runtime:
    def __init__(self, folder):
        self.folder, self.runs, self.lock = folder, {}, threading.Lock()
        self.lines, self.lines_lock = [], threading.Lock()
        os.makedirs(f"{folder}/runs", exist_ok=True)
        for name in os.listdir(f"{folder}/runs"):
            if not name.endswith(".new"):
                known = json.loads(read(f"{folder}/runs/{name}"))
                self.runs[name] = Run(name, f"{folder}/runs/{name}", known["folder"], known["keeper"])
        self.notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if os.path.exists(f"{folder}/notes"):
            os.unlink(f"{folder}/notes")
        self.notes.bind(reach(f"{folder}/notes")[0])
        threading.Thread(target=self.pass_notes, daemon=True).start()

    def pass_notes(self):
        while True:
            name, _, end = self.notes.recv(200).decode().partition(" ")
            if run := self.runs.get(name):
                run.output = max(run.output, int(end))
                event = {"event": "output", "params": {"run": name, "end": run.output}}
                with self.lines_lock:
                    lines = list(self.lines)
                for line in lines:
                    line.say(event)

    def run(self, params):
        if run := self.runs.get(params["run"]):
            return run
        raise Refused("NOT_FOUND", f"there is no run {params['run']}")

    def forget(self, run):
        run.gone = True
        self.runs.pop(run.name, None)
        if os.path.exists(run.index):
            os.unlink(run.index)

    # what is asked of the runtime

    def hello(self, params):
        if 1 not in params["versions"]:
            raise Refused("VERSION_MISMATCH", "this runtime speaks version 1")
        return {"protocol": 1, "name": "plain", "version": "1.0", "abilities": ["suspend", "output", "exec"]}

    def fingerprint(self, params):
        subprocess.run(["/bin/true"], check=True)
        limit = {"what": "memory limit", "level": "LIMITED", "cause": "memory is looked at 20 times a second",
                 "remedy": "use a runtime that has control groups"}
        return {"findings": [{"what": "processes", "level": "OK", "cause": "can be started"}, limit]}

    def strays(self, params):
        known, removed = set(params["known"]), 0
        for run in [run for name, run in list(self.runs.items()) if name not in known]:
            with run.lock:
                run.destroy()
                self.forget(run)
            removed += 1
        return {"removed": removed}

    # what is asked of a run

    def prepare(self, params):
        with self.lock:
            if params["run"] in self.runs:
                raise Refused("CONFLICT", f"{params['run']} was prepared before")
            index = f"{self.folder}/runs/{params['run']}"
            run = self.runs[params["run"]] = Run(params["run"], index, params["folder"])
        run.note()
        os.mkdir(f"{run.folder}/work")
        write(f"{run.folder}/run", json.dumps({**params, "notes": f"{self.folder}/notes"}))
        return {}

    def attach(self, params):
        raise Refused("BAD_REQUEST", "this runtime joins no network", "leave them out")

    def start(self, params):
        run = self.run(params)
        with run.lock:
            run.start()
            return run.status()

    def recover(self, params):
        with self.lock:
            run = self.runs.get(params["run"])
        if run is None:
            return {"found": False}
        with run.lock:
            if not run.has("begun") and not run.kept():
                run.destroy()
                self.forget(run)
                return {"found": False}
            run.watch()
            return {"found": True, "status": run.status()}

    def wait(self, params):
        run = self.run(params)
        until = time.monotonic() + min(params["seconds"], 60)
        with run.news:
            while params["cursor"] == f"{CURSOR}.{run.changes}" and time.monotonic() < until:
                run.news.wait(max(0, until - time.monotonic()))
        return run.status()

    def verb(self, params, act):
        run = self.run(params)
        with run.lock:
            act(run)
            return run.status()

    def stop(self, params):
        return self.verb(params, lambda run: run.stop(params["graceMillis"] / 1000))

    def suspend(self, params):
        return self.verb(params, Run.suspend)

    def resume(self, params):
        return self.verb(params, Run.resume)

    def usage(self, params):
        return self.run(params).usage()

    def destroy(self, params):
        if run := self.runs.get(params["run"]):
            with run.lock:
                run.destroy()
                self.forget(run)
        return {}

    close = destroy

    def exec(self, params):
        run = self.run(params)
        with run.lock:
            if not run.kept() or run.has("suspended"):
                raise Refused("CONFLICT", f"{run.name} does not run")
            run.exec(params["session"], params)
        return {}

    METHODS = ("hello fingerprint strays prepare attach start recover wait stop suspend resume usage destroy"
               " close exec").split()

    # the socket

    def serve(self, listener):
        listener.settimeout(60)
        while True:
            try:
                connection, _ = listener.accept()
            except TimeoutError:  # nobody needs it: the daemon starts it again
                if not self.lines and not any(run.kept() for run in self.runs.values()):
                    return
                continue
            connection.settimeout(None)
            threading.Thread(target=Line(self, connection).follow, daemon=True).start()


class Line:
    """One connection."""

    def __init__(self, runtime, connection):
        self.runtime, self.connection, self.lock = runtime, connection, threading.Lock()

    def say(self, message):
        with self.lock:
            try:
                self.connection.sendall(json.dumps(message).encode() + b"\n")
            except OSError:
                pass

    def follow(self):
        with self.runtime.lines_lock:
            self.runtime.lines.append(self)
        try:
            with self.connection.makefile("rb") as lines:
                while line := lines.readline(LONGEST_LINE):
                    if json.loads(line)["method"] == "join":
                        return self.join(json.loads(line))
                    threading.Thread(target=self.answer, args=(json.loads(line),), daemon=True).start()
        except (OSError, ValueError) as failure:
            print("connection:", failure, file=sys.stderr, flush=True)
        finally:
            with self.runtime.lines_lock:
                self.runtime.lines.remove(self)
            self.connection.close()

    def join(self, request):
        """The session has the connection from here on."""
        try:
            run = self.runtime.run(request["params"])
            with socket.socket(socket.AF_UNIX) as session:
                try:
                    address, reached = reach(f"{run.folder}/exec-{request['params']['session']}/sock")
                    session.connect(address)
                    os.close(reached)
                except OSError:
                    raise Refused("GONE", "there is no such session, or it has ended", "begin a new one")
                self.say({"id": request["id"], "result": {}})
                socket.send_fds(session, [b"."], [self.connection.fileno()])
        except Refused as refused:
            self.say({"id": request["id"], "error": refused.error})

    def answer(self, request):
        try:
            if request["method"] not in Runtime.METHODS:
                raise Refused("BAD_REQUEST", f"there is no method {request['method']}")
            result = getattr(self.runtime, request["method"])(request["params"])
            self.say({"id": request["id"], "result": result})
        except Refused as refused:
            self.say({"id": request["id"], "error": refused.error})
        except Exception as failure:
            print(request["method"], repr(failure), file=sys.stderr, flush=True)
            self.say({"id": request["id"], "error": {"code": "INTERNAL", "text": repr(failure)}})


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"] and len(sys.argv) == 3:
        os.set_inheritable(3, False)
        Runtime(sys.argv[2]).serve(socket.socket(fileno=3))
    elif sys.argv[1:2] == ["keep"] and len(sys.argv) == 3:
        keep(sys.argv[2])
    else:
        sys.exit(__doc__)
