"""One command beside a payload, for plain.py. It is kept by a process of its own, so that it goes on when the
runtime or the daemon ends: bytes carry their offset both ways and are kept until the other side has them.

The frames, big-endian, are u8 type, u8 zero, u16 length, then so many bytes (docs/runtime-protocol.md). The
runtime hands over each connection that follows the command, by the socket in this session's folder; a new one
takes the place of the one before.
"""
import fcntl
import json
import os
import pty
import selectors
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

from plain import adopt_orphans, die_with_parent, environment, held, kill, read, tree

ATTACH, INPUT, NO_MORE, ACK, RESIZE, SIGNAL, RELEASE, PING = range(1, 9)
ATTACHED, OUT, ERR, TAKEN, EXIT, PONG = range(16, 22)
KEPT, WINDOW, PIECE, ALONE = 256 << 10, 64 << 10, 16 << 10, 60


class Stream:
    """Output of the command that the client does not have yet."""

    def __init__(self, kind, pipe):
        self.kind, self.pipe, self.acked, self.sent, self.data = kind, pipe, 0, 0, bytearray()

    def take(self):
        """Reads as much as may be kept; closes at the end."""
        try:
            data = os.read(self.pipe, KEPT - len(self.data))
        except BlockingIOError:
            return
        except OSError:  # of a terminal that nobody holds open any more
            data = b""
        self.data += data
        if not data:
            self.pipe = None

    def acknowledge(self, have):
        if not self.acked <= have <= self.acked + len(self.data):
            raise ValueError("acknowledged what was not sent")
        del self.data[:have - self.acked]
        self.acked, self.sent = have, max(have, self.sent)

    def frame(self):
        piece = self.data[self.sent - self.acked:self.sent - self.acked + PIECE]
        if not piece:
            return b""
        frame = struct.pack(">BxHQ", self.kind, 8 + len(piece), self.sent) + piece
        self.sent += len(piece)
        return frame


