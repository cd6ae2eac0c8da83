"""What people type becomes words; nothing else of it is left."""

import pytest

from models.rules.searching import WORD_LENGTH, WORDS, search_text


def test_text_becomes_lower_case_words_without_signs(subtests: pytest.Subtests) -> None:
    for text, words in (
        ("", ()),
        ("   \t\r\n", ()),
        ("Web developer", ("web", "developer")),
        ("  web,developer;  ", ("web", "developer")),
        ('"web developer"', ("web", "developer")),
        ("web* dev", ("web", "dev")),
        ("NEAR(web dev, 2)", ("near", "web", "dev", "2")),
        ("AND OR NOT", ("and", "or", "not")),
        ("{title}: web", ("title", "web")),
        ("&|!<->:*()'\\", ()),
        ("snake_case __init__", ("snake", "case", "init")),
        ("C++ c# vue.js", ("c", "c", "vue", "js")),
        ("web\0dev", ("web", "dev")),
        ("🙂 smile👩‍💻face", ("smile", "face")),
        ("\ud800web\udfff", ("web",)),
        ("ÜBER Größe ÉTÉ", ("über", "größe", "été")),
        ("中文 日本語", ("中文", "日本語")),
        ("3D html5 007", ("3d", "html5", "007")),
        ("web\u200bdev\u2028x\ufeffy", ("web", "dev", "x", "y")),
        ("%' OR 1=1 --", ("or", "1", "1")),
        ("$1 ?1 {0} {}", ("1", "1", "0")),
    ):
        with subtests.test(ascii(text)):
            assert search_text(text).words == words


def test_a_text_of_10_kb_becomes_a_few_words_of_bounded_length(
    subtests: pytest.Subtests,
) -> None:
    for text, words in (
        ("a" * 10_000, ("a" * WORD_LENGTH,)),
        ("web " * 2_500, ("web",) * WORDS),
        ('"' * 10_000, ()),
        ("_" * 10_000, ()),
        ("🙂a" * 5_000, ("a",) * WORDS),
    ):
        with subtests.test(ascii(text[:5])):
            assert search_text(text).words == words


def test_a_word_that_grows_when_folded_is_still_parted_from_signs() -> None:
    assert all(word.isalnum() for word in search_text("İstanbul ŉ ǰ ﬁ").words)
