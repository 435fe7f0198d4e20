"""How far each agency's view reaches, remembered for as long as nothing was agreed or revoked."""

from uuid import UUID

from catalogue.access.revocation import current_epoch
from catalogue.agencies.sharing import shares_with
from catalogue.core.database import Work, work
from catalogue.core.reach import Reach


def reach_of_agency(agency_id: UUID) -> Reach:
    """What others share with an agency.

    It is remembered under the revocation epoch, which every change of agreements and grants
    moves: so what was revoked is closed on the next request, in every process.
    """
    under = work()
    if agency_id not in under.reaches:
        under.reaches[agency_id] = _found(under, agency_id)
    return under.reaches[agency_id]


def _found(under: Work, agency_id: UUID) -> Reach:
    standing = under.standing
    if standing is not None and standing.expected is not None:
        # The request makes sure, before it is answered, that this is still the epoch.
        epoch = standing.expected
    else:
        epoch = current_epoch(under.connection)
    known = under.database.reaches
    found = known.get(agency_id)
    if found is not None and found[0] == epoch:
        return found[1]
    reach = Reach(shares_with(under.session, agency_id))
    if under.read_only:
        # What a transaction sees of its own changes may yet be rolled back.
        known[agency_id] = epoch, reach
    return reach
