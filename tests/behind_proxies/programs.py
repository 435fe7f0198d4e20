"""nginx and PgBouncer as Debian packages them, run by an ordinary user on free ports.

The programs are those of the machine, or those that `.ci/debian-programs` unpacked into the project.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from string import Template
from time import monotonic, sleep

import sqlalchemy as sa

from tests.postgres import ordinary_user, place_for_files
from tests.programs import free_port
from tests.stores import ROOT
from tests.threads import PATIENCE_SECONDS

UNPACKED = ROOT / ".cache" / "debian"
PLACES = ("/usr/sbin", "/usr/local/sbin")
NGINX_CONFIG = Template(
    """
daemon off;
worker_processes 1;
pid $place/nginx.pid;
error_log $place/error.log info;
events {}
http {
    access_log off;
    client_body_temp_path $place/body;
    proxy_temp_path $place/proxy;
    fastcgi_temp_path $place/fastcgi;
    scgi_temp_path $place/scgi;
    uwsgi_temp_path $place/uwsgi;
    client_max_body_size 40m;
    gzip on;
    gzip_types application/json application/problem+json text/csv;
    gzip_proxied any;
    gzip_min_length 1;
    upstream catalogue { server 127.0.0.1:$server; keepalive 8; }
    server {
        listen 127.0.0.1:$port;
        # As the guide for operators has it: connections to the server are used again.
        location /catalogue/ {
            proxy_pass http://catalogue/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $$proxy_add_x_forwarded_for;
        }
        # As nginx does it without settings: one connection for each request, by HTTP 1.0.
        location /plain/catalogue/ {
            proxy_pass http://127.0.0.1:$server/;
        }
    }
}
"""
)
PGBOUNCER_CONFIG = Template(
    """
[databases]
$database = host=$host port=$server user=$user $password
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
logfile = $place/pgbouncer.log
pidfile = $place/pgbouncer.pid
$more
"""
)


@cache
def find_program(name: str) -> Path | None:
    """Return the program, or None if the machine lacks it or it does not run."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *PLACES])
    found = shutil.which(name, path=path), UNPACKED / "usr" / "sbin" / name
    return next((Path(each) for each in found if each and _runs(Path(each))), None)


def _runs(program: Path) -> bool:
    try:
        version = subprocess.run(
            [program, "-V"], env=_environment(), capture_output=True, timeout=PATIENCE_SECONDS
        )
    except OSError:
        return False
    return version.returncode == 0


def _environment() -> dict[str, str]:
    # The unpacked programs bring libraries that the machine may lack.
    libraries = [str(path) for path in UNPACKED.glob("**/lib/*-linux-*")]
    return os.environ | ({"LD_LIBRARY_PATH": os.pathsep.join(libraries)} if libraries else {})


@contextmanager
def running_nginx(server: int) -> Iterator[int]:
    """Run nginx with gzip before the server on this port, and yield its own port."""
    port = free_port()
    with _place() as place:
        config = place / "nginx.conf"
        config.write_text(NGINX_CONFIG.substitute(place=place, server=server, port=port))
        arguments = ["-p", str(place), "-c", str(config), "-e", str(place / "error.log")]
        with _running("nginx", *arguments, port=port):
            yield port


@contextmanager
def running_pgbouncer(server: sa.URL, more: str = "") -> Iterator[sa.URL]:
    """Run PgBouncer in transaction mode before a database, and yield the database's URL there."""
    port = free_port()
    with _place() as place:
        config = place / "pgbouncer.ini"
        config.write_text(
            PGBOUNCER_CONFIG.substitute(
                host=server.query.get("host") or server.host,
                server=server.port or 5432,
                user=server.username,
                password=f"password={server.password}" if server.password else "",
                database=server.database,
                place=place,
                port=port,
                more=more,
            )
        )
        with _running("pgbouncer", str(config), port=port):
            yield sa.URL.create(
                "postgresql", server.username, None, "127.0.0.1", port, server.database
            )


@contextmanager
def _place() -> Iterator[Path]:
    """Make a folder of the ordinary user, and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="catalogue-proxy-", dir=place_for_files()) as name:
        user = ordinary_user()
        if user:
            os.chown(name, user["user"], user["group"])
        yield Path(name)


@contextmanager
def _running(name: str, *arguments: str, port: int) -> Iterator[None]:
    program = find_program(name)
    assert program, f"{name} is missing"
    process = subprocess.Popen(
        [program, *arguments],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **ordinary_user(),
    )
    try:
        deadline = monotonic() + PATIENCE_SECONDS
        while not _listens(port):
            assert process.poll() is None, f"{name} ended with {process.returncode}"
            assert monotonic() < deadline, f"{name} does not listen"
            sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
