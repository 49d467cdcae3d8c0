"""Job summaries, by a CommonMark parser with GitHub's tables: each table is one, and nobody's text is markup."""

from pathlib import Path

from conftest import files
from markdown_it import MarkdownIt

ENDINGS = ["github.md"]
PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")


def test_tables_are_tables(path: Path) -> None:
    text = path.read_text()
    tokens = PARSER.parse(text)
    tables = sum(token.type == "table_open" for token in tokens)
    rules = sum(line.startswith("|--") for line in text.splitlines())
    assert tables == rules > 0
    # Rows of a table have as many cells as its head; a parser fills up what is missing, so that the source is looked at.
    for block in text.split("\n\n"):
        if block.startswith("|"):
            counts = {line.replace("\\|", "").count("|") for line in block.splitlines()}
            assert len(counts) == 1, block


def test_no_markup_but_its_own(path: Path) -> None:
    tokens = PARSER.parse(path.read_text())
    flat = [child for token in tokens for child in [token, *(token.children or [])]]
    assert not [token for token in flat if token.type in ("html_inline", "html_block", "link_open", "image")]
    assert [token.type for token in tokens][0] == "heading_open"


def test_it_fits_the_limit(path: Path) -> None:
    assert path.stat().st_size < 1_048_576


def test_no_code_fence_is_left_open() -> None:
    for path in files(ENDINGS[0]):
        fences = [token for token in PARSER.parse(path.read_text()) if token.type == "fence"]
        # A gate has no command to repeat it: it is repeated from the checkout that it was typed in.
        assert fences or path.name.startswith("gate-")
        assert all(token.map[1] - token.map[0] > 2 for token in fences)
