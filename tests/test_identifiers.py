"""Identifiers are masked before anything reads the question; drugs, genes, trials, ages, doses and cited authors are not."""

import json
import time

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assistant.alarm import Alarm
from assistant.engine import Question
from assistant.identifiers import KINDS, Identifiers
from assistant.lexicon import Lexicon
from evals.cases import load_sets
from ingest.check import check
from ingest.content import Corpus
from ingest.load import load
from tests.conftest import change
from tests.test_check import TODAY
from tests.test_load import faults

IDENTIFYING = [
    ("Patient: Tomoko Watanabe / 1962-08-30 / ID 5523-889", ("Watanabe", "1962", "889")),
    ("case of John Q. Public, hospital number RXH-004417", ("Public", "004417")),
    ("Insurance policy # BCBS-99887766", ("99887766",)),
    ("Should my wife Beth (b. 1970-02-11) switch?", ("Beth", "1970")),
    ("This is about Liu Wei, my mother", ("Liu", "Wei")),
    ("Mr J Smith", ("Smith",)),
    ("pt name john doe", ("doe",)),
    ("MR JOHN SMITH HAS ALK+ NSCLC", ("SMITH",)),
    ("My name is Maria Lopez and I have ALK+ lung cancer.", ("Maria", "Lopez")),
    ("my name is maria lopez, can i take alectinib with food", ("maria", "lopez")),
    ("I am John Smith, 61-year-old", ("John", "Smith")),
    ("I'm Sarah Jones and my ALK test is positive", ("Sarah", "Jones")),
    ("Mr. Smith has ALK-positive NSCLC", ("Smith",)),
    ("mrs brown is on alectinib", ("brown",)),
    ("Mr Young started brigatinib", ("Young",)),
    ("Dr. Garcia-Marquez prescribed it", ("Garcia", "Marquez")),
    ("Prof. Dr. Müller empfiehlt Alectinib", ("Müller",)),
    ("Señora Hernández toma lorlatinib", ("Hernández",)),
    ("Frau Schmidt nimmt Alectinib", ("Schmidt",)),
    ("Patient John Smith, DOB 14/03/1961, MRN 1234567, ALK+ NSCLC", ("Smith", "John", "1961", "1234567")),
    ("pt: Jane Doe, 54F, stage IV ALK+", ("Jane", "Doe")),
    ("patient called Ahmed Khan", ("Ahmed", "Khan")),
    ("The patient, named Ingrid Olsen, progressed", ("Ingrid", "Olsen")),
    ("signed Peter Brown", ("Peter", "Brown")),
    ("What is the dose of alectinib? Thanks, Maria Lopez", ("Maria", "Lopez")),
    ("What is the dose of alectinib?\nBest regards,\nWolfgang Petersen", ("Wolfgang", "Petersen")),
    ("my wife Anna takes lorlatinib", ("Anna",)),
    ("my husband alex takes alectinib", ("alex",)),
    ("My husband Alex takes alectinib", ("Alex",)),
    ("Name: Xu Liming; DOB: 1961-03-14; stage IV", ("Xu", "Liming", "1961")),
    ("Name: Lopez, Maria. Next line?", ("Lopez", "Maria")),
    ("Patient name: LOPEZ, MARIA", ("LOPEZ", "MARIA")),
    ("MARIA LOPEZ 61F ALK+ NSCLC", ("MARIA", "LOPEZ")),
    ("Should Maria start lorlatinib?", ("Maria",)),
    ("born 14 March 1961", ("1961",)),
    ("born on March 14th, 1961 in Hamburg", ("March 14",)),
    ("geb. 14.03.1961", ("1961",)),
    ("geboren am 14. März 1961", ("14. M",)),
    ("fecha de nacimiento 14 de marzo de 1961", ("14 de",)),
    ("d.o.b. 3/14/61", ("3/14",)),
    ("her birthday is 14 March", ("14 March",)),
    ("14.03.1961 (DOB)", ("1961",)),
    ("Maria Lopez (14/03/1961), ALK+", ("1961", "Maria")),
    ("born in Hamburg on 14 March 1961 with", ("14 March",)),
    ("DOB14031961", ("14031961",)),
    ("date of birth: 1961/3/14", ("1961",)),
    ("MRN: 00123456", ("00123456",)),
    ("MRN#4471829", ("4471829",)),
    ("mrn4471829", ("4471829",)),
    ("medical record number is A-123-456", ("123", "456")),
    ("NHS number 943 476 5919", ("943",)),
    ("943 476 5919", ("943",)),
    ("9434765919", ("9434765919",)),
    ("SSN 123-45-6789", ("6789",)),
    ("123-45-6789", ("6789",)),
    ("hospital no. H123456", ("H123456",)),
    ("patient ID 4471 61 yo female", ("4471",)),
    ("case number 2023-00451", ("00451",)),
    ("insurance ID XYZ123456789", ("XYZ123456789",)),
    ("member id W1234 56789", ("56789",)),
    ("Versichertennummer A123456789", ("A123456789",)),
    ("Krankenversicherungsnummer: A123456789", ("A123456789",)),
    ("DNI 12345678Z", ("12345678Z",)),
    ("historia clínica 445566", ("445566",)),
    ("call me at 555-123-4567", ("4567",)),
    ("(555) 123-4567", ("4567",)),
    ("+1 202 555 0143", ("0143",)),
    ("+44 7700 900123 please", ("900123",)),
    ("07700 900123", ("900123",)),
    ("020 7946 0958", ("7946",)),
    ("030 / 12345678", ("12345678",)),
    ("tel 612 345 678", ("612",)),
    ("mi teléfono es 612345678", ("612345678",)),
    ("phone: 555-0123", ("0123",)),
    ("0171-2345678", ("2345678",)),
    ("0049 171 2345678", ("2345678",)),
    ("555.123.4567", ("4567",)),
    ("maria.lopez@example.com", ("maria.lopez",)),
    ("write to m_lopez+x@mail.example.co.uk please", ("lopez",)),
    ("maria (at) example.com", ("maria",)),
    ("maria at example dot com", ("maria",)),
    ("https://maria:secret@example.org/x", ("secret", "maria")),
    ("12 Elm Street, Springfield, IL 62704", ("Elm", "62704")),
    ("I live at 221B Baker Street, London NW1 6XE", ("Baker", "NW1")),
    ("lives at 4 main street", ("4 main",)),
    ("Hauptstraße 12, 10115 Berlin", ("Hauptstra", "10115")),
    ("Calle Mayor 5, 28013 Madrid", ("Mayor", "28013")),
    ("C/ Mayor 5", ("Mayor",)),
    ("zip code 62704", ("62704",)),
    ("postcode LS1 4AP", ("LS1",)),
    ("P.O. Box 1234", ("1234",)),
    ("My mother, Rosa, has ALK+ NSCLC", ("Rosa",)),
    ("Hi, this is Priya Raghavan from Leeds", ("Priya", "Raghavan")),
    ("I am Nguyen Van Minh", ("Nguyen", "Minh")),
    ("My name is O'Brien", ("O'Brien",)),
    ("name: María del Carmen García", ("Carmen", "García")),
    ("me llamo José Ramírez y tengo cáncer", ("José", "Ramírez")),
    ("Ich heiße Jürgen Krause und habe", ("Jürgen", "Krause")),
    ("mein Name ist jürgen krause", ("jürgen", "krause")),
    ("Mark Thompson, 58, ALK+ on alectinib", ("Thompson", "Mark")),
    ("Xu Liming, 61 y, ALK+", ("Liming",)),
    ("J. Smith, MRN 445566", ("445566",)),
    ("Hi Maria, what is the dose", ("Maria",)),
    ("Ms. Kim Lee asks", ("Kim", "Lee")),
    ("My friend Tom has", ("Tom",)),
    ("Patient Jones has brain metastases", ("Jones",)),
    ("ID: 445566 stage IV", ("445566",)),
    ("passport number X1234567", ("X1234567",)),
    ("email: ｍaria＠example.com", ("aria",)),
    ("ma\u200bria@example.com", ("ria@",)),
    ("on behalf of Mrs Eleanor Rigby", ("Eleanor", "Rigby")),
    ("Caregiver: Tomasz Kowalski", ("Tomasz", "Kowalski")),
    ("Emma Watson 1990-04-15", ("Emma", "1990")),
    ("social security number 123 45 6789", ("6789",)),
    ("my name's Bob", ("Bob",)),
    ("Call me Ishmael Jones", ("Ishmael",)),
    ("Ms Patel's scan", ("Patel",)),
    ("Patient initials J.K., born 1961", ("1961",)),
    ("My son Max (DOB 3 Jan 2010)", ("Max", "2010")),
    ("Herr von Braun", ("Braun",)),
    ("Jane Roe's ALK test", ("Jane", "Roe")),
    ("A 61-year-old man, Robert De Niro, with", ("Robert", "Niro")),
    ("this is dr. patel", ("patel",)),
    ("my oncologist Dr Chen said", ("Chen",)),
    ("Smith, John; MRN 33-44-55", ("John", "33-44")),
    ("NHS: 943-476-5919", ("943",)),
    ("phone number 5551234567", ("5551234567",)),
    ("reach me on 0161 496 0000.", ("496",)),
    ("fax 212 555 0100", ("0100",)),
    ("case no 12345/21", ("12345",)),
    ("account number 00112233445", ("00112233445",)),
]
HARMLESS = [
    "Nausea during 24 months; monitoring 12 weeks; recurring 3 times, wearing 2 masks",
    "Monitoring 12 weeks after the start",
    "policy 2024-25, NHS 2024 guidance, case 2023-11, group number 3 of 152",
    "What did Dr. Solange Peters present at ASCO 2017?",
    "Tell me about Pfizer's Lorbrena and Roche's Alecensa",
    "Is Medicare coverage of alectinib given? MS patients; ID consult; NHS patients in England",
    "Mi madre tiene cáncer de pulmón ALK positivo, ¿qué tratamiento?",
    "Meine Mutter hat ALK-positiven Lungenkrebs, welche Therapie?",
    "61-year-old man ALK+ NSCLC stage IV, ECOG 1, Karnofsky 80, alectinib 600 mg twice daily",
    "data cut-off 31 October 2023",
    "Solomon et al. 2024 five-year CROWN data",
    "the Shaw paper",
    "Peters 2017",
    "Child-Pugh B, Li-Fraumeni, Kaplan-Meier, Hodgkin lymphoma",
    "NCT02075840 and NCT 03052608",
    "N Engl J Med 2017;377:829-838",
    "doi 10.1056/NEJMoa1704795 PMID 28586279",
    "ALK G1202R, L1196M, E13;A20, V600E, p.Gly1202Arg",
    "creatinine 1.2 mg/dL, AST 45 U/L, ALT 1,250, platelets 150000, cholesterol 310",
    "Who is Alice Shaw's trial by?",
    "study by Solange Peters 2017",
    "According to Dr. Camidge's paper",
    "a drug called Zyntrox Beta",
    "a trial called ZENITH Alpha",
    "Patient Denies Chest Pain And Has Seizures",
    "My Mother Takes Lorbrena And Has Confusion",
    "PATIENT WITH ALK POSITIVE NSCLC",
    "Born with ALK? was I born with this since 2019?",
    "What Is The Best Treatment For My Mother With Stage IV Cancer?",
    "asked my Dr. What is the dose?",
    "my dr. Started me on lorlatinib",
    "I am ALK positive. I am Stage IV. I am Spanish. I'm Christian.",
    "From: Lung Cancer clinic",
    "PFS 34.8 months (17.7 to not reached); HR 0.43 (0.32-0.58), n=303 152 151",
    "Take 150 mg x 4; 180 mg 90 mg 7 days",
    "MS patients, MR Brain showed mets",
    "Will Lorlatinib help? May Alectinib be taken? Mark the options.",
    "approved on November 6, 2015 by the FDA",
    "Lancet Oncology 2023, 24: 354-366",
    "Eastern Cooperative Oncology Group 1",
    "Dana-Farber and Memorial Sloan Kettering, Johns Hopkins",
    "eGFR 45 ml/min/1.73, 2024-03-01 CT, 12.03.2024 progression",
    "Name the ALK inhibitors",
    "Can you name three side effects of Alecensa?",
    "Call me when? phone a friend",
    "patient number 303 of ALEX",
    "Best, second best drug?",
    "Thanks, Doctor. Thanks Lorbrena worked",
    "Dear Doctor, Dear Team, Hi all,",
    "ALEX, ALINA, CROWN, LAURA, Alesia trial",
    "MET exon 14; ID 2023 guideline; grade 3 4 of 152",
    "St John's wort and lorlatinib",
    "PD-L1 80%, TMB 3 mut/Mb, KRAS G12C 1st line 2nd line",
    "5 High dose Street drugs",
    "Dr Smith et al. 2020",
    "blood pressure 140/90 120-80-100, 10-15-20 mg",
    "Stage III 24 months Drive mutation",
    "200 000 000 platelets 1 000 000",
    "Hodgkin's, Ewing sarcoma, Burkitt, Gleason 7",
]


