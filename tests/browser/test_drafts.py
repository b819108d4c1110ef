"""What is typed into plain forms: kept until it is sent, then forgotten, and never written over what others did."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ivr.domain.people import Role
from tests.access_samples import ADMINISTRATOR, PASSWORD
from tests.browser.conftest import Enter, Person
from tests.console_house import House, run

BOTH = {Role.OPERATOR, Role.AUDITOR}
_RESTORED = "#told .tell"


@pytest.fixture
def both(house: House) -> str:
    """Somebody with the first role and the last but one: boxes of one name in both states."""
    run(house.console.rooms.people.add(ADMINISTRATOR, "both", "Двоев А. А.", BOTH, PASSWORD))
    return "/settings/people/both"


def _save(page: Page) -> None:
    page.locator("form[data-draft] button.main").first.click()


def _ticked(page: Page) -> set[str]:
    return set(page.eval_on_selector_all("[name=role]:checked", "all => all.map(one => one.value)"))


def _drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft '))")  # type: ignore[no-any-return]


def test_after_a_save_nothing_is_restored_and_the_roles_stay(house: House, enter: Enter, both: str) -> None:
    page = enter("chief").go(both)
    page.fill("[name=name]", "Двоев Б. Б.")
    _save(page)
    page.wait_for_url("**?said=kept")
    expect(page.locator("h1")).to_have_text("Двоев Б. Б.")
    assert _drafts(page) == []
    assert page.locator(_RESTORED).count() == 0
    assert _ticked(page) == BOTH
    page.fill("[name=trained]", "2026-01-12")
    _save(page)
    expect(page.locator("h1")).to_have_text("Двоев Б. Б.")
    page.goto(f"{house.url}{both}")
    assert _ticked(page) == BOTH
    kept = run(house.console.rooms.people.book.named("both"))
    assert kept is not None and kept[0].roles == BOTH


def test_a_draft_that_was_not_sent_is_restored_box_by_box(enter: Enter, both: str) -> None:
    page = enter("chief").go(both)
    page.check("[name=role][value=curator]")
    page.uncheck("[name=role][value=operator]")
    page.reload()
    expect(page.locator(_RESTORED)).to_be_visible()
    assert _ticked(page) == {Role.CURATOR, Role.AUDITOR}


def test_a_draft_outlives_a_session_that_ended_before_the_save(enter: Enter, both: str) -> None:
    person = enter("chief")
    page = person.go(both)
    page.check("[name=role][value=curator]")
    page.context.clear_cookies()
    _save(page)
    page.wait_for_url("**/sign-in*")
    person.sign_in("chief")
    person.go(both)
    assert _ticked(page) == BOTH | {Role.CURATOR}


def test_a_refused_form_still_holds_what_was_typed(enter: Enter, both: str) -> None:
    page = enter("chief").go(both)
    page.fill("[name=name]", "Двоев Б. Б.")
    for role in BOTH:
        page.uncheck(f"[name=role][value={role}]")
    _save(page)
    expect(page.locator(".refusal")).to_be_visible()
    assert page.input_value("[name=name]") == "Двоев Б. Б."
    assert _ticked(page) == set()
    page.check("[name=role][value=curator]")
    _save(page)
    page.wait_for_url("**?said=kept")
    assert _ticked(page) == {Role.CURATOR}


def _change(page: Page, value: str) -> None:
    page.fill("[name=mail_server]", value)
    page.fill("[name=mail_sender]", "line@example.org")
    page.fill("[name=mail_weekly_to]", "head@example.org")


def _saved(administrator: Person, value: str) -> Page:
    page = administrator.go("/settings/form/mail")
    _change(page, value)
    _save(page)
    page.wait_for_url("**?said=kept")
    return page


def test_stale_settings_are_not_restored_after_a_save(enter: Enter) -> None:
    first, second = enter("chief"), enter("chief")
    page = _saved(first, "old.example.org")
    _saved(second, "new.example.org")
    first.go("/settings/form/mail")
    assert page.input_value("[name=mail_server]") == "new.example.org"
    assert page.locator(_RESTORED).count() == 0


def test_a_draft_older_than_what_another_saved_is_not_written_over_it_unasked(enter: Enter) -> None:
    first, second = enter("chief"), enter("chief")
    page = first.go("/settings/form/mail")
    _change(page, "old.example.org")
    other = _saved(second, "new.example.org")
    first.go("/settings/form/mail")
    assert page.input_value("[name=mail_server]") == "old.example.org"
    _save(page)
    expect(page.locator(".refusal")).to_be_visible()
    other.reload()
    assert other.input_value("[name=mail_server]") == "new.example.org"
    _save(page)
    page.wait_for_url("**?said=kept")


def test_the_whole_file_of_words_outlives_a_session_that_ended(enter: Enter) -> None:
    person = enter("chief")
    page = person.go("/settings/topic-file")
    text = page.input_value("[name=text]") + "# ещё строка\n"
    page.fill("[name=text]", text)
    page.context.clear_cookies()
    _save(page)
    page.wait_for_url("**/sign-in*")
    person.sign_in("chief")
    person.go("/settings/topic-file")
    assert page.input_value("[name=text]") == text
    _save(page)
    page.wait_for_url("**?said=*")
    assert _drafts(page) == []
