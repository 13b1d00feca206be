from mergegate.scaffold.mark import read_state, stamp

TEXT = "name: review\non: push\n"


def test_a_file_is_known_as_untouched_by_its_own_first_line() -> None:
    content = stamp(TEXT).encode()
    assert content.startswith(b"# Written by mergegate init ")
    assert content.endswith(TEXT.encode())
    assert read_state(content) == "untouched"


def test_an_older_version_wrote_it_all_the_same() -> None:
    assert read_state(stamp(TEXT, version="0.0.1").encode()) == "untouched"


def test_any_change_makes_it_a_persons() -> None:
    content = stamp(TEXT).encode()
    assert read_state(content + b"\n") == "edited"
    assert read_state(content.replace(b"push", b"pull")) == "edited"


def test_line_ends_that_git_turned_are_no_change() -> None:
    assert read_state(stamp(TEXT).replace("\n", "\r\n").encode()) == "untouched"


def test_a_file_without_the_line_was_never_ours() -> None:
    assert read_state(TEXT.encode()) == "foreign"
    assert read_state(b"") == "foreign"
    assert read_state(b"# Written by mergegate init by hand\n") == "foreign"
    assert read_state(b"\xff\xfe\x00") == "foreign"