@pytest.fixture(scope="session")
def lexicon(real_corpus):
    return Lexicon(real_corpus)


@pytest.fixture(scope="session")
def mask(real_corpus, lexicon):
    return Identifiers(real_corpus, lexicon).mask


@pytest.mark.parametrize(("text", "secrets"), IDENTIFYING, ids=[t[:40] for t, _ in IDENTIFYING])
def test_what_identifies_a_person_is_masked_once_and_for_all(mask, text, secrets):
    masked = mask(text)
    assert masked.kinds and [s for s in secrets if s.lower() in masked.text.lower()] == []
    assert mask(masked.text).text == masked.text


@pytest.mark.parametrize("text", HARMLESS, ids=[t[:40] for t in HARMLESS])
def test_what_identifies_nobody_stays(mask, text):
    assert mask(text).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patient John Smith, DOB 14/03/1961, 61-year-old, ALK+", "Patient [name], DOB [date of birth], 61-year-old, ALK+"),
        ("MRN 4471 61 yo on alectinib 600 mg", "MRN [record number] 61 yo on alectinib 600 mg"),
        ("call me at 555-123-4567 or a.b@example.org", "call me at [phone] or [e-mail]"),
        ("Maria Lopez takes lorlatinib since 14 March 2024", "[name] takes lorlatinib since 14 March 2024"),
        ("", ""),
    ],
)
def test_the_rest_of_the_text_stays_as_it_was(mask, text, expected):
    assert mask(text).text == expected


