"""The second net under the cues: what it learns, what it says of a new message, and that nothing weakens a sure alarm."""

import shutil
from datetime import date

import numpy
import pytest

from assistant.alarm import DOUBTFUL, POSSIBLE, SURE, Alarm, Danger
from assistant.engine import Question
from assistant.lexicon import Lexicon
from assistant.premises import Premises
from ingest import triage
from ingest.check import check
from ingest.errors import CitepathError
from ingest.index import build, open_index
from ingest.load import load
from tests.conftest import change

PAIRS = [("fire", f"there is smoke and fire in room {i}") for i in range(6)]
PAIRS += [("flood", f"water is rising in cellar {i}") for i in range(6)]
PAIRS += [(triage.NONE, f"what time does shop {i} open") for i in range(12)]


def vectors(texts):
    """Three numbers a text: enough for the shapes; the words decide."""
    return numpy.array([[len(t) % 3, t.count("e") % 2, 1] for t in texts], dtype=float) / 10


@pytest.fixture(scope="module")
def model():
    return triage.fit(triage.DANGERS, PAIRS, vectors([t for _, t in PAIRS]))


def score(model, text):
    return model.probabilities(text, vectors([text])[0].tolist())


def test_new_messages_get_the_danger_they_are_like(model):
    for text, danger in (("smoke in my room", "fire"), ("the cellar water rises", "flood"), ("what time do you open", triage.NONE)):
        found = score(model, text)
        assert max(found, key=found.get) == danger and abs(sum(found.values()) - 1) < 1e-9


def test_slips_of_the_pen_and_unknown_words_do_no_harm(model):
    found = score(model, "smokee in the rooom")
    assert max(found, key=found.get) == "fire"
    assert abs(sum(score(model, "").values()) - 1) < 1e-9 and abs(sum(score(model, "xyzzy 🙂").values()) - 1) < 1e-9


def test_scores_are_those_of_scikit_learn():
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    for pairs in (PAIRS, [p for p in PAIRS if p[0] != "flood"]):
        texts = [t for _, t in pairs]
        tfidf = TfidfVectorizer(analyzer=triage.grams, sublinear_tf=True, min_df=2)
        x = hstack([tfidf.fit_transform(texts), csr_matrix(vectors(texts))]).tocsr()
        theirs = LogisticRegression(C=100, max_iter=3000, class_weight="balanced").fit(x, [d for d, _ in pairs])
        ours, new = triage.fit(triage.DANGERS, pairs, vectors(texts)), "fire in the shop and water"
        y = theirs.predict_proba(hstack([tfidf.transform([new]), csr_matrix(vectors([new]))]).tocsr())[0]
        assert [score(ours, new)[c] for c in theirs.classes_] == pytest.approx(y.tolist(), abs=1e-6)


def test_a_model_is_written_and_read(model, tmp_path):
    assert triage.read(tmp_path, triage.DANGERS) is None
    model.write(tmp_path, triage.DANGERS)
    read = triage.read(tmp_path, triage.DANGERS)
    assert score(read, "smoke") == pytest.approx(score(model, "smoke"), abs=1e-5)


def test_one_label_teaches_nothing(embeddings):
    assert triage.fit(triage.DANGERS, [("fire", "a"), ("fire", "b")], vectors(["a", "b"])) is None


def test_a_damaged_model_names_the_mend(real_data, tmp_path):
    data = shutil.copytree(real_data, tmp_path / "copy")
    file = next(data.glob("index/*/dangers.npz"))
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(CitepathError, match="damaged"):
        open_index(data).triage(triage.DANGERS)


FIRES = "{danger: fire, messages: [smoke in the glass house, smoke and flames here, flames everywhere now]}"
NO_FIRES = "{messages: [hello there, hello to you, how are you, are the flames in the book real]}"


@pytest.fixture
def taught(small):
    (small / "messages").mkdir()
    (small / "messages" / "m.yaml").write_text(f"fires: {FIRES}\nothers: {NO_FIRES}\n")
    return small


def test_only_changed_messages_are_learned_again(taught, tmp_path, words, monkeypatch):
    data, fitted = tmp_path / "d", []
    real = triage.fit
    monkeypatch.setattr(triage, "fit", lambda *args: fitted.append(1) or real(*args))
    build(load(taught), words, data)
    change(taught, "documents/glimmer.md", "40 mg", "45 mg")
    build(load(taught), words, data)
    assert fitted == [1] * 3 and set(open_index(data).triage(triage.DANGERS).labels) == {"fire", triage.NONE}
    change(taught, "messages/m.yaml", "hello there", "good day")
    build(load(taught), words, data)
    assert fitted == [1] * 6


def test_a_message_of_an_unknown_danger_is_a_fault(taught):
    change(taught, "messages/m.yaml", "danger: fire", "danger: frost")
    faults = check(load(taught), date(2026, 1, 1)).faults
    assert [(f.file, f.line, f.field) for f in faults] == [("messages/m.yaml", 1, "fires.danger")]


def alarm(small, p):
    return Alarm(corpus := load(small), Lexicon(corpus), lambda text: {"fire": p, triage.NONE: 1 - p})


