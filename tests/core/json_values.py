"""Whatever may come out of a JSON body, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

TEXTS = st.text() | st.text(alphabet=st.characters(categories=["Cs", "Cc", "Nd", "Zs"]))

SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS

VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
