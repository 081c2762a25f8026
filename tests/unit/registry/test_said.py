import pytest

from lissom.registry.wire.said import said, without_secrets


@pytest.mark.parametrize(
    ("raw", "content_type", "text"),
    [
        (b"", "application/json", ""),
        (b'{"errors": [{"code": "DENIED", "message": "no"}, {"code": "X"}]}', "", "DENIED: no; X"),
        (b'{"errors": 5}', "", '{"errors": 5}'),
        (b'{"errors": [5]}', "", '{"errors": [5]}'),
        (b"<html>", "", "an HTML page, not a registry's answer"),
        (b"page", "text/html", "an HTML page, not a registry's answer"),
        (b"a\r\n\x1b[31mb\xff", "text/plain", "a [31mb\ufffd"),
        (b"x" * 999, "text/plain", "x" * 300),
    ],
    ids=["none", "errors", "number", "numbers", "page", "told-page", "controls", "long"],
)
def test_what_a_server_said(raw, content_type, text):
    assert said(raw, content_type) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Basic bWU6c2VjcmV0", "Authorization: Basic …"),
        ("bearer abc.def-ghi_jkl= was refused", "bearer … was refused"),
        ("token eyJhbGciOi.eyJzdWIi.c2ln ended", "token … ended"),
        ("see https://s.test/a/b?X-Sig=geheim&e=1, please", "see https://s.test/a/b?… please"),
        ("http://me:geheim@s.test/", "http://s.test/"),
        ("basic authentication is off", "basic authentication is off"),
        ("repository team/app: denied", "repository team/app: denied"),
    ],
    ids=["basic", "bearer", "jwt", "signed", "user", "word", "plain"],
)
def test_secrets_are_left_out(text, shown):
    assert without_secrets(text) == shown
