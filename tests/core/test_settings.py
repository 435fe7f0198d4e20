"""Settings: each invalid or unknown variable is named, with what to do."""

import os
from dataclasses import fields

import pytest
from click.testing import CliRunner

from catalogue import cli
from catalogue.core.config import _FORMS, Settings

pytestmark = pytest.mark.only_on("sqlite")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove all settings of this process."""
    for name in list(os.environ):
        if name.startswith("CATALOGUE_"):
            monkeypatch.delenv(name)


def refusal(*arguments: str) -> str:
    """Return the usage error of a command."""
    result = CliRunner().invoke(cli.main, arguments)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 2, result.output
    return result.stderr


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("METRICS_ADDRESS", "9464", "a host and a port, such as 127.0.0.1:9464, or nothing"),
        ("METRICS_ADDRESS", "127.0.0.1:99999", "a host and a port, such as"),
        ("TRUSTED_PROXIES", "-1", "a whole number from 0 to 10"),
        ("TRUSTED_PROXIES", "many", "a whole number from 0 to 10"),
        ("JOB_WORKER", "none", "embedded or external"),
        ("ACCESS_LOG", "perhaps", "true or false"),
        ("PUBLIC_URL", "catalogue", "an address that begins with http:// or https://"),
        ("CORS_ORIGINS", "*", "origins separated by commas"),
        ("OCID_PREFIX", "abc", "the prefix that OCDS registered for you"),
        ("TRACING_ENDPOINT", "collector", "an address that begins with"),
        ("CONTACT_EMAIL", "the service desk", "an e-mail address, or nothing"),
        ("DATA_PROTECTION_EMAIL", "a@b@c", "an e-mail address, or nothing"),
        ("SESSION_IDLE_SECONDS", "5", "a whole number of seconds from 60 to 86400"),
        ("SIGN_IN_SECRETS", "beds=hidden", "a JSON object such as"),
        ("SIGN_IN_SECRETS", '{"beds": 1}', "a JSON object such as"),
    ],
)
def test_invalid_setting_is_refused_with_the_form_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, form: str
) -> None:
    monkeypatch.setenv(f"CATALOGUE_{name}", value)
    said = refusal("serve")
    assert f"The setting CATALOGUE_{name} is invalid. Set the variable to {form}" in said
    assert "[" not in said


def test_secrets_of_clients_are_read_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_SIGN_IN_SECRETS", '{"beds": "hidden"}')
    settings = Settings.from_environment()
    assert settings.sign_in_secrets == {"beds": "hidden"}
    assert "hidden" not in repr(settings)


def test_every_setting_that_can_be_invalid_has_a_form() -> None:
    every = {field.name for field in fields(Settings)}
    assert every - _FORMS.keys() == {"database_url", "operator_name"}
    assert not _FORMS.keys() - every


def test_port_of_the_metrics_is_not_that_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_METRICS_ADDRESS", "127.0.0.1:8123")
    assert "has the port 8123 of the server" in refusal("serve", "--port", "8123")


def test_unknown_setting_gives_a_warning_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("TRUSTED_PROXYS", "JOB_WORKER", "ZEBRA"):
        monkeypatch.setenv(f"CATALOGUE_{name}", "external")
    assert CliRunner().invoke(cli.main, ["openapi"]).exit_code == 0
    assert {each.levelname for each in caplog.records} == {"WARNING"}
    unknown = "The variable CATALOGUE_{} is no setting and has no effect. {}"
    assert caplog.messages == [
        unknown.format("TRUSTED_PROXYS", "Did you mean CATALOGUE_TRUSTED_PROXIES?"),
        unknown.format("ZEBRA", "Correct the name, or remove the variable."),
    ]
