"""What every system that vouches for people promises: OpenID Connect, LDAP, and the fake of the tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ivr.adapters.identity.ldap import LdapDirectory, LdapSettings
from ivr.adapters.identity.openid import OpenId, OpenIdSettings
from ivr.domain.identity import Identity, PasswordProof, Proof, ReturnProof
from ivr.errors import NotSignedIn, VoucherAway
from ivr.ports.access import Voucher
from tests.contracts.fakes_identity import FakeVoucher
from tests.directory_server import BASE, LOOKER, LOOKER_PASSWORD, Directory
from tests.mail_server import certificate
from tests.openid_provider import CLIENT, SECRET, Provider

BACK = "https://helpline.example.org/sign-in/back"
GROUP = f"cn=operators,ou=groups,{BASE}"
ANNA = {"sub": "42", "preferred_username": "petrova", "name": "Петрова А. В.", "groups": [GROUP]}


@dataclass
class Case:
    """A voucher, how somebody proves himself right and wrong, and how it goes away."""

    voucher: Voucher
    right: Callable[[], Awaitable[Proof]]
    wrong: Callable[[], Awaitable[Proof]]
    stop: Callable[[], object]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def provider(files: tuple[Path, Path]) -> Iterator[Provider]:
    made = Provider(files)
    made.person = dict(ANNA)
    yield made
    made.stop()


@pytest.fixture
def directory(tmp_path: Path, files: tuple[Path, Path]) -> Iterator[Directory]:
    made = Directory(tmp_path / "slapd", files)
    yield made
    made.stop()


def openid(provider: Provider) -> OpenIdSettings:
    return OpenIdSettings(provider.issuer, CLIENT, SECRET, certificates=provider.certificates)


def ldap(directory: Directory) -> LdapSettings:
    return LdapSettings(
        directory.url, BASE, LOOKER, LOOKER_PASSWORD, group_base=BASE, certificates=directory.certificates
    )  # fmt: skip


async def travelled(voucher: Voucher, provider: Provider) -> ReturnProof:
    journey = await voucher.begin(BACK)
    return ReturnProof(journey, provider.travel(journey.url))


@pytest.fixture(params=["fake", "fake that travels", "openid", "ldap"])
def case(request: pytest.FixtureRequest) -> Case:
    kind = request.param
    if kind == "openid":
        provider: Provider = request.getfixturevalue("provider")
        voucher = OpenId(openid(provider))

        async def refused() -> Proof:
            provider.person = None
            return await travelled(voucher, provider)

        return Case(voucher, lambda: travelled(voucher, provider), refused, provider.stop)
    identity = Identity("fake", "42", "petrova", "Петрова А. В.", frozenset({GROUP}))
    right, wrong = PasswordProof("petrova", "восемь зелёных груш"), PasswordProof("petrova", "семь груш")
    if kind == "ldap":
        directory: Directory = request.getfixturevalue("directory")
        return Case(LdapDirectory(ldap(directory)), _always(right), _always(wrong), directory.stop)
    fake = FakeVoucher(kind != "fake", {"petrova": ("восемь зелёных груш", identity)})

    async def back(code: str) -> Proof:
        return ReturnProof(await fake.begin(BACK), {"state": "s", "code": code})

    if fake.travels:
        return Case(fake, lambda: back("petrova"), lambda: back("x"), lambda: setattr(fake, "away", True))
    return Case(fake, _always(right), _always(wrong), lambda: setattr(fake, "away", True))


def _always(proof: Proof) -> Callable[[], Awaitable[Proof]]:
    async def prove() -> Proof:
        return proof

    return prove


async def test_who_proves_himself_is_named_with_his_groups_and_always_the_same(case: Case) -> None:
    first, second = [await case.voucher.vouch(await case.right()) for _ in range(2)]
    assert (first.login, first.name, first.groups) == ("petrova", "Петрова А. В.", frozenset({GROUP}))
    assert first.source
    assert first.subject
    assert first == second


async def test_who_does_not_is_refused(case: Case) -> None:
    with pytest.raises(NotSignedIn):
        await case.voucher.vouch(await case.wrong())


async def test_a_proof_of_another_kind_proves_nothing(case: Case) -> None:
    journey = replace(await _journey(case), state="other")
    other = ReturnProof(journey, {"state": "x", "code": "petrova"})
    for proof in (other, PasswordProof("petrova", ""), PasswordProof("", "восемь зелёных груш")):
        with pytest.raises(NotSignedIn):
            await case.voucher.vouch(proof)


async def test_a_voucher_that_is_away_is_told_apart_from_a_refusal(case: Case) -> None:
    proof = await case.right()
    case.stop()
    with pytest.raises(VoucherAway):
        await case.voucher.vouch(proof)


async def _journey(case: Case):  # type: ignore[no-untyped-def]
    from ivr.domain.identity import Journey

    return await case.voucher.begin(BACK) if case.voucher.travels else Journey("", BACK, "s", "n", "v")


# ------------------------------------------------------------ OpenID Connect


@pytest.mark.parametrize(
    "spoil",
    [{"nonce": "of another"}, {"aud": "another program"}, {"iss": "https://evil.example.org"}, {"exp": 1},
     {"aud": [CLIENT, "other"], "azp": "other"}, {"sub": None}],
    ids=lambda spoil: next(iter(spoil)),
)  # fmt: skip
async def test_a_token_for_another_purpose_is_refused(provider: Provider, spoil: dict[str, object]) -> None:
    voucher = OpenId(openid(provider))
    provider.spoil = spoil
    with pytest.raises(NotSignedIn):
        await voucher.vouch(await travelled(voucher, provider))


@pytest.mark.parametrize("forged", ["other key", "secret"])
async def test_a_forged_signature_is_refused(provider: Provider, forged: str) -> None:
    voucher = OpenId(openid(provider))
    provider.forged = forged
    with pytest.raises(NotSignedIn):
        await voucher.vouch(await travelled(voucher, provider))


async def test_a_code_works_once_and_only_with_its_own_verifier_and_state(provider: Provider) -> None:
    voucher = OpenId(openid(provider))
    proof = await travelled(voucher, provider)
    await voucher.vouch(proof)
    with pytest.raises(NotSignedIn):
        await voucher.vouch(proof)
    stolen = await travelled(voucher, provider)
    another = await voucher.begin(BACK)
    with pytest.raises(NotSignedIn):
        await voucher.vouch(ReturnProof(another, stolen.query))
    with pytest.raises(NotSignedIn):
        await voucher.vouch(ReturnProof(replace(another, state=stolen.journey.state), stolen.query))


async def test_a_provider_without_a_trusted_certificate_is_not_asked(provider: Provider) -> None:
    with pytest.raises(VoucherAway):
        await OpenId(replace(openid(provider), certificates="")).begin(BACK)
    with pytest.raises(VoucherAway):
        await OpenId(replace(openid(provider), issuer="http://sso.example.org")).begin(BACK)


# ------------------------------------------------------------ LDAP


async def test_plain_ldap_is_raised_to_tls_before_anything_is_said(directory: Directory) -> None:
    settings = replace(ldap(directory), server=directory.plain_url)
    found = await LdapDirectory(settings).vouch(PasswordProof("petrova", "восемь зелёных груш"))
    assert found.login == "petrova"
    with pytest.raises(VoucherAway):
        await LdapDirectory(replace(settings, certificates="")).vouch(PasswordProof("petrova", "восемь зелёных груш"))


async def test_a_login_is_no_piece_of_a_filter(directory: Directory) -> None:
    voucher = LdapDirectory(ldap(directory))
    for login in ("*", "petrova)(uid=*", "p*", "petrova)(|(uid=*)"):
        with pytest.raises(NotSignedIn):
            await voucher.vouch(PasswordProof(login, "восемь зелёных груш"))
    strange = await voucher.vouch(PasswordProof("(evil)*", "пароль со скобкой"))
    assert (strange.name, strange.groups) == ("Странная С. С.", frozenset())


async def test_a_wrong_password_of_the_one_who_looks_is_no_fault_of_the_person(directory: Directory) -> None:
    voucher = LdapDirectory(replace(ldap(directory), password="wrong"))
    with pytest.raises(VoucherAway):
        await voucher.vouch(PasswordProof("petrova", "восемь зелёных груш"))
