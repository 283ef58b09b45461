"""`python -m services.local serve` runs SageMaker on this computer; `env` says how other programs reach it.

`seed-demo` fills its account with what a team would have left there.

Heavy imports stay inside the functions: every process of a job imports this file again.
"""

import sys

if sys.platform == "win32":  # before fcntl, which is not there
    sys.exit("SageDeck does not run on Windows itself. Install WSL (wsl --install) and start it in the Linux shell.")

import argparse
import fcntl
import os
import shlex
import socket
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from services.local.service import Service

PROJECT = Path(__file__).parents[2]
BACKLOG = 2048  # connections that wait to be accepted, as uvicorn itself has it
RELEASED_WITHIN = 2.0  # seconds


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m services.local", description="SageMaker on this computer.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer boto3, the AWS CLI and the SageMaker SDK until stopped")
    serve.add_argument("--port", type=int, default=0, help="default: the last one used, or any free one")
    serve.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: %(default)s)")
    serve.add_argument(
        "--open-to-network",
        action="store_true",
        help="allow a --host that other computers reach; anyone with the keys of this service can then use it",
    )
    serve.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    env = commands.add_parser("env", help="print export lines for a shell or a notebook")
    demo = commands.add_parser(
        "seed-demo", help="fill the account with a month of a team's work; the service must be stopped"
    )
    for command in (serve, env, demo):
        command.add_argument(
            "--data-dir",
            type=Path,
            default=Path(os.environ.get("SAGEDECK_DATA", PROJECT / ".sagedeck")),
            help="data folder (default: %(default)s)",
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
            _serve(folder, arguments)


def _serve(folder: Path, arguments: argparse.Namespace) -> None:
    opened_to = None if _is_loopback(arguments.host) else arguments.host
    if opened_to and not arguments.open_to_network:
        sys.exit(
            f"Address {opened_to}: other computers could reach the service there. Leave --host out, or add "
            "--open-to-network if that is what you want."
        )
    listener = _listen(arguments.host, arguments.port, folder)

    import uvicorn

    from services.local.server import application

    service = _put_in_order(folder, _address(listener))
    if arguments.with_parent:
        threading.Thread(target=_end_with_standard_input, daemon=True).start()
    print(f"SageMaker on this computer answers at {_address(listener)}; data is in {folder}", flush=True)
    config = uvicorn.Config(application(service, opened_to), log_level="warning", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])
    # Not sys.exit: a job that is cut off here must be found unfinished at the next start, as after a power cut.
    os._exit(0)


def _hold(folder: Path, advice: str) -> IO[str]:
    """The data folder for this process alone, as long as the answer is open. Ends the program when it is taken.

    A service that has just ended may leave a child that holds the folder until it is a program of its own.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (folder / "lock").open("w")
    deadline = time.monotonic() + RELEASED_WITHIN
    while not _locked(lock):
        if time.monotonic() > deadline:
            sys.exit(f"Data folder {folder}: another service serves it at {_url(folder)}. {advice}")
        time.sleep(0.05)
    return lock


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _seed(folder: Path) -> None:
    from services.local.demo.seeding import SeededError, seed

    try:
        for part in seed(folder):
            print(f"Making {part}", flush=True)
    except SeededError:
        sys.exit(
            f"Data folder {folder}: it already contains the demonstration. Seed another folder, or serve this one."
        )
    print(f"Done. See it with: python -m services.local serve --data-dir {folder}")


def _put_in_order(folder: Path, url: str) -> "Service":
    """The service over `folder` and the files that tell of it; prints what it found. Ends the program if it cannot."""
    from services.local.jobs import recovery
    from services.local.protocol import identity as local_identity
    from services.local.service import open_service
    from services.local.store.database import DatabaseLost
    from services.local.store.full_disk import DiskFull, translate_errors

    try:
        with translate_errors():
            problems = local_identity.set_damaged_keys_aside(folder)
            local_identity.keys(folder)
            local_identity.write_profile(folder, url)
            local_identity.write_sdk_config(folder)
            service = open_service(folder)
            problems += recovery.put_in_order(service)
    except DiskFull:
        sys.exit(f"Data folder {folder}: its disk is full. Free some space and start again.")
    except DatabaseLost:
        sys.exit(
            f"Data folder {folder}: the database service.sqlite is damaged, and its copy service.copy is damaged "
            "or missing. Restore it from a backup of yours, or start with another --data-dir."
        )
    if problems:
        print(recovery.startup_message(problems), flush=True)
    return service


def _is_loopback(host: str) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")


def _address(listener: socket.socket) -> str:
    """Where this computer reaches the service."""
    host, port, *_ = listener.getsockname()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int, folder: Path) -> socket.socket:
    """A listening socket at `host`. Ends the program when there is no such address here, or `port` is taken."""
    wanted = [port] if port else [urlsplit(_url(folder)).port or 0, 0]
    for candidate in wanted:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Named TCP, or asyncio lets Nagle's algorithm hold every answer back for 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            refusal = error
        else:
            listener.listen(BACKLOG)
            return listener
    sys.exit(f"Address {host}, port {port or 'any'}: {refusal.strerror}. Choose others with --host and --port.")


def _end_with_standard_input() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


def _url(folder: Path) -> str:
    from services.local.protocol.identity import read_config

    parser = read_config(folder / "aws" / "config")
    return parser.get("profile sagedeck", "endpoint_url", fallback="") if parser else ""


def _print_env(folder: Path) -> None:
    from services.local.protocol.identity import exports

    url = _url(folder)
    if not url:
        sys.exit(f"Data folder {folder}: no service has run there yet. Start one with: python -m services.local serve")
    for name, value in exports(folder, url, os.environ.get("PYTHONPATH", "")).items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
