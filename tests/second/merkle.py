"""The Merkle tree of RFC 9162 (PROTOCOL.md section 10)."""

from keys import sha256


def leaf(data):
    return sha256(b"\0" + data)


def node(left, right):
    return sha256(b"\1" + left + right)


def _split(count):
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


class Tree:
    """A growing tree that keeps only the roots of its complete subtrees: [(size, hash)], falling sizes."""

    def __init__(self, peaks=()):
        self.peaks = list(peaks)

    @property
    def size(self):
        return sum(size for size, _ in self.peaks)

    def append(self, leaf_hash):
        size = 1
        while self.peaks and self.peaks[-1][0] == size:
            leaf_hash = node(self.peaks.pop()[1], leaf_hash)
            size *= 2
        self.peaks.append((size, leaf_hash))

    def root(self):
        if not self.peaks:
            return sha256(b"")
        result = self.peaks[-1][1]
        for _, left in self.peaks[-2::-1]:
            result = node(left, result)
        return result

    def copy(self):
        return Tree(self.peaks)


def inclusion(leaves, index):
    """The audit path of one leaf, from the bottom up (RFC 9162 2.1.3.1)."""
    if len(leaves) <= 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return inclusion(leaves[:k], index) + [root(leaves[k:])]
    return inclusion(leaves[k:], index - k) + [root(leaves[:k])]


def consistency(leaves, old):
    """The proof that the tree of the first `old` leaves is a prefix (RFC 9162 2.1.4.1)."""
    return [] if old in (0, len(leaves)) else _subproof(leaves, old, True)


def _subproof(leaves, old, whole):
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = _split(len(leaves))
    if old <= k:
        return _subproof(leaves[:k], old, whole) + [root(leaves[k:])]
    return _subproof(leaves[k:], old - k, False) + [root(leaves[:k])]


def check_inclusion(leaf_hash, index, size, path, expected):
    """RFC 9162 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, result = index, size - 1, leaf_hash
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            result = node(sibling, result)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node(result, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and result == expected


def check_consistency(old, new, path, old_root, new_root):
    """RFC 9162 2.1.4.2."""
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == sha256(b"")
    if old > new or not path:
        return False
    path = list(path)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(sibling, fr), node(sibling, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root
