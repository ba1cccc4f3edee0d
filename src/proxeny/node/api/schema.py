"""The client API: every app's operations under ``/api/v1/``."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from proxeny import __version__
from proxeny.node.accounts.api import router as accounts
from proxeny.node.accounts.program import DeskSession, TokenAuth
from proxeny.node.api.bodies import BodyParser
from proxeny.node.api.problems import declare_problems, register_problems
from proxeny.node.audit.api import router as audit
from proxeny.node.cases.api import router as cases
from proxeny.node.directory.api import router as directory
from proxeny.node.linking.api import router as linking
from proxeny.node.reports.api import router as reports
from proxeny.node.requests.api import router as requests


class NodeAPI(NinjaAPI):
    """Ninja's, with one shape for all that goes wrong, and ids that the log uses."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """An answer that no cache on the way keeps: it may hold case data."""
        response = super().create_temporal_response(request)
        add_never_cache_headers(response)
        return response

    def get_operation_url_name(self, operation: Operation, router: Router) -> str:
        """The address's name, such as ``series-show``."""
        del router
        return self.get_openapi_operation_id(operation).replace(".", "-")

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The operation's name in the audit log, such as ``series.show``."""
        return str(cast("Any", operation.view_func).desk_action)

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The API document: a summary for each operation, and its problems."""
        document = super().get_openapi_schema(**given)
        for methods in document["paths"].values():
            for operation in methods.values():
                summary, _, rest = operation.pop("description").partition("\n")
                operation["summary"] = summary
                if rest.strip():
                    operation["description"] = rest.strip()
        declare_problems(document)
        return document


api = NodeAPI(
    title="Proxeny node",
    version=__version__,
    description=(
        "Everything the desk can do, by the same rules. Times are RFC 3339 in UTC, "
        "countries ISO 3166-1 alpha-2, amounts decimal strings. A list answers with "
        "the newest first and `next`: give it as `before` for the next page."
    ),
    auth=[TokenAuth(), DeskSession()],
    parser=BodyParser(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
register_problems(api)
for router in (reports, linking, cases, requests, directory, audit, accounts):
    api.add_router("", router)
