"""The network's parts: reversal and padding are exact, dropout is keyed."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from pointline.models.tagger.collate import collate
from pointline.models.tagger.example import Example
from pointline.models.tagger.layers import BiLSTM, Dropout, Noise
from pointline.models.tagger.network import Network
from pointline.models.tagger.reader import NetworkSettings
from pointline.models.tagger.tokens import Token


def example(size: int, seed: int) -> Example:
    words = [2 + (seed * 7 + i) % 5 for i in range(size)]
    return Example([Token(i, i + 1) for i in range(size)], words, [(i, seed) for i in range(size)], [0] * size)


def test_bilstm_equals_packed_sequences():
    torch.manual_seed(0)
    ours = BiLSTM(4, 3)
    theirs = torch.nn.LSTM(4, 3, batch_first=True, bidirectional=True)
    theirs.load_state_dict(
        dict(ours.onward.state_dict())
        | {f"{name}_reverse": value for name, value in ours.backward_.state_dict().items()}
    )
    x, lengths = torch.randn(3, 5, 4), torch.tensor([5, 2, 1])
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(theirs(packed)[0], batch_first=True)
    found = ours(x, lengths)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(found[row, :length], expected[row, :length])


@pytest.mark.parametrize(("labels", "types"), [(3, 2), (3, 0), (0, 2)])
def test_a_text_is_read_the_same_alone_and_in_a_padded_batch(labels, types):
    torch.manual_seed(0)
    network = Network(NetworkSettings(words=8, labels=labels, types=types, hidden=8, word_width=16, readers=2)).eval()
    alone = network(collate([example(3, 1)], labels))
    among = network(collate([example(9, 2), example(3, 1)], labels))
    for name in ("first", "each", "final", "emissions"):
        one, other = getattr(alone, name), getattr(among, name)
        assert (one is None) == (other is None)
        if one is not None:
            wide = other[1:, :3] if one.dim() == 3 else other[1:]
            torch.testing.assert_close(one, wide, atol=1e-5, rtol=1e-4)


def test_readers_are_averaged():
    torch.manual_seed(0)
    network = Network(NetworkSettings(words=8, labels=3, types=2, hidden=8, word_width=16, readers=2)).eval()
    batch = collate([example(4, 1)], 3)
    one, other = network.outputs(batch)
    assert not torch.equal(one.emissions, other.emissions)
    torch.testing.assert_close(network(batch).emissions, (one.emissions + other.emissions) / 2)


def test_dropout_is_keyed_and_keeps_the_mean():
    noise = Noise()
    drop = Dropout(0.4, noise)
    x = torch.ones(200, 200)
    noise.seed(1, 2)
    one = drop(x)
    noise.seed(1, 2)
    assert torch.equal(one, drop(x))
    assert not torch.equal(one, drop(x))
    assert float(one.mean()) == pytest.approx(1, abs=0.02)
    assert torch.equal(drop.eval()(x), x)
