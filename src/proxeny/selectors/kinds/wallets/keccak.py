"""Keccak-256, as Ethereum and Monero use it: SHA-3's permutation, older padding.

The standard library's SHA-3 (FIPS 202) pads otherwise and gives other digests. The
permutation is written out, because loops over the lanes take three times as long and
every address in mixed case asks for it.
"""

_MASK = (1 << 64) - 1
_RATE_BYTES = 136
_ROUND_CONSTANTS = (
    *(0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000),
    *(0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009),
    *(0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A),
    *(0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003),
    *(0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A),
    *(0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008),
)


def keccak256(message: bytes) -> bytes:
    """Give the digest of 32 bytes."""
    padded = bytearray(message)
    padded += bytes(_RATE_BYTES - len(padded) % _RATE_BYTES)
    padded[len(message)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE_BYTES):
        for index in range(_RATE_BYTES // 8):
            at = start + index * 8
            lanes[index] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permute(lanes: list[int]) -> list[int]:  # noqa: PLR0915 - one statement a lane
    """Keccak-f[1600]: theta, rho with pi, chi and iota in each of 24 rounds."""
    a0, a1, a2, a3, a4 = lanes[0:5]
    a5, a6, a7, a8, a9 = lanes[5:10]
    a10, a11, a12, a13, a14 = lanes[10:15]
    a15, a16, a17, a18, a19 = lanes[15:20]
    a20, a21, a22, a23, a24 = lanes[20:25]
    for constant in _ROUND_CONSTANTS:
        c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20
        c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21
        c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22
        c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23
        c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24
        d0 = c4 ^ (c1 << 1 & _MASK | c1 >> 63)
        d1 = c0 ^ (c2 << 1 & _MASK | c2 >> 63)
        d2 = c1 ^ (c3 << 1 & _MASK | c3 >> 63)
        d3 = c2 ^ (c4 << 1 & _MASK | c4 >> 63)
        d4 = c3 ^ (c0 << 1 & _MASK | c0 >> 63)
        b0 = a0 ^ d0
        a1 ^= d1
        b10 = a1 << 1 & _MASK | a1 >> 63
        a2 ^= d2
        b20 = a2 << 62 & _MASK | a2 >> 2
        a3 ^= d3
        b5 = a3 << 28 & _MASK | a3 >> 36
        a4 ^= d4
        b15 = a4 << 27 & _MASK | a4 >> 37
        a5 ^= d0
        b16 = a5 << 36 & _MASK | a5 >> 28
        a6 ^= d1
        b1 = a6 << 44 & _MASK | a6 >> 20
        a7 ^= d2
        b11 = a7 << 6 & _MASK | a7 >> 58
        a8 ^= d3
        b21 = a8 << 55 & _MASK | a8 >> 9
        a9 ^= d4
        b6 = a9 << 20 & _MASK | a9 >> 44
        a10 ^= d0
        b7 = a10 << 3 & _MASK | a10 >> 61
        a11 ^= d1
        b17 = a11 << 10 & _MASK | a11 >> 54
        a12 ^= d2
        b2 = a12 << 43 & _MASK | a12 >> 21
        a13 ^= d3
        b12 = a13 << 25 & _MASK | a13 >> 39
        a14 ^= d4
        b22 = a14 << 39 & _MASK | a14 >> 25
        a15 ^= d0
        b23 = a15 << 41 & _MASK | a15 >> 23
        a16 ^= d1
        b8 = a16 << 45 & _MASK | a16 >> 19
        a17 ^= d2
        b18 = a17 << 15 & _MASK | a17 >> 49
        a18 ^= d3
        b3 = a18 << 21 & _MASK | a18 >> 43
        a19 ^= d4
        b13 = a19 << 8 & _MASK | a19 >> 56
        a20 ^= d0
        b14 = a20 << 18 & _MASK | a20 >> 46
        a21 ^= d1
        b24 = a21 << 2 & _MASK | a21 >> 62
        a22 ^= d2
        b9 = a22 << 61 & _MASK | a22 >> 3
        a23 ^= d3
        b19 = a23 << 56 & _MASK | a23 >> 8
        a24 ^= d4
        b4 = a24 << 14 & _MASK | a24 >> 50
        a0 = b0 ^ (~b1 & b2)
        a1 = b1 ^ (~b2 & b3)
        a2 = b2 ^ (~b3 & b4)
        a3 = b3 ^ (~b4 & b0)
        a4 = b4 ^ (~b0 & b1)
        a5 = b5 ^ (~b6 & b7)
        a6 = b6 ^ (~b7 & b8)
        a7 = b7 ^ (~b8 & b9)
        a8 = b8 ^ (~b9 & b5)
        a9 = b9 ^ (~b5 & b6)
        a10 = b10 ^ (~b11 & b12)
        a11 = b11 ^ (~b12 & b13)
        a12 = b12 ^ (~b13 & b14)
        a13 = b13 ^ (~b14 & b10)
        a14 = b14 ^ (~b10 & b11)
        a15 = b15 ^ (~b16 & b17)
        a16 = b16 ^ (~b17 & b18)
        a17 = b17 ^ (~b18 & b19)
        a18 = b18 ^ (~b19 & b15)
        a19 = b19 ^ (~b15 & b16)
        a20 = b20 ^ (~b21 & b22)
        a21 = b21 ^ (~b22 & b23)
        a22 = b22 ^ (~b23 & b24)
        a23 = b23 ^ (~b24 & b20)
        a24 = b24 ^ (~b20 & b21)
        a0 ^= constant
    return [
        *(a0, a1, a2, a3, a4),
        *(a5, a6, a7, a8, a9),
        *(a10, a11, a12, a13, a14),
        *(a15, a16, a17, a18, a19),
        *(a20, a21, a22, a23, a24),
    ]
