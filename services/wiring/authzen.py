"""The AuthZEN endpoint, put together beside a gRPC server: same certificates, same gate, same use cases."""

from __future__ import annotations

from services.consent.authzen import authzen
from services.consent.servicer import ConsentUseCases
from services.rpc.http import HttpServer
from services.rpc.limits import Limits
from services.rpc.server import RpcServer
from services.settings import Settings
from services.wiring.certificates import Pki


def build_authzen(settings: Settings, usecases: ConsentUseCases, server: RpcServer, *, limits: Limits) -> HttpServer:
    """Return an HTTPS server for the decisions of ``usecases``; what is in flight counts with the calls of ``server``.

    Raises:
        CertificateError: if keys or certificates cannot be used.
    """
    credentials = Pki(settings.home).server_credentials(production=settings.production)
    return HttpServer(authzen(usecases, server.gate, limits), credentials=credentials, limits=limits)
