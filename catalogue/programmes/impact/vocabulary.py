"""Enumeration of the audiences of notices."""

from catalogue.core.vocabulary import Vocabulary


class NoticeAudience(Vocabulary):
    """The people that a notice about a migration is for."""

    USERS = "users", "People who work with the system."
    PUBLIC = "public", "Members of the public."
    AGENCY = "agency", "One agency, named in `agency`."
    SUPPLIER = "supplier", "Suppliers of the old or new system."
    STAFF_SIDE = "staff_side", "Trade unions and staff associations."
    OTHER = "other", "Anyone else. Name them in the text."
