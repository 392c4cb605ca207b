"""Understanding: values, negation, corrections, follow-ups, premises and their twins."""

import pytest

from assistant.followups import Turn
from assistant.lexicon import Lexicon
from assistant.patient import Patients
from assistant.understand import Reader
from ingest.phrases import compile_phrase
from ingest.triage import DANGERS


@pytest.fixture(scope="module")
def reader(real_corpus):
    return Reader(real_corpus, Lexicon(real_corpus))


def state(reader, text, earlier=()):
    return reader.understand(text, earlier).state


def literal(pattern) -> str:
    return " ".join("" if isinstance(p, int) else p.words[0].replace("*", "") for p in pattern)


def test_every_phrase_of_every_value_states_that_value(real_corpus):
    """Guards against phrases that the usual names of the vocabulary, a longer phrase, or a context make unreachable."""
    lexicon = Lexicon(real_corpus)
    patients, lost = Patients(real_corpus, lexicon), []
    for pathway in real_corpus.pathways.values():
        lists = real_corpus.lists(pathway.phrases)
        for name, variable in pathway.variables.items():
            for value, phrases in variable.values.items():
                for phrase in phrases:
                    patterns = compile_phrase(phrase, lists)
                    for pattern in patterns[:: max(5, len(patterns) // 60)]:
                        text = lexicon.canonical(literal(pattern))
                        if (name, value) not in {(f.variable, f.value) for f in patients.findings(pathway, text)}:
                            lost.append(f"{pathway.id}: {name}={value}: {text!r}")
    assert lost == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALK-positive metastatic NSCLC", {"alk_result": "positive", "setting": "metastatic"}),
        ("NSCLC without brain metastases", {"cns": "none"}),
        ("NSCLC with symptomatic brain mets", {"cns": "symptomatic"}),
        ("ALK+ NSCLC, progressed on crizotinib then alectinib", {"prior_alk_inhibitor": "second_generation", "course": "progressing"}),
        ("ALK+ NSCLC after Xalkori and after Lorbrena", {"prior_alk_inhibitor": "lorlatinib"}),
        ("stable disease on alectinib, not progressing", {"prior_alk_inhibitor": "second_generation", "course": "controlled"}),
        ("ALK lung cancer, ECOG 3", {"performance": "poor"}),
        ("ALK+ NSCLC, not pregnant", {"pregnancy": "no"}),
        ("ALK+ NSCLC progressing on alectinib with G1202R", {"resistance": "g1202r", "course": "progressing"}),
    ],
)
def test_values_are_read_from_free_text(reader, text, expected):
    found = state(reader, text)
    assert {k: found.get(k) for k in expected} == expected


@pytest.mark.parametrize(
    "text", ["alectinib dose with food?", "What is the CROWN trial of lorlatinib?", "persistently elevated ALK levels in NSCLC"]
)
def test_nothing_is_read_that_was_not_said(reader, text):
    assert state(reader, text) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # a drug named in the report of a described patient has been given; one that is only spoken of has not
        ("Stage IV ALK+, brain MRI clear. Alectinib came before.", {"prior_alk_inhibitor": "second_generation"}),
        ("Stage IV ALK+, brain MRI clear, no treatment yet. Alectinib is kind to the heart.", {"prior_alk_inhibitor": "none"}),
        ("Stage IV ALK+, brain MRI clear. Her doctor suggests lorlatinib.", {"prior_alk_inhibitor": None}),
        # a gene named of a described patient was found, unless it is denied
        ("Lobectomy, stage IB. The report says ROS1.", {"ros1_result": "positive"}),
        ("Lobectomy, stage IB. The report says ROS1 negative.", {"ros1_result": "negative"}),
        # a drug that had to be stopped counts before a disease that was under control
        ("on alectinib, stable disease, but it was stopped for pneumonitis", {"course": "intolerant"}),
        ("cancer with spread in the liver, KRAS G12C, ALK and EGFR both negative", {"kras_result": "positive"}),
        ("HER2 mutated stage IV adenocarcinoma, ALK-/EGFR-", {"her2_result": "positive"}),
    ],
)
def test_what_is_named_of_a_described_patient(reader, text, expected):
    found = state(reader, text)
    assert {k: found.get(k) for k in expected} == expected


