"""Keys and secrets of the merchant and of the simulated platforms, made once in a folder.

``credentials`` hands the merchant's side to whoever configures the connections, under names fit for the environment.
The platforms' own private keys stay here.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.sandbox import sm2

_FILE = "sandbox_keys.json"
_BITS = 2048
MERCHANT_ID = "1900000109"
ALIPAY_PID = "2088000000000001"


def _pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _of_chinese_shops() -> dict[str, str]:
    return {
        "WECHAT_SHOP_APP_ID": f"wx{secrets.token_hex(8)}",
        "WECHAT_SHOP_APP_SECRET": secrets.token_hex(16),
        "_wechat_shop_token": secrets.token_hex(16),
        "PDD_CLIENT_ID": secrets.token_hex(16),
        "PDD_CLIENT_SECRET": secrets.token_hex(20),
        "PDD_ACCESS_TOKEN": secrets.token_hex(20),
        "_pdd_download": secrets.token_hex(16),
        "DOUYIN_APP_KEY": f"{secrets.randbelow(9 * 10**18) + 10**18}",
        "DOUYIN_APP_SECRET": secrets.token_hex(16),
        "DOUYIN_ACCESS_TOKEN": secrets.token_hex(20),
        "JD_APP_KEY": secrets.token_hex(16).upper(),
        "JD_APP_SECRET": secrets.token_hex(16),
        "JD_ACCESS_TOKEN": secrets.token_hex(20),
        "SHOUQIANBA_TERMINAL_SN": f"1000{secrets.randbelow(9 * 10**11) + 10**11}",
        "SHOUQIANBA_TERMINAL_KEY": secrets.token_hex(16),
    }


def _made() -> dict[str, str]:
    alipay, alipay_public = _pair()
    alipay_platform, alipay_platform_public = _pair()
    unionpay, unionpay_public = _pair()
    unionpay_platform, unionpay_platform_public = _pair()
    wechat, wechat_public = _pair()
    wechat_platform, wechat_platform_public = _pair()
    return _of_chinese_shops() | {
        "TMALL_KEY": f"{secrets.randbelow(90_000_000) + 10_000_000}",
        "TMALL_SECRET": secrets.token_hex(16),
        "TMALL_SESSION": secrets.token_hex(24),
        "ALIPAY_APP_ID": "2021000000000001",
        "ALIPAY_PRIVATE_KEY": alipay,
        "ALIPAY_PUBLIC_KEY": alipay_platform_public,
        "WECHAT_MCH_ID": MERCHANT_ID,
        "WECHAT_SERIAL_NO": secrets.token_hex(20).upper(),
        "WECHAT_PRIVATE_KEY": wechat,
        "WECHAT_APIV3_KEY": secrets.token_hex(16),
        "WECHAT_PLATFORM_PUBLIC_KEY": wechat_platform_public,
        "WECHAT_PUBLIC_KEY_ID": f"PUB_KEY_ID_0{MERCHANT_ID}{secrets.randbelow(10**12):012d}",
        "WOO_CONSUMER_KEY": f"ck_{secrets.token_hex(20)}",
        "WOO_CONSUMER_SECRET": f"cs_{secrets.token_hex(20)}",
        "AMAZON_CLIENT_ID": f"amzn1.application-oa2-client.{secrets.token_hex(16)}",
        "AMAZON_CLIENT_SECRET": f"amzn1.oa2-cs.v1.{secrets.token_hex(32)}",
        "AMAZON_REFRESH_TOKEN": f"Atzr|{secrets.token_urlsafe(48)}",
        "_amazon_signing": secrets.token_hex(32),
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(20)}",
        "SHOPIFY_SHOP": "demo-shop",
        "SHOPIFY_ACCESS_TOKEN": f"shpat_{secrets.token_hex(16)}",
        "UNIONPAY_MER_ID": "777290058110097",
        "UNIONPAY_CERT_ID": f"{secrets.randbelow(9 * 10**10) + 10**10}",
        "UNIONPAY_PRIVATE_KEY": unionpay,
        "UNIONPAY_PLATFORM_PUBLIC_KEY": unionpay_platform_public,
        "_unionpay_merchant_public": unionpay_public,
        "_unionpay_platform_private": unionpay_platform,
        "SF_PARTNER_ID": f"P{secrets.token_hex(4).upper()}",
        "SF_CHECK_WORD": f"{secrets.token_hex(15)}~*",
        **_random(),
        **_of_the_bank(),
        "_alipay_merchant_public": alipay_public,
        "_alipay_platform_private": alipay_platform,
        "_wechat_merchant_public": wechat_public,
        "_wechat_platform_private": wechat_platform,
    }


def _random() -> dict[str, str]:
    """Keys that are nothing but random text."""
    return {
        "EASYPOST_API_KEY": f"EZTK{secrets.token_hex(27)}",
        "KUAIDI100_CUSTOMER": secrets.token_hex(16).upper(),
        "KUAIDI100_KEY": secrets.token_hex(6),
        "PAYPAL_CLIENT_ID": f"A{secrets.token_urlsafe(59)}",
        "PAYPAL_CLIENT_SECRET": f"E{secrets.token_urlsafe(59)}",
        "SHIPPO_API_TOKEN": f"shippo_test_{secrets.token_hex(20)}",
        "_paypal_signing": secrets.token_hex(32),
    }


def _of_the_bank() -> dict[str, str]:
    """Both sides' SM2 keys and the SM4 key they share, as the bank hands them out."""
    merchant, bank = sm2.private_key(), sm2.private_key()
    found = {
        "CMB_PRIVATE_KEY": merchant,
        "CMB_BANK_PUBLIC_KEY": sm2.public_key(bank),
        "_cmb_merchant_public": sm2.public_key(merchant),
        "_cmb_bank_private": bank,
    }
    return {name: base64.b64encode(key).decode() for name, key in found.items()} | {
        "CMB_USER_ID": f"U{secrets.randbelow(9 * 10**8) + 10**8}",
        "CMB_ACCOUNT_NO": f"7559{secrets.randbelow(9 * 10**10) + 10**10}",
        "CMB_SM4_KEY": secrets.token_urlsafe(12),
    }


def keys(folder: Path) -> Mapping[str, str]:
    """Both sides' keys; made and written for the owner's eyes only at the first call."""
    path = folder / _FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{_FILE}.{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(_made(), indent=1), encoding="utf-8")
        temporary.replace(path)
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def credentials(folder: Path) -> dict[str, str]:
    """What the merchant knows: names such as ``TMALL_SECRET`` and their values."""
    return {name: value for name, value in keys(folder).items() if not name.startswith("_")}


def sign_rsa(private_pem: str, text: bytes) -> bytes:
    """SHA256 with RSA, PKCS#1 v1.5."""
    # our own key: checking its primes again at each signature costs more than signing
    key = serialization.load_pem_private_key(private_pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("The sandbox signs with RSA keys only.")
    return key.sign(text, padding.PKCS1v15(), hashes.SHA256())


def is_signed_rsa(public_pem: str, text: bytes, signature: bytes) -> bool:
    """Whether the signature over the text was made with the key's other half."""
    key = serialization.load_pem_public_key(public_pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("The sandbox verifies RSA keys only.")
    try:
        key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True