@pytest.mark.parametrize(
    "text, p, urgent, possible",
    [
        ("it smells odd in here", SURE, True, False),
        ("it smells odd in here", POSSIBLE, False, True),
        ("it smells odd in here", POSSIBLE - 0.01, False, False),
        ("the greenhouse is burning", DOUBTFUL, True, False),
        ("the greenhouse is burning", DOUBTFUL - 0.01, False, True),
    ],
)
def test_what_was_learned_adds_to_the_cues_and_only_doubts_them_when_sure(small, text, p, urgent, possible):
    found = alarm(small, p).danger(text)
    assert (bool(found.urgent), bool(found.possible)) == (urgent, possible)


def test_in_the_description_of_a_whole_course_what_was_learned_is_only_possible(small):
    assert not (found := alarm(small, SURE).danger("it smells odd in here", described=True)).urgent and found.possible
    assert alarm(small, SURE).danger("the greenhouse is burning", described=True).urgent


def test_without_messages_the_cues_alone_decide(small):
    found = Alarm(corpus := load(small), Lexicon(corpus)).danger("the greenhouse is burning")
    assert found.urgent and not found.possible


def test_a_danger_is_found_anywhere_in_a_long_text(small):
    corpus = load(small)
    seen = Alarm(corpus, Lexicon(corpus), lambda text: {"fire": 0.9 if "zzz" in text else 0.0})
    for at in (0, 39, 40, 119, 500, 999):
        words = ["word"] * 1000
        words[at] = "zzz"
        assert seen.danger(" ".join(words)).urgent, at


def test_a_possible_danger_is_told_before_the_answer(assistant, monkeypatch):
    urgent = next(iter(assistant.corpus.urgent.values()))
    monkeypatch.setattr(assistant._reader._alarm, "danger", lambda text, described, bare: Danger(possible=urgent))
    answer = assistant.ask(Question("Is alectinib taken with food?"))
    assert answer.outcome == "answered" and answer.sections
    assert "do not wait for an answer here" in answer.notices[0] and urgent.message.strip()[:40] in answer.notices[0]
    monkeypatch.setattr(assistant._reader._alarm, "danger", lambda text, described, bare: Danger(urgent=urgent))
    answer = assistant.ask(Question("Is alectinib taken with food?"))
    assert answer.outcome == "urgent" and not answer.notices and not answer.sections


@pytest.mark.parametrize(
    "text, danger",
    [
        ("my old man has gone a funny colour and is gulping for air", "breathing"),
        ("nobody would even notice if I was gone, I have enough tablets here", "self-harm"),
        ("his speech has gone all slurry since breakfast and one arm hangs", "brain-emergency"),
    ],
)
def test_words_no_cue_foresaw_are_urgent(assistant, text, danger):
    assert assistant._reader._alarm.by_cue(text) is None
    assert assistant._reader._alarm.danger(text).urgent.id == danger


def test_each_message_is_judged_by_a_model_that_has_not_seen_it(taught, words, monkeypatch):
    from evals import crossval

    fitted = []
    real = triage.fit
    monkeypatch.setattr(
        triage, "fit", lambda name, pairs, vectors: fitted.append(dict((t, d) for d, t in pairs)) or real(name, pairs, vectors)
    )
    corpus = load(taught)
    judged = crossval.judge(corpus, words, folds=3)
    pairs = triage.labelled(corpus, triage.DANGERS)
    assert [(j.danger, j.text) for j in judged] == pairs and len(fitted) == 3
    assert all(not set(t for _, t in pairs[fold::3]) & set(seen) for fold, seen in enumerate(fitted))
    table = crossval.table(judged)
    assert "dangers (n = 3)" in table and "harmless (n = 4)" in table
    assert all((j.found == "nothing") if j.danger else (j.found in ("cue", "sure")) for j in crossval.wrong(judged))


@pytest.mark.parametrize(
    ("text", "about", "taken", "premises", "subject"),
    [
        ("the leaves, being silver, how do I water them", 0.9, 0.9, ["silver-leaf"], "silver-leaf"),  # no cue, but learned
        ("the leaves, being silver, how do I water them", 0.9, 0.5, [], "silver-leaf"),  # it may take nothing for granted
        ("the leaves, being silver, how do I water them", 0.1, 0.9, [], None),  # it may be about something else
        ("why does the silver leaf mean blight", 0.1, 0.5, ["silver-leaf"], None),  # a cue
        ("why does the silver leaf mean blight", 0.9, 0.1, [], "silver-leaf"),  # a cue doubted
    ],
)
def test_a_premise_is_found_by_what_was_learned_and_a_cue_doubted(small, text, about, taken, premises, subject):
    corpus = load(small)
    learned = Premises(corpus, lambda _: {"silver-leaf": about, triage.NONE: 1 - about}, lambda _: {triage.ASSUMED: taken})
    found = learned.judge(text, text)
    assert [p.id for p in found.premises] == premises and found.subject == subject
    assert Premises(corpus).judge(text, text).premises == Premises(corpus).by_cue(text)


def test_what_takes_something_for_granted_is_learned_whatever_the_subject(assistant):
    judge = assistant._reader._premises._assumed
    taken = judge("Since brigatinib cures everyone, how soon can I stop it?")[triage.ASSUMED]
    asked = judge("Does brigatinib cure everyone?")[triage.ASSUMED]
    assert taken > 0.5 > asked
