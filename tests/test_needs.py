"""A test that lacks something is skipped on a person's machine, and fails where CI=true."""

from pathlib import Path

import pytest

from tests.needs import missing, needs_file, needs_program


def test_what_is_missing_skips_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"^There is no moon\.$"):
        missing("There is no moon.")


def test_where_ci_is_true_it_fails_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match=r"^There is no moon\. "):
        missing("There is no moon.")


def test_what_is_there_is_given(tmp_path: Path) -> None:
    assert Path(needs_program("sh")).is_file()
    assert needs_file(tmp_path, "Make it.") == tmp_path


def test_what_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed"):
        needs_program("no-such-program")
    with pytest.raises(pytest.skip.Exception, match=r"absent is not there\. Make it\."):
        needs_file(tmp_path / "absent", "Make it.")
