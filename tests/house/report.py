"""`python -m tests.house.report`: what is near or over the soft limits. It never fails; the laws do."""

from statistics import median, quantiles

from tests.house.laws import MAX_FUNCTION_LINES, SOFT_FILE_LINES, function_lines, long_files
from tests.house.reading import code_lines, functions, sources


def function_sizes() -> list[tuple[int, str]]:
    """Lines of code of every function, with its address, longest first."""
    found = []
    for source in sources():
        lines = code_lines(source)
        found += [
            (function_lines(one, lines), f"{source.path}:{one.lineno} {one.name}") for one in functions(source.tree)
        ]
    return sorted(found, reverse=True)


def main() -> None:
    sizes = function_sizes()
    counts = [count for count, _ in sizes]
    if len(counts) > 1:
        high = quantiles(counts, n=20)[-1]
        print(f"functions: {len(counts)}, median {median(counts):.0f}, 95th percentile {high:.0f}, longest:")
    for count, address in sizes[:3]:
        print(f"  {count}/{MAX_FUNCTION_LINES} {address}")
    for source in sources():
        for found in long_files(source, SOFT_FILE_LINES):
            print(f"soft limit: {found}")


if __name__ == "__main__":
    main()
