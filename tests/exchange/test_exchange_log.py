"""The log: the reference tree of RFC 6962, every proof of small trees, C2SP notes."""

import hashlib
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.parties import DE, FR

from proxeny.exchange import log

# The inputs and roots of the reference implementation of RFC 6962.
INPUTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
REFERENCE = [log.leaf_hash(bytes.fromhex(data)) for data in INPUTS]
LEAVES = [log.leaf_hash(bytes([number])) for number in range(33)]
TREE = log.tree_of(LEAVES)
ORIGIN = "proxeny/DE/24-7/exchange"


def root_by_definition(leaves):
    """RFC 6962 section 2.1, word for word: the second opinion."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = (
        root_by_definition(leaves[:half]),
        root_by_definition(leaves[half:]),
    )
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_root_of_the_reference_tree(size):
    assert log.root(REFERENCE[:size]).hex() == ROOTS[size - 1]


def test_inclusion_proof_of_the_reference_tree():
    # Leaf 5 of 8, as in the reference implementation's own test.
    proof = log.inclusion_proof(log.tree_of(REFERENCE), index=5, size=8)
    assert [item.hex()[:8] for item in proof] == ["bc1a0643", "ca854ea1", "d37ee418"]


def test_root_of_the_empty_log_is_the_hash_of_nothing():
    assert log.root([]) == hashlib.sha256(b"").digest() == log.EMPTY_ROOT


@pytest.mark.parametrize("size", range(34))
def test_frontier_grows_to_the_root_by_definition(size):
    assert log.root(LEAVES[:size]) == root_by_definition(LEAVES[:size])


def test_frontier_reports_each_complete_subtree_once():
    frontier, stored = log.Frontier(), {}
    for leaf in LEAVES:
        for node in frontier.append(leaf):
            assert (node.level, node.index) not in stored
            stored[node.level, node.index] = node.hash
    assert len(stored) == 33 + 16 + 8 + 4 + 2 + 1
    assert all(stored[key] == TREE(*key) for key in stored)


@given(st.integers(0, 33))
def test_frontier_goes_on_from_what_was_stored(size):
    first = log.Frontier()
    for leaf in LEAVES[:size]:
        first.append(leaf)
    again = log.Frontier(first.size, first.hashes)
    for leaf in LEAVES[size:]:
        again.append(leaf)
    assert (again.size, again.root()) == (33, log.root(LEAVES))


@pytest.mark.parametrize(
    ("size", "hashes"), [(3, [bytes(32)]), (1, [bytes(31)]), (-1, []), (0, [bytes(32)])]
)
def test_frontier_whose_hashes_do_not_fit_is_refused(size, hashes):
    with pytest.raises(ValueError, match="hash"):
        log.Frontier(size, hashes)


def test_every_inclusion_proof_verifies_and_no_other_place_does():
    for size in range(1, 18):
        top = log.root(LEAVES[:size])
        for index in range(size):
            proof = log.inclusion_proof(TREE, index=index, size=size)
            log.verify_inclusion(
                LEAVES[index], proof, index=index, size=size, root_hash=top
            )
            with pytest.raises(log.LogError):
                log.verify_inclusion(
                    LEAVES[index], proof, index=index + 1, size=size, root_hash=top
                )


def test_every_consistency_proof_verifies():
    for new in range(34):
        for old in range(new + 1):
            proof = log.consistency_proof(TREE, old_size=old, new_size=new)
            log.verify_consistency(
                proof,
                old_size=old,
                old_root=log.root(LEAVES[:old]),
                new_size=new,
                new_root=log.root(LEAVES[:new]),
            )


@given(st.data())
def test_damaged_proof_never_verifies(data):
    size = data.draw(st.integers(2, 33))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    included = log.inclusion_proof(TREE, index=index, size=size)
    consistent = log.consistency_proof(TREE, old_size=old, new_size=size)
    kind = data.draw(st.sampled_from(["alter", "drop", "add"]))

    def damage(proof):
        place = data.draw(st.integers(0, len(proof) - 1))
        if kind == "alter":
            return [*proof[:place], bytes(32), *proof[place + 1 :]]
        if kind == "drop":
            return [*proof[:place], *proof[place + 1 :]]
        return [*proof, proof[place]]

    with pytest.raises(log.LogError):
        log.verify_inclusion(
            LEAVES[index],
            damage(included),
            index=index,
            size=size,
            root_hash=log.root(LEAVES[:size]),
        )
    with pytest.raises(log.LogError):
        log.verify_consistency(
            damage(consistent),
            old_size=old,
            old_root=log.root(LEAVES[:old]),
            new_size=size,
            new_root=log.root(LEAVES[:size]),
        )


@pytest.mark.parametrize("old", range(1, 9))
def test_rewritten_log_has_no_consistency_proof(old):
    rewritten = [log.leaf_hash(b"rewritten"), *REFERENCE[1:]]
    proof = log.consistency_proof(log.tree_of(rewritten), old_size=old, new_size=8)
    with pytest.raises(log.LogError):
        log.verify_consistency(
            proof,
            old_size=old,
            old_root=log.root(REFERENCE[:old]),
            new_size=8,
            new_root=log.root(rewritten),
        )


@pytest.mark.parametrize(
    ("old_size", "old_root", "proof"),
    [
        (9, log.root(REFERENCE), []),
        (-1, log.root(REFERENCE), []),
        (0, bytes(32), []),
        (0, log.EMPTY_ROOT, [bytes(32)]),
        (8, log.root(REFERENCE), [bytes(32)]),
        (3, log.root(REFERENCE[:3]), []),
        (3, log.root(REFERENCE[:3]), [bytes(32)] * 90),
        (3, log.root(REFERENCE[:3]), [b"short"]),
    ],
)
def test_shrunken_log_or_foreign_proof_is_refused(old_size, old_root, proof):
    with pytest.raises(log.LogError) as caught:
        log.verify_consistency(
            proof,
            old_size=old_size,
            old_root=old_root,
            new_size=8,
            new_root=log.root(REFERENCE),
        )
    assert caught.value.stable_code == "PXY-LOG"


def test_leaf_and_node_never_have_the_same_hash():
    left, right = REFERENCE[:2]
    assert log.leaf_hash(left + right) != log.node_hash(left, right)


def test_proof_is_not_made_for_what_is_not_there():
    with pytest.raises(ValueError, match="leaf"):
        log.inclusion_proof(TREE, index=3, size=3)
    with pytest.raises(ValueError, match="larger"):
        log.consistency_proof(TREE, old_size=4, new_size=3)


def test_salted_leaf_hides_what_it_stands_for():
    event = b"request sent"
    assert log.leaf_bytes(event, salt=bytes(16)) != log.leaf_bytes(
        event, salt=bytes(15) + b"\x01"
    )
    with pytest.raises(ValueError, match="salt"):
        log.leaf_bytes(event, salt=b"short")


# --- Checkpoints


def sign(**changes):
    return log.sign_checkpoint(
        **{
            "keys": DE,
            "origin": ORIGIN,
            "size": 8,
            "root_hash": bytes.fromhex(ROOTS[7]),
            **changes,
        }
    )


def verify(note, **changes):
    return log.verify_checkpoint(
        note, **{"signer": DE.public, "origin": ORIGIN, **changes}
    )


def test_note_of_the_go_reference_verifies_and_ours_has_its_key_id():
    key = Ed25519PublicKey.from_public_bytes(
        b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    )
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
        "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert log._note_key_id("PeterNeumann", key).hex() == "c74f20a3"
    assert log._verify_note(note, name="PeterNeumann", key=key).endswith("problem is.")


def test_checkpoint_is_three_lines_and_a_signature():
    lines = sign().split("\n")
    assert lines[:2] == [ORIGIN, "8"]
    assert b64decode(lines[2]).hex() == ROOTS[7]
    assert lines[3] == ""
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert lines[5:] == [""]


def test_checkpoint_survives_a_round_trip():
    found = verify(sign())
    assert found == log.Checkpoint(
        origin=ORIGIN, size=8, root_hash=bytes.fromhex(ROOTS[7])
    )


def test_witness_signatures_and_extension_lines_do_no_harm():
    witnessed = sign() + f"— witness.example {'A' * 100}\n"
    assert verify(witnessed).size == 8
    assert verify(f"{sign()}— {ORIGIN} {'A' * 100}\n").size == 8


@pytest.mark.parametrize(
    "damage",
    [
        lambda note: note.replace("\n8\n", "\n9\n"),
        lambda note: note.replace(ORIGIN, "proxeny/FR/24-7/exchange"),
        lambda note: note.replace("— ", "- "),
        lambda note: note.rstrip("\n"),
        lambda note: note.split("\n\n")[0] + "\n",
        lambda note: note.split("\n\n")[0] + "\n\n",
        lambda note: note.replace("\n\n", "\nextension\n\n"),
        lambda note: note[:-6] + "!!!!\n",
        lambda note: note + "x" * 20_000 + "\n",
        lambda note: "\ud800" + note,
        lambda note: note[:0],
    ],
)
def test_altered_checkpoint_is_refused(damage):
    with pytest.raises(log.LogError):
        verify(damage(sign()))


def test_checkpoint_of_another_authority_or_log_is_refused():
    with pytest.raises(log.LogError):
        verify(sign(), signer=FR.public)
    with pytest.raises(log.LogError):
        verify(sign(), origin="proxeny/DE/24-7/audit")


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "two words"},
        {"origin": ""},
        {"origin": "a+b"},
        {"origin": "a\nb"},
        {"size": -1},
        {"size": 2**63},
        {"root_hash": b"short"},
    ],
)
def test_checkpoint_that_nobody_could_read_is_not_signed(changes):
    with pytest.raises(log.LogError):
        sign(**changes)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n08\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n-8\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n9999999999999999999\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n8\nAAAA\n",
        f"{ORIGIN}\n8\n" + "A" * 42 + "B=\n",
        f"{ORIGIN}\n8\nnot base64\n",
        f"{ORIGIN}\n8\n",
    ],
)
def test_signed_note_that_is_no_checkpoint_is_refused(text):
    key = DE.sign.private_key
    blob = log._note_key_id(ORIGIN, key.public_key()) + key.sign(text.encode())
    encoded = b64encode(blob).decode()
    with pytest.raises(log.LogError):
        verify(f"{text}\n— {ORIGIN} {encoded}\n")
