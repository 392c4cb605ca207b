"""The Sources page through Streamlit's own test runner, with the real assistant: search, filters, addresses, export."""

import pytest

from tests.test_ui import shown

pytestmark = pytest.mark.model


@pytest.fixture
def sources(app):
    app.switch_page("assistant/ui/sources.py").run()
    assert not app.exception
    return app


def at(app, **where):
    """Opens the page by its address."""
    app.switch_page("assistant/ui/sources.py")
    for name, value in where.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def found(app) -> int:
    """Returns the number in the heading of the list."""
    return int(app.header[0].value.split()[0].replace(",", ""))


def view(app, name):
    app.segmented_control(key="what").set_value(name).run()
    assert not app.exception
    return app


def links(app) -> list[str]:
    return [link.label.replace("\\", "") for link in app.get("page_link")]


def test_the_page_opens_on_documents(sources, real_corpus):
    assert sources.title[0].value == "Sources" and "curated statements" in shown(sources)
    assert found(sources) == len(real_corpus.documents)


def test_a_long_list_comes_in_pages(sources, real_corpus):
    view(sources, "Statements")
    assert found(sources) == len(real_corpus.statements) and len(links(sources)) == 20
    first = links(sources)
    sources.pagination(key="sources_page_1").set_value(2).run()
    assert "21 to 40 of" in shown(sources) and not set(first) & set(links(sources))
    sources.text_input(key="find").set_value("photosensitivity").run()
    assert "21 to 40 of" not in shown(sources)  # a new search begins at its first page


def test_words_and_filters_narrow_and_are_cleared(sources, real_corpus):
    view(sources, "Statements")
    sources.multiselect(key="sources_drugs").select("alectinib").run()
    sources.multiselect(key="sources_kinds").select("dosing").run()
    wanted = [s for s in real_corpus.statements.values() if "alectinib" in s.topics and s.kind == "dosing"]
    assert found(sources) == len(wanted) and "2 filters set" in shown(sources)
    sources.multiselect(key="sources_statuses").select("approved").run()
    assert found(sources) == 0 and "Nothing was found" in shown(sources)
    sources.button(key="sources_clear").click().run()
    assert not sources.exception and found(sources) == len(real_corpus.statements)


def test_years_and_types_of_references(sources, real_corpus):
    view(sources, "References")
    sources.slider(key="sources_years").set_value((2024, 2025)).run()
    sources.multiselect(key="sources_types").select("label").run()
    assert found(sources) == sum(r.type == "label" and 2024 <= r.year <= 2025 for r in real_corpus.references.values())
    sources.toggle(key="sources_overdue").set_value(True).run()
    assert not sources.exception


def test_meaning_finds_what_the_words_do_not(sources):
    view(sources, "Statements")
    sources.text_input(key="find").set_value("my skin burns in the sun").run()
    assert found(sources) == 0
    sources.segmented_control(key="how").set_value("By meaning").run()
    assert found(sources) == 100 and any("photosens" in label for label in links(sources)[:5])


def test_a_search_is_not_put_into_the_address(sources):
    sources.text_input(key="find").set_value("Maria Lopez").run()
    assert not dict(sources.query_params)


def test_a_statement_has_its_own_address(app, real_corpus):
    text = shown(at(app, statement="alectinib-dose-food"))
    for words in (
        "four 150 mg capsules",
        "In plain words",
        "not graded by the source",
        "Submitted",
        "Options of pathways",
        "empty stomach",
    ):
        assert words in text, words
    assert app.code[0].value.endswith("sources?statement=alectinib-dose-food")
    assert "alectinib-label-fda" in links(app) and "Read it in its document" in links(app)


def test_a_superseded_statement_says_so_and_by_what(app, real_corpus):
    old = next(s for s in real_corpus.statements.values() if s.superseded_by)
    assert "Superseded" in shown(at(app, statement=old.id)) and f"The newer statement: {old.superseded_by}" in links(app)
    assert f"Replaces the older {old.id}" in links(at(app, statement=old.superseded_by))


def test_a_reference_has_its_own_address_and_shows_who_cites_it(app, real_corpus):
    text = shown(at(app, reference="shaw2020-crown-lorlatinib-crizotinib"))
    citing = [s.id for s in real_corpus.statements.values() if "shaw2020-crown-lorlatinib-crizotinib" in s.citations]
    assert "10.1056/NEJMoa2027187" in text and f"Cited by ({len(citing)})" in [h.value for h in app.subheader]
    assert set(citing) <= set(links(app))
    assert [d.label for d in app.get("download_button")] == ["BibTeX", "RIS", "CSL-JSON"]


def test_a_document_marks_the_statement_it_was_opened_for(app, real_corpus):
    text = shown(at(app, document="alectinib", statement="alectinib-missed-dose-us"))
    assert (
        text.count("This is the statement") == 1
        and "Under the US label a missed or vomited" in text.split("This is the statement")[1][:120]
    )
    assert {s.id for s in real_corpus.documents["alectinib"].statements} <= set(links(app))
    assert "This is the statement" not in shown(at(app, document="alectinib", statement="lorlatinib-missed-dose"))


@pytest.mark.parametrize("kind", ["statement", "reference", "document"])
def test_an_unknown_address_is_a_clear_message_and_the_list(app, kind):
    text = shown(at(app, **{kind: "<b>no</b> [such](http://evil.example)"}))
    assert f"There is no {kind} “<b>no</b>" in text and "documents" in app.header[0].value
    assert "[such](http" not in app.warning[0].value


def test_every_statement_reference_and_document_opens(app, real_corpus):
    for kind, ids in (("statement", real_corpus.statements), ("reference", real_corpus.references), ("document", real_corpus.documents)):
        for id in list(ids)[:: max(1, len(ids) // 8)]:
            app.query_params.clear()
            assert not at(app, **{kind: id}).warning or "Superseded" in shown(app)


def test_what_is_found_and_all_can_be_exported(sources, real_corpus):
    view(sources, "References")
    assert [d.key for d in sources.get("download_button")] == [
        f"export_{which}_{ending}" for which in ("found", "all") for ending in ("bib", "ris", "json")
    ]
    sources.text_input(key="find").set_value("crown").run()
    assert f"The {found(sources)} references of this list" in shown(sources)
    assert f"All {len(real_corpus.references)} references" in shown(sources)


def test_no_index_is_a_clear_message(app, monkeypatch, tmp_path):
    monkeypatch.setenv("CITEPATH_DATA", str(tmp_path))
    app.switch_page("assistant/ui/sources.py").run()
    assert not app.exception and "citepath index" in app.error[0].value