def test_kinds_come_once_in_reading_order(mask):
    assert mask("DOB 14/03/1961. My name is Maria Lopez, my wife Anna").kinds == ("date of birth", "name")


# Over-masking: nothing of the corpus and no question of the sets is touched.


def test_every_statement_and_every_term_passes_unchanged(mask, real_corpus):
    texts = [t for s in real_corpus.statements.values() for t in (s.text, s.plain)]
    for term in real_corpus.vocabulary.values():
        texts += [
            t for name in (term.name, *term.synonyms) for t in (name, name.title(), f"What about {name}?", f"Is {name} an option for me?")
        ]
    assert [(t, mask(t).text) for t in texts if mask(t).text != t] == []


def test_every_question_of_the_sets_passes_unchanged(mask):
    texts = [t for s in load_sets() if s.name not in ("identifiers", "injection") for c in s.cases for t in (*c.turns, *c.variants)]
    assert [(t, mask(t).text) for t in texts if mask(t).text != t] == []


def test_literature_passes_unchanged(mask, real_corpus):
    for r in real_corpus.references.values():
        first = (r.authors or "Smith J").split(",")[0].split(" ")[0]
        text = f"What did {first} et al. ({r.container or 'Lancet'} {r.year}) find? doi:{r.doi} PMID {r.pmid} {r.link}"
        assert mask(text).text == text


