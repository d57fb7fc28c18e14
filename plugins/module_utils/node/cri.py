# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The container runtime's own answer over its CRI socket, without crictl: gRPC on HTTP/2 in the little that unary calls need.

Sources: RFC 9113 (HTTP/2 frames), RFC 7541 (HPACK), grpc/doc/PROTOCOL-HTTP2.md, k8s.io/cri-api runtime/v1/api.proto (field numbers).
"""

import errno
import os
import socket
import struct
import time

from . import Missing, TimedOut, Unavailable

UNIMPLEMENTED = 12  # grpc/codes: a listener without that service
_CALLS = (("Version", "RuntimeService"), ("Status", "RuntimeService"), ("ListContainers", "RuntimeService"), ("ListImages", "ImageService"))
_DATA, _HEADERS, _RST, _SETTINGS, _PING, _GOAWAY, _WINDOW, _CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
_LIMIT = 16 * 1024 * 1024

# Code lengths of RFC 7541 appendix B, symbol 0 to 256, each as chr(length + 60). The code is canonical, so lengths are all of it.
_LENGTHS = ("ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIX"
            "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRSVVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ")


def _huffman_codes():
    codes, code, previous = {}, 0, 0
    for length, symbol in sorted((ord(mark) - 60, symbol) for symbol, mark in enumerate(_LENGTHS)):
        code <<= length - previous
        previous = length
        codes[length, code] = symbol
        code += 1
    return codes


def _unhuffman(data, codes):
    text, code, length = bytearray(), 0, 0
    for byte in bytearray(data):
        for bit in range(7, -1, -1):
            code, length = code << 1 | byte >> bit & 1, length + 1
            symbol = codes.get((length, code))
            if symbol is not None:
                text.append(symbol & 255)
                code = length = 0
    return bytes(text)


def _integer(data, at, prefix):
    value = data[at] & (1 << prefix) - 1
    at += 1
    if value == (1 << prefix) - 1:
        shift = 0
        while True:
            value += (data[at] & 127) << shift
            shift += 7
            at += 1
            if not data[at - 1] & 128:
                break
    return value, at


def _headers(block):
    """HPACK block -> {name: value} of the literally named headers: the grpc-* ones. We allow the server no dynamic table."""
    data, at, found, codes = bytearray(block), 0, {}, _huffman_codes()

    def text(at):
        length, start = _integer(data, at, 7)
        raw = bytes(data[start:start + length])
        return (_unhuffman(raw, codes) if data[at] & 128 else raw).decode("utf-8", "replace"), start + length

    while at < len(data):
        if data[at] & 128:  # indexed: :status and the like
            _index, at = _integer(data, at, 7)
        elif data[at] & 224 == 32:  # table size update
            _size, at = _integer(data, at, 5)
        else:
            index, at = _integer(data, at, 6 if data[at] & 64 else 4)
            name = None
            if not index:
                name, at = text(at)
            value, at = text(at)
            if name:
                found[name] = value
    return found


def _frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _literal(name, value):
    return b"\0" + bytes(bytearray([len(name)])) + name + bytes(bytearray([len(value)])) + value


def _request(stream, path):
    block = (_literal(b":method", b"POST") + _literal(b":scheme", b"http") + _literal(b":path", path.encode()) + _literal(b":authority", b"localhost")
             + _literal(b"content-type", b"application/grpc") + _literal(b"te", b"trailers"))
    return _frame(_HEADERS, 4, stream, block) + _frame(_DATA, 1, stream, b"\0" * 5)  # every request here is the empty message


def _exchange(connection, paths, deadline):
    """Call all `paths` at once -> {path: (status, message, body)} of those that answered before the deadline."""
    settings = struct.pack(">HIHI", 1, 0, 4, 0x7fffffff)  # HEADER_TABLE_SIZE 0, INITIAL_WINDOW_SIZE
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(_SETTINGS, 0, 0, settings) + _frame(_WINDOW, 0, 0, struct.pack(">I", 0x7fff0000))
                       + b"".join(_request(2 * number + 1, path) for number, path in enumerate(paths)))
    bodies, blocks, answers, buffer = {}, {}, {}, bytearray()
    while len(answers) < len(paths):
        while len(buffer) < 9 or len(buffer) < 9 + (struct.unpack(">I", b"\0" + bytes(buffer[:3]))[0]):
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                part = connection.recv(262144)
            except socket.timeout:
                return answers
            if not part or len(buffer) > _LIMIT:
                return answers
            buffer.extend(part)
        size = struct.unpack(">I", b"\0" + bytes(buffer[:3]))[0]
        kind, flags, stream = struct.unpack(">BBI", bytes(buffer[3:9]))
        payload = bytes(buffer[9:9 + size])
        del buffer[:9 + size]
        if kind in (_SETTINGS, _PING) and not flags & 1:
            connection.sendall(_frame(kind, 1, 0, payload if kind == _PING else b""))
        elif kind == _DATA:
            bodies.setdefault(stream, bytearray()).extend(payload)
        elif kind in (_HEADERS, _CONTINUATION):
            blocks.setdefault(stream, bytearray()).extend(payload)
        elif kind == _GOAWAY:
            return answers
        if (kind in (_HEADERS, _DATA) and flags & 1) or kind == _RST:
            trailers = _headers(bytes(blocks.get(stream, b"")))
            status = int(trailers.get("grpc-status", "2")) if kind != _RST else 2
            answers[paths[stream // 2]] = (status, trailers.get("grpc-message", ""), bytes(bodies.get(stream, b""))[5:])
    return answers


def _fields(message):
    """Protobuf message -> {field number: [int or bytes]} (wire types 0 and 2, and 1 and 5 passed over)."""
    data, at, fields = bytearray(message), 0, {}
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
        elif key & 7 == 2:
            size, at = _varint(data, at)
            value, at = bytes(data[at:at + size]), at + size
        else:
            at += 8 if key & 7 == 1 else 4
            continue
        fields.setdefault(key >> 3, []).append(value)
    return fields


def _varint(data, at):
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 128:
            break
    return value, at


def _text(fields, number):
    return fields.get(number, [b""])[0].decode("utf-8", "replace")


def _labels(fields, number):
    return {_text(pair, 1): _text(pair, 2) for pair in map(_fields, fields.get(number, []))}


def _containers(body):
    found = []
    for container in map(_fields, _fields(body).get(1, [])[:1000]):
        labels = _labels(container, 8)
        found.append({"id": _text(container, 1), "name": labels.get("io.kubernetes.container.name", ""), "running": container.get(6, [0])[0] == 1,
                      "pod": labels.get("io.kubernetes.pod.name", ""), "namespace": labels.get("io.kubernetes.pod.namespace", ""),
                      "pod_uid": labels.get("io.kubernetes.pod.uid", "")})
    return found


def status(endpoint, timeout=5.0):
    """What the CRI behind `endpoint` (a socket's path or unix:// URL) says, each call with its gRPC status.

    -> {"api": "v1"|"v1alpha2", "calls": {call: {"code", "message"} or None for no answer}, "runtime", "version",
        "conditions": [{"type", "status", "reason", "message"}], "containers": [...], "images": count, "answer_s"}
    Raises Missing (no socket), Unavailable (nobody listens), TimedOut (not one call was answered).
    """
    path = endpoint[len("unix://"):] if endpoint.startswith("unix://") else endpoint
    started = time.monotonic()
    answer = None
    for api in ("v1", "v1alpha2"):  # kubelets to 1.25 and containerd before 1.6 speak v1alpha2 only
        answer = _ask(path, "runtime." + api, started + timeout, timeout)
        answer["api"] = api
        if (answer["calls"].get("Version") or {}).get("code") != UNIMPLEMENTED:
            break
    answer["answer_s"] = round(time.monotonic() - started, 3)
    return answer


def _connect(connection, path, deadline):
    """As the kernel fails at once where the queue of a socket is full (unix(7), EAGAIN), which nobody empties while the runtime hangs."""
    while True:
        try:
            return connection.connect(path)
        except BlockingIOError:
            if time.monotonic() >= deadline - 0.05:
                raise socket.timeout("nobody accepts connections")
            time.sleep(0.05)


def _ask(path, package, deadline, timeout):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(max(deadline - time.monotonic(), 0.001))
    paths = ["/%s.%s/%s" % (package, service, call) for call, service in _CALLS]
    try:
        _connect(connection, path, deadline)
        answers = _exchange(connection, paths, deadline)
    except socket.timeout:
        raise TimedOut(path, "no answer within %g s" % timeout)
    except OSError as error:
        kind = Missing if error.errno == errno.ENOENT else Unavailable
        raise kind(path, os.strerror(error.errno).lower() if error.errno else str(error))
    finally:
        connection.close()
    if not answers:
        if time.monotonic() >= deadline - 0.01:
            raise TimedOut(path, "no answer within %g s" % timeout)
        raise Unavailable(path, "the connection was closed without an answer")
    calls = dict((path.rsplit("/", 1)[-1], None) for path in paths)
    bodies = {}
    for path, (code, message, body) in answers.items():
        call = path.rsplit("/", 1)[-1]
        calls[call] = {"code": code, "message": message}
        bodies[call] = body
    version = _fields(bodies.get("Version", b""))
    conditions = map(_fields, _fields(_fields(bodies.get("Status", b"")).get(1, [b""])[0]).get(1, []))
    return {
        "calls": calls,
        "runtime": _text(version, 2),
        "version": _text(version, 3),
        "conditions": [{"type": _text(each, 1), "status": bool(each.get(2, [0])[0]), "reason": _text(each, 3), "message": _text(each, 4)}
                       for each in conditions],
        "containers": _containers(bodies.get("ListContainers", b"")),
        "images": len(_fields(bodies.get("ListImages", b"")).get(1, [])),
    }
