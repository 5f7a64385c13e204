"""Settings: TOML, then words; unknown keys are refused with the nearest known one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pointline.errors import InputFault, SettingsFault
from pointline.settings import load


class Size(msgspec.Struct, frozen=True):
    width: int = 3
    name: str = "x"


def test_words_win_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('width = 4\nname = "deep"\n')
    assert load(Size, path, ["width=9"]) == Size(9, "deep")
    assert load(Size, words=["name=a b"]) == Size(3, "a b")


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: Size = Size()
    loose: dict[str, int] = {}
    other: Size | None = None


def test_words_reach_into_tables_and_leave_the_rest_of_them(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('[size]\nwidth = 4\nname = "deep"\n[loose]\na = 1\n')
    assert load(Box, path, ["size={width=9}"]).size == load(Box, path, ["size.width=9"]).size == Size(9, "deep")
    assert load(Box, path, ["loose.b=2"]).loose == {"a": 1, "b": 2}
    assert load(Box, path, ["loose={b=2}"]).loose == {"b": 2}
    assert load(Box, words=["other.width=1", "other={name='y'}"]).other == Size(1, "y")
    for word, told in {
        "size.widht=1": r"'size\.widht'; did you mean 'size\.width'",
        "size={widht=1}": r"'size\.widht'; did you mean 'size\.width'",
        "sise.width=1": "did you mean",
        "size.width=wide": r"size\.width: Expected `int`",
        "size.width.x=1": r"size\.width: Expected `int`|unknown",
    }.items():
        with pytest.raises(SettingsFault, match=told):
            load(Box, words=[word])
    path.write_text("[size]\nwidht = 4\n")
    with pytest.raises(InputFault, match=r"s.toml: size\.widht: unknown setting; did you mean 'size\.width'"):
        load(Box, path)


def test_faults(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("widht = 4\n")
    with pytest.raises(InputFault, match=r"s.toml: widht: unknown setting; did you mean 'width'"):
        load(Size, path)
    with pytest.raises(SettingsFault, match="known: name, width"):
        load(Size, words=["zzzz=1"])
    with pytest.raises(SettingsFault, match="key=value"):
        load(Size, words=["width"])
    with pytest.raises(SettingsFault, match=r"Expected `int`"):
        load(Size, words=["width=wide"])
    path.write_text("width = = 4\n")
    with pytest.raises(InputFault, match="is not TOML"):
        load(Size, path)
    with pytest.raises(InputFault, match="No such file"):
        load(Size, tmp_path / "none.toml")
