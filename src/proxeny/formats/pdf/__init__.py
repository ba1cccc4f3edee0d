"""Requests on paper: PDF/A-2a (archive) and PDF/UA-1 (accessible), set by typst.

Standards: ISO 19005-2 level A, ISO 14289-1.
"""

from proxeny.formats.pdf.render import RequestMeta, render_request_pdf

__all__ = ["RequestMeta", "render_request_pdf"]
