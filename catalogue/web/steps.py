"""Steps of a form whose answers a person checks before they bind others."""

from collections.abc import Mapping

from flask import request

from catalogue.web.forms import Form

CHECK, CHANGE, SEND = "check", "change", "send"


def chosen_step() -> str:
    """Return the step that the person chose. The form itself leads to the check."""
    step = request.form.get("step", CHECK)
    return step if step in {CHECK, CHANGE, SEND} else CHECK


def note_missing(form: Form, texts: Mapping[str, str]) -> bool:
    """Put a text beside each of these controls that is empty. Return whether there is any."""
    missing = [c for c in form.controls if c.name in texts and not str(c.value or "").strip()]
    for control in missing:
        control.errors.append(texts[control.name])
    return bool(missing)