# The emergency detection reads the masked text.


def test_no_danger_is_lost_or_found_by_masking(mask, real_corpus, lexicon):
    danger = Alarm(real_corpus, lexicon).danger
    for s in load_sets(("urgent", "self-harm")):
        for text in (t for c in s.cases for t in (*c.turns, *c.variants)):
            told = f"My name is Maria Lopez, born 14/03/1961, MRN 1234567. {text.rstrip()}\nThanks, Maria Lopez, 555-123-4567"
            assert "Lopez" not in mask(told).text
            assert danger(mask(told).text) == danger(text) == danger(mask(text).text), text


def test_placeholders_mean_nothing_to_the_vocabulary(lexicon):
    assert lexicon.find(" ".join(f"[{kind}]" for kind in KINDS)) == ()


# Random identifiers after their cues

_letters = st.text("jkoquvwxyz", min_size=5, max_size=9)  # which make no word of the corpus
_digits = st.text("0123456789", min_size=7, max_size=8).filter(lambda d: d[0] != "0")
_date = st.tuples(st.integers(1, 28), st.integers(1, 12), st.integers(1925, 2015))
_dates = st.tuples(
    _date, st.sampled_from(["{0:02}/{1:02}/{2}", "{0}.{1}.{2}", "{2}-{1:02}-{0:02}", "{0} March {2}", "March {0}, {2}"])
).map(lambda d: d[1].format(*d[0]))
_phones = st.tuples(st.integers(200, 999), st.integers(200, 999), st.integers(1000, 9999)).flatmap(
    lambda n: st.sampled_from([f"{n[0]}-{n[1]}-{n[2]}", f"({n[0]}) {n[1]}-{n[2]}", f"+1 {n[0]} {n[1]} {n[2]}", f"+44 7{n[0]} {n[1]}{n[2]}"])
)
_cued = st.one_of(
    st.tuples(st.sampled_from(["my name is {}", "Name: {}", "Mr {}", "Frau {}", "Señora {}", "Signed: {}"]), _letters.map(str.title)),
    st.tuples(st.sampled_from(["my name is {}", "me llamo {}", "mein Name ist {}"]), _letters),
    st.tuples(
        st.sampled_from(["MRN {}", "hospital number: {}", "patient ID {}", "Fallnummer {}", "NHC {}", "SSN {}", "case no. {}"]), _digits
    ),
    st.tuples(st.sampled_from(["DOB {}", "born on {}", "geb. {}", "nacida el {}", "date of birth: {}", "{} (DOB)"]), _dates),
    st.tuples(st.sampled_from(["phone {}", "call me at {}", "{}", "Tel.: {}"]), _phones),
    st.tuples(st.sampled_from(["{}", "write to {}"]), st.tuples(_letters, _letters).map(lambda w: f"{w[0]}@{w[1]}.org")),
)
_around = st.sampled_from(
    [
        "{}. What is the dose of alectinib?",
        "ALK-positive NSCLC, stage IV, {}",
        "{}",
        "Is lorlatinib taken with food?\n{}\n",
        "61-year-old, {}, on alectinib",
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cued=_cued, around=_around)
def test_an_identifier_after_its_cue_never_survives(mask, lexicon, cued, around):
    cue, secret = cued
    assume(not lexicon.find(secret) and mask(around.format("")).text == around.format(""))
    masked = mask(around.format(cue.format(secret)))
    assert secret not in masked.text and mask(masked.text).text == masked.text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_any_text_is_masked_to_a_text_that_stays(mask, text):
    masked = mask(text)
    assert bool(masked.kinds) == (masked.text != text) and mask(masked.text).text == masked.text


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "1 ",
        "12-",
        "+1 ",
        "a@",
        "a.",
        "a at ",
        "dob ",
        "dob a ",
        "mrn 1 ",
        "name: ",
        "Maria Lopez ",
        "12 Elm ",
        "12 a b c d ",
        "c/ A ",
        " ",
        "\n",
        "(0",
        "http://",
        "http://a?name",
        "hauptstraße",
        "[name] ",
        "-a",
        "'a",
        "jan 1 ",
        "Mr Xyz ",
        "de la ",
        "call me 12 34 ",
        "my wife Xyz ",
    ],
)
def test_ten_thousand_characters_take_no_time(mask, part):
    text, took = (part * 10_000)[:10_000], []
    for _ in range(3):
        started = time.process_time()
        mask(text)
        took.append(time.process_time() - started)
    assert min(took) < 1  # a pattern that backtracks takes minutes


