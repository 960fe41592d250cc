"""Breadth-first search over rows of slots, 64 slots at a time as the bits of a word."""

from typing import NamedTuple

import numpy as np

from clearway.kernels.compiled import inlined

ZERO, ONE, WORD = np.uint64(0), np.uint64(1), np.uint64(64)
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)  # any six bits in a row occur once (Leiserson, Prokop & Randall 1998)
PLACE_OF = np.zeros(64, dtype=np.int64)
for _place in range(64):
    PLACE_OF[(0x03F79D71B4CB0A89 << _place & 0xFFFFFFFFFFFFFFFF) >> 58] = _place


class Front(NamedTuple):
    """
    How far a breadth-first search over (node, slot) pairs has come; bit k of word w stands for slot 64 w + k.

    Attributes
    ----------
    distance : int32[n_nodes, n_slots]
    reached, now, then : uint64[n_nodes, n_words]
        Slots with a distance; those with the distance at hand, and with the next.
    nodes, next_nodes : int32[n_nodes]
        Nodes with such slots.
    is_next : bool[n_nodes]
    is_open, is_used : uint64[n_links, n_words]
        Slots in which links take more, and in which they are used.
    word : uint64[n_words]
    """

    distance: np.ndarray
    reached: np.ndarray
    now: np.ndarray
    then: np.ndarray
    nodes: np.ndarray
    next_nodes: np.ndarray
    is_next: np.ndarray
    is_open: np.ndarray
    is_used: np.ndarray
    word: np.ndarray


def front_of(n_nodes: int, n_links: int, n_slots: int) -> Front:
    """Room for a search."""
    n_words = (n_slots + 63) // 64
    reached, now, then = (np.zeros((n_nodes, n_words), dtype=np.uint64) for _ in range(3))
    is_open, is_used = (np.zeros((n_links, n_words), dtype=np.uint64) for _ in range(2))
    nodes, next_nodes = (np.zeros(n_nodes, dtype=np.int32) for _ in range(2))
    distance, is_next = np.zeros((n_nodes, n_slots), dtype=np.int32), np.zeros(n_nodes, dtype=np.bool_)
    word = np.zeros(n_words, dtype=np.uint64)
    return Front(distance, reached, now, then, nodes, next_nodes, is_next, is_open, is_used, word)


@inlined()
def clear(front, far):
    """Nothing is reached yet: every distance is ``far``."""
    front.distance[:] = far
    front.reached[:] = ZERO
    front.now[:] = ZERO
    front.then[:] = ZERO
    front.is_next[:] = False


@inlined()
def gather_below(row, limit, bits):
    """Bits of the places at which a row is below a limit: bits uint64[n_words], modified in place."""
    bits[:] = ZERO
    for slot in range(len(row)):
        bits[slot >> 6] |= np.uint64(row[slot] < limit[slot]) << np.uint64(slot & 63)


@inlined()
def gather_used(row, bits):
    """Bits of the places at which a row is above 0."""
    bits[:] = ZERO
    for slot in range(len(row)):
        bits[slot >> 6] |= np.uint64(row[slot] > 0) << np.uint64(slot & 63)


@inlined()
def _settle(distance, node, word, fresh, depth):
    """Slots given by the bits of a word are so far from a site."""
    base = word << 6
    while fresh != ZERO:
        low = fresh & (~fresh + ONE)
        distance[node, base + PLACE_OF[(low * DE_BRUIJN) >> np.uint64(58)]] = depth
        fresh ^= low


@inlined()
def _mark(front, node, word, bits, depth):
    """Slots of a node that are reached now, given by the bits of a word; whether any was not before."""
    fresh = bits & ~front.reached[node, word]
    if fresh == ZERO:
        return False
    front.reached[node, word] |= fresh
    front.then[node, word] |= fresh
    _settle(front.distance, node, word, fresh, depth)
    return True


@inlined()
def reach_earlier(front, node, other, by, open_bits, depth):
    """The slots of a link's tail from which those of its head at hand are reached."""
    n_words = front.reached.shape[1]
    words, shift = by >> 6, np.uint64(by & 63)
    found = False
    for word in range(n_words - words):
        bits = front.now[node, word + words] >> shift
        if shift != ZERO and word + words + 1 < n_words:
            bits |= front.now[node, word + words + 1] << (WORD - shift)
        found |= _mark(front, other, word, bits & open_bits[word], depth)
    return found


@inlined()
def reach_later(front, node, other, by, used_bits, depth):
    """The slots of a link's head whose flow can be taken back to the slots of its tail at hand."""
    n_words = front.reached.shape[1]
    words, shift = by >> 6, np.uint64(by & 63)
    found = False
    for word in range(words, n_words):
        bits = (front.now[node, word - words] & used_bits[word - words]) << shift
        if shift != ZERO and word - words >= 1:
            bits |= (front.now[node, word - words - 1] & used_bits[word - words - 1]) >> (WORD - shift)
        found |= _mark(front, other, word, bits, depth)
    return found


@inlined()
def reach_own(front, node, open_bits, depth):
    """The slots of a node, given by bits, that a home or site there leads to."""
    found = False
    for word in range(len(open_bits)):
        found |= _mark(front, node, word, open_bits[word], depth)
    return found


@inlined()
def is_met(front, node, open_bits):
    for word in range(len(open_bits)):
        if front.now[node, word] & open_bits[word] != ZERO:
            return True
    return False


@inlined()
def join_next(front, node, count):
    """A node joins those with the next distance, if it is not among them; how many they are then."""
    if front.is_next[node]:
        return count
    front.is_next[node] = True
    front.next_nodes[count] = node
    return count + 1


@inlined()
def step(front, n_now, n_next):
    """The next distance is the one at hand."""
    for at in range(n_now):
        front.now[front.nodes[at]] = ZERO
    for at in range(n_next):
        node = front.next_nodes[at]
        front.nodes[at] = node
        front.is_next[node] = False
        for word in range(front.now.shape[1]):
            front.now[node, word] = front.then[node, word]
            front.then[node, word] = ZERO
