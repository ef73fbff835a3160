"""SM2 over SM3 in plain numbers, for the simulated bank: written from GB/T 32918, with no curve code of anyone else."""

import secrets

from cryptography.hazmat.primitives.hashes import SM3, Hash

Point = tuple[int, int] | None
"""A point of the curve; None is the one at infinity."""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_SIZE = 32


def _add(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def _times(factor: int, point: Point) -> Point:
    found: Point = None
    while factor:
        if factor & 1:
            found = _add(found, point)
        point = _add(point, point)
        factor >>= 1
    return found


def _bytes(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def _sm3(*parts: bytes) -> bytes:
    hashed = Hash(SM3())
    for part in parts:
        hashed.update(part)
    return hashed.finalize()


def public_key(private: bytes) -> bytes:
    """65 bytes: 04, x, y."""
    point = _times(int.from_bytes(private, "big"), G)
    if point is None:
        raise ValueError("The private key is a multiple of the curve's order.")
    return b"\x04" + _bytes(point[0]) + _bytes(point[1])


def private_key() -> bytes:
    """32 bytes, new at each call."""
    return _bytes(secrets.randbelow(N - 2) + 1)


def _hashed(text: bytes, public: bytes, user_id: bytes) -> int:
    identity = _sm3(
        (len(user_id) * 8).to_bytes(2, "big"), user_id, _bytes(A), _bytes(B), _bytes(G[0]), _bytes(G[1]), public[1:]
    )
    return int.from_bytes(_sm3(identity, text), "big")


def sign(text: bytes, private: bytes, user_id: bytes) -> bytes:
    """r‖s, 64 bytes."""
    secret, hashed = int.from_bytes(private, "big"), _hashed(text, public_key(private), user_id)
    while True:
        k = secrets.randbelow(N - 1) + 1
        point = _times(k, G)
        r = (hashed + (point[0] if point else 0)) % N
        s = pow(1 + secret, -1, N) * (k - r * secret) % N
        if r and s and r + k != N:
            return _bytes(r) + _bytes(s)


def is_signed(text: bytes, signature: bytes, public: bytes, user_id: bytes) -> bool:
    """Whether r‖s was made over the text with the key's other half."""
    r, s = int.from_bytes(signature[:_SIZE], "big"), int.from_bytes(signature[_SIZE:], "big")
    t = (r + s) % N
    if len(signature) != 2 * _SIZE or not (0 < r < N and 0 < s < N and t):
        return False
    signer = int.from_bytes(public[1 : 1 + _SIZE], "big"), int.from_bytes(public[1 + _SIZE :], "big")
    point = _add(_times(s, G), _times(t, signer))
    return point is not None and (_hashed(text, public, user_id) + point[0]) % N == r
