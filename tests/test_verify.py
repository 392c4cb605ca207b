"""The judge: passes what is supported, names what is not; its exam on a fixed sample of the corpus."""

import pytest

from assistant.arms import families, placing
from assistant.claimant import Claimant, abbreviates
from assistant.lexicon import Lexicon
from assistant.verify import Verifier
from evals.exam import examine, table


@pytest.fixture(scope="module")
def verifier(real_corpus):
    return Verifier(real_corpus, Lexicon(real_corpus))


@pytest.fixture(scope="module")
def read(real_corpus):
    return Claimant(real_corpus, Lexicon(real_corpus)).read


@pytest.fixture(scope="module")
def judge(verifier, real_corpus):
    def judge(sentence, *ids):
        return verifier.verify(sentence, [real_corpus.statements[i] for i in ids])

    return judge


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (
            "600 mg twice daily, 12.50% of 1,683 for 5 years",
            [("600", "mg"), ("2", "time"), ("12.5", "percent"), ("1683", ""), ("5", "year")],
        ),
        ("27.7 and 7.4 months; 3 to 7 percent", [("27.7", "month"), ("7.4", "month"), ("3", "percent"), ("7", "percent")]),
        ("grade 3 or 4 in phase 1/2", [("3", "grade of"), ("4", "grade of"), ("1", "phase of"), ("2", "phase of")]),
        ("HR 0.43, 95% CI 0.32 to 0.58", [("0.43", ""), ("95", "level"), ("0.32", ""), ("0.58", "")]),
        ("500 mg/m² every three weeks, G1202R", [("500", "mgperm2"), ("3", "week")]),
        ("", []),
    ],
)
def test_figures_are_read_with_their_units(read, text, figures):
    claims = read(text)
    found = [(claims.items[i].value, claims.items[i].of) for i in claims.of("figure")]
    # "1/2" is a list without a joining word: only the first number has "phase" before it.
    assert found == ([*figures[:-1], ("2", "")] if "1/2" in text else figures)


def test_names_denials_and_turned_words_are_read(read):
    items = read("Alecensa does not raise the risk more than Xalkori.").items
    assert [x.key for x in items] == [
        "name:alectinib",
        "denial:not",
        "amount:0",
        "risk",
        "amount:0",
        "than",
        "name:crizotinib",
    ]


def test_an_abbreviation_is_the_initials_of_its_long_form():
    assert abbreviates("ILD", "interstitial lung disease") and abbreviates("NSCLC", "non small cell lung cancer")
    assert not abbreviates("ILD", "liver disease") and not abbreviates("A", "alectinib") and not abbreviates("", "")


@pytest.mark.parametrize(
    ("sentence", "id"),
    [
        ("Alectinib 600 mg is taken twice daily with food, swallowed whole.", "alectinib-dose-food"),
        ("Under the US label, alectinib is taken by mouth as 600 mg twice daily with food.", "alectinib-dose-food"),
        ("The 5-year rate of progression-free survival in CROWN was 8% with crizotinib and 60% with lorlatinib.", "crown-5yr-pfs-rate"),
        ("In CROWN, 60% on lorlatinib and 8% on crizotinib were free of progression at 5 years.", "crown-5yr-pfs-rate"),
    ],
)
def test_fair_rewording_passes(judge, sentence, id):
    verdict = judge(sentence, id)
    assert verdict.supported, verdict.reasons


