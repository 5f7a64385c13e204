"""Parallel files, and what happens where they do not agree."""

from __future__ import annotations

import pytest

from pointline.errors import InputFault


def three(file, tokens: str, tags: str, labels: str):
    file("d/seq.in", tokens)
    file("d/seq.out", tags)
    return file("d/label", labels).parent


def test_a_folder(converted, file) -> None:
    folder = three(file, "play  jazz \nstop\n\n", "O B-genre \nO\n\n", "Play\nStop\n\n")
    samples, _ = converted(folder, "parallel", "lang=en", split="train")
    assert [(s.text, s.labels, s.split) for s in samples] == [
        ("play jazz", ["Play"], "train"),
        ("stop", ["Stop"], "train"),
    ]
    assert samples[0].entities[0].text == "jazz"
    assert samples[1].entities == []


def test_other_names_and_no_labels(converted, file) -> None:
    file("d/sentences.txt", "東 京 へ\n")
    folder = file("d/tags.txt", "B-L I-L O\n").parent
    samples, _ = converted(folder, "parallel", "tokens=sentences.txt", "tags=tags.txt", "labels=", "lang=ja")
    assert samples[0].text == "東京へ"
    assert samples[0].labels is None


@pytest.mark.parametrize(
    ("tokens", "tags", "labels", "message"),
    [
        ("a\nb\n", "O\n", "X\nY\n", r"seq.out:2: the file ends before its partners; seq.in, seq.out, label"),
        ("a b\n", "O\n", "X\n", r"seq.out:1: 2 tokens but 1 tags; every token needs one tag"),
        ("a\n", "O\n", "X\nY\n", r"seq.in:2: the file ends before"),
        ("", "", "", r"holds no sample"),
    ],
)
def test_faults(converted, file, tokens: str, tags: str, labels: str, message: str) -> None:
    with pytest.raises(InputFault, match=message):
        converted(three(file, tokens, tags, labels), "parallel")


def test_a_folder_without_the_files(converted, tmp_path) -> None:
    with pytest.raises(InputFault, match=r"holds no file 'seq.in'; set tokens="):
        converted(tmp_path, "parallel")


def test_a_missing_partner(converted, file) -> None:
    folder = file("d/seq.in", "a\n").parent
    with pytest.raises(InputFault, match=r"seq.out: No such file"):
        converted(folder, "parallel")
