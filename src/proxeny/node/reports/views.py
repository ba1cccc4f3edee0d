"""Reports: which of these can do harm today?"""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from proxeny.node.accounts.desk import REFUSED, DeskRequest, desk_page, one_by_one
from proxeny.node.pages.paging import read_before
from proxeny.node.reports.access import access_report
from proxeny.node.reports.actions import Tally
from proxeny.node.reports.queries import count_reports, list_reports, with_series
from proxeny.node.reports.uploads import MAX_UPLOAD_BYTES, take_upload
from proxeny.node.selectors.queries import find_stop_reason, list_mentions

PAGE = 50


class ImportForm(forms.Form):
    """One file of reports."""

    file = forms.FileField(
        label=_("File of reports"),
        help_text=_(
            "A mail (.eml), a table (.csv) or JSON Lines (.jsonl), up to 50 MB."
        ),
        max_length=200,
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Not over the limit."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(_("The file is over 50 MB: use the command."))
        return file


@desk_page("report.list", "report.read")
def list_(request: DeskRequest) -> HttpResponse:
    """Reports, newest first."""
    search = request.GET.get("search", "")[:100].strip()
    rows = list_reports(
        request.actor,
        search=search,
        limit=PAGE + 1,
        before=read_before(request.GET.get("before", "")),
    )
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    request.seen += [row.report.ref for row in rows]
    later = urlencode({"search": search, "before": rows[-1].report.pk}) if more else ""
    context = {
        "rows": rows,
        "search": search,
        "later": later,
        "total": count_reports(request.actor),
    }
    return render(request, "reports/list.html", context, using="jinja2")


@desk_page("report.show", "report.read")
def show(request: DeskRequest, ref: str) -> HttpResponse:
    """One report as text, with what was found in it."""
    report = access_report(request.actor, ref)
    request.seen.append(report.ref)
    holder = report.repeat_of or report
    mentions = list_mentions([holder.ref])
    context = {
        "report": report,
        "series": with_series([report])[0].series,
        "mentions": [(one, find_stop_reason(one.selector)) for one in mentions],
        "attachments": list(report.attachments.order_by("pk")),
        "repeats": list(report.repeats.order_by("pk")),
    }
    return render(request, "reports/show.html", context, using="jinja2")


@desk_page("report.import-page", "report.write")
@one_by_one
def import_(request: DeskRequest) -> HttpResponse:
    """Take a file of reports in, and say of each item what became of it."""
    form = ImportForm(request.POST or None, request.FILES or None)
    tally = None
    status = 200
    if request.method == "POST":
        if form.is_valid():
            tally = _take(request, form.cleaned_data["file"])
            form = ImportForm()
        else:
            status = REFUSED
    context = {"form": form, "tally": tally}
    return render(
        request, "reports/import.html", context, status=status, using="jinja2"
    )


def _take(request: DeskRequest, file: "UploadedFile[Any]") -> Tally:
    tally = Tally()
    for taken in take_upload(request.actor, file.chunks(), name=file.name or ""):
        tally.add(taken)
    return tally
