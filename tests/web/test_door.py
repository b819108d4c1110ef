"""Coming in and what stands before every page: cookies, CSRF, headers, hosts, limits (faults F26-F30)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.access_samples import PASSWORD
from tests.console_house import House, make_house
from tests.samples import SetClock
from tests.web.conftest import Browser, SignIn, token_of


def test_a_stranger_is_shown_the_door_and_led_back_afterwards(stranger: Browser) -> None:
    answer = stranger.get("/callbacks?shown=mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fcallbacks%3Fshown%3Dmine")
    form = stranger.get(answer.headers["location"])
    assert 'name="next" value="/callbacks?shown=mine"' in form.text


def test_the_cookie_is_for_this_house_only(stranger: Browser) -> None:
    csrf = token_of(stranger.get("/sign-in").text)
    answer = stranger.post("/sign-in", data={"login": "petrova", "password": PASSWORD, "csrf": csrf, "next": "/"})
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("ivr=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie


def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(house: House) -> None:
    import dataclasses

    house.console.rooms.manners = dataclasses.replace(house.console.rooms.manners, secure=True)
    client = Browser(house.console.app, base_url="https://testserver", follow_redirects=False)
    csrf = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"login": "petrova", "password": PASSWORD, "csrf": csrf})
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-ivr=")]
    assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_a_wrong_password_tells_nothing_and_keeps_the_login(stranger: Browser) -> None:
    csrf = token_of(stranger.get("/sign-in").text)
    texts = []
    for login in ("petrova", "nobody"):
        answer = stranger.post("/sign-in", data={"login": login, "password": "не тот пароль", "csrf": csrf})
        assert answer.status_code == 401
        texts.append(re.sub(r"nonce\S+|petrova|nobody|content=\"\S+", "", answer.text))
    assert texts[0] == texts[1]
    assert "не тот пароль" not in answer.text


def test_guessing_is_slowed_down_with_a_sentence(stranger: Browser) -> None:
    csrf = token_of(stranger.get("/sign-in").text)
    for _ in range(5):
        stranger.post("/sign-in", data={"login": "petrova", "password": "x", "csrf": csrf})
    answer = stranger.post("/sign-in", data={"login": "petrova", "password": PASSWORD, "csrf": csrf})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert "Подождите" in answer.text


@pytest.mark.parametrize("aim", ["//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_out_of_the_house(stranger: Browser, aim: str) -> None:
    csrf = token_of(stranger.get("/sign-in").text)
    answer = stranger.post("/sign-in", data={"login": "petrova", "password": PASSWORD, "csrf": csrf, "next": aim})
    where = answer.headers["location"]
    assert where.startswith("/")
    assert not where.startswith("//")
    assert "\\" not in where


def test_a_form_of_another_site_does_nothing(house: House, enter: SignIn) -> None:
    """F27: no token, another's token, or a request that says itself where it comes from."""
    anna, boris = enter("petrova"), enter("sidorov")
    path = f"/callbacks/{house.rows[0]}/take"
    assert anna.post(path).status_code == 403
    assert Browser(anna.app, follow_redirects=False).post(path).status_code == 303
    assert anna.post(path, data={"csrf": boris.csrf}).status_code == 403
    assert anna.post(path, headers={"X-CSRF-Token": anna.csrf, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert anna.post(path, headers={"X-CSRF-Token": anna.csrf, "Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_signing_in_by_another_sites_form_does_nothing(stranger: Browser) -> None:
    stranger.get("/sign-in")
    answer = stranger.post("/sign-in", data={"login": "petrova", "password": PASSWORD, "csrf": "0" * 64})
    assert answer.status_code == 403


def test_a_new_session_at_every_sign_in(stranger: Browser) -> None:
    """F28."""
    stranger.sign_in("petrova")
    first = stranger.cookies["ivr"]
    csrf = token_of(stranger.get("/account").text)
    stranger.post("/sign-in", data={"login": "petrova", "password": PASSWORD, "csrf": csrf})
    assert stranger.cookies["ivr"] != first
    chosen = Browser(stranger.app, cookies={"ivr": "chosen-by-an-attacker"}, follow_redirects=False)
    assert chosen.get("/callbacks").status_code == 303
    second = Browser(stranger.app, cookies={"ivr": first}, follow_redirects=False)
    assert second.get("/callbacks").status_code == 303


def test_signing_out_ends_the_session_and_clears_the_browser(enter: SignIn) -> None:
    anna = enter("petrova")
    cookie = anna.cookies["ivr"]
    answer = anna.post("/sign-out", data={"csrf": anna.csrf})
    assert '"storage"' in answer.headers["clear-site-data"]
    again = Browser(anna.app, cookies={"ivr": cookie}, follow_redirects=False)
    assert again.get("/callbacks").status_code == 303


def test_signing_out_everywhere(enter: SignIn) -> None:
    here, there = enter("petrova"), enter("petrova")
    assert here.post("/account/sign-out-everywhere", data={"csrf": here.csrf}).status_code == 303
    assert there.get("/callbacks").status_code == 303


def test_an_idle_session_ends_though_its_page_renews_itself(enter: SignIn, clock: SetClock) -> None:
    anna = enter("petrova")
    for _ in range(5):
        clock.pass_minutes(13)
        renewed = anna.get("/callbacks/rows", headers={"X-Renews": "yes", "HX-Request": "true"})
    assert renewed.status_code == 401
    assert renewed.headers["hx-redirect"].startswith("/sign-in")


def test_another_password(enter: SignIn) -> None:
    anna, other = enter("petrova"), enter("petrova")
    weak = anna.post("/account/password", data={"csrf": anna.csrf, "old": PASSWORD, "new": "йцукенгшщз"})
    assert (weak.status_code, "знают все" in weak.text) == (409, True)
    wrong = anna.post("/account/password", data={"csrf": anna.csrf, "old": "не тот", "new": "шесть синих чайников"})
    assert "не подходит" in wrong.text
    done = anna.post("/account/password", data={"csrf": anna.csrf, "old": PASSWORD, "new": "шесть синих чайников"})
    assert done.status_code == 303
    assert anna.get("/callbacks").status_code == 200
    assert other.get("/callbacks").status_code == 303


PAGES = ("/sign-in", "/callbacks", "/account", "/nowhere", "/health", "/static/console.css", "/api/v1/callbacks")


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_wears_its_headers(enter: SignIn, page: str) -> None:
    headers = enter("petrova").get(page).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_no_page_holds_inline_script_or_style() -> None:
    for template in (Path(__file__).parents[2] / "ivr" / "web" / "templates").rglob("*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), template
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\|\s*safe", text), template


def test_pages_are_not_kept_and_versioned_files_are(enter: SignIn) -> None:
    anna = enter("petrova")
    page = anna.get("/callbacks")
    assert page.headers["cache-control"] == "no-store"
    (style,) = re.findall(r'href="(/static/console\.css[^"]+)"', page.text)
    assert "immutable" in anna.get(style).headers["cache-control"]
    assert anna.get("/static/console.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/..%2f..%2fapp.py", "/static/%2e%2e/pages.py",
                                  "/recordings/..%2f..%2fjournal.db", "/recordings/%2e%2e"])  # fmt: skip
def test_no_path_leads_out_of_its_folder(enter: SignIn, path: str) -> None:
    """F26."""
    answer = enter("petrova").get(path)
    assert answer.status_code in (404, 405)
    assert "import" not in answer.text


def test_an_unknown_host_is_refused(tmp_path: Path) -> None:
    house = make_house(tmp_path / "h", seeded=False, people=False)
    import dataclasses

    from ivr.web.app import create_app

    house.console.rooms.manners = dataclasses.replace(house.console.rooms.manners, hosts=("helpline.local",))
    client = Browser(create_app(house.console.rooms))
    assert client.get("/health", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/health", headers={"Host": "helpline.local:8080"}).status_code == 200
    house.console.dispose()


def test_too_long_a_form_is_refused(enter: SignIn) -> None:
    answer = enter("petrova").post("/account/password", data={"old": "x" * 300_000})
    assert answer.status_code == 413


def test_only_a_believed_proxy_tells_where_somebody_stands(house: House) -> None:
    import dataclasses

    from ivr.web.app import create_app

    def seen(proxies: tuple[str, ...]) -> str:
        house.console.rooms.manners = dataclasses.replace(house.console.rooms.manners, proxies=proxies)
        client = Browser(create_app(house.console.rooms), client=("192.0.2.9", 1), follow_redirects=False)
        client.headers["X-Forwarded-For"] = "203.0.113.5, 198.51.100.7"
        client.sign_in("petrova")
        return str(list(house.console.access.log.book.walk())[-1].source)

    assert seen(()) == "192.0.2.9"
    assert seen(("192.0.2.0/24",)) == "198.51.100.7"
    assert seen(("192.0.2.0/24", "198.51.100.0/24")) == "203.0.113.5"


def test_faults_are_told_in_russian_and_without_a_trace(house: House, enter: SignIn) -> None:
    anna = enter("petrova")
    missing = anna.get("/callbacks/ffff")
    assert (missing.status_code, "Такой строки нет" in missing.text) == (404, True)
    assert "Такой страницы нет" in anna.get("/nowhere").text
    assert anna.get("/callbacks?shown=nonsense").status_code == 422
    house.console.app.state.rooms.workplace.worklist = None
    broken = Browser(house.console.app, cookies=dict(anna.cookies), raise_server_exceptions=False).get("/callbacks")
    assert broken.status_code == 500
    assert "Внутренняя ошибка" in broken.text
    assert "Traceback" not in broken.text


def test_health_readiness_and_figures(house: House, stranger: Browser) -> None:
    assert stranger.get("/health").json() == {"alive": True}
    assert stranger.get("/ready").json() == {"database": True}
    assert stranger.get("/metrics").status_code == 404
    near = Browser(house.console.app, client=("127.0.0.1", 1))
    figures = near.get("/metrics").text
    assert 'ivr_callbacks_open{which="all"} 8.0' in figures
    assert 'ivr_web_requests_total{method="GET",route="/health",status="200"}' in figures
    for name in ("Иванова", "+7900", "petrova"):
        assert name not in figures
