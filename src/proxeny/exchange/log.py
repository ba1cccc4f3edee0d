r"""A tamper-evident log: the Merkle tree of RFC 6962 and its signed checkpoints.

Hashes of leaves and of nodes differ by a first byte (section 2.1), so that a node
can't pass for a leaf. Proofs are those of RFC 6962 section 2.1; they are verified
as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say. A checkpoint is a C2SP
``tlog-checkpoint`` in a C2SP ``signed-note`` (Ed25519)::

    <origin> LF <size> LF <root in base64> LF LF
    — <origin> <base64 of key id || signature> LF

The signed text holds line feeds and a JWS signing input never does: one key can
sign both and neither passes for the other.

The log lives elsewhere. A store keeps the hash of each complete subtree as
`Frontier.append` reports it, and proofs read them back by (level, index):

>>> leaves = [leaf_hash(bytes([number])) for number in range(5)]
>>> tree = tree_of(leaves)
>>> proof = inclusion_proof(tree, index=2, size=5)
>>> verify_inclusion(leaves[2], proof, index=2, size=5, root_hash=root(leaves))
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from proxeny.errors import InputError
from proxeny.exchange.keys import NodeKeys, PublicKeys

HASH_BYTES = 32
MIN_SALT_BYTES = 16
MAX_CHECKPOINT_BYTES = 16 * 1024
MAX_PROOF_HASHES = 64
MAX_TREE_SIZE = 2**63 - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()

_LEAF_PREFIX = b"\x00"
_NODE_PREFIX = b"\x01"
_NOTE_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_SIGNATURE_BYTES = 64
_SIGNATURE_MARK = "\N{EM DASH} "
_MAX_SIGNATURES = 100
_ORIGIN_RE = re.compile(r"[!-*,-~]{1,200}")  # Printable ASCII without space or plus.
_SIZE_RE = re.compile(r"0|[1-9][0-9]{0,18}")

Subtree = Callable[[int, int], bytes]
"""(level, index) -> hash of the complete subtree over the 2**level leaves from
index * 2**level; level 0 is the leaf hash itself."""


class LogError(InputError):
    """A proof or checkpoint doesn't hold: the log may have been rewritten."""

    code = "PXY-LOG"
    advice = "Keep what you have as evidence and tell the partner by another channel."


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """Hash of one complete subtree, to be stored under (level, index)."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log said of itself: name, number of leaves, root."""

    origin: str
    size: int
    root_hash: bytes


