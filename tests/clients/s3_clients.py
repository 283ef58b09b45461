"""One journey through S3 by clients that are not boto3, each in its own words: `python s3_clients.py CLIENT FOLDER`.

It prints what the client saw, as JSON. A client is imported only when it is asked for: they live in different
environments. All find the service by the variables that `python -m services.local env` prints.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

BUCKET = "clients"
LARGE = bytes(range(251)) * 80_000  # 20 MB: several parts


class Client(Protocol):
    """What the journey asks of a client. Keys are of the bucket; a listing has keys, in order."""

    def make_bucket(self) -> None: ...
    def upload(self, path: Path, key: str) -> None: ...
    def download(self, key: str, path: Path) -> None: ...
    def copy(self, key: str, to: str) -> None: ...
    def delete(self, key: str) -> None: ...
    def listing(self, folder: str) -> list[str]: ...
    def find(self, folder: str, ending: str) -> list[str]: ...


class S3fs:
    """fsspec's S3, of either of its ages."""

    def __init__(self) -> None:
        s3fs = importlib.import_module("s3fs")
        url = os.environ["AWS_ENDPOINT_URL"]
        self.files: Any = s3fs.S3FileSystem(client_kwargs={"endpoint_url": url}, default_block_size=8 << 20)

    def make_bucket(self) -> None:
        if not self.files.exists(BUCKET):
            self.files.mkdir(BUCKET)

    def upload(self, path: Path, key: str) -> None:
        with self.files.open(f"{BUCKET}/{key}", "wb") as target, path.open("rb") as source:
            shutil.copyfileobj(source, target)

    def download(self, key: str, path: Path) -> None:
        self.files.get(f"{BUCKET}/{key}", str(path))

    def copy(self, key: str, to: str) -> None:
        self.files.copy(f"{BUCKET}/{key}", f"{BUCKET}/{to}")

    def delete(self, key: str) -> None:
        self.files.rm(f"{BUCKET}/{key}")

    def listing(self, folder: str) -> list[str]:
        self.files.invalidate_cache()
        return [name.removeprefix(f"{BUCKET}/") for name in self.files.ls(f"{BUCKET}/{folder}")]

    def find(self, folder: str, ending: str) -> list[str]:
        return [name.removeprefix(f"{BUCKET}/") for name in self.files.glob(f"{BUCKET}/{folder}/**/*{ending}")]


class Arrow:
    """pyarrow.fs, which is the S3 client of AWS's C++ SDK."""

    def __init__(self) -> None:
        self.module = importlib.import_module("pyarrow.fs")
        endpoint = urlsplit(os.environ["AWS_ENDPOINT_URL"])
        self.files: Any = self.module.S3FileSystem(
            endpoint_override=endpoint.netloc, scheme=endpoint.scheme, allow_bucket_creation=True
        )

    def make_bucket(self) -> None:
        self.files.create_dir(BUCKET)

    def upload(self, path: Path, key: str) -> None:
        with self.files.open_output_stream(f"{BUCKET}/{key}") as target:
            target.write(path.read_bytes())

    def download(self, key: str, path: Path) -> None:
        with self.files.open_input_file(f"{BUCKET}/{key}") as source:
            path.write_bytes(source.read())

    def copy(self, key: str, to: str) -> None:
        self.files.copy_file(f"{BUCKET}/{key}", f"{BUCKET}/{to}")

    def delete(self, key: str) -> None:
        self.files.delete_file(f"{BUCKET}/{key}")

    def listing(self, folder: str) -> list[str]:
        return self._paths(folder, recursive=False)

    def find(self, folder: str, ending: str) -> list[str]:
        return [key for key in self._paths(folder, recursive=True) if key.endswith(ending)]

    def _paths(self, folder: str, *, recursive: bool) -> list[str]:
        found = self.files.get_file_info(self.module.FileSelector(f"{BUCKET}/{folder}", recursive=recursive))
        return [item.path.removeprefix(f"{BUCKET}/") for item in found]