@pytest.mark.parametrize(
    ("sentence", "id", "reason"),
    [
        ("Alectinib 300 mg is taken twice daily with food.", "alectinib-dose-food", "number 300"),
        ("Alectinib 600 mcg is taken twice daily with food.", "alectinib-dose-food", "600 mcg"),
        ("Lorlatinib 600 mg is taken twice daily with food.", "alectinib-dose-food", "Lorlatinib"),
        ("Zyxotinib 600 mg is taken twice daily with food.", "alectinib-dose-food", "Zyxotinib"),
        ("Alectinib 600 mg is not taken with food twice daily.", "alectinib-dose-food", "denies"),
        ("Alectinib is taken as 150 mg (four 600 mg capsules) by mouth twice daily with food.", "alectinib-dose-food", "exchanged"),
        ("Bananas cure every kind of cold within one lovely afternoon.", "alectinib-dose-food", "most of its words"),
        ("In CROWN the 5-year progression-free survival rate was 8% with lorlatinib and 60% with crizotinib.", "crown-5yr-pfs-rate", "each other's"),
        ("In CROWN the 5-year overall survival rate was 60% with lorlatinib and 8% with crizotinib.", "crown-5yr-pfs-rate", "'overall survival'"),
        ("In CROWN the 5-year progression-free survival rate was 60% with crizotinib.", "crown-5yr-pfs-rate", "another's"),
        ("NICE TA671 recommends brigatinib as an option.", "nice-ta670", "TA671"),
        ("A plasma test that is negative does rule ALK out.", "cap-2018-cfdna", "affirms"),
        ("", "alectinib-dose-food", "empty"),
        ("...", "alectinib-dose-food", "says nothing"),
    ],
)  # fmt: skip
def test_an_altered_sentence_fails_with_its_reason(judge, sentence, id, reason):
    verdict = judge(sentence, id)
    assert not verdict.supported and any(reason in r for r in verdict.reasons), verdict


def test_a_sentence_without_a_source_fails(judge):
    assert not judge("Alectinib 600 mg is taken twice daily with food.").supported


def test_statements_are_not_added_up(judge):
    sentence = "Alectinib is taken as 600 mg twice daily with food and gave a 5-year progression-free survival rate of 60%."
    assert not judge(sentence, "alectinib-dose-food", "crown-5yr-pfs-rate").supported


def test_figures_stay_with_their_owners(read):
    values = {"arms": ["lorlatinib", "crizotinib"], "percent": [60, 8], "ci": [51, 68]}
    owners = families(values, read)
    assert [[(set(o.words), set(o.figures)) for o in f.owners] for f in owners] == [
        [({"name:lorlatinib"}, {"60"}), ({"name:crizotinib"}, {"8"})]
    ]
    source = read("60% with lorlatinib and 8% with crizotinib")
    for fair in ("crizotinib 8%, lorlatinib 60%", "With crizotinib and lorlatinib it was 8 and 60%", "60% with lorlatinib", "60% and 8%"):
        assert placing(read(fair), source, owners).wrong == (), fair
    for unfair in ("crizotinib 60%, lorlatinib 8%", "With lorlatinib and crizotinib it was 8 and 60%", "60% with crizotinib"):
        assert placing(read(unfair), source, owners).wrong, unfair
    assert families({}, read) == () and families({"arms": ["a", "b"], "percent": [5, 5]}, read) == ()


def test_every_curated_wording_passes(verifier, real_corpus):
    for s in real_corpus.statements.values():
        for text in (s.text, s.plain):
            verdict = verifier.verify(text, [s])
            assert verdict.supported, (s.id, verdict.reasons)


@pytest.fixture(scope="module")
def sat(verifier, real_corpus):
    """The exam on one statement in 25: about a thousand sentences, and the development half of those written by hand."""
    return examine(verifier, real_corpus, step=25, split="dev")


def test_the_gates_of_the_exam_hold_on_a_fixed_sample(sat):
    assert sat.gates() == {"mutants": True, "untouched": True, "reworded by rule": True}, table(sat)


def test_every_kind_of_mutant_is_caught(sat):
    kinds = {r.kind: r.right / r.n for r in sat.rows if r.group == "mutants"}
    assert len(kinds) >= 10 and min(kinds.values()) >= 0.95, kinds


def test_hand_written_rewordings_fare_no_worse_than_measured(sat):
    fair, unfair = sat.total("fair, by hand"), sat.total("unfair, by hand")
    assert fair[0] >= 0.85 * fair[1] and unfair[0] >= 0.85 * unfair[1], table(sat)
