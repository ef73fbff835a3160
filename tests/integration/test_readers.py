"""A second process reads what is published while runs go on, and is never disturbed."""


def test_a_reader_never_meets_an_error_or_half_a_run(repeated):
    assert [] == [sight for sight in repeated.seen if sight.get("error") or sight.get("torn")]
    assert len(repeated.seen) > 50


def test_a_reader_sees_the_last_run_until_the_next_is_complete(repeated):
    snapshots = list(dict.fromkeys(sight["run"] for sight in repeated.seen if "run" in sight))
    files = list(dict.fromkeys(sight["files"] for sight in repeated.seen if "files" in sight))
    assert repeated.first_run == snapshots[:-1] == files[:-1]
    assert snapshots[-1] == files[-1]
