"""Tables in the documents that are made from the program's own tables."""


def rendered(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def between(text: str, begin: str, end: str, made: str) -> str:
    """A document with what is made put between its marks."""
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return head + begin + made + end + tail
