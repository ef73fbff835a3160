"""Signatures against worked examples and against each other."""

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from connectors.core.errors import NotAuthorized, UnexpectedShape
from connectors.core.signing import (
    private_key,
    public_key,
    rsa2_text,
    rsa_sign,
    rsa_verified,
    signed_substring,
    top_signature,
    top_text,
    wechatpay_authorization,
    wechatpay_text,
)

PARAMETERS = {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4", "sign": "ignored"}


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_text(key, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public_text(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def test_top_signs_names_and_values_by_name():
    assert "bar2foo1foo_bar3foobar4" == top_text(PARAMETERS)


@pytest.mark.parametrize(("method", "length"), [("md5", 32), ("hmac", 32), ("hmac-sha256", 64)])
def test_top_signatures_are_upper_hexadecimal_and_depend_on_the_secret(method, length):
    signature = top_signature(PARAMETERS, "helloworld", method)
    assert (signature.upper(), length) == (signature, len(signature))
    assert signature != top_signature(PARAMETERS, "other", method)


def test_top_md5_is_the_published_example():
    """Secret in front and behind, as the platform documents it."""
    text = "helloworldbar2foo1foo_bar3foobar4helloworld"
    assert hashlib.md5(text.encode()).hexdigest().upper() == top_signature(PARAMETERS, "helloworld", "md5")  # noqa: S324


def test_the_three_top_methods_differ():
    assert 3 == len({top_signature(PARAMETERS, "s", method) for method in ("md5", "hmac", "hmac-sha256")})


def test_rsa2_leaves_out_sign_and_empty_values():
    assert "a=1&b=2 3" == rsa2_text({"b": "2 3", "a": "1", "c": "", "sign": "x"})


def test_a_signature_belongs_to_exactly_its_bytes(key):
    signature = rsa_sign(b"text", key)
    assert rsa_verified(b"text", signature, key.public_key())
    assert not rsa_verified(b"texT", signature, key.public_key())
    assert not rsa_verified(b"text", "no base64 !", key.public_key())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r'{"k":{"u":"http:\/\/x","n":{"b":"}"}},"sign":"a\/b="}', (r'{"u":"http:\/\/x","n":{"b":"}"}}', "a/b=")),
        ('{"k": {"q":"\\"}"} , "sign" : "s"}', ('{"q":"\\"}"}', "s")),
        ('{"sign":"s","k":{"a":1}}', None),
    ],
)
def test_the_signed_text_is_the_raw_substring(body, expected):
    if expected is None:
        with pytest.raises(NotAuthorized):
            signed_substring(body, "k")
    else:
        assert expected == signed_substring(body, "k")


@pytest.mark.parametrize("body", ["", "{}", '{"k":', '{"k":{"a":"', '{"k":"no object"}'])
def test_an_answer_without_its_object_is_named(body):
    with pytest.raises(UnexpectedShape):
        signed_substring(body, "k")


def test_an_empty_body_keeps_its_line():
    assert "GET\n/v3/bill?a=1\n12\nN\n\n" == wechatpay_text("GET", "/v3/bill?a=1", "12", "N")
    assert (
        'WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="N",signature="S",timestamp="12",serial_no="2"'
        == wechatpay_authorization("1", "2", "N", "12", "S")
    )


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_keys_come_as_pem_as_one_line_or_as_bare_base64(key, form):
    pem = private_text(key, form)
    for text in (pem, pem.replace("\n", "\\n"), "".join(pem.splitlines()[1:-1])):
        assert key.private_numbers() == private_key(text, "private_key").private_numbers()


def test_public_keys_come_as_pem_or_bare_base64(key):
    pem = public_text(key)
    for text in (pem, "".join(pem.splitlines()[1:-1])):
        assert key.public_key().public_numbers() == public_key(text, "public_key").public_numbers()


def test_a_wrong_key_names_the_credential_and_not_its_text():
    curve = private_text(ec.generate_private_key(ec.SECP256R1()))
    for text in ("c2VjcmV0", curve, ""):
        with pytest.raises(NotAuthorized, match="credential private_key") as raised:
            private_key(text, "private_key")
        assert not text or text[:12] not in str(raised.value).replace("-----BEGIN", "")
    with pytest.raises(NotAuthorized, match="credential alipay_public_key"):
        public_key("c2VjcmV0", "alipay_public_key")