class Wrangler:
    """awswrangler, which pandas users read and write tables with."""

    def __init__(self) -> None:
        self.wr: Any = importlib.import_module("awswrangler")

    def make_bucket(self) -> None:
        importlib.import_module("boto3").client("s3").create_bucket(Bucket=BUCKET)

    def upload(self, path: Path, key: str) -> None:
        self.wr.s3.upload(str(path), f"s3://{BUCKET}/{key}")

    def download(self, key: str, path: Path) -> None:
        self.wr.s3.download(f"s3://{BUCKET}/{key}", str(path))

    def copy(self, key: str, to: str) -> None:
        folder, name = os.path.split(key)
        target, new_name = os.path.split(to)
        paths = [f"s3://{BUCKET}/{key}"]
        self.wr.s3.copy_objects(
            paths, f"s3://{BUCKET}/{folder}", f"s3://{BUCKET}/{target}", replace_filenames={name: new_name}
        )

    def delete(self, key: str) -> None:
        self.wr.s3.delete_objects([f"s3://{BUCKET}/{key}"])

    def listing(self, folder: str) -> list[str]:
        address = f"s3://{BUCKET}/{folder}/"
        files = [path for path in self.wr.s3.list_objects(address) if "/" not in path.removeprefix(address)]
        found = [*self.wr.s3.list_directories(address), *files]
        return [path.removeprefix(f"s3://{BUCKET}/").rstrip("/") for path in found]

    def find(self, folder: str, ending: str) -> list[str]:
        found = self.wr.s3.list_objects(f"s3://{BUCKET}/{folder}/*{ending}")
        return [path.removeprefix(f"s3://{BUCKET}/") for path in found]


class MinIO:
    """MinIO's own client."""

    def __init__(self) -> None:
        self.module = importlib.import_module("minio")
        endpoint = urlsplit(os.environ["AWS_ENDPOINT_URL"])
        self.client: Any = self.module.Minio(
            endpoint=endpoint.netloc,
            access_key=os.environ["AWS_ACCESS_KEY_ID"],
            secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
            secure=endpoint.scheme == "https",
        )

    def make_bucket(self) -> None:
        if not self.client.bucket_exists(bucket_name=BUCKET):
            self.client.make_bucket(bucket_name=BUCKET)

    def upload(self, path: Path, key: str) -> None:
        self.client.fput_object(bucket_name=BUCKET, object_name=key, file_path=str(path), part_size=8 << 20)

    def download(self, key: str, path: Path) -> None:
        self.client.fget_object(bucket_name=BUCKET, object_name=key, file_path=str(path))

    def copy(self, key: str, to: str) -> None:
        source = importlib.import_module("minio.commonconfig").CopySource(bucket_name=BUCKET, object_name=key)
        self.client.copy_object(bucket_name=BUCKET, object_name=to, source=source)

    def delete(self, key: str) -> None:
        self.client.remove_object(bucket_name=BUCKET, object_name=key)

    def listing(self, folder: str) -> list[str]:
        return [
            item.object_name.rstrip("/") for item in self.client.list_objects(bucket_name=BUCKET, prefix=f"{folder}/")
        ]

    def find(self, folder: str, ending: str) -> list[str]:
        found = self.client.list_objects(bucket_name=BUCKET, prefix=f"{folder}/", recursive=True)
        return [item.object_name for item in found if item.object_name.endswith(ending)]


