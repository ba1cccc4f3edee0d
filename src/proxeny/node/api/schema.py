"""The client API: every app's operations under ``/api/v1/``."""

from ninja import NinjaAPI

from proxeny import __version__
from proxeny.node.accounts.program import DeskSession, TokenAuth
from proxeny.node.api.problems import register_problems

api = NinjaAPI(
    title="Proxeny node",
    version=__version__,
    description="Everything the desk can do, by the same rules.",
    auth=[TokenAuth(), DeskSession()],
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
register_problems(api)
