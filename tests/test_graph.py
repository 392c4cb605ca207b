"""A pathway as a picture: whole, escaped, and its way that of the decision."""

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.graph import mermaid, svg
from assistant.pathway import decide
from assistant.walk import described, steps
from ingest.content import Pathway
from ingest.load import load

ROOT = Path(__file__).resolve().parent.parent
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def blight(small):
    return load(small).pathways["blight"]


def words(element) -> str:
    return " ".join(" ".join(t.itertext()) for t in element.iter(f"{SVG}text"))


def rungs(picture: str) -> dict[int, ElementTree.Element]:
    return {int(g.get("data-rule")): g for g in ElementTree.fromstring(picture).iter(f"{SVG}g")}


def joined(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("narrow", [False, True])
def test_every_rule_and_node_of_every_pathway_is_drawn(real_corpus, narrow):
    for pathway in real_corpus.pathways.values():
        drawn = rungs(svg(pathway, {}, narrow=narrow))
        assert sorted(drawn) == list(range(1, len(pathway.decide) + 1))
        for number, rule in enumerate(pathway.decide, 1):
            shown = joined(words(drawn[number]))
            assert joined(pathway.nodes[rule.reach].title) in shown
            assert all(joined(pathway.variables[n].label(v)) in shown for n, values in rule.when.items() for v in values)
        assert {r.get("data-node") for g in drawn.values() for r in g.iter(f"{SVG}rect")} == set(pathway.nodes)


def test_the_picture_says_what_it_shows_and_loads_nothing(real_corpus):
    pathway = real_corpus.pathways["alk-nsclc"]
    facts = {"alk_result": "positive", "setting": "resected"}
    picture = svg(pathway, facts, ("Educational purpose only",))
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img" and root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]
    assert root[0].tag == f"{SVG}title" and root[1].text == described(pathway, decide(pathway, facts))
    assert "Reached: Completely resected disease." in root[1].text and "not stated, passed over" in root[1].text
    assert "Educational purpose only" in words(root)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "title", "desc", "style", "rect", "g", "path", "circle", "text"}
    assert picture.count("http") == 1 and "url(" not in picture  # the name of the format, nothing else


def test_what_the_content_says_is_never_markup(blight):
    bad = '</text><script>alert("x")</script>&'
    data = blight.model_dump()
    data["title"] = data["nodes"]["first"]["title"] = data["variables"]["prior"]["question"] = bad
    data["variables"]["root_test"]["labels"] = {"negative": bad}
    picture = svg(Pathway.model_validate(data), {"root_test": "positive", "prior": "none"}, (bad,))
    root = ElementTree.fromstring(picture)
    assert not list(root.iter(f"{SVG}script"))
    assert joined(words(root)).count(joined(bad)) == 6  # heading, node reached in the heading, question, value, node, foot
    assert bad in root[0].text and bad in root[1].text


def test_the_way_that_is_not_decided_says_what_it_needs(blight):
    data = blight.model_dump()
    data["decide"][1]["when"] = {"root_test": ("positive",), "prior": ("none",)}
    drawn = rungs(svg(Pathway.model_validate(data), {"root_test": "positive"}))
    assert [g.get("data-standing") for g in drawn.values()] == ["no", "needs", "open"]
    assert "needs: What was given before?" in words(drawn[2]) and "reached" not in words(drawn[2])


@pytest.mark.parametrize("narrow", [False, True])
def test_no_box_leaves_the_picture_and_no_rung_covers_another(real_corpus, narrow):
    for pathway in real_corpus.pathways.values():
        picture = svg(pathway, {}, narrow=narrow)
        width, height = (int(ElementTree.fromstring(picture).get(side)) for side in ("width", "height"))
        boxes = [next(g.iter(f"{SVG}rect")) for g in rungs(picture).values()]
        spans = [(int(b.get("y")), int(b.get("y")) + int(b.get("height"))) for b in boxes]
        assert all(int(b.get("x")) + int(b.get("width")) < width for b in boxes) and spans[-1][1] < height
        assert all(end < start for (_, end), (start, _) in pairwise(spans))


def test_an_assumed_fact_is_not_called_known(real_corpus):
    root = ElementTree.fromstring(svg(real_corpus.pathways["alk-nsclc"], {"prior_alk_inhibitor": "exhausted"}))
    assert "Assumed from these: alk result: positive" in words(root) and "Assumed: progressing" in words(root)


@pytest.mark.parametrize("id", sorted(p.stem for p in (ROOT / "corpus" / "pathways").glob("*.yaml")))
def test_the_way_drawn_is_the_way_decided(real_corpus, id):
    pathway = real_corpus.pathways[id]

    @given(picks=st.lists(st.integers(0, 9), min_size=20, max_size=20), narrow=st.booleans())
    @settings(max_examples=40, deadline=None)
    def same(picks, narrow):
        picked = {n: ["", *v.values][i % (1 + len(v.values))] for i, (n, v) in zip(picks, pathway.variables.items(), strict=False)}
        facts = {n: v for n, v in picked.items() if v}
        decision = decide(pathway, facts)
        last = next(t for t in decision.trace if t.startswith("rule "))  # "rule 3 (…) reaches node" or "rule 3 (…) needs facts"
        number = int(last.split()[1])
        drawn = rungs(svg(pathway, facts, narrow=narrow))
        standing = {i: g.get("data-standing") for i, g in drawn.items()}
        assert standing[number] == ("yes" if decision.node else "needs")
        assert all(standing[i] in ("no", "unstated") for i in standing if i < number)
        assert all(standing[i] == "open" for i in standing if i > number)
        assert [i for i, g in drawn.items() if "reached" in words(g).split()] == ([number] if decision.node else [])
        passed = {n for s in steps(pathway, decision) if s.standing == "unstated" for n in s.absent}
        assert {m.variable for m in decision.would_change} <= passed
        for i, g in drawn.items():
            thick = [r for r in g.iter(f"{SVG}rect") if r.get("stroke-width") == "3"]
            assert [r.get("data-node") for r in thick] == ([decision.node] if i == number and decision.node else [])

    same()


def test_mermaid_lists_the_rules_in_order_and_marks_the_node(blight):
    assert mermaid(blight, "first").splitlines() == [
        "flowchart TD",
        '  start(["start"])',
        '  r1{"What did the root test show: negative"}',
        "  start --> r1",
        "  r1 -- yes --> no-blight",
        '  r2{"What was given before: none"}',
        "  r1 -- no --> r2",
        "  r2 -- yes --> first",
        '  r3{"otherwise"}',
        "  r2 -- no --> r3",
        "  r3 -- yes --> second",
        '  no-blight["No blight"]',
        '  first["Untreated glimmer blight"]',
        '  second["Blight after zorvex"]',
        "  style first stroke-width:4px",
    ]
    assert "style" not in mermaid(blight, None)
