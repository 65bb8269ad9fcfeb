"""What the jobs of a run took is read from the ends of their logs; commands are added up."""

from datetime import datetime

from svqvae.run.run_times import COMMANDS, TIMES, job_times, note_run

DONE = "2027-01-01 10:00:0{},000 INFO done in {} s, of one core 2.0 s; at most 190 MB\n"
BEGUN = datetime(2027, 1, 1, 9, 59, 0)


def test_jobs_that_did_their_work_are_named_by_their_logs(tmp_path):
    (tmp_path / "mine" / "lda").mkdir(parents=True)
    (tmp_path / "mine" / "lda" / "train.log").write_text("INFO a\n" * 500 + DONE.format(2, 2.5))
    (tmp_path / "write_report.log").write_text(DONE.format(1, 12.25))
    # Of these nothing is known: one failed, one was killed, one only speaks of an end.
    (tmp_path / "failed.log").write_text("2027-01-01 10:00:00,000 ERROR refused: no column\n")
    (tmp_path / "killed.log").write_text("")
    (tmp_path / "more.log").write_text(DONE.format(3, 1.0) + "and more\n")
    assert job_times(tmp_path) == [
        ("mine/lda/train", "2027-01-01 10:00:02", 2.5, 2.0, 190),
        ("write_report", "2027-01-01 10:00:01", 12.25, 2.0, 190),
    ]


def test_the_table_is_made_anew_and_commands_stay(tmp_path):
    (tmp_path / "a.log").write_text(DONE.format(1, 1.5))
    for result in ("failed", "done"):
        note_run(tmp_path, command=["snakemake", "a\tb"], begun=BEGUN, result=result)
    assert (tmp_path / TIMES).read_text().splitlines() == [
        "job\tended\tseconds\tcore_seconds\tpeak_mb",
        "a\t2027-01-01 10:00:01\t1.5\t2.0\t190",
    ]
    assert (tmp_path / COMMANDS).read_text().splitlines() == [
        "begun\tresult\tcommand",
        "2027-01-01 09:59:00\tfailed\tsnakemake 'a\\tb'",
        "2027-01-01 09:59:00\tdone\tsnakemake 'a\\tb'",
    ]


def test_without_logs_nothing_is_written(tmp_path):
    note_run(tmp_path / "none", command=["snakemake"], begun=BEGUN, result="done")
    assert not (tmp_path / "none").exists()