def test_each_value_remembers_its_turn_and_a_later_one_wins(reader):
    first = reader.understand("ALK-positive NSCLC, stage IV, untreated")
    turn = Turn(first.question, first.standalone, first.state, first.origins)
    second = reader.understand("it has progressed on lorlatinib", (turn,))
    assert second.state["prior_alk_inhibitor"] == "lorlatinib" and second.origins["prior_alk_inhibitor"] == 2
    assert second.state["setting"] == "metastatic" and second.origins["setting"] == 1
    explicit = reader.understand("what next?", (turn,), {"setting": "resected"})
    assert explicit.state["setting"] == "resected" and explicit.origins["setting"] == 0


def test_a_drug_that_is_only_asked_about_was_not_given_though_the_question_has_no_mark(reader):
    known = state(reader, "ALK+ stage IV, untreated")
    earlier = (Turn("ALK+ stage IV, untreated", "ALK+ stage IV, untreated", known, dict.fromkeys(known, 1), (), "alk-nsclc", True),)
    for text in ("what are the side effects of alectinib", "how does lorlatinib work", "is ceritinib taken with food"):
        assert state(reader, text, earlier)["prior_alk_inhibitor"] == "none", text
    assert state(reader, "now on alectinib", earlier)["prior_alk_inhibitor"] == "second_generation"


def test_two_values_at_once_are_asked_about(reader):
    u = reader.understand("ALK-positive NSCLC, stable disease, and also growing lesions")
    assert "course" in u.conflicts and "course" not in u.state


@pytest.mark.parametrize(
    ("text", "premise"),
    [
        ("patient with persistently elevated ALK levels", "serum-alk-level"),
        ("her ALK is still elevated in blood", "serum-alk-level"),
        ("serum ALK of 300, lung cancer", "serum-alk-level"),
        ("since crizotinib is the standard, should I start it first in ALK NSCLC?", "crizotinib-still-first"),
        ("do I take ceritinib 750 mg?", "ceritinib-750-fasted"),
        ("ALK+ adenocarcinoma, PD-L1 80%, start pembrolizumab?", "immunotherapy-first"),
        ("Which EGFR TKI is best for ALK positive lung cancer?", "egfr-drugs-for-alk"),
    ],
)
def test_a_false_premise_is_noticed(reader, text, premise):
    assert premise in [p.id for p in reader.understand(text).premises]


@pytest.mark.parametrize(
    "text",
    [
        "elevated alk phos in a patient with lung cancer",
        "Is ALK rearrangement tested in tissue?",
        "raised ALT on alectinib",
        "How high is the response to alectinib?",
        "ceritinib 450 mg with food?",
        "ALK-positive NSCLC that received pembrolizumab last month",
        "What is the level of evidence for lorlatinib?",
    ],
)
def test_its_true_twin_is_left_alone(reader, text):
    assert reader.understand(text).premises == ()


@pytest.mark.parametrize(
    ("earlier", "subjects", "text", "standalone"),
    [
        ("alectinib dose with food?", ("alectinib",), "and lorlatinib?", "lorlatinib dose with food?"),
        ("alectinib dose with food?", ("alectinib",), "what about Alunbrig", "brigatinib dose with food?"),
        ("What is the dose of alectinib?", ("alectinib",), "its side effects?", "alectinib's side effects?"),
        ("What is the dose of alectinib?", ("alectinib",), "can it be taken with food?", "can alectinib be taken with food?"),
        ("What is the dose of alectinib?", ("alectinib",), "missed dose?", "missed dose (alectinib)?"),
        (
            "What is the dose of alectinib?",
            ("alectinib",),
            "What is the dose of ceritinib in cirrhosis?",
            "What is the dose of ceritinib in cirrhosis?",
        ),
    ],
)
def test_follow_ups_stand_alone(reader, earlier, subjects, text, standalone):
    assert reader.understand(text, (Turn(earlier, earlier, {}, {}, subjects),)).standalone == standalone


