"""Accounts and sessions: who gets in, for how long, and what a refusal tells."""

import pytest

from lontara_core.problems import Problem
from lontara_server.services.accounts import (
    IDLE_MS,
    ROLES,
    SESSION_MS,
    SignedIn,
    caller_of,
    change_password,
    create_user,
    list_accounts,
    set_active,
    sign_in,
    sign_out,
)
from lontara_server.storage.accounts import account_of
from lontara_server.storage.engine import Connection
from server.ready import NOW, SECRET, WORKER, seeded_bytes

PASSWORD = "empat kata yang panjang"


@pytest.fixture
def admin(office: Connection) -> str:
    create_user(office, 1, login="admin", password=PASSWORD, role="admin", by="tester", now_ms=NOW)
    return "admin"


def enter(office: Connection, login: str = "admin", password: str = PASSWORD, org_id: int = 1) -> SignedIn:
    return sign_in(office, org_id, login, password, secret=SECRET, now_ms=NOW, random_bytes=seeded_bytes(login))


def test_the_right_password_begins_a_session(office: Connection, admin: str) -> None:
    session = enter(office)

    caller = caller_of(office, 1, session.token, secret=SECRET, now_ms=NOW + 1)

    assert (caller.account.login, caller.csrf) == (admin, session.csrf)


@pytest.mark.parametrize(
    ("login", "password", "org_id"), [("admin", "another password", 1), ("nobody", PASSWORD, 1), ("admin", PASSWORD, 2)]
)
@pytest.mark.usefixtures("admin")
def test_every_refusal_to_sign_in_reads_the_same(office: Connection, login: str, password: str, org_id: int) -> None:
    with pytest.raises(Problem) as refused:
        enter(office, login, password, org_id)

    assert refused.value.document() == {
        "code": "sign_in_failed",
        "message": "Login or password is wrong.",
        "facts": {},
        "next_step": "Try again, or ask an admin for a new password.",
    }


def test_a_disabled_account_loses_its_sessions_and_gets_none(office: Connection, admin: str) -> None:
    session = enter(office)

    set_active(office, 1, admin, active=False, by="tester", now_ms=NOW)

    with pytest.raises(Problem, match="not signed in"):
        caller_of(office, 1, session.token, secret=SECRET, now_ms=NOW)
    with pytest.raises(Problem, match="wrong"):
        enter(office)


def test_an_account_that_is_enabled_again_gets_in(office: Connection, admin: str) -> None:
    set_active(office, 1, admin, active=False, by="tester", now_ms=NOW)

    set_active(office, 1, admin, active=True, by="tester", now_ms=NOW)

    assert enter(office).account.login == admin


def test_a_new_password_ends_the_sessions_of_the_old_one(office: Connection, admin: str) -> None:
    session = enter(office)

    change_password(office, 1, admin, "lima kata yang lebih panjang", by="tester", now_ms=NOW)

    with pytest.raises(Problem) as refused:
        caller_of(office, 1, session.token, secret=SECRET, now_ms=NOW)
    assert refused.value.code == "sign_in_needed"


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("later", [IDLE_MS, SESSION_MS])
def test_a_session_ends_when_it_is_idle_or_old(office: Connection, later: int) -> None:
    session = enter(office)

    with pytest.raises(Problem) as refused:
        caller_of(office, 1, session.token, secret=SECRET, now_ms=NOW + later)

    assert refused.value.code == "sign_in_needed"


@pytest.mark.usefixtures("admin")
def test_use_keeps_a_session_alive_up_to_its_longest(office: Connection) -> None:
    session = enter(office)
    moments = range(NOW, NOW + SESSION_MS, IDLE_MS // 2)

    callers = [caller_of(office, 1, session.token, secret=SECRET, now_ms=moment) for moment in moments]

    assert len(callers) == len(moments)


@pytest.mark.usefixtures("admin")
def test_signing_out_ends_the_session(office: Connection) -> None:
    session = enter(office)

    sign_out(office, 1, session.token, secret=SECRET)

    with pytest.raises(Problem):
        caller_of(office, 1, session.token, secret=SECRET, now_ms=NOW)


@pytest.mark.usefixtures("admin")
def test_a_password_is_kept_only_as_argon2id(office: Connection) -> None:
    account = account_of(office, 1, "admin")

    assert account is not None
    assert account.password_hash.startswith("$argon2id$")


def test_an_account_may_belong_to_an_employee(office: Connection) -> None:
    account = create_user(
        office, 1, login="ambo", password=PASSWORD, role="supervisor", by="tester", now_ms=NOW, nip=WORKER,
        unit_code="KEC-01",
    )  # fmt: skip

    assert account.employee_id is not None
    assert account.org_unit is not None


def test_accounts_are_listed_without_their_passwords(office: Connection) -> None:
    create_user(office, 1, login="ambo", password=PASSWORD, role="supervisor", by="tester", now_ms=NOW, nip=WORKER,
                unit_code="KEC-01")  # fmt: skip

    (listed,) = list_accounts(office, 1)

    assert listed == {"login": "ambo", "role": "supervisor", "unit_code": "KEC-01", "nip": WORKER,
                      "full_name": "Ambo Upe Lamaru", "active": True}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"role": "supervisor"}, "missing_field"),
        ({"password": "short"}, "invalid_field"),
        ({"login": "Admin Besar"}, "invalid_field"),
        ({"role": "king"}, "invalid_field"),
        ({"login": "admin"}, "already_exists"),
        ({"nip": "1" * 18}, "not_found"),
        ({"unit_code": "KEC-99"}, "not_found"),
    ],
)
@pytest.mark.usefixtures("admin")
def test_an_account_that_cannot_be_made_is_refused(office: Connection, changed: dict[str, str], code: str) -> None:
    given = {"login": "baru", "password": PASSWORD, "role": ROLES[0]} | changed

    with pytest.raises(Problem) as refused:
        create_user(office, 1, by="tester", now_ms=NOW, **given)

    assert refused.value.code == code
