"""A `gitguard` that begins at once: copies of one process that has imported everything run the commands of the docs.

A command takes most of a second to import what it needs, and the docs have more than a hundred. What is run is the
command line itself, in a process, folder and environment of its own.

python -m docs.quick_gitguard FOLDER   # puts FOLDER/gitguard there, and serves it until ended
"""

import gc
import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

from mkdocs_gitguard.cli import COMMANDS, cli

_CLIENT = """#!{python} -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode("utf-8", "surrogateescape")
socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
server.sendall(call)
sys.exit(int(server.recv(8) or b"70"))
"""


def serve(folder: Path) -> None:
    for command in COMMANDS.values():
        import_module(command.where.partition(":")[0])
    address = folder / "socket"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(address))
    listening.listen()
    client = folder / "gitguard"
    client.write_text(_CLIENT.format(python=sys.executable, address=str(address)))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    # Whoever waits for it may call it from now on.
    client.chmod(0o755)
    while True:
        caller, _ = listening.accept()
        if os.fork() == 0:
            os._exit(_answer(caller))
        caller.close()


def _answer(caller: socket.socket) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, descriptors, _, _ = socket.recv_fds(caller, 4, 3)
    call = b""
    while len(call) < int.from_bytes(size, "big"):
        call += caller.recv(1 << 20)
    arguments, folder, environment = json.loads(call)
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["gitguard", *arguments]
    try:
        cli(prog_name="gitguard")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - shown as Python itself would
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    caller.sendall(str(code).encode())
    return code


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
