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
