"""The catalogue of providers and PBXs, and templates of one's own."""

import json

OFFICE = '[[templates]]\nid = "office"\nname = { en = "Office", ru = "Офис" }\ndomain = "pbx.example.com"\n'


def ids(outcome):
    assert outcome.code == 0, str(outcome)
    return [template["id"] for template in json.loads(outcome.stdout)]


def test_a_provider_is_found_and_shown_with_its_source(gudok):
    phone = gudok()
    assert ids(phone.run("templates", "задарма", "--json"))[0] == "zadarma"
    assert len(ids(phone.run("templates", "--json"))) >= 40
    shown = phone.run("templates", "zadarma", "--json")
    assert shown["values"]["domain"] == "sip.zadarma.com" and shown["missing"] == ["login", "password"], str(shown)
    assert shown["source"].startswith("https://"), str(shown)
    assert shown["source"] in phone.run("templates", "zadarma").stdout


def test_a_file_is_imported_found_first_and_removed(gudok, folder):
    phone = gudok()
    file = folder / "own.toml"
    file.write_text(OFFICE)
    assert phone.run("templates", "import", file).code == 0
    assert ids(phone.run("templates", "--json"))[0] == "office"
    assert "pbx.example.com" in phone.run("templates", "офис").stdout
    assert phone.run("templates", "remove", "office").code == 0
    assert "office" not in ids(phone.run("templates", "--json"))
    phone.run("templates", "remove", "zadarma", "--json").failed("unknown")


def test_a_mistake_in_a_file_is_told_with_its_line_and_nothing_changes(gudok, folder):
    phone = gudok()
    file = folder / "own.toml"
    file.write_text(OFFICE + 'domian = "pbx.example.com"\n')
    refused = phone.run("templates", "import", file, "--json").failed("file")
    assert refused["problem"]["path"].endswith("own.toml:5"), str(refused)
    own = phone.profile / "templates.toml"
    assert not own.exists()

    own.write_text("[[templates]]\n")
    phone.run("templates", "--json").failed("file")
    assert own.read_text() == "[[templates]]\n"
