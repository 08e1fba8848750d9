"""The ladder of the course: each module against a hand-written formula, the last against torch's own."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor, nn

from attention.config import divisors
from attention.errors import AttentionError
from attention.modules import CausalAttention, MultiHeadAttention, SelfAttention
from attention.steps import attend, causal_mask

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-6}


def unit_vectors(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return embeddings of variance 1."""
    return torch.randn(shape, generator=Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("bias", [False, True])
def test_self_attention_is_its_formula(bias: bool) -> None:  # noqa: FBT001  # a parameter of the test
    module = SelfAttention(6, 4, bias=bias)
    embeddings = unit_vectors(2, 5, 6)
    query, key, value = module.w_query(embeddings), module.w_key(embeddings), module.w_value(embeddings)
    exponentials = (query @ key.mT / math.sqrt(4)).exp()
    expected = exponentials / exponentials.sum(dim=-1, keepdim=True) @ value
    torch.testing.assert_close(module(embeddings), expected, atol=1e-6, rtol=0)


def test_causal_attention_is_its_formula() -> None:
    module = CausalAttention(6, 4).eval()
    embeddings = unit_vectors(2, 5, 6)
    query, key, value = module.w_query(embeddings), module.w_key(embeddings), module.w_value(embeddings)
    exponentials = (query @ key.mT / math.sqrt(4)).exp().tril()
    expected = exponentials / exponentials.sum(dim=-1, keepdim=True) @ value
    torch.testing.assert_close(module(embeddings), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@given(
    batch=st.integers(1, 3),
    n_positions=st.integers(1, 17),
    d_model=st.integers(1, 96),
    seed=st.integers(0, 1000),
    bias=st.booleans(),
    data=st.data(),
)
def test_multi_head_attention_agrees_with_torch(
    dtype: torch.dtype, batch: int, n_positions: int, d_model: int, seed: int, *, bias: bool, data: st.DataObject
) -> None:
    n_heads = data.draw(st.sampled_from(divisors(d_model)))
    torchs = nn.MultiheadAttention(d_model, n_heads, bias=bias, batch_first=True, dtype=dtype)
    ours = MultiHeadAttention(d_model, n_heads, bias=bias).to(dtype)
    names = {"in_proj_": "w_query_key_value.", "out_proj.": "w_output."}
    ours.load_state_dict(
        {
            name.replace(old, new): tensor
            for name, tensor in torchs.state_dict().items()
            for old, new in names.items()
            if old in name
        }
    )
    embeddings = unit_vectors(batch, n_positions, d_model, seed=seed, dtype=dtype)
    mask = causal_mask(n_positions)
    output, weights = torchs(
        embeddings, embeddings, embeddings, attn_mask=~mask, need_weights=True, average_attn_weights=False
    )
    torch.testing.assert_close(ours(embeddings), output, atol=TOLERANCE[dtype], rtol=0)
    our_weights = attend(*ours.heads(embeddings), mask=mask).weights
    torch.testing.assert_close(our_weights, weights, atol=TOLERANCE[dtype], rtol=0)


def test_query_key_and_value_matrices_are_the_thirds_of_one() -> None:
    module = MultiHeadAttention(6, 2)
    embeddings = unit_vectors(1, 4, 6)
    query, key, value = module.heads(embeddings)
    for heads, matrix in ((query, module.w_query), (key, module.w_key), (value, module.w_value)):
        torch.testing.assert_close(heads[0, 1], (embeddings[0] @ matrix.T)[:, 3:])


@pytest.mark.parametrize("module", [CausalAttention(8, 8, dropout=0.5), MultiHeadAttention(8, 2, dropout=0.5)])
def test_dropout_acts_in_training_and_does_nothing_at_inference(module: nn.Module) -> None:
    embeddings = unit_vectors(1, 6, 8)
    trained = [module.train()(embeddings, generator=Generator().manual_seed(seed)) for seed in (0, 0, 1)]
    assert torch.equal(trained[0], trained[1])
    assert not torch.equal(trained[0], trained[2])
    generator = Generator().manual_seed(0)
    untouched = generator.get_state()
    assert torch.equal(module.eval()(embeddings, generator=generator), module(embeddings))
    assert torch.equal(generator.get_state(), untouched)


def test_every_weight_learns() -> None:
    module = MultiHeadAttention(8, 2, bias=True)
    module(unit_vectors(2, 5, 8)).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in module.parameters())


@pytest.mark.parametrize(("d_model", "n_heads"), [(8, 3), (8, 0), (8, 16)])
def test_heads_that_do_not_divide_are_refused(d_model: int, n_heads: int) -> None:
    with pytest.raises(AttentionError, match="choose one of") as caught:
        MultiHeadAttention(d_model, n_heads)
    assert caught.value.code == "heads_do_not_divide"
