"""The proxy of deployment/site.conf.template on this machine: Debian's nginx, self-signed TLS."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from standalone.processes import ROOT, ProcessError

TEMPLATE = ROOT / "deployment" / "site.conf.template"
# What the nginx image has around the site's own part; its folders for waiting bodies lie beside.
AROUND = Template("""\
daemon off;
${user}
pid nginx.pid;
error_log stderr;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}
""")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy on the loopback address.

    Attributes:
        folder: where its files lie, certificate and key among them.
        web_ports: of the web servers.
        http_port: leads to https.
        https_port: of the site.
        media: the folder of pictures and films.
    """

    folder: Path
    web_ports: Sequence[int]
    http_port: int
    https_port: int
    media: Path

    def command(self) -> list[str]:
        """Write the configuration and a certificate, and return the words that start the proxy.

        Raises:
            ProcessError: where nginx is not installed.
        """
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if program is None:
            raise ProcessError("nginx is not installed: install Debian's package nginx")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._make_certificate()
        user = "user root;" if os.geteuid() == 0 else ""  # or its workers could not read our files
        (self.folder / "nginx.conf").write_text(AROUND.substitute(user=user))
        # Variables of nginx stay as they are; those in braces are ours, as in the nginx image.
        (self.folder / "site.conf").write_text(
            Template(TEMPLATE.read_text()).safe_substitute(
                COVERLIFT_WEB="; server ".join(f"127.0.0.1:{port}" for port in self.web_ports),
                COVERLIFT_HTTP=f"127.0.0.1:{self.http_port}",
                COVERLIFT_HTTPS=f"127.0.0.1:{self.https_port}",
                COVERLIFT_MEDIA=self.media,
                COVERLIFT_CERTIFICATES=self.folder,
            )
        )
        return [program, "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr"]

    def _make_certificate(self) -> None:
        if (self.folder / "site.key").exists():
            return
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365"]
        words += ["-keyout", str(self.folder / "site.key"), "-out", str(self.folder / "site.crt")]
        words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        made = subprocess.run(words, capture_output=True, text=True, check=False)
        if made.returncode:
            raise ProcessError(f"openssl made no certificate: {made.stderr.strip()}")
