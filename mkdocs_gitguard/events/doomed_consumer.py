"""A consumer that kills itself in the middle of its work: `python -m … PATH STREAM EFFECTS NUMBER`.

It writes what it has done into the file EFFECTS, a sequence a line, and is gone after NUMBER of them, before it has
acknowledged the last ones. Run by the rehearsal, as a process that can be killed.
"""

import os
import signal
import sys
from pathlib import Path

from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.events.rehearsal import CONSUMER, URL_VARIABLE

_AT_ONCE = 10


def main() -> None:
    """Consume, and die."""
    path, stream, effects, number = sys.argv[1:]
    log = open_log(Path(path), url=os.environ.get(URL_VARIABLE, ""), stream=stream)
    done = 0
    with Path(effects).open("a", encoding="ascii") as file:
        while True:
            deliveries = log.consume(CONSUMER, most=_AT_ONCE, wait=1)
            for delivery in deliveries:
                file.write(f"{delivery.sequence}\n")
                file.flush()
                done += 1
                if done >= int(number):
                    os.kill(os.getpid(), signal.SIGKILL)
            log.acknowledge(deliveries)


if __name__ == "__main__":
    main()
