"""What the command line itself refuses, beside the errors of the rooms it calls; one line each."""

from domain.errors import Article20Error


class Refused(Article20Error):
    """{what} {how}"""

    slug, status = "refused", 400