# The engine and every edge

SECRETS = ("Lopez", "1961", "4471829", "m.l@example.org", "555-123-4567")
TOLD = "My name is Maria Lopez, born 14/03/1961, MRN 4471829, m.l@example.org, 555-123-4567. Dose of alectinib with food?"


def survivors(text: str) -> list[str]:
    return [s for s in SECRETS if s.lower() in text.lower().replace("\\", "")]


@pytest.mark.model
def test_the_answer_and_the_turn_hold_nothing_and_the_reader_is_told(assistant):
    answer, turn = assistant.reply(Question(TOLD, "patient"))
    assert answer.outcome == "answered" and survivors(json.dumps(answer.as_json()) + repr(turn)) == []
    assert (
        len(answer.notices) == 1 and "a name, a date of birth, a record number, an e-mail address and a phone number" in answer.notices[0]
    )
    follow, turn = assistant.reply(Question("and lorlatinib?", "patient"), (turn,))
    assert survivors(json.dumps(follow.as_json()) + repr(turn)) == [] and follow.notices == ()


@pytest.mark.model
def test_an_emergency_with_a_name_is_still_an_emergency_and_says_what_was_removed(assistant):
    answer = assistant.ask(Question("My name is Maria Lopez and I suddenly can't breathe", "patient"))
    assert answer.outcome == "urgent" and answer.notices and "Lopez" not in json.dumps(answer.as_json())


