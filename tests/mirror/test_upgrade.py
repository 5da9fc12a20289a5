# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an older mirror wrote itself: released/schema-3 is of commit cb8388d, as SQL and as packages."""
import pathlib
import shutil
import sqlite3

import pytest

from mirrorlab import Mirror, Service

RELEASED = pathlib.Path(__file__).parent / "released/schema-3"
PACKAGE = "36123317e09832d7c0b08c78ef3b4b83cbdbb29d818c8835a04f0a1a08885fc9"
SERIAL = 1795336589  # of what it published last


@pytest.fixture(name="old")
def fixture_old(mirror):
    """A mirror with that database and that package in the place of its own."""
    for path in mirror.root.glob("mirror.db*"):
        path.unlink()
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        database.executescript((RELEASED / "mirror.sql").read_text(encoding="utf-8"))
    database.close()
    directory = mirror.root / "packages" / PACKAGE
    directory.mkdir()
    for name in ("original.cab", "signed.cab", "metainfo.xml"):
        shutil.copy(RELEASED / name, directory)
    return mirror


def schema(mirror):
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        rows = database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        tables = database.execute("SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk "
                                  "FROM sqlite_master m, pragma_table_info(m.name) c "
                                  "WHERE m.type = 'table'").fetchall()
        return version, sorted(row[:2] for row in rows), sorted(tables, key=str)


def test_the_same_as_a_new_one(old, tmp_path):
    """Step by step it becomes what a new mirror begins with."""
    new = Mirror(tmp_path / "new")
    new.path.mkdir()
    new.run("init", "--organisation=room.example")
    assert schema(old)[0] == 3
    old.run("list")
    assert schema(old) == schema(new)


def test_nothing_is_lost(old):
    """Packages and their state, endpoints with versions and reports, test devices, who did what."""
    (package,) = old.json("list")["packages"]
    assert (package["id"], package["state"], package["version"]) == (PACKAGE[:12], "approved", "1.1.0")
    (endpoint,) = old.json("endpoints")["endpoints"]
    assert (endpoint["serial"], endpoint["version"], endpoint["state"]) == ("AC1", "1.0.0", "staged")
    shown = old.json("endpoint", endpoint["id"])
    assert [report["event"] for report in shown["reports"]] == ["success"]
    assert shown["details"]["room"] == "Berlin"
    assert old.json("test-device", "list")["test_devices"] == [{"serial": "AC0009"}]
    assert [entry["act"] for entry in old.json("audit")["acts"]][0] == "import"


def test_it_goes_on(old):
    """Publishes with a later serial, serves, and knows the endpoint again."""
    assert old.json("publish")["serial"] > SERIAL
    service = Service(old)
    reply = service.post("/v1/check-in", {"format": "ucupdates-checkin-1", "endpoints": [
        {"id": "codec", "vendor": "acme", "model": "icon400", "hardware_level": "2",
         "serial": "AC1", "modules": [{"name": "application", "version": "1.0.0"}]}]})
    assert reply.status == 200
    assert service.stop() == 0
    (endpoint,) = old.json("endpoints")["endpoints"]
    assert endpoint["serial"] == "AC1"


def test_not_the_other_way(old):
    """An older mirror than the one that wrote the database leaves it alone and says so."""
    version = schema(old)[0] + 100
    with sqlite3.connect(old.root / "mirror.db") as database:
        database.execute(f"PRAGMA user_version = {version}")
    error = old.run("list", status=1)
    assert f"has schema version {version}, this program knows 1 to " in error
    assert error.endswith("; use the program that made it\n")
    assert schema(old)[0] == version
