"""Code on the screen, with syntax colours where they can be read."""

import streamlit as st


def show(code: str, language: str) -> None:
    """`code` as a block with a copy button.

    Streamlit's syntax colours are the same in both themes and no option changes them: readable on a dark background
    (4.5:1 and more), too pale on a light one (comments 3.7:1, strings 2.9:1). In the light theme code is plain text.
    """
    st.code(code, language=language if st.context.theme.type == "dark" else None)
