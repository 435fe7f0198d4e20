"""The enumerations that describe who is told of a migration."""

from enum import StrEnum


class NoticeAudience(StrEnum):
    """Whom a notice of a migration is for."""

    USERS = "users"
    PUBLIC = "public"
    AGENCY = "agency"
    SUPPLIER = "supplier"
    STAFF_SIDE = "staff_side"
    OTHER = "other"
