"""Parameters that an address does not have are refused: a filter with a slip would find all."""

from collections.abc import Iterable
from typing import Any, ClassVar

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.views import APIView

READING = {"GET", "HEAD"}


class Pages(PageNumberPagination):
    """Pages of 100 rows, or of as many as asked for, within reason."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500


class Strict(APIView):
    """A view that knows the parameters of its addresses.

    Attributes:
        parameters: those of reading an address, by the action; "" where there are no actions.
    """

    parameters: ClassVar[dict[str, Iterable[str]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass who may, and refuse unknown parameters."""
        super().initial(request, *args, **kwargs)
        known = set(self._known()) if request.method in READING else set()
        unknown = set(request.query_params) - known
        if unknown:
            sentence = f"there is no such parameter, only: {', '.join(sorted(known)) or 'none'}"
            raise ValidationError({name: [sentence] for name in unknown})

    def _known(self) -> Iterable[str]:
        action = getattr(self, "action", "")
        filters = getattr(self, "filterset_class", None)
        if action == "list" and filters is not None:
            return (*filters.base_filters, "page", "page_size")
        return self.parameters.get(action, ())
