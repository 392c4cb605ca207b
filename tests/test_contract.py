"""The types and the contract's schema agree."""

import json
from pathlib import Path

from assistant.answer import Answer

CONTRACT = json.loads((Path(__file__).parent / "data" / "answer.schema.json").read_text())
OURS = Answer.model_json_schema(mode="serialization")


def test_every_property_of_the_contract_is_ours_and_its_enums_agree():
    def compare(theirs: dict, ours: dict, place: str):
        for name, spec in theirs["properties"].items():
            assert name in ours["properties"], f"{place}.{name}"
            if "enum" in spec:
                mine = ours["properties"][name]
                assert spec["enum"] == mine.get("enum"), f"{place}.{name}"
            if spec.get("type") == "array" and "properties" in spec["items"]:
                ref = ours["properties"][name]["items"]["$ref"].split("/")[-1]
                compare(spec["items"], OURS["$defs"][ref], f"{place}.{name}")

    compare(CONTRACT, OURS, "answer")
    compare(CONTRACT["$defs"]["sentence"], OURS["$defs"]["Sentence"], "sentence")
    compare(CONTRACT["properties"]["decision"], OURS["$defs"]["Decision"], "decision")
    compare(CONTRACT["properties"]["review"], OURS["$defs"]["ReviewNotice"], "review")


def test_the_schema_in_the_project_is_the_one_of_the_types():
    """Written by: python -c "from assistant.answer import write_schema; write_schema()"."""
    from assistant.answer import SCHEMA, schema_text

    assert SCHEMA.read_text() == schema_text(), "assistant/answer.schema.json is stale: see this test's docstring"