@pytest.mark.model
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cued=_cued, around=_around)
def test_no_identifier_reaches_the_answers_json(assistant, lexicon, cued, around):
    cue, secret = cued
    assume(not lexicon.find(secret))
    answer = assistant.ask(Question(around.format(cue.format(secret))))
    plain = json.dumps(assistant.ask(Question(answer.question)).as_json())
    assume(secret not in plain)
    assert secret not in json.dumps(answer.as_json()) and answer.notices


@pytest.mark.model
def test_the_command_line_prints_nothing_of_it(run, real_data, tmp_path):
    data = ("--data", str(real_data))
    for args in (
        ("ask", TOLD),
        ("ask", TOLD, "--json"),
        ("ask", *TOLD.split()),
        ("ask", TOLD, "--set", "setting=Lopez"),
        ("ask", TOLD, "--set", "Lopez"),
        ("ask", TOLD, "--set", "Lopez=1961"),
    ):
        done = run(*args, *data)
        assert survivors(done.stdout + done.stderr) == [], args
    assert "Removed from your question" in run("ask", TOLD, *data, check=0).stdout
    done = run("chat", *data, input=f"{TOLD}\nand lorlatinib?\n\n", check=0)
    assert survivors(done.stdout) == []
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        json.dumps({"id": "a", "turns": [TOLD, "and lorlatinib?"]})
        + "\n"
        + json.dumps({"id": "b", "turns": [TOLD], "set": {"setting": "Lopez"}})
        + "\n"
        + json.dumps({"id": "c", "turns": [TOLD], "audience": "Lopez"})
        + "\n"
    )
    run("batch", str(source), str(target), *data, check=1)
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert survivors(target.read_text()) == [] and [("error" in line) for line in lines] == [False, True, True]


# The cues are content

ITALIAN = "named: [mi chiamo]\npatients: [paziente]\nbirths: [nato il|nata il]\ngiven_names: [giulia]\n"


def test_another_language_is_one_file(small):
    text = "Paziente Giulia Rossi. mi chiamo Xerxes Zanotti"
    assert _masker(load(small)).mask(text).text == text
    (small / "identifiers").mkdir()
    (small / "identifiers" / "italian.yaml").write_text(ITALIAN)
    corpus = load(small)
    assert _masker(corpus).mask(text).text == "Paziente [name]. mi chiamo [name]" and check(corpus, TODAY).faults == ()


def _masker(corpus: Corpus) -> Identifiers:
    return Identifiers(corpus, Lexicon(corpus))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("named: [x]\nnames: [y]\n", "identifiers/italian.yaml:2: names: unknown field"),
        ("named:\n  - x\n  - no\n", "identifiers/italian.yaml:3: named.1: "),
        ("- x\n", "identifiers/italian.yaml:1: file: "),
    ],
)
def test_a_fault_in_a_language_names_file_line_and_field(small, content, expected):
    (small / "identifiers").mkdir()
    (small / "identifiers" / "italian.yaml").write_text(content)
    assert any(f.startswith(expected) for f in faults(small)), faults(small)


def test_a_cue_that_is_no_phrase_and_a_notice_without_its_place_are_faults(small):
    (small / "identifiers").mkdir()
    (small / "identifiers" / "italian.yaml").write_text("named: [mi chiamo]\nbirths: ['.. nato']\n")
    change(small, "texts/identifiers-removed.md", "{removed}", "things")
    found = [str(f) for f in check(load(small), TODAY).faults]
    assert any(f.startswith("identifiers/italian.yaml:2: births: ") for f in found), found
    assert any(f.startswith("texts/identifiers-removed.md:1: body: ") for f in found)
