"""Keccak-256, as Ethereum uses it: SHA-3's permutation with the older padding.

The standard library's SHA-3 (FIPS 202) pads otherwise and gives other digests.
"""

_MASK = (1 << 64) - 1
_RATE_BYTES = 136
_ROUNDS = 24


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


def _permute(lanes: list[int]) -> list[int]:
    """Keccak-f[1600]: 24 rounds of theta, rho with pi, chi and iota."""
    register = 1
    for _ in range(_ROUNDS):
        parity = [
            lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            for x in range(5)
        ]
        for x in range(5):
            mixed = parity[x - 1] ^ _rotate(parity[(x + 1) % 5], 1)
            for y in range(0, 25, 5):
                lanes[x + y] ^= mixed
        x, y, carried = 1, 0, lanes[1]
        for step in range(1, 25):
            x, y = y, (2 * x + 3 * y) % 5
            at = x + 5 * y
            carried, lanes[at] = lanes[at], _rotate(carried, step * (step + 1) // 2)
        for y in range(0, 25, 5):
            row = lanes[y : y + 5]
            for x in range(5):
                lanes[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
        # The round constants come from a linear feedback shift register.
        for bit in range(7):
            register = (register << 1) ^ ((register >> 7) * 0x171)
            if register & 2:
                lanes[0] ^= 1 << ((1 << bit) - 1)
    return lanes


def _rotate(lane: int, bits: int) -> int:
    bits %= 64
    return (lane << bits | lane >> (64 - bits)) & _MASK
