"""The interfaces of a system: their list with a picture, and their forms."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.exceptions import NotFound

from catalogue.systems.interfaces.schemas import InterfaceCreate, InterfacePatch
from catalogue.systems.vocabulary import InterfaceDirection
from catalogue.web.child_records import ChildRecords, Operations, Path, Words
from catalogue.web.choosing import show_choice
from catalogue.web.editing import Record
from catalogue.web.forms import Form, Option
from catalogue.web.pages import Pages, Visit, redirect_to
from catalogue.web.steps import note_missing
from catalogue.web.systems.interface_picture import draw
from catalogue.web.wording import NOT_SHARED

interfaces = Pages("system-interfaces")

_OUT, _IN = "out", "in"
"""The directions of a new interface, as seen from the system of the page."""


def _name(interface: Record) -> str:
    source, target = (interface[f"{end}_system_name"] or NOT_SHARED for end in ("from", "to"))
    return f"the interface from {source} to {target}"


def _offer_directions(_visit: Visit, form: Form, _parent: Record, record: Record | None) -> None:
    if record is None:
        return
    source, target = (record[f"{end}_system_name"] or NOT_SHARED for end in ("from", "to"))
    options = [
        Option(InterfaceDirection.FROM_TO, f"{source} sends data to {target}"),
        Option(InterfaceDirection.BOTH, "Data flows both ways"),
    ]
    form.offer("direction", options, kind="choice")


INTERFACES = ChildRecords(
    group=interfaces,
    rule="/systems/<uuid:system_id>/interfaces",
    parameter="interface_id",
    operations=Operations(
        list="list_interfaces",
        get="get_interface",
        create="create_interface",
        update="update_interface",
        delete="delete_interface",
    ),
    create=InterfaceCreate,
    update=InterfacePatch,
    words=Words(
        heading="Interfaces",
        a_record="an interface",
        removal="Neither system's readiness for retirement counts it then. The history keeps it.",
    ),
    columns=(
        "from_system_name",
        "to_system_name",
        "direction",
        "standard",
        "data_categories",
        "criticality",
    ),
    links={"from_system_name": "from_system_id", "to_system_name": "to_system_id"},
    name=_name,
    fields=("direction", "standard", "data_categories", "criticality", "fallback", "description"),
    nested=False,
    prepare=_offer_directions,
    begins_at="other_system_form",
    template="systems/interfaces.html",
    picture=draw,
)
INTERFACES.register()

_ADDING = ("get_system", "create_interface")


@interfaces.get(
    f"{INTERFACES.rule}/other-system",
    calls=("get_system", "list_systems", "create_interface"),
    needs=("create_interface", "list_systems"),
)
def other_system_form(visit: Visit, **path: Any) -> Any:
    """Show the search for the system at the other end of a new interface."""

    def option(system: Record) -> dict[str, str] | None:
        if system["id"] == str(path["system_id"]):
            return None
        href = INTERFACES.href("new_page", path, other=system["id"])
        return {"text": system["name"], "hint": system["agency_name"], "href": href}

    def show(parent: Record) -> Any:
        return show_choice(
            visit,
            "list_systems",
            title="Choose the other system",
            search_label="Name, product or supplier of the other system",
            caption=parent["name"],
            back={"text": "Interfaces", "href": INTERFACES.href("list_page", path)},
            option=option,
        )

    return INTERFACES.with_own_parent(visit, path, show)


@interfaces.get(f"{INTERFACES.rule}/new", calls=_ADDING, needs=("create_interface",))
def new_page(visit: Visit, **path: Any) -> Any:
    """Show the form of a new interface, after the choice of the other system."""
    if "other" not in request.args:
        return redirect_to(f"{interfaces.name}.other_system_form", **path)

    def show(parent: Record) -> Any:
        other = _read_other(visit, request.args["other"])
        form = _new_form(visit, parent, other)
        return INTERFACES.show_new(visit, path, parent, form, other=other["id"])

    return INTERFACES.with_own_parent(visit, path, show)


@interfaces.post(f"{INTERFACES.rule}/new", calls=_ADDING, needs=("create_interface",))
def create(visit: Visit, **path: Any) -> Any:
    """Add an interface."""
    return INTERFACES.with_own_parent(visit, path, lambda parent: _create(visit, path, parent))


def _create(visit: Visit, path: Path, parent: Record) -> Any:
    other = _read_other(visit, request.form.get("other", ""))
    form = _new_form(visit, parent, other)
    form.fill_typed(request.form)
    if note_missing(form, {"direction": "Choose which system sends data"}):
        return INTERFACES.show_new(visit, path, parent, form, status=422, other=other["id"])

    def to_body(typed: Record) -> Record:
        ends = (other, parent) if typed["direction"] == _IN else (parent, other)
        one_way = typed["direction"] in {_IN, _OUT}
        direction = InterfaceDirection.FROM_TO if one_way else typed["direction"]
        return typed | {
            "direction": direction,
            "from_system_id": ends[0]["id"],
            "to_system_id": ends[1]["id"],
        }

    return INTERFACES.add(visit, path, parent, form, to_body, other=other["id"])


def _new_form(visit: Visit, parent: Record, other: Record) -> Form:
    form = INTERFACES.form(visit, parent)
    options = [
        Option(_OUT, f"{parent['name']} sends data to {other['name']}"),
        Option(_IN, f"{other['name']} sends data to {parent['name']}"),
        Option(InterfaceDirection.BOTH, "Data flows both ways"),
    ]
    form.offer("direction", options, kind="choice")
    return form


def _read_other(visit: Visit, identity: str) -> Record:
    try:
        other_id = UUID(identity)
    except ValueError:
        raise NotFound from None
    document: Record = visit.call("get_system", path={"system_id": other_id}).document
    return document
