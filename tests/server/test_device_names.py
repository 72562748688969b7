"""Devices of one name are told apart by the end of their id."""

from lontara_server.services.device_names import names_apart

FIRST, SECOND, THIRD = (f"01a1ee56-5e00-87cf-a977-75ed24eb9b1{digit}" for digit in "567")


def test_only_names_that_repeat_have_the_end_of_the_id_behind_them() -> None:
    named = names_apart({FIRST: "vm", SECOND: "vm", THIRD: "laptop Ambo"})

    assert named == {FIRST: "vm (…eb9b15)", SECOND: "vm (…eb9b16)", THIRD: "laptop Ambo"}
