"""Writes lines of UnionPay's files for the tests, field by field from the documents."""

ZM, ZME = "INN26100888ZM_777290058110097.txt", "INN26100888ZME_777290058110097.txt"
ZM_SIZES = [
    3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13,
    13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
]  # fmt: skip
ZME_SIZES = [3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135]


def fixed(sizes, cells):
    return b" ".join(cells.get(n, "").encode("gbk").ljust(size)[:size] for n, size in enumerate(sizes, start=1))


def zm(*, code, at, amount, query, order, fee="", store="", original=""):
    return fixed(ZM_SIZES, {
        1: code, 4: "000001", 5: at, 6: "6228****", 7: f"{amount:012d}", 10: query, 12: order, 16: fee,
        27: "777290058110097", 30: store, 41: original,
    })  # fmt: skip


def zme(*, code, amount, at="1008090000"):
    return fixed(ZME_SIZES, {1: code, 4: "000002", 5: at, 7: f"{amount:012d}"})