def leaf_bytes(event: bytes, *, salt: bytes) -> bytes:
    """What stands in the log for an event: HMAC-SHA256 under a salt of its own.

    The event stays outside the log. Once event and salt are erased, nobody can
    find out by trying what the leaf stood for, and the log still verifies.

    Args:
        event: the exact bytes of the event.
        salt: at least `MIN_SALT_BYTES` random bytes, fresh for each event.

    Raises:
        ValueError: the salt is too short.

    """
    if len(salt) < MIN_SALT_BYTES:
        raise ValueError(f"A salt has at least {MIN_SALT_BYTES} bytes.")
    return hmac.digest(salt, event, "sha256")


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(_LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()


class Frontier:
    """The right edge of a growing tree: all that an append and the root need.

    Args:
        size: number of leaves so far.
        hashes: hashes of the complete subtrees that make up the tree, largest
            first: one for each 1 in the binary form of ``size``.

    Raises:
        ValueError: the hashes don't fit the size.

    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count():
            raise ValueError("The hashes of a frontier don't fit its size.")
        if any(len(item) != HASH_BYTES for item in hashes):
            raise ValueError(f"A hash has {HASH_BYTES} bytes.")
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> int:
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> tuple[TreeNode, ...]:
        """Add one leaf hash.

        Returns:
            The subtrees that this leaf completes, itself first; amortised two.

        """
        completed = [TreeNode(level=0, index=self._size, hash=leaf)]
        carry, level = self._size, 0
        while carry & 1:
            carry, level = carry >> 1, level + 1
            leaf = node_hash(self._hashes.pop(), leaf)
            completed.append(TreeNode(level=level, index=carry, hash=leaf))
        self._hashes.append(leaf)
        self._size += 1
        return tuple(completed)

    def root(self) -> bytes:
        """The root over all leaves so far (`EMPTY_ROOT` if there are none)."""
        if not self._hashes:
            return EMPTY_ROOT
        result = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            result = node_hash(left, result)
        return result


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle tree hash over a list of leaf hashes (RFC 6962 section 2.1)."""
    frontier = Frontier()
    for leaf in leaf_hashes:
        frontier.append(leaf)
    return frontier.root()


def tree_of(leaf_hashes: Sequence[bytes]) -> Subtree:
    """Complete subtrees of a tree that is held in memory, for the proofs below."""

    @cache
    def subtree(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hashes[index]
        return node_hash(
            subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1)
        )

    return subtree


def inclusion_proof(subtree: Subtree, *, index: int, size: int) -> tuple[bytes, ...]:
    """The audit path of one leaf (RFC 6962 section 2.1.1), from the leaf upwards.

    Args:
        subtree: hashes of the log's complete subtrees.
        index: number of the leaf, from 0.
        size: number of leaves of the tree that is proven against.

    Raises:
        ValueError: the tree has no such leaf.

    """
    if not 0 <= index < size:
        raise ValueError("The tree has no such leaf.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(subtree, middle, end))
            end = middle
        else:
            path.append(_range_root(subtree, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(
    subtree: Subtree, *, old_size: int, new_size: int
) -> tuple[bytes, ...]:
    """Proof that the old tree is the new one's beginning (RFC 6962 section 2.1.2).

    Every tree begins with the empty one: from size 0 the proof is empty.

    Raises:
        ValueError: the old tree is larger than the new one.

    """
    if not 0 <= old_size <= new_size:
        raise ValueError("The old tree is larger than the new one.")
    if old_size in (0, new_size):
        return ()
    path: list[bytes] = []
    start, end = 0, new_size
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_range_root(subtree, middle, end))
            end = middle
        else:
            path.append(_range_root(subtree, start, middle))
            start = middle
    if start > 0:
        path.append(_range_root(subtree, start, end))
    return tuple(reversed(path))


def verify_inclusion(
    leaf: bytes,
    proof: Sequence[bytes],
    *,
    index: int,
    size: int,
    root_hash: bytes,
) -> None:
    """Check that a leaf hash stands at that place (RFC 9162 section 2.1.3.2).

    Raises:
        LogError: the proof doesn't lead to that root.

    """
    _require_hashes([leaf, root_hash, *proof])
    if not 0 <= index < size <= MAX_TREE_SIZE:
        raise LogError("The tree has no such leaf.")
    _, result = _climb(leaf, proof, position=index, last=size - 1)
    if not hmac.compare_digest(result, root_hash):
        raise LogError("The inclusion proof doesn't lead to the root.")


def verify_consistency(
    proof: Sequence[bytes],
    *,
    old_size: int,
    old_root: bytes,
    new_size: int,
    new_root: bytes,
) -> None:
    """Check that a log only grew between two roots (RFC 9162 section 2.1.4.2).

    Raises:
        LogError: it shrank, was rewritten, or the proof is about other roots.

    """
    _require_hashes([old_root, new_root, *proof])
    if not 0 <= old_size <= new_size <= MAX_TREE_SIZE:
        raise LogError("The log is shorter than it was.")
    if old_size in (0, new_size):
        beginning = EMPTY_ROOT if old_size == 0 else new_root
        if proof or not hmac.compare_digest(old_root, beginning):
            raise LogError("The log was rewritten.")
        return
    # A complete old tree is itself the first node, which the proof then omits.
    complete = old_size & (old_size - 1) == 0
    nodes = [old_root, *proof] if complete else list(proof)
    if not nodes:
        raise LogError("The consistency proof is too short.")
    level = (old_size & -old_size).bit_length() - 1
    old, new = _climb(
        nodes[0],
        nodes[1:],
        position=(old_size - 1) >> level,
        last=(new_size - 1) >> level,
    )
    if not hmac.compare_digest(old, old_root) or not hmac.compare_digest(new, new_root):
        raise LogError("The log was rewritten, or the proof is about other roots.")


def sign_checkpoint(*, keys: NodeKeys, origin: str, size: int, root_hash: bytes) -> str:
    """Sign the state of a log as a C2SP checkpoint.

    Args:
        keys: the node's private keys.
        origin: name of the log, such as ``proxeny/DE/24-7/exchange``: printable
            ASCII without space or plus sign; also the name of its key.
        size: number of leaves.
        root_hash: root over them.

    Raises:
        LogError: a value that no checkpoint can carry.

    """
    _require_hashes([root_hash])
    if not _ORIGIN_RE.fullmatch(origin) or not 0 <= size <= MAX_TREE_SIZE:
        raise LogError("The checkpoint's origin or size is not allowed.")
    signing = keys.sign.private_key
    if not isinstance(signing, Ed25519PrivateKey):
        raise LogError("A checkpoint is signed with Ed25519.")
    text = f"{origin}\n{size}\n{base64.b64encode(root_hash).decode()}\n"
    key_id = _note_key_id(origin, signing.public_key())
    signature = base64.b64encode(key_id + signing.sign(text.encode())).decode()
    return f"{text}\n{_SIGNATURE_MARK}{origin} {signature}\n"


def verify_checkpoint(note: str, *, signer: PublicKeys, origin: str) -> Checkpoint:
    """Check a checkpoint's signature and read it.

    Signatures of other keys (witnesses) and extension lines are allowed and mean
    nothing here, as the C2SP documents want it.

    Args:
        note: the checkpoint as it came.
        signer: keys of the authority whose log it is.
        origin: the name that the log must have.

    Raises:
        LogError: over `MAX_CHECKPOINT_BYTES`, malformed, of another log, or not
            signed by that authority.

    """
    key = signer.sign_key.public_key
    if not isinstance(key, Ed25519PublicKey):
        raise LogError("A checkpoint is signed with Ed25519.")
    if len(note.encode("utf-8", "replace")) > MAX_CHECKPOINT_BYTES:
        raise LogError(f"The checkpoint is over {MAX_CHECKPOINT_BYTES} bytes.")
    lines = _verify_note(note, name=origin, key=key).split("\n")
    try:
        found_origin, size_text, root_text = lines[:3]
        root_hash = base64.b64decode(root_text, validate=True)
    except (ValueError, binascii.Error):
        raise LogError("The checkpoint is malformed.") from None
    if (
        found_origin != origin
        or not _SIZE_RE.fullmatch(size_text)
        or int(size_text) > MAX_TREE_SIZE
        or base64.b64encode(root_hash).decode() != root_text
    ):
        raise LogError("The checkpoint is malformed or of another log.")
    _require_hashes([root_hash])
    return Checkpoint(origin=origin, size=int(size_text), root_hash=root_hash)


def _verify_note(note: str, *, name: str, key: Ed25519PublicKey) -> str:
    text, blank_line, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank_line or lines.pop() or not 0 < len(lines) <= _MAX_SIGNATURES:
        raise LogError("The signed note is malformed.")
    text += "\n"
    key_id = _note_key_id(name, key)
    for line in lines:
        signature = _find_signature(line, name, key_id)
        if signature is None:
            continue
        try:
            key.verify(signature, text.encode())
        except (InvalidSignature, UnicodeEncodeError):
            break
        return text.removesuffix("\n")
    raise LogError("The note isn't signed by that key.")


def _find_signature(line: str, name: str, key_id: bytes) -> bytes | None:
    signer, _, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    if not line.startswith(_SIGNATURE_MARK):
        raise LogError("The signed note is malformed.")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise LogError("The signed note is malformed.") from None
    ours = signer == name and blob[:_KEY_ID_BYTES] == key_id
    whole = len(blob) == _KEY_ID_BYTES + _SIGNATURE_BYTES
    return blob[_KEY_ID_BYTES:] if ours and whole else None


def _note_key_id(name: str, key: Ed25519PublicKey) -> bytes:
    # C2SP signed-note: SHA-256(name || LF || type || public key), first 4 bytes.
    encoded = name.encode() + b"\n" + _NOTE_ED25519 + key.public_bytes_raw()
    return hashlib.sha256(encoded).digest()[:_KEY_ID_BYTES]


def _split(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_root(subtree: Subtree, start: int, end: int) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _split(size)
    return node_hash(
        _range_root(subtree, start, middle), _range_root(subtree, middle, end)
    )


def _climb(
    node: bytes, siblings: Sequence[bytes], *, position: int, last: int
) -> tuple[bytes, bytes]:
    """Roots over what lies left of and in ``node``, and over the whole tree."""
    old = new = node
    for sibling in siblings:
        if last == 0:
            raise LogError("The proof is too long for the tree.")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise LogError("The proof is too short for the tree.")
    return old, new


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if len(hashes) > MAX_PROOF_HASHES + 2 or any(
        len(item) != HASH_BYTES for item in hashes
    ):
        raise LogError("A proof is too long or holds what is no SHA-256 hash.")
