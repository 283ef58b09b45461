"""`python -m services.local serve` runs SageMaker on this computer; `env` says how other programs reach it.

`seed-demo` fills its account with what a team would have left there.

Heavy imports stay inside the functions: every process of a job imports this file again.
"""

import argparse
import fcntl
import os
import shlex
import socket
import sys
import threading
from configparser import ConfigParser
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

PROJECT = Path(__file__).parents[2]


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m services.local", description="SageMaker on this computer.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer boto3, the AWS CLI and the SageMaker SDK until stopped")
    serve.add_argument("--port", type=int, default=0, help="default: that of the last time, or any free one")
    serve.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    env = commands.add_parser("env", help="print export lines for a shell or a notebook")
    demo = commands.add_parser(
        "seed-demo", help="fill the account with a month of a team's work, while nothing serves it"
    )
    for command in (serve, env, demo):
        command.add_argument(
            "--data-dir",
            type=Path,
            default=Path(os.environ.get("SAGEDECK_DATA", PROJECT / ".sagedeck")),
            help="where everything is kept (default: %(default)s)",
        )
    arguments = parser.parse_args()
    folder = arguments.data_dir.resolve()
    if arguments.command == "env":
        _print_env(folder)
    elif arguments.command == "seed-demo":
        with _hold(folder, "Stop it, seed the folder, and start it again."):
            _seed(folder)
    else:
        with _hold(folder, "Use that one, or stop it first."):
            _serve(folder, arguments.port, arguments.with_parent)


def _serve(folder: Path, port: int, with_parent: bool) -> None:
    listener = _listen(port, folder)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    import uvicorn

    from services.local.identity import keys, write_profile, write_sdk_config
    from services.local.server import application
    from services.local.service import open_service

    keys(folder)
    write_profile(folder, url)
    write_sdk_config(folder)
    if with_parent:
        threading.Thread(target=_end_with_standard_input, daemon=True).start()
    print(f"SageMaker on this computer answers at {url}; data is in {folder}", flush=True)
    config = uvicorn.Config(application(open_service(folder)), log_level="warning", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])
    # Not sys.exit: a job that is cut off here must be found unfinished at the next start, as after a power cut.
    os._exit(0)


def _hold(folder: Path, advice: str) -> IO[str]:
    """The data folder for this process alone, as long as the answer is open. Ends the program when it is taken."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"Data folder {folder}: another service serves it at {_url(folder)}. {advice}")
    return lock


def _seed(folder: Path) -> None:
    from services.local.demo.seeding import SeededError, seed

    try:
        for part in seed(folder):
            print(f"Making {part}", flush=True)
    except SeededError:
        sys.exit(f"Data folder {folder}: the demonstration is in it already. Seed another one, or serve this one.")
    print(f"Done. See it with: python -m services.local serve --data-dir {folder}")


def _listen(port: int, folder: Path) -> socket.socket:
    """A listening socket on the loopback address. Ends the program when `port` is taken."""
    wanted = [port] if port else [urlsplit(_url(folder)).port or 0, 0]
    for candidate in wanted:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError as error:
            listener.close()
            refusal = error
        else:
            return listener
    sys.exit(f"Port {port}: {refusal.strerror}. Choose another with --port.")


def _end_with_standard_input() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


def _url(folder: Path) -> str:
    parser = ConfigParser()
    parser.read(folder / "aws" / "config")
    return parser.get("profile sagedeck", "endpoint_url", fallback="")


def _print_env(folder: Path) -> None:
    from services.local.identity import exports

    url = _url(folder)
    if not url:
        sys.exit(f"Data folder {folder}: no service has run there yet. Start one with: python -m services.local serve")
    for name, value in exports(folder, url).items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
