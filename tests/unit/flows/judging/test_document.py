"""judgement.json: bounded where it is written and where it is read."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from mergegate.errors import ContractError
from mergegate.flows.judging import document
from mergegate.flows.judging.document import read_judgement, write_judgement
from mergegate.records.judgement import Judged, Judgement
from mergegate.records.review import PolicySource, Review, Revision
from mergegate.records.verdict import Verdict

REVISION = Revision(name="x", sha="0" * 40)


def review(note: str) -> Review:
    return Review(
        schema=1,
        mergegate="1",
        strength="scored",
        base=REVISION,
        head=REVISION,
        policy=PolicySource(path="mergegate.yaml", origin="target", revision=REVISION, sha256="0"),
        verdict=Verdict(outcome="passed", enforced=True, headline="fine."),
        notes=(note,),
    )


def judgement(*notes: str) -> Judgement:
    judged = tuple(
        Judged(
            number=number,
            base="main",
            context="mergegate",
            state="success",
            description="fine.",
            review=review(note),
        )
        for number, note in enumerate(notes, 1)
    )
    return Judgement(
        schema=1,
        mergegate="1",
        repository="team/flights",
        sha="a" * 40,
        run_id=1,
        run_attempt=1,
        run_url="",
        judged=judged,
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = judgement("one", "two")
    assert write_judgement(found, tmp_path / "j.json") == found
    assert read_judgement(tmp_path / "j.json") == found


def test_a_review_that_is_too_large_becomes_an_error_and_leaves_the_others(tmp_path: Path) -> None:
    found = judgement("small", "x" * document.LARGEST)
    written = write_judgement(found, tmp_path / "j.json")
    assert written == read_judgement(tmp_path / "j.json")
    assert written.judged[0] == found.judged[0]
    assert written.judged[1] == Judged(
        number=2,
        base="main",
        context="mergegate",
        state="error",
        description="the review has over 8,388,608 bytes",
        sentence="The review has over 8,388,608 bytes. Next: split the change.",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is no judgement: Input data was truncated"),
        (b"[" * 100_000, "it is no judgement: "),
        (b" " * (document.LARGEST + 1), "it has more than 8,388,608 bytes"),
        (msgspec.json.encode(replace(judgement(), schema=2)), "it has schema 2, and 1 is understood"),
        (msgspec.json.encode(judgement(*["x"] * 101)), "it judges more than 100 pull requests"),
    ],
)
def test_what_is_no_judgement_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "j.json"
    file.write_bytes(data)
    with pytest.raises(ContractError) as error:
        read_judgement(file)
    assert error.value.reason.startswith(said)


def test_a_judgement_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="it can't be read: No such file or directory"):
        read_judgement(tmp_path / "j.json")
