"""Commands answer expected trouble with a sentence and hide none of our own faults."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from issuer.cli.group import ServiceGroup
from issuer.errors import Fault, Invalid


def failing(error: Exception) -> ServiceGroup:
    group = ServiceGroup("badgewright")

    @group.command()
    def work() -> None:
        raise error

    return group


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Invalid("The name is missing.", faults=[Fault("required", "Say a name.", "name")]), "name: Say a name."),
        (ModuleNotFoundError("No module named 'flask'", name="flask"), "badgewright[server]"),
        (OperationalError("select", {}, Exception("no such table: users")), "badgewright migrate"),
        (OperationalError("select", {}, Exception("connection refused")), "DATABASE_URL"),
    ],
)
def test_expected_trouble_is_a_sentence(error: Exception, sentence: str) -> None:
    result = CliRunner().invoke(failing(error), ["work"])
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_fault_of_ours_is_not_hidden() -> None:
    result = CliRunner().invoke(failing(ZeroDivisionError()), ["work"])
    assert isinstance(result.exception, ZeroDivisionError)


def test_nested_groups_answer_the_same_way() -> None:
    group = ServiceGroup("badgewright")

    @group.group()
    def user() -> None:
        """People."""

    @user.command()
    def add() -> None:
        raise Invalid("No such organisation.")

    result = CliRunner().invoke(group, ["user", "add"])
    assert isinstance(user, click.Group)
    assert (result.exit_code, result.output) == (1, "Error: No such organisation.\n")
