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