class Session:
    def __init__(self, place, listener):
        self.place, self.run = place, os.path.dirname(place)
        self.listener, self.client = socket.socket(fileno=listener), None
        self.got, self.due, self.greeted, self.told = bytearray(), bytearray(), False, False
        self.input, self.taken, self.written, self.input_ends = bytearray(), 0, 0, False
        self.end, self.ended_at, self.released = None, 0.0, False
        self.alone_since = self.looked = time.monotonic()
        self.master = self.stdin = None
        self.streams = []
        self.pid = 0

    def begin(self):
        spec = json.loads(read(f"{self.place}/spec"))
        run = json.loads(read(f"{self.run}/run"))
        size, slave, ends = spec.get("terminal"), None, {}
        if size:
            self.master, slave = pty.openpty()
            self.resize(size["rows"], size["columns"])
            ends = dict(stdin=slave, stdout=slave, stderr=slave)
        else:
            ends = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        def before():
            die_with_parent()
            if size:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        try:
            self.command = subprocess.Popen(
                spec["command"], executable=spec.get("program"), env=environment(run, spec["env"]), cwd=f"{self.run}/work", preexec_fn=before,
                start_new_session=True, bufsize=0, **ends)
        except OSError as failure:
            missing = isinstance(failure, FileNotFoundError)
            self.ends(6, 0, 127 if missing else 126, str(failure))
            return
        self.pid = self.command.pid
        if size:
            os.close(slave)
            self.stdin = self.master
            self.streams = [Stream(OUT, self.master), Stream(ERR, None)]
        else:
            self.stdin = self.command.stdin.fileno()
            self.streams = [Stream(OUT, self.command.stdout.fileno()), Stream(ERR, self.command.stderr.fileno())]
        for pipe in {self.stdin, *(stream.pipe for stream in self.streams)} - {None}:
            os.set_blocking(pipe, False)

    def ends(self, cause, number, code, detail=""):
        if self.end is None:
            self.end = struct.pack(">BBH", cause, number, code) + detail.encode()[:250]
            self.ended_at = time.monotonic()

    def resize(self, rows, columns):
        if self.master is not None:
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # input

    def close_input(self):
        """Nobody reads it any more: what comes is thrown away, so that the client does not wait for ever."""
        if self.stdin is not None and self.master is None:
            self.command.stdin.close()
        self.stdin, self.input = None, bytearray()
        self.wrote(self.taken)

    def wrote(self, upto):
        if upto > self.written:
            self.written = upto
            self.say(TAKEN, struct.pack(">Q", upto))

    def give_input(self):
        try:
            if self.input:
                n = os.write(self.stdin, self.input)
                del self.input[:n]
                self.wrote(self.written + n)
            elif self.input_ends:
                if self.master is not None:
                    os.write(self.master, b"\4")
                self.close_input()
        except BlockingIOError:
            pass
        except OSError:
            self.close_input()

    # the client

    def drop(self):
        if self.client:
            self.client.close()
        self.client, self.greeted = None, False
        self.got, self.due = bytearray(), bytearray()
        self.alone_since = time.monotonic()

    def say(self, kind, body=b""):
        if self.greeted:
            self.due += struct.pack(">BxH", kind, len(body)) + body

    def accept(self):
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(5)
            try:
                _, fds, _, _ = socket.recv_fds(connection, 1, 1)
            except OSError:
                return
        if fds:
            self.drop()
            self.client = socket.socket(fileno=fds[0])
            self.client.setblocking(False)

    def hear(self):
        try:
            data = self.client.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.got += data
        try:
            while len(self.got) >= 4 and len(self.got) >= 4 + (length := int.from_bytes(self.got[2:4], "big")):
                kind, body = self.got[0], bytes(self.got[4:4 + length])
                del self.got[:4 + length]
                self.frame(kind, body)
        except (ValueError, struct.error):
            data = b""  # it does not keep to the rules
        if not data:
            self.drop()

    def frame(self, kind, body):
        if kind == ATTACH:
            for stream, have in zip(self.streams, struct.unpack(">QQ", body)):
                stream.acknowledge(have)
                stream.sent = stream.acked
            self.greeted, self.told = True, False
            self.say(ATTACHED, struct.pack(">Q", self.written))
        elif not self.greeted:
            raise ValueError("attach comes first")
        elif kind == INPUT:
            offset, = struct.unpack(">Q", body[:8])
            if offset > self.taken:
                raise ValueError("input is missing")
            fresh = body[8 + self.taken - offset:]
            if self.taken + len(fresh) - self.written > WINDOW:
                raise ValueError("input beyond the window")
            self.taken += len(fresh)
            self.input += fresh
            if self.stdin is None:
                self.close_input()
        elif kind == NO_MORE:
            self.input_ends = struct.unpack(">Q", body)[0] == self.taken or self.input_ends
        elif kind == ACK:
            for stream, have in zip(self.streams, struct.unpack(">QQ", body)):
                stream.acknowledge(have)
        elif kind == RESIZE:
            self.resize(*struct.unpack(">HH", body))
        elif kind == SIGNAL and self.pid and self.end is None:
            kill([self.pid], body[0])
        elif kind == RELEASE:
            self.released = True
        elif kind == PING:
            self.say(PONG)

    def speak(self):
        while self.greeted:
            if not self.due:
                for stream in self.streams:
                    self.due += stream.frame()
            if not self.due and self.drained() and not self.told:
                self.told = True
                self.say(EXIT, self.end)
            if not self.due:
                return
            try:
                del self.due[:self.client.send(self.due)]
            except BlockingIOError:
                return
            except OSError:
                self.drop()

    def drained(self):
        silent = all(stream.pipe is None for stream in self.streams)
        return self.end is not None and (silent or time.monotonic() > self.ended_at + 1)

    # all of it

    def look(self):
        """What no descriptor tells: the end of the command, of the payload, of everybody's interest."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.pid:
                    code = os.waitstatus_to_exitcode(ended[1])
                    self.ends(1, 0, code) if code >= 0 else self.ends(2, -code, 128 - code)
                    self.close_input()
        except ChildProcessError:
            pass
        if self.client is None and time.monotonic() > self.alone_since + ALONE:
            self.released = True
        if time.monotonic() > self.looked + 0.2:
            self.looked = time.monotonic()
            if not held(f"{self.run}/lock"):
                kill(tree(os.getpid()), signal.SIGKILL)

    def keep(self):
        while not self.released:
            self.speak()
            waits = selectors.DefaultSelector()
            waits.register(self.listener, selectors.EVENT_READ, self.accept)
            waits.register(wake, selectors.EVENT_READ, lambda: os.read(wake, 4096))
            wanted = {}
            if self.client:
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.due else 0)
                waits.register(self.client, events, self.client_ready)
            for stream in self.streams:
                if stream.pipe is not None and len(stream.data) < KEPT:
                    wanted[stream.pipe] = selectors.EVENT_READ
            if self.stdin is not None and (self.input or self.input_ends):
                wanted[self.stdin] = wanted.get(self.stdin, 0) | selectors.EVENT_WRITE
            for pipe, events in wanted.items():
                waits.register(pipe, events, None)
            for key, events in waits.select(0.2):
                if key.data:
                    key.data()
                    continue
                for stream in self.streams:
                    if stream.pipe == key.fd and events & selectors.EVENT_READ:
                        stream.take()
                if key.fd == self.stdin and events & selectors.EVENT_WRITE:
                    self.give_input()
            waits.close()
            self.look()
        kill(tree(os.getpid()), signal.SIGKILL)

    def client_ready(self):
        if self.client:
            self.hear()


if __name__ == "__main__":
    adopt_orphans()
    wake, woken = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    session = Session(sys.argv[1], int(sys.argv[2]))
    os.set_inheritable(int(sys.argv[2]), False)
    session.begin()
    session.keep()
