"""SM2, SM3 and SM4 against the standards' own examples, and against implementations that share nothing with ours."""

import base64

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.cmb_direct import signing
from connectors.core.errors import NotAuthorized, UnexpectedShape
from connectors.sandbox import sm2
from tests.contract.cmb_direct import bank

ANNEX_ID = b"1234567812345678"
ANNEX_PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
ANNEX_PUBLIC = (
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
ANNEX_NUMBER = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
ANNEX_SIGNATURE = (
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
KEYS = st.integers(1, signing.ORDER - 2)


def seal(**changed):
    given = bank.CREDENTIALS | changed
    private = signing.private_number(given["private_key"], "private_key")
    return signing.Seal(
        given["user_id"],
        private,
        signing.public_of(private),
        signing.public_point(given["bank_public_key"], "bank_public_key"),
        signing.cipher_key(given["sm4_key"], "sm4_key"),
    )


@pytest.mark.parametrize(
    ("text", "hashed"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_examples_of_its_standard(text, hashed):
    assert hashed == signing.digest(text).hex()


def test_sm4_gives_the_example_of_its_standard_and_takes_it_back():
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    found = signing._cipher(block, signing.sm4.SM4_ENCRYPT, bytes(16), block)
    assert "681edf34d206965e86b3e94f536e4246" == found[:16].hex()
    assert block + bytes([16]) * 16 == signing._cipher(block, signing.sm4.SM4_DECRYPT, bytes(16), found)


def test_sm2_gives_the_example_of_its_standard():
    assert ANNEX_PUBLIC == signing.public_of(ANNEX_PRIVATE)
    found = signing.signed(b"message digest", ANNEX_PRIVATE, ANNEX_PUBLIC, ANNEX_ID, lambda _: ANNEX_NUMBER - 1)
    assert ANNEX_SIGNATURE == found.hex()
    assert signing.verified(b"message digest", found, ANNEX_PUBLIC, ANNEX_ID)
    assert sm2.is_signed(b"message digest", found, b"\x04" + bytes.fromhex(ANNEX_PUBLIC), ANNEX_ID)


@settings(max_examples=30, deadline=None)
@given(text=st.binary(max_size=300))
def test_hash_and_cipher_agree_with_another_library(text):
    other = Hash(SM3())
    other.update(text)
    assert other.finalize() == signing.digest(text)
    vector, key = bank.VECTOR, bank.SM4_KEY.encode()
    packed = signing._cipher(key, signing.sm4.SM4_ENCRYPT, vector, text)
    decryptor, unpadder = bank.cipher().decryptor(), bank.PKCS7(128).unpadder()
    assert text == unpadder.update(decryptor.update(packed) + decryptor.finalize()) + unpadder.finalize()
    padding = 16 - len(text) % 16
    assert text + bytes([padding]) * padding == signing._cipher(key, signing.sm4.SM4_DECRYPT, vector, packed)


@settings(max_examples=25, deadline=None)
@given(private=KEYS, text=st.binary(max_size=80), user=st.binary(min_size=16, max_size=16))
def test_signatures_are_good_for_an_implementation_written_apart_and_the_other_way_round(private, text, user):
    key = private.to_bytes(32, "big")
    public = signing.public_of(private)
    assert sm2.public_key(key) == b"\x04" + bytes.fromhex(public)
    assert sm2.is_signed(text, signing.signed(text, private, public, user), sm2.public_key(key), user)
    theirs = sm2.sign(text, key, user)
    assert signing.verified(text, theirs, public, user)
    assert not signing.verified(text + b"x", theirs, public, user)
    assert not signing.verified(text, theirs, public, user[::-1] + b"1")


def test_a_public_key_that_starts_with_the_digits_of_its_mark_is_used_whole():
    privates = [number for number in range(1, 200) if signing.public_of(number).startswith(("04", "00", "4"))]
    assert len(privates) > 3
    for private in privates:
        public = signing.public_of(private)
        found = signing.signed(b"text", private, public, ANNEX_ID)
        assert sm2.is_signed(b"text", found, sm2.public_key(private.to_bytes(32, "big")), ANNEX_ID)
        assert signing.verified(b"text", found, public, ANNEX_ID)


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("number", [0, signing.ORDER, 2**256 - 1])
def test_a_number_outside_the_order_is_no_signature(part, number):
    halves = [ANNEX_SIGNATURE[:64], ANNEX_SIGNATURE[64:]]
    halves[part] = f"{number:064x}"
    assert not signing.verified(b"message digest", bytes.fromhex("".join(halves)), ANNEX_PUBLIC, ANNEX_ID)
    assert not signing.verified(b"message digest", bytes.fromhex(ANNEX_SIGNATURE)[:-1], ANNEX_PUBLIC, ANNEX_ID)


def test_two_signatures_of_one_text_differ():
    assert 2 == len({signing.signed(b"x", ANNEX_PRIVATE, ANNEX_PUBLIC, ANNEX_ID) for _ in range(2)})


def test_a_draw_that_makes_no_signature_is_made_again_but_not_for_ever(monkeypatch):
    drawn = []
    monkeypatch.setattr(signing.sm2.CryptSM2, "sign", lambda *_: None)
    with pytest.raises(NotAuthorized, match="check it"):
        signing.signed(b"x", ANNEX_PRIVATE, ANNEX_PUBLIC, ANNEX_ID, lambda below: drawn.append(below) or 5)
    assert [signing.ORDER - 1] * signing.MOST_DRAWS == drawn


def test_the_user_id_is_filled_up_with_zeros_on_the_right():
    assert b"N003261207000000" == seal(user_id="N003261207").vector
    assert b"U12345678901234567890"[:16] == seal(user_id="U12345678901234567890").vector


def test_keys_sort_at_every_depth_and_letters_stay():
    message = {"b": [{"z": "中", "a": 1}], "a": {"d": "<>&'\"", "c": None}}
    assert '{"a":{"c":null,"d":"<>&\'\\""},"b":[{"a":1,"z":"中"}]}' == signing.compact(message)


@pytest.mark.parametrize("write", [bank.canonical, lambda message: bank.json.dumps(message, indent=1)])
def test_an_answer_is_proven_as_it_came_or_in_sorted_form(write):
    text = bank.signed({"response": {"z": "中\n", "a": "1"}}, write=write)
    assert text == seal().opened(bank.closed(text).decode())
    unsorted = bank.json.dumps(bank.json.loads(bank.signed({"response": {"z": "中", "a": "1"}})), indent=2)
    assert unsorted == seal().opened(bank.closed(unsorted).decode())


def test_a_signature_whose_signs_are_escaped_is_read():
    text = bank.signed({"response": {}})
    mark = bank.json.loads(text)["signature"]["sigdat"]
    escaped = text.replace(mark, mark.replace("=", "\\u003d").replace("/", "\\/"))
    assert escaped == seal().opened(bank.closed(escaped).decode())


@pytest.mark.parametrize(
    "text",
    [
        bank.signed({"response": {"a": "1"}}).replace('"a":"1"', '"a":"2"'),
        bank.signed({"response": {"a": "1"}}, key=bank.MERCHANT),
        bank.canonical({"response": {"a": "1"}, "signature": {"sigdat": "AAAA"}}),
        bank.canonical({"response": {"a": "1"}, "signature": {"sigdat": "%%%"}}),
        bank.canonical({"response": {"a": "1"}, "signature": {}}),
        "no message at all",
    ],
)
def test_an_answer_the_bank_did_not_sign_is_refused(text):
    with pytest.raises(NotAuthorized, match="signature"):
        seal().opened(bank.closed(text).decode())


def test_any_damage_to_a_sealed_answer_is_told():
    body = base64.b64decode(bank.closed(bank.signed({"response": {"a": "中" * 8}})))
    for at in range(len(body)):
        hurt = bytearray(body)
        hurt[at] ^= 0x10
        with pytest.raises((NotAuthorized, UnexpectedShape)):
            seal().opened(base64.b64encode(hurt).decode())
    for size in range(len(body)):
        with pytest.raises((NotAuthorized, UnexpectedShape)):
            seal().opened(base64.b64encode(body[:size]).decode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("private_key", "not a key"),
        ("private_key", "00" * 32),
        ("private_key", "ff" * 32),
        ("private_key", "11" * 31),
        ("bank_public_key", "11" * 64),
        ("bank_public_key", "05" + ANNEX_PUBLIC),
        ("bank_public_key", ANNEX_PUBLIC[:-2]),
        ("sm4_key", "short"),
        ("sm4_key", "0" * 30),
    ],
)
def test_a_key_that_is_none_names_its_credential_and_does_not_show(name, value):
    with pytest.raises(NotAuthorized, match=name) as raised:
        seal(**{name: value})
    assert value not in str(raised.value)


def test_keys_are_read_from_base64_and_from_digits():
    assert ANNEX_PRIVATE == signing.private_number(f"{ANNEX_PRIVATE:064X}", "private_key")
    for text in (ANNEX_PUBLIC, "04" + ANNEX_PUBLIC, base64.b64encode(bytes.fromhex("04" + ANNEX_PUBLIC)).decode()):
        assert ANNEX_PUBLIC == signing.public_point(text, "bank_public_key")
    assert b"VuAzSWQhsoNqzn0K" == signing.cipher_key("VuAzSWQhsoNqzn0K", "sm4_key")
    assert bytes(range(16)) == signing.cipher_key(bytes(range(16)).hex(), "sm4_key")


def test_no_key_shows_in_a_repr():
    shown = repr(seal())
    assert bank.SM4_KEY not in shown
    assert str(int.from_bytes(bank.MERCHANT, "big")) not in shown
