"""The Graph API's server: requests a second and latency at 16 connections on 5,000 nodes.

Run: `python -m benchmarks.graph_server`. Needs `wrk` (Debian package). The peer is starlette's own `StaticFiles` on
the same folder, in the same run: what the ETags, negotiation and JSON errors cost.
"""

import http.client
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.graph_api import MOMENT, make
from mkdocs_gitguard.graph_api import export, node_path
from mkdocs_gitguard.model import Graph, path_of

SECONDS = 8
OURS = "from mkdocs_gitguard.graph_api.server import application; app = application(Path({folder!r}))"
PEER = """from starlette.applications import Starlette; from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
app = Starlette(routes=[Mount("/api/v1", StaticFiles(directory={folder!r}))])"""
RUN = "import uvicorn; uvicorn.run(app, port={port}, log_level='error', access_log=False)"


def serve(code: str, folder: str, port: int) -> subprocess.Popen[bytes]:
    """Start a server in a process of its own and wait until it answers."""
    text = f"from pathlib import Path\n{code.format(folder=folder)}\n{RUN.format(port=port)}"
    process = subprocess.Popen([sys.executable, "-c", text])
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/api/v1/index.json")
            if connection.getresponse().status == 200:
                return process
        except ConnectionError:
            time.sleep(0.1)


def measure(name: str, code: str, folder: str, port: int, script: Path) -> None:
    """Print what wrk measured."""
    process = serve(code, folder, port)
    try:
        command = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", "--latency", "-s", str(script), f"http://127.0.0.1:{port}"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        process.terminate()
        process.wait()
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    tail = dict(re.findall(r"(50|99)%\s+([\d.]+\w+)", output))
    longest = re.search(r"Latency\s+\S+\s+\S+\s+(\S+)", output)
    errors = re.search(r"(Non-2xx.*|Socket errors.*)", output)
    print(
        f"{name:>12}: {rate[1] if rate else '?':>8} requests/s, p50 {tail.get('50')}, p99 {tail.get('99')},"
        f" longest {longest[1] if longest else '?'} {errors[1] if errors else ''}"
    )


def main() -> None:
    """Ask random nodes, then the largest node alone."""
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    snapshot = make(5_000, 25_000)
    with tempfile.TemporaryDirectory() as folder:
        pages = {node.id: f"{path_of(node.id)}/" for node in snapshot.nodes()}
        export(Graph(snapshot), Path(folder) / "v1", generated_at=MOMENT, pages=pages)
        root = str(Path(folder) / "v1")
        ids = [node.id for node in snapshot.nodes()]
        random.Random(1).shuffle(ids)
        hub = max(ids, key=lambda node: (Path(root) / node_path(node)).stat().st_size)
        for what, nodes in (("every node", ids), ("largest node", [hub])):
            script = Path(folder) / "paths.lua"
            paths = ",".join(f'"/api/v1/{node_path(node)}"' for node in nodes)
            script.write_text(f"p={{{paths}}} i=0 request=function() i=i%#p+1 return wrk.format('GET',p[i]) end")
            size = sum((Path(root) / node_path(node)).stat().st_size for node in nodes) / len(nodes)
            print(f"{what}, {size:,.0f} bytes")
            measure("ours", OURS, root, 8771, script)
            measure("StaticFiles", PEER, root, 8772, script)


if __name__ == "__main__":
    main()
