"""The ladder of the course as `nn.Module`s over `steps.py`: one head, then the mask and dropout, then many heads.

`SelfAttention` → `CausalAttention` → `MultiHeadAttention` → `RotaryAttention`. Each takes and returns
[batch, position, width], like every layer of a Transformer.
"""

from __future__ import annotations

from torch import Generator, Tensor, nn

from attention.config import check_heads
from attention.errors import AttentionError
from attention.steps import attend, causal_mask, merge_heads, rotate


class SelfAttention(nn.Module):
    """One head whose every position looks at every position.

    `d_in` is the width of the embeddings, `d_out` that of query, key, value and context.
    """

    def __init__(self, d_in: int, d_out: int, *, bias: bool = False) -> None:
        super().__init__()
        self.w_query = nn.Linear(d_in, d_out, bias=bias)
        self.w_key = nn.Linear(d_in, d_out, bias=bias)
        self.w_value = nn.Linear(d_in, d_out, bias=bias)

    def heads(self, embeddings: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return query, key and value as they are multiplied, each [batch, head, position, d_head]."""
        return (
            self.w_query(embeddings).unsqueeze(1),
            self.w_key(embeddings).unsqueeze(1),
            self.w_value(embeddings).unsqueeze(1),
        )

    def forward(self, embeddings: Tensor) -> Tensor:
        """Map embeddings [batch, position, d_in] to context vectors [batch, position, d_out]."""
        return merge_heads(attend(*self.heads(embeddings)).context)


class CausalAttention(SelfAttention):
    """One head that never looks ahead, with dropout on its weights while training."""

    def __init__(self, d_in: int, d_out: int, *, dropout: float = 0.0, bias: bool = False) -> None:
        super().__init__(d_in, d_out, bias=bias)
        self.dropout = dropout

    def forward(self, embeddings: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Map embeddings [batch, position, d_in] to context vectors [batch, position, d_out]."""
        return merge_heads(
            attend(
                *self.heads(embeddings),
                mask=causal_mask(embeddings.shape[1]),
                dropout=self.dropout if self.training else 0.0,
                generator=generator,
            ).context
        )


class MultiHeadAttention(nn.Module):
    """Several causal heads side by side, each on its own slice of d_model, mixed again by `w_output`.

    Wq, Wk and Wv stand one under the other in one matrix, because one product costs a third of three small ones;
    `w_query`, `w_key` and `w_value` are its thirds.
    """

    def __init__(self, d_model: int, n_heads: int, *, dropout: float = 0.0, bias: bool = False) -> None:
        super().__init__()
        check_heads(d_model, n_heads)
        self.n_heads = n_heads
        self.dropout = dropout
        self.w_query_key_value = nn.Linear(d_model, 3 * d_model, bias=bias)
        self.w_output = nn.Linear(d_model, d_model, bias=bias)

    @property
    def w_query(self) -> Tensor:
        """Return Wq as `nn.Linear` keeps a matrix, [d_model out, d_model in]."""
        return self.w_query_key_value.weight.chunk(3)[0]

    @property
    def w_key(self) -> Tensor:
        """Return Wk as `nn.Linear` keeps a matrix, [d_model out, d_model in]."""
        return self.w_query_key_value.weight.chunk(3)[1]

    @property
    def w_value(self) -> Tensor:
        """Return Wv as `nn.Linear` keeps a matrix, [d_model out, d_model in]."""
        return self.w_query_key_value.weight.chunk(3)[2]

    def heads(self, embeddings: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return query, key and value as they are multiplied, each [batch, head, position, d_head]."""
        batch, n_positions, d_model = embeddings.shape
        stacked = self.w_query_key_value(embeddings).view(batch, n_positions, 3, self.n_heads, d_model // self.n_heads)
        query, key, value = stacked.permute(2, 0, 3, 1, 4).unbind()
        return query, key, value

    def forward(self, embeddings: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Map embeddings [batch, position, d_model] to outputs [batch, position, d_model]."""
        attended = attend(
            *self.heads(embeddings),
            mask=causal_mask(embeddings.shape[1]),
            dropout=self.dropout if self.training else 0.0,
            generator=generator,
        )
        output: Tensor = self.w_output(merge_heads(attended.context))
        return output


class RotaryAttention(MultiHeadAttention):
    """Many heads whose query and key are rotated by their position, so that scores know distances and no places.

    `base` sets the slowest rotation. Raises AttentionError `odd_head_width` where d_head is odd: components turn in
    pairs.
    """

    def __init__(
        self, d_model: int, n_heads: int, *, base: float = 10_000.0, dropout: float = 0.0, bias: bool = False
    ) -> None:
        super().__init__(d_model, n_heads, dropout=dropout, bias=bias)
        if (d_head := d_model // n_heads) % 2:
            raise AttentionError(
                "odd_head_width",
                f"Rotary positions turn pairs of components, so d_model / n_heads must be even, and it is {d_head}.",
                d_head=d_head,
            )
        self.base = base

    def heads(self, embeddings: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return query and key as they are multiplied (rotated) and value, each [batch, head, position, d_head]."""
        query, key, value = super().heads(embeddings)
        return rotate(query, self.base), rotate(key, self.base), value
