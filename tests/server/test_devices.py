"""Enrolment: one code, one device, whatever is lost on the way; and access taken away and given back."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import update

from lontara_core import signing
from lontara_core.canonical import sha256
from lontara_core.messages import EnrolAnswer, EnrolRequest
from lontara_core.problems import Problem
from lontara_server.services.devices import CODE_MS, enrol, issue_code, list_devices, restore, revoke
from lontara_server.storage.engine import Connection
from lontara_server.storage.models import Device, Employee
from server.ready import CHIEF, NOW, SECRET, WORKER, seeded_bytes

RANDOM = seeded_bytes("devices")


@dataclass
class Tablet:
    """A store with a key; `former` is what it was enrolled as before."""

    name: str = "tablet"
    former: str | None = None
    former_key: bytes | None = None
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.key = sha256(self.name.encode())

    def request(self, code: str) -> EnrolRequest:
        public_key = signing.public_key_of(self.key)
        covered = signing.enrol_input(code=code, public_key=public_key, former=self.former)
        former_signature = signing.sign(self.former_key, covered) if self.former_key else None
        return EnrolRequest(
            code=code, public_key=public_key, device_name=self.name, signature=signing.sign(self.key, covered),
            former=self.former, former_signature=former_signature,
        )  # fmt: skip


def code_for(office: Connection, nip: str = WORKER, now_ms: int = NOW) -> str:
    return issue_code(office, 1, nip, by="tester", secret=SECRET, now_ms=now_ms, random_bytes=RANDOM).code


def enrolled(office: Connection, request: EnrolRequest, now_ms: int = NOW) -> EnrolAnswer:
    return enrol(office, request, secret=SECRET, now_ms=now_ms, random_bytes=RANDOM)


def assert_refused(office: Connection, request: EnrolRequest, code: str, now_ms: int = NOW) -> None:
    with pytest.raises(Problem) as refused:
        enrolled(office, request, now_ms)
    assert refused.value.code == code


def test_a_code_makes_the_store_a_device_of_its_person(office: Connection) -> None:
    answer = enrolled(office, Tablet().request(code_for(office)))

    assert (answer.nip, answer.full_name, answer.time_zone) == (WORKER, "Ambo Upe Lamaru", "Asia/Makassar")
    assert [(row["id"], row["state"], row["nip"]) for row in list_devices(office, 1)] == [
        (answer.device, "active", WORKER)
    ]


def test_a_store_whose_answer_was_lost_asks_again_and_gets_the_same(office: Connection) -> None:
    request = Tablet().request(code_for(office))
    first = enrolled(office, request)

    again = enrolled(office, request, NOW + 2 * CODE_MS)

    assert again.device == first.device
    assert len(list_devices(office, 1)) == 1


def test_a_code_is_good_for_one_store_only(office: Connection) -> None:
    code = code_for(office)
    enrolled(office, Tablet().request(code))

    assert_refused(office, Tablet("another").request(code), "enrol_code_refused")


def test_a_code_is_too_old_after_its_time(office: Connection) -> None:
    code = code_for(office)

    assert_refused(office, Tablet().request(code), "enrol_code_refused", NOW + CODE_MS)


def test_two_codes_of_one_person_are_good_side_by_side(office: Connection) -> None:
    first, second = code_for(office), code_for(office)

    devices = {enrolled(office, Tablet(name).request(code)).device for name, code in (("a", first), ("b", second))}

    assert len(devices) == 2


@pytest.mark.parametrize("code", ["", "ABCD-EFGH-1", "ABCD-EFGH-99", "-", "ABCD-EFGH-²", f"A-{'9' * 40}", "A\x00-1"])
def test_a_code_that_was_never_given_out_is_refused(office: Connection, code: str) -> None:
    assert_refused(office, Tablet().request(code), "enrol_code_refused")


def test_small_letters_and_blanks_around_a_code_do_no_harm(office: Connection) -> None:
    code = f" {code_for(office).lower()}"

    answer = enrolled(office, Tablet().request(code.rstrip()))

    assert answer.nip == WORKER


def test_an_enrolment_that_its_own_key_did_not_sign_is_refused_and_the_code_stays_good(office: Connection) -> None:
    code = code_for(office)
    honest, other = Tablet().request(code), Tablet("other").request(code)
    forged = EnrolRequest(code=code, public_key=honest.public_key, device_name="x", signature=other.signature)

    assert_refused(office, forged, "bad_signature")

    assert enrolled(office, honest).nip == WORKER


def test_a_store_that_enrols_again_keeps_its_lineage(office: Connection) -> None:
    tablet = Tablet()
    first = enrolled(office, tablet.request(code_for(office)))

    second = enrolled(office, Tablet("again", first.device, tablet.key).request(code_for(office)))

    assert second.device != first.device
    assert {row["lineage"] for row in list_devices(office, 1)} == {first.device}


def test_a_former_device_has_to_be_proven_by_its_key(office: Connection) -> None:
    first = enrolled(office, Tablet().request(code_for(office)))

    assert_refused(office, Tablet("thief", first.device, b"k" * 32).request(code_for(office)), "bad_signature")


def test_a_store_of_another_person_is_refused(office: Connection) -> None:
    tablet = Tablet()
    first = enrolled(office, tablet.request(code_for(office)))

    assert_refused(
        office, Tablet("again", first.device, tablet.key).request(code_for(office, CHIEF)), "enrol_code_refused"
    )


def test_a_former_device_that_the_server_has_lost_does_not_stop_the_enrolment(office: Connection) -> None:
    lost = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"

    answer = enrolled(office, Tablet("again", lost, b"k" * 32).request(code_for(office)))

    assert [row["lineage"] for row in list_devices(office, 1)] == [answer.device]


def test_a_person_who_has_left_gets_no_device(office: Connection) -> None:
    code = code_for(office)
    office.execute(update(Employee).where(Employee.org_id == 1, Employee.nip == WORKER).values(active=False))

    assert_refused(office, Tablet().request(code), "enrol_code_refused")


def test_a_revoked_device_is_shown_so_and_comes_back(office: Connection) -> None:
    device = enrolled(office, Tablet().request(code_for(office))).device

    revoke(office, 1, device, by="tester", now_ms=NOW)
    revoked = list_devices(office, 1)[0]["state"]
    restore(office, 1, device, by="tester", now_ms=NOW)

    assert (revoked, list_devices(office, 1)[0]["state"]) == ("revoked", "active")


def test_a_forked_device_does_not_come_back_under_its_old_id(office: Connection) -> None:
    device = enrolled(office, Tablet().request(code_for(office))).device
    office.execute(update(Device).where(Device.org_id == 1, Device.id == device).values(state="forked"))

    with pytest.raises(Problem) as refused:
        restore(office, 1, device, by="tester", now_ms=NOW)

    assert refused.value.code == "not_permitted"


@pytest.mark.parametrize("device", ["nothing", "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"])
def test_a_device_that_is_not_there_is_not_revoked(office: Connection, device: str) -> None:
    with pytest.raises(Problem) as refused:
        revoke(office, 1, device, by="tester", now_ms=NOW)

    assert refused.value.code == "not_found"