class S3cmd:
    """The command line of that name."""

    def __init__(self) -> None:
        host = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
        program = Path(sys.executable).with_name("s3cmd")
        self.command = [
            sys.executable,
            str(program),
            "--no-ssl",
            f"--host={host}",
            f"--host-bucket={host}",
            "--no-progress",
        ]

    def _run(self, *arguments: object) -> list[str]:
        done = subprocess.run([*self.command, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [line.rpartition(f"s3://{BUCKET}/")[2] for line in done.stdout.splitlines() if "s3://" in line]

    def make_bucket(self) -> None:
        self._run("mb", f"s3://{BUCKET}")

    def upload(self, path: Path, key: str) -> None:
        self._run("put", "--multipart-chunk-size-mb=8", path, f"s3://{BUCKET}/{key}")

    def download(self, key: str, path: Path) -> None:
        self._run("get", f"s3://{BUCKET}/{key}", path)

    def copy(self, key: str, to: str) -> None:
        self._run("cp", f"s3://{BUCKET}/{key}", f"s3://{BUCKET}/{to}")

    def delete(self, key: str) -> None:
        self._run("del", f"s3://{BUCKET}/{key}")

    def listing(self, folder: str) -> list[str]:
        return [key.rstrip("/") for key in self._run("ls", f"s3://{BUCKET}/{folder}/")]

    def find(self, folder: str, ending: str) -> list[str]:
        return [key for key in self._run("ls", "--recursive", f"s3://{BUCKET}/{folder}/") if key.endswith(ending)]


class Rclone:
    """The command line of that name."""

    def __init__(self) -> None:
        settings = (
            "provider=Other",
            "env_auth=true",
            f"endpoint='{os.environ['AWS_ENDPOINT_URL']}'",
            "upload_cutoff=8M",
        )
        self.remote = f":s3,{','.join(settings)}:{BUCKET}"

    def _run(self, *arguments: object) -> list[str]:
        command = ["rclone", "--config", "", "--quiet", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def make_bucket(self) -> None:
        self._run("mkdir", self.remote)

    def upload(self, path: Path, key: str) -> None:
        self._run("copyto", path, f"{self.remote}/{key}")

    def download(self, key: str, path: Path) -> None:
        self._run("copyto", f"{self.remote}/{key}", path)

    def copy(self, key: str, to: str) -> None:
        self._run("copyto", f"{self.remote}/{key}", f"{self.remote}/{to}")

    def delete(self, key: str) -> None:
        self._run("deletefile", f"{self.remote}/{key}")

    def listing(self, folder: str) -> list[str]:
        return [f"{folder}/{name.rstrip('/')}" for name in self._run("lsf", f"{self.remote}/{folder}")]

    def find(self, folder: str, ending: str) -> list[str]:
        found = self._run("lsf", "--recursive", "--files-only", "--include", f"*{ending}", f"{self.remote}/{folder}")
        return [f"{folder}/{name}" for name in found]


CLIENTS: dict[str, type[Client]] = {
    "s3fs": S3fs,
    "pyarrow": Arrow,
    "awswrangler": Wrangler,
    "minio": MinIO,
    "s3cmd": S3cmd,
    "rclone": Rclone,
}


def journey(client: Client, folder: str) -> dict[str, object]:
    """What a client sees on its way: writes, listings, a search, reads, a copy and a delete, all below `folder`."""
    client.make_bucket()
    with tempfile.TemporaryDirectory() as here:
        small, large, back = Path(here) / "small", Path(here) / "large", Path(here) / "back"
        small.write_bytes(b"a,b\n")
        large.write_bytes(LARGE)
        client.upload(small, f"{folder}/small.bin")
        client.upload(small, f"{folder}/deep/er/größe 1+1.csv")
        client.upload(large, f"{folder}/large.bin")
        seen: dict[str, object] = {
            "listed": sorted(client.listing(folder)),
            "found": sorted(client.find(folder, ".csv")),
        }
        client.download(f"{folder}/large.bin", back)
        seen["same"] = back.read_bytes() == LARGE
        client.copy(f"{folder}/large.bin", f"{folder}/copies/copy.bin")
        back.unlink()
        client.download(f"{folder}/copies/copy.bin", back)
        seen["copied"] = back.read_bytes() == LARGE
    client.delete(f"{folder}/large.bin")
    seen["left"] = sorted(client.listing(folder))
    return seen


if __name__ == "__main__":
    print(json.dumps(journey(CLIENTS[sys.argv[1]](), sys.argv[2])))