@pytest.mark.parametrize(
    ("typed", "meant"), [("alectnib", "alectinib"), ("lorlatnib", "lorlatinib"), ("Alecensaa", "alectinib"), ("brigatinb", "brigatinib")]
)
def test_a_slip_of_the_pen_is_read_as_the_drug(reader, typed, meant):
    assert reader._lexicon.of(f"dose of {typed}", "drug") == [meant]


@pytest.mark.parametrize("name", ["sunitinib", "imatinib", "cabozantinib", "divarasib"])
def test_another_drug_is_not_taken_for_one_of_ours(reader, name):
    assert reader._lexicon.of(f"dose of {name}", "drug") == [] and reader._lexicon.of(f"dose of {name}", "unknown")


@pytest.mark.parametrize(
    "text",
    [
        "can i go swimming while on alectinib tablets",
        "may my sister drink beer while on brigatinib therapy",
        "is gardening all right with my Xalkori pills",
    ],
)
def test_the_medicine_in_hand_does_not_ask_for_the_course(reader, text):
    assert not reader.understand(text).broad
    known = Turn("ALK lung cancer", "ALK lung cancer", {"alk_result": "positive"}, {"alk_result": 1}, ("alectinib",), "alk-nsclc", True)
    assert not reader.understand("can i go swimming with these tablets", (known,)).broad


@pytest.mark.parametrize(
    "text", ["on alectinib for ALK lung cancer, what next after this drug", "ALK lung cancer, which tablets are there"]
)
def test_which_medicine_is_next_still_does(reader, text):
    assert reader.understand(text).broad


def test_undetectable_is_no_slip_of_unresectable(reader):
    assert "setting" not in state(reader, "ALK+ NSCLC on lorlatinib, tumour DNA undetectable")
    assert state(reader, "ALK+ NSCLC, stage III, unresectible")["setting"] == "unresectable_stage_iii"


def test_a_topic_named_in_words_no_statement_holds_is_searched_by_its_name(real_corpus):
    lexicon = Lexicon(real_corpus)
    assert lexicon.in_terms("citalopram with ceritinib") == "citalopram with ceritinib (medicines that prolong QT)"
    assert lexicon.in_terms("cholesterol on lorlatinib") == "cholesterol on lorlatinib"


def test_a_side_effect_or_course_of_a_drug_needs_one(reader):
    untreated = state(reader, "ALK+ stage IV NSCLC, no treatment yet, AV block and a slow heart rate")
    assert untreated["prior_alk_inhibitor"] == "none" and "toxicity" not in untreated
    assert state(reader, "ALK+ stage IV NSCLC on crizotinib, AV block and a slow heart rate")["toxicity"] == "heart_rate"
    assert state(reader, "ALK+ stage IV NSCLC, AV block and a slow heart rate on it")["toxicity"] == "heart_rate"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("fentanyl patches and crizotinib", True),
        ("insulin; ceritinib planned. Glucose issues?", True),
        ("fentanyl and crizotinib, he lies there limp", False),
        ("took 20 crizotinib with fentanyl", False),
    ],
)
def test_what_was_learned_of_danger_must_be_more_probable_where_medicines_alone_are_named(real_corpus, text, bare):
    learned = {DANGERS: lambda text: {"overdose": 0.85, "": 0.15}}
    danger = Reader(real_corpus, Lexicon(real_corpus), learned).understand(text).danger
    assert (danger.possible or danger.urgent).id == "overdose"
    assert (danger.urgent is None) == bare
    learned = {DANGERS: lambda text: {"overdose": 0.95, "": 0.05}}
    assert Reader(real_corpus, Lexicon(real_corpus), learned).understand(text).danger.urgent
