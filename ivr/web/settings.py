"""Settings: what there is to look after, the forms, the versions with their undo."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from ivr.domain.access import Deed, Thing
from ivr.errors import LineError, RuleBroken
from ivr.web.rules import needs, signed_in
from ivr.web.settings_forms import FORMS, SECRET, read, shown, typed
from ivr.web.visit import Known, Visit

router = APIRouter()

SECTIONS = (
    ("people", "/settings/people", Deed.LIST, Thing.PERSON),
    ("hours", "/settings/hours", Deed.MANAGE, Thing.CALENDAR),
    ("prompts", "/settings/prompts", Deed.VIEW, Thing.PROMPT),
    ("topics", "/settings/topics", Deed.VIEW, Thing.TOPICS),
    ("speech", "/settings/words", Deed.VIEW, Thing.SPEECH),
    ("directory", "/settings/directory", Deed.MANAGE, Thing.DIRECTORY),
    ("town", "/settings/form/town", Deed.VIEW, Thing.SETTINGS),
    ("line", "/settings/form/line", Deed.VIEW, Thing.SETTINGS),
    ("mail", "/settings/form/mail", Deed.VIEW, Thing.SETTINGS),
    ("keeping", "/settings/form/keeping", Deed.VIEW, Thing.SETTINGS),
    ("entry", "/settings/form/entry", Deed.VIEW, Thing.SETTINGS),
    ("history", "/settings/history", Deed.VIEW, Thing.SETTINGS),
)
"""Pages by name, in the order of the menu, with the right each takes."""

FormName = Annotated[str, Path(pattern="^(" + "|".join(FORMS) + ")$")]
Line = Annotated[str, Form(max_length=200)]


def sections(visit: Visit) -> list[tuple[str, str]]:
    """Those that this person may look at."""
    return [(name, path) for name, path, deed, thing in SECTIONS if visit.actor.may(deed, thing)]


def settings_page(visit: Visit, template: str, here: str, status: int = 200, **facts: Any) -> Response:
    """A page within the frame of the settings."""
    return visit.page(f"settings/{template}.html", status, sections=sections(visit), here=here, **facts)


@router.get("/settings")
@signed_in
async def index(visit: Known) -> Response:
    """The first page that this person may look at."""
    found = sections(visit)
    return visit.go(found[0][1] if found else "/account")


@router.get("/settings/form/{form}")
@needs(Deed.VIEW, Thing.SETTINGS)
async def show(visit: Known, form: FormName, said: str = "") -> Response:
    """A form as it stands."""
    return _form(visit, form, said=said)


@router.post("/settings/form/{form}")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def keep(visit: Known, form: FormName) -> Response:
    """Keep what has been typed; what will not do is shown again with its reason."""
    given = {name: str(value)[:4000] for name, value in (await visit.request.form()).items() if isinstance(value, str)}
    house = visit.town.administration.house
    try:
        tables = read(FORMS[form], given, house.view(visit.actor))
        seen = int(given["seen"]) if given.get("seen", "").isdigit() else None
        fresh = await _keep_passwords(visit, form, given, tables)
        if "registration" in tables.get("phone", {}) and not given.get("phone_registration_registrar", "").strip():
            tables["phone"]["registration"] = None
        try:
            changed = await house.change(visit.actor, tables, seen)
        finally:
            for name in fresh:
                house.forget_passwords(visit.actor, name)
    except RuleBroken as fault:
        return _form(visit, form, 409, fault=fault, given=typed(FORMS[form], given))
    visit.town.administration.follow()
    return visit.go(f"/settings/form/{form}?said={'kept' if changed else 'same'}")


@router.post("/settings/form/{form}/reset")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def reset(visit: Known, form: FormName) -> Response:
    """As the installer's file has it."""
    tables: dict[str, dict[str, object]] = {}
    for entry in FORMS[form]:
        tables.setdefault(entry.table, {})[entry.key.partition(".")[0]] = None
    await visit.town.administration.house.forget(visit.actor, tables)
    visit.town.administration.follow()
    return visit.go(f"/settings/form/{form}?said=reset")


@router.post("/settings/line/try")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def try_line(visit: Known, address: Line) -> Response:
    """Ring a telephone and speak a phrase."""
    try:
        outcome = await visit.rooms.calling.try_line(visit.actor, address.strip())
    except RuleBroken as fault:
        return _form(visit, "line", 409, fault=fault, address=address)
    except LineError:
        outcome = "engine_away"
    return _form(visit, "line", address=address, outcome=outcome)


@router.get("/settings/history")
@needs(Deed.VIEW, Thing.SETTINGS)
async def history(visit: Known, number: int | None = None, said: str = "") -> Response:
    """All versions; one of them in full."""
    house = visit.town.administration.house
    versions = house.history(visit.actor)
    chosen = number if number is not None else next((version.number for version in versions), 0)
    changes = house.changes(visit.actor, chosen) if chosen else []
    return settings_page(
        visit, "history", "history", versions=versions, chosen=chosen, changes=changes, said=said == "restored"
    )


@router.post("/settings/history/{number}/restore")
@needs(Deed.MANAGE, Thing.SETTINGS)
async def restore(visit: Known, number: int) -> Response:
    """Put a version back; it becomes a new one."""
    await visit.town.administration.house.restore(visit.actor, number)
    visit.town.administration.follow()
    return visit.go("/settings/history?said=restored")


async def _keep_passwords(
    visit: Visit, form: str, given: dict[str, str], tables: dict[str, dict[str, Any]]
) -> list[str]:  # fmt: skip
    """A password that was typed goes into a file of its own; an empty field leaves the old one.

    Returns:
        Tables that have a new one.
    """
    fresh = []
    for entry in FORMS[form]:
        if entry.kind != SECRET or not (secret := given.get(entry.name, "")):
            continue
        path = await visit.town.administration.house.keep_password(visit.actor, entry.table, secret)
        fresh.append(entry.table)
        outer, _, inner = entry.key.partition(".")
        if inner:
            tables[entry.table][outer] = (tables[entry.table].get(outer) or {}) | {inner: path}
        else:
            tables[entry.table][outer] = path
    return fresh


def _form(
    visit: Visit, form: str, status: int = 200, *, fault: RuleBroken | None = None, given: dict[str, Any] | None = None,
    said: str = "", address: str = "", outcome: str = "",
) -> Response:  # fmt: skip
    house = visit.town.administration.house
    tables, own = house.view(visit.actor), house.own(visit.actor)
    entries = FORMS[form]
    values = {entry.name: shown(entry, tables) for entry in entries}
    secrets = {entry.name for entry in entries if entry.kind == SECRET}
    typed_in = {name: value for name, value in (given or {}).items() if name not in secrets}
    changed = {entry.name for entry in entries if entry.key.partition(".")[0] in own.get(entry.table, {})}
    sentence = visit.rooms.refusal(fault, visit.town.zone) if fault else ""
    return settings_page(
        visit, form if form == "line" else "form", form, status, form=form, entries=entries,
        values=values | typed_in, changed=changed, fault=sentence, code=fault.code if fault else "",
        seen=house.seen, said=said if said in ("kept", "same", "reset") else "", address=address, outcome=outcome,
    )  # fmt: skip
