# Makes random values, pickled with protocols 0, 1 and 2, a value a line: python2.7 make.py > py2.txt; python3 make.py > py3.txt
# Strings are drawn from pools and containers are made afresh, so that cPickle sees the reference counts that literals have.
import binascii
import random
import sys

if sys.version_info[0] == 2:
    import cPickle as pickle
else:
    import pickle
    unichr = chr

random.seed(20261123)
CODES = [lambda: random.randrange(32, 127), lambda: random.randrange(0xA0, 0x800), lambda: random.randrange(0x800, 0xD7FF),
         lambda: random.randrange(0x10000, 0x110000), lambda: 0xD800, lambda: 0xDBFF, lambda: 92, lambda: 10, lambda: 39]
TEXTS = list(set(u"".join(unichr(random.choice(CODES)()) for _ in range(random.choice([0, 1, 1, 2, 3, 10, 40]))) for _ in range(60)))
BYTES = list(set(bytes(bytearray(random.randrange(256) for _ in range(random.choice([0, 1, 2, 3, 10, 255, 256])))) for _ in range(60)))
INTS = [0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, int(-2**31), -2**31 - 1, 2**53 - 1, 2**53, -2**53,
        int(2**63 - 1), 2**63, int(-2**63), -2**63 - 1, 10**40, -10**40]
FLOATS = [1.5, -0.0, float("inf"), float("-inf"), 1e300, 1e-300, 0.1, -2.25]


def value(depth, shared):
    kind = random.randrange(14 if depth > 0 else 8)
    if kind == 0:
        return random.choice([None, True, False])
    if kind == 1:
        return random.choice(INTS)
    if kind == 2:
        return random.choice(FLOATS)
    if kind in (3, 4):
        return random.choice(TEXTS)
    if kind in (5, 6, 7):
        return random.choice(BYTES)
    size = random.choice([0, 0, 1, 1, 2, 3])
    if kind in (8, 9):
        return [value(depth - 1, shared) for _ in range(size)]
    if kind in (10, 11):
        return tuple([value(depth - 1, shared) for _ in range(size)])
    if kind == 12:
        keys = [random.choice([random.choice(TEXTS), random.randrange(10000), (1, random.choice(TEXTS))]) for _ in range(size)]
        return dict((key, value(depth - 1, shared)) for key in keys)
    return random.choice(shared)


def recursive():
    items = []
    pair = (items, 5)
    items.append(pair)
    items.append(items)
    return random.choice([items, pair, [pair], {1: pair}, (pair,)])


def pools():
    items = [1, 2]
    return [items, (3, items), {}, []]


def record(i):
    return recursive() if i % 20 == 0 else value(4, pools())


for i in range(300):
    made = record(i)
    print(" ".join(binascii.hexlify(pickle.dumps(made, protocol)).decode() for protocol in (0, 1, 2)))
