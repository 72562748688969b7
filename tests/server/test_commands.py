"""`lontara-server` as an operator types it, on a data directory whose name holds blanks and Unicode."""

import json
import socket
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lontara_server.cli.main import main
from lontara_server.cli.program import FILE_BYTES_MAX
from lontara_server.storage.engine import make_engine, transaction
from lontara_server.storage.schema import newest_revision
from server.ready import PEOPLE, WORKER

PASSWORD = "empat kata yang panjang"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "kantor kecamatan ü%d"


def typed(data_dir: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data-dir", str(data_dir), "--lang", "en", *words])


def init(data_dir: Path) -> Result:
    return CliRunner().invoke(
        main,
        [
            "--data-dir",
            str(data_dir),
            "init",
            "--org",
            "WAJO",
            "--name",
            "Kabupaten Wajo",
            "--admin",
            "admin",
            "--json",
        ],
        env={"LONTARA_ADMIN_PASSWORD": PASSWORD},
    )


@pytest.fixture
def server(data_dir: Path) -> Path:
    assert init(data_dir).exit_code == 0
    return data_dir


def test_init_makes_a_server_whose_secret_only_the_owner_reads(data_dir: Path) -> None:
    result = init(data_dir)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["org"] == "WAJO"
    assert PASSWORD not in result.output
    assert stat.S_IMODE((data_dir / "secret.key").stat().st_mode) == 0o600


def test_init_a_second_time_is_refused_and_changes_nothing(server: Path) -> None:
    secret = (server / "secret.key").read_bytes()

    result = init(server)

    assert result.exit_code == 1
    assert json.loads(result.stderr)["code"] == "already_exists"
    assert (server / "secret.key").read_bytes() == secret


def test_a_password_that_was_not_given_is_printed_once(server: Path) -> None:
    result = typed(server, "user", "create", "ambo", "--role", "auditor", "--json")

    assert len(json.loads(result.stdout)["password"]) >= 10


def test_accounts_and_orgs_are_listed(server: Path) -> None:
    typed(server, "org", "create", "BONE", "--name", "Kabupaten Bone", "--admin", "admin", "--password", PASSWORD)

    orgs = json.loads(typed(server, "org", "list", "--json").stdout)
    accounts = json.loads(typed(server, "--org", "BONE", "user", "list", "--json").stdout)

    assert [each["code"] for each in orgs] == ["WAJO", "BONE"]
    assert [(each["login"], each["role"]) for each in accounts] == [("admin", "admin")]
    assert "Kabupaten Bone" in typed(server, "org", "list").stdout


def test_employees_are_imported_and_listed(server: Path, tmp_path: Path) -> None:
    (tmp_path / "pegawai.csv").write_text(PEOPLE, encoding="utf-8")

    imported = typed(server, "employee", "import", str(tmp_path / "pegawai.csv"), "--json")

    assert json.loads(imported.stdout)["employees_created"] == 2
    assert len(json.loads(typed(server, "employee", "list", "--json").stdout)) == 2


def test_a_faulty_file_names_row_and_column_and_exits_1(server: Path, tmp_path: Path) -> None:
    (tmp_path / "pegawai.csv").write_text("nip,full_name\n1.99E+17,Ambo\n", encoding="utf-8")

    result = typed(server, "employee", "import", str(tmp_path / "pegawai.csv"))

    assert result.exit_code == 1
    assert result.stderr.startswith("Nothing was imported")
    assert "row 2, A2 nip:" in result.stderr


def test_a_file_that_is_not_there_is_a_problem_and_no_crash(server: Path, tmp_path: Path) -> None:
    result = typed(server, "employee", "import", str(tmp_path / "nothing.csv"), "--json")

    assert (result.exit_code, json.loads(result.stderr)["code"]) == (1, "file_unreadable")


def test_an_enrolment_code_is_printed_for_scripts(server: Path, tmp_path: Path) -> None:
    (tmp_path / "pegawai.csv").write_text(PEOPLE, encoding="utf-8")
    typed(server, "employee", "import", str(tmp_path / "pegawai.csv"))

    issued = json.loads(typed(server, "device", "enrol-code", "--nip", WORKER, "--json").stdout)

    assert issued["nip"] == WORKER
    assert len(issued["code"]) == 11


def test_holidays_imported_twice_are_there_once(server: Path, tmp_path: Path) -> None:
    (tmp_path / "libur.csv").write_text("date,name\n2026-12-25,Hari Raya Natal\n", encoding="utf-8")
    first = typed(server, "holiday", "import", str(tmp_path / "libur.csv"), "--json")

    second = typed(server, "holiday", "import", str(tmp_path / "libur.csv"), "--json")

    assert (json.loads(first.stdout)["added"], json.loads(second.stdout)["added"]) == (1, 0)


def test_with_two_orgs_a_command_asks_which_is_meant(server: Path) -> None:
    typed(server, "org", "create", "BONE", "--name", "Kabupaten Bone", "--admin", "admin")

    unnamed, named = (
        typed(server, "employee", "list", "--json"),
        typed(server, "--org", "bone", "employee", "list", "--json"),
    )

    assert json.loads(unnamed.stderr)["code"] == "org_not_named"
    assert named.stdout == "[]\n"


def test_status_tells_what_the_server_holds(server: Path) -> None:
    document = json.loads(typed(server, "status", "--json").stdout)

    assert [(org["org"], org["entries"]) for org in document["orgs"]] == [("WAJO", 0)]


@pytest.mark.parametrize("words", [("status",), ("run",), ("employee", "list")])
def test_before_init_a_command_says_what_to_do(data_dir: Path, words: tuple[str, ...]) -> None:
    result = typed(data_dir, *words)

    assert result.exit_code == 1
    assert "init --org" in result.stderr


def test_a_server_does_not_start_on_a_weak_secret(server: Path) -> None:
    (server / "secret.key").write_text("00" * 32, encoding="ascii")

    result = typed(server, "run")

    assert result.exit_code == 1
    assert "too weak" in result.stderr


def refused_code(data_dir: Path, *words: str, **environment: str) -> str:
    """The code of the problem that a command ends with."""
    options = ["--data-dir", str(data_dir), *words, "--json"]
    result = CliRunner().invoke(main, options, env=environment)
    assert result.exit_code == 1
    return str(json.loads(result.stderr)["code"])


def test_a_secret_from_the_environment_is_checked_too(server: Path) -> None:
    code = refused_code(server, "device", "enrol-code", "--nip", WORKER, LONTARA_SECRET="not hex")

    assert code == "weak_secret"


def test_a_server_whose_secret_is_gone_does_not_make_another(server: Path) -> None:
    (server / "secret.key").unlink()

    code = refused_code(server, "device", "enrol-code", "--nip", WORKER)

    assert code == "not_initialised"


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    code = refused_code(tmp_path / "file", "init", "--org", "WAJO", "--name", "Wajo", "--admin", "admin")

    assert code == "data_dir_unusable"


def test_a_file_beyond_the_limit_is_refused_unread(server: Path, tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(FILE_BYTES_MAX + 1)

    code = refused_code(server, "employee", "import", str(tmp_path / "huge.csv"))

    assert code == "file_too_large"


def test_a_port_in_use_is_told(server: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = typed(server, "run", "--bind", f"127.0.0.1:{taken.getsockname()[1]}")

    assert result.exit_code == 1
    assert result.stderr.startswith("Nothing was changed. This address or port")  # address_unusable


def test_an_address_that_is_none_is_wrong_usage(server: Path) -> None:
    result = typed(server, "run", "--bind", "everywhere")

    assert result.exit_code == 2


def test_migrate_on_a_current_database_changes_nothing(server: Path) -> None:
    result = typed(server, "migrate")

    assert (result.exit_code, newest_revision() in result.stdout) == (0, True)


def test_a_month_is_locked_listed_and_opened_again(server: Path) -> None:
    locked = json.loads(typed(server, "period", "lock", "2024-10", "--json").stdout)
    listed = json.loads(typed(server, "period", "list", "--json").stdout)

    opened = json.loads(typed(server, "period", "unlock", "2024-10", "--json").stdout)

    told = {name: locked.pop(name) for name in ("scores", "provisional", "waiting_review")}
    assert told == {"scores": 0, "provisional": 0, "waiting_review": 0}
    assert (locked["state"], listed) == ("locked", [locked])
    assert (opened["state"], opened["locked_at"], opened["revision"]) == ("open", None, 2)


def test_whoever_locks_a_month_is_told_what_it_was_published_with(server: Path) -> None:
    result = typed(server, "period", "lock", "2024-10")

    assert "0 scores are published, 0 of them provisional; 0 entries of the month still wait for a review." in result.stdout
    assert "open it again" not in result.stdout


def test_a_decision_about_nothing_is_a_problem(server: Path) -> None:
    code = refused_code(server, "quarantine", "drop", "nothing", "--reason", "x")

    assert code == "not_found"


@pytest.mark.parametrize("name", ["lontara.db", "lontara.db-wal"])
def test_the_database_is_for_its_owner_only(server: Path, name: str) -> None:
    engine = make_engine(f"sqlite:///{server / 'lontara.db'}")
    with transaction(engine):
        mode = stat.S_IMODE((server / name).stat().st_mode)
    engine.dispose()

    assert mode == 0o600


def test_migrate_takes_from_others_what_an_older_program_gave_them(server: Path) -> None:
    (server / "lontara.db").chmod(0o644)

    typed(server, "migrate")

    assert stat.S_IMODE((server / "lontara.db").stat().st_mode) == 0o600


def test_the_server_s_own_variable_goes_before_the_device_s(server: Path, tmp_path: Path) -> None:
    environment = {"LONTARA_DATA_DIR": str(tmp_path / "tablet")}
    own = {**environment, "LONTARA_SERVER_DATA_DIR": str(server)}

    results = [CliRunner().invoke(main, ["status", "--json"], env=each) for each in (own, environment)]

    assert [each.exit_code for each in results] == [0, 1]
    assert "LONTARA_SERVER_DATA_DIR" in results[1].stderr
